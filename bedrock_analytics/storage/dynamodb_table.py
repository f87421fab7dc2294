"""A table of items in DynamoDB, over boto3's low-level client."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.storage.dynamodb_codec import Expression, from_wire, key_to_wire, to_wire
from bedrock_analytics.storage.dynamodb_errors import translated
from bedrock_analytics.storage.item_rules import check_group, checked_size, key_of
from bedrock_analytics.storage.item_table import Condition, Delete, Item, Key, Put, Value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        DeleteTypeDef,
        PutTypeDef,
        TransactWriteItemTypeDef,
        WriteRequestOutputTypeDef,
        WriteRequestTypeDef,
    )

BATCH_SIZE: Final = 25
"""Most writes that one BatchWriteItem takes."""

BATCH_ATTEMPTS: Final = 8
FIRST_WAIT_SECONDS: Final = 0.05
LONGEST_WAIT_SECONDS: Final = 5.0


class DynamoDBTable:
    """ItemTable over one DynamoDB table with the text keys PK and SK.

    The client is thread-safe, and so is this. Retries of whole requests are the client's (set its retry
    mode to "standard"); the writes that a batch leaves undone are sent again here.
    """

    def __init__(
        self, client: DynamoDBClient, name: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        """The item, or None where there is none."""
        with translated(self._name):
            answer = self._client.get_item(
                TableName=self._name, Key=key_to_wire(key), ConsistentRead=consistent
            )
        item = answer.get("Item")
        return None if item is None else from_wire(item)

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        """Items of a partition with start <= SK <= end, page by page of at most 1 MB, in order of SK."""
        if end is not None and (start or "\0") > end:
            return  # DynamoDB calls an empty range an error; Python's order of text is that of UTF-8
        arguments = _key_condition(pk, start or None, end)
        arguments |= {"ConsistentRead": consistent, "ScanIndexForward": not descending}
        while True:
            with translated(self._name):
                page = self._client.query(TableName=self._name, **arguments)
            for item in page["Items"]:
                yield from_wire(item)
            if not page.get("LastEvaluatedKey"):
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put_many(self, items: Iterable[Item]) -> None:
        """Put items, 25 a request; of several with one key the last one stays."""
        batch: dict[Key, WriteRequestTypeDef] = {}
        for item in items:
            checked_size(item)
            batch[key_of(item)] = {"PutRequest": {"Item": to_wire(item)}}
            self._send_when_full(batch)
        self._write_batch(list(batch.values()))

    def delete_many(self, keys: Iterable[Key]) -> None:
        """Delete items, 25 a request."""
        batch: dict[Key, WriteRequestTypeDef] = {}
        for key in keys:
            batch[key] = {"DeleteRequest": {"Key": key_to_wire(key)}}
            self._send_when_full(batch)
        self._write_batch(list(batch.values()))

    def _send_when_full(self, batch: dict[Key, WriteRequestTypeDef]) -> None:
        if len(batch) == BATCH_SIZE:
            self._write_batch(list(batch.values()))
            batch.clear()

    def _write_batch(self, requests: Sequence[WriteRequestTypeDef | WriteRequestOutputTypeDef]) -> None:
        """Send one batch until nothing of it is left; TableUnavailable after the last attempt."""
        for attempt in range(BATCH_ATTEMPTS):
            if not requests:
                return
            if attempt:
                self._sleep(_wait_seconds(attempt))
            with translated(self._name):
                answer = self._client.batch_write_item(RequestItems={self._name: requests})
            requests = answer.get("UnprocessedItems", {}).get(self._name, [])
        if requests:
            raise TableUnavailable(
                f"table {self._name} left {len(requests)} writes undone after {BATCH_ATTEMPTS} attempts"
            )

    def put_if(self, item: Item, condition: Condition) -> None:
        """Put one item where the condition holds of what is there; else ConditionFailed."""
        checked_size(item)
        with translated(self._name):
            self._client.put_item(
                TableName=self._name, Item=to_wire(item), **Expression(condition).arguments()
            )

    def delete_if(self, key: Key, condition: Condition) -> None:
        """Delete one item where the condition holds of what is there; else ConditionFailed."""
        with translated(self._name):
            self._client.delete_item(
                TableName=self._name, Key=key_to_wire(key), **Expression(condition).arguments()
            )

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        """Do at most 100 writes of distinct keys, all or none; ConditionFailed where a condition fails."""
        check_group(writes)
        if not writes:
            return
        with translated(self._name):
            self._client.transact_write_items(TransactItems=[self._transact_item(write) for write in writes])

    def _transact_item(self, write: Put | Delete) -> TransactWriteItemTypeDef:
        arguments: dict[str, Any] = {"TableName": self._name}
        if write.condition is not None:
            arguments |= Expression(write.condition).arguments()
        if isinstance(write, Put):
            return {"Put": cast("PutTypeDef", arguments | {"Item": to_wire(write.item)})}
        return {"Delete": cast("DeleteTypeDef", arguments | {"Key": key_to_wire(write.key)})}


def _key_condition(pk: str, start: str | None, end: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {":pk": {"S": pk}}
    text = "PK = :pk"
    if start is not None:
        values[":start"] = {"S": start}
    if end is not None:
        values[":end"] = {"S": end}
    if start is not None and end is not None:
        text += " AND SK BETWEEN :start AND :end"
    elif start is not None:
        text += " AND SK >= :start"
    elif end is not None:
        text += " AND SK <= :end"
    return {"KeyConditionExpression": text, "ExpressionAttributeValues": values}


def _wait_seconds(attempt: int) -> float:
    """Exponential back-off with full jitter, so that parallel writers do not come back together."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0**attempt)
    return random.uniform(0, longest)  # noqa: S311 - spreads retries, guards nothing
