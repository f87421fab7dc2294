"""A DynamoDB client that answers from memory and takes the time that DynamoDB and boto3 take.

A Query brings at most 1 MB a page and each request costs `REQUEST_SECONDS`, one after the other; answers
are kept as the JSON of the wire and pass through botocore's own parser each time, which costs a process
more than the network does.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, cast

import botocore.session
from botocore.parsers import create_parser

from bedrock_analytics.storage.dynamodb_codec import to_wire
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.item_rules import item_size
from bedrock_analytics.storage.item_table import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REQUEST_SECONDS: Final = 0.008
PAGE_BYTES: Final = 1024 * 1024


class ChargedDynamoDB:
    """Answers GetItem and Query on one table whose items are given at once."""

    def __init__(self, items: Iterable[Item], sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._rows: dict[str, tuple[list[str], list[bytes], list[int]]] = {}
        model = botocore.session.get_session().get_service_model("dynamodb")
        self._parser = create_parser("json")
        self._shapes = {name: model.operation_model(name).output_shape for name in ("Query", "GetItem")}
        for item in sorted(items, key=lambda item: (str(item["PK"]), str(item["SK"]))):
            keys, bodies, sizes = self._rows.setdefault(str(item["PK"]), ([], [], []))
            keys.append(str(item["SK"]))
            bodies.append(json.dumps(to_wire(item), default=_base64).encode())
            sizes.append(item_size(item))

    def table(self) -> DynamoDBTable:
        """The table as the product reads it."""
        return DynamoDBTable(cast("DynamoDBClient", self), "usage-stats")

    def get_item(self, **wanted: Any) -> dict[str, Any]:
        """DynamoDB's GetItem."""
        pk, sk = wanted["Key"]["PK"]["S"], wanted["Key"]["SK"]["S"]
        keys, bodies, _ = self._rows.get(pk, ([], [], []))
        place = bisect_left(keys, sk)
        is_there = place < len(keys) and keys[place] == sk
        return self._answer("GetItem", b'{"Item":%s}' % bodies[place] if is_there else b"{}")

    def query(self, **wanted: Any) -> dict[str, Any]:
        """DynamoDB's Query over one partition and a range of its sort key."""
        values = {name: value["S"] for name, value in wanted["ExpressionAttributeValues"].items()}
        keys, bodies, sizes = self._rows.get(values[":pk"], ([], [], []))
        first = bisect_left(keys, values[":start"]) if ":start" in values else 0
        end = bisect_right(keys, values[":end"]) if ":end" in values else len(keys)
        is_forward = wanted.get("ScanIndexForward", True)
        places = list(range(first, end) if is_forward else range(end - 1, first - 1, -1))
        if "ExclusiveStartKey" in wanted:
            places = places[places.index(keys.index(wanted["ExclusiveStartKey"]["SK"]["S"])) + 1 :]
        taken = _fitting(places, sizes)
        body = b'{"Items":[%s]' % b",".join(bodies[place] for place in taken)
        if len(taken) < len(places):
            last = {"PK": {"S": values[":pk"]}, "SK": {"S": keys[taken[-1]]}}
            body += b',"LastEvaluatedKey":%s' % json.dumps(last).encode()
        return self._answer("Query", body + b"}")

    def _answer(self, operation: str, body: bytes) -> dict[str, Any]:
        self._sleep(REQUEST_SECONDS)
        response = {"status_code": 200, "headers": {}, "body": body}
        return cast("dict[str, Any]", self._parser.parse(response, cast("Any", self._shapes[operation])))


def _fitting(places: list[int], sizes: list[int]) -> list[int]:
    """The places whose items fit into one page: at least one."""
    total = 0
    for count, place in enumerate(places):
        total += sizes[place]
        if count and total > PAGE_BYTES:
            return places[:count]
    return places


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"no JSON: {type(value).__name__}")
