"""What moto does not do: writes left undone, throttling, errors of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import ConditionFailed, TableError, TableUnavailable
from bedrock_analytics.storage.dynamodb_codec import Expression, from_attribute, from_wire, to_attribute
from bedrock_analytics.storage.dynamodb_table import BATCH_ATTEMPTS, DynamoDBTable
from bedrock_analytics.storage.item_table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Delete,
    Equals,
    Key,
    Put,
    Value,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class BatchClient:
    """Takes at most `capacity` writes of each BatchWriteItem and leaves the rest undone."""

    def __init__(self, capacity: Iterable[int]) -> None:
        self._capacity = iter(capacity)
        self.batches: list[int] = []
        self.done: dict[str, Any] = {}

    def batch_write_item(self, *, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        ((name, requests),) = RequestItems.items()
        self.batches.append(len(requests))
        taken = next(self._capacity)
        for request in requests[:taken]:
            item = request["PutRequest"]["Item"]
            self.done[item["SK"]["S"]] = item
        left = requests[taken:]
        return {"UnprocessedItems": {name: left} if left else {}}


class FailingClient:
    """Answers every operation with one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def fail(**_: object) -> None:
            raise self._error

        return fail


def table_over(client: object, sleeps: list[float] | None = None) -> DynamoDBTable:
    noted = sleeps if sleeps is not None else []
    return DynamoDBTable(cast("DynamoDBClient", client), "usage-stats", sleep=noted.append)


def items(count: int) -> list[dict[str, Value]]:
    return [{"PK": "P", "SK": f"{number:03}"} for number in range(count)]


def test_writes_left_undone_are_sent_again_and_no_others() -> None:
    client, sleeps = BatchClient([10, 0, 14, 25, 3]), list[float]()
    table_over(client, sleeps).put_many(items(28))
    assert client.batches == [25, 15, 15, 1, 3]
    assert sorted(client.done) == [item["SK"] for item in items(28)]
    assert len(sleeps) == 3
    assert all(0 <= seconds <= 0.05 * 2**attempt for attempt, seconds in enumerate(sleeps, start=1))


def test_writes_that_stay_undone_make_the_table_unavailable() -> None:
    client, sleeps = BatchClient([24] + [0] * 100), list[float]()
    with pytest.raises(TableUnavailable, match="left 1 writes undone after 8 attempts"):
        table_over(client, sleeps).put_many(items(25))
    assert client.batches == [25] + [1] * (BATCH_ATTEMPTS - 1)
    assert len(sleeps) == BATCH_ATTEMPTS - 1
    assert max(sleeps) <= 5


def test_no_writes_make_no_request() -> None:
    table_over(FailingClient(AssertionError("asked"))).put_many([])
    table_over(FailingClient(AssertionError("asked"))).delete_many([])


def answer(code: str, *, status: int = 400, reasons: tuple[str, ...] = ()) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "told so"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "PutItem")


ERRORS: list[tuple[ClientError | BotoCoreError, type[TableError]]] = [
    (answer("ConditionalCheckFailedException"), ConditionFailed),
    (answer("TransactionCanceledException", reasons=("None", "ConditionalCheckFailed")), ConditionFailed),
    (
        answer("TransactionCanceledException", reasons=("ThrottlingError", "ConditionalCheckFailed")),
        ConditionFailed,
    ),
    (answer("TransactionCanceledException", reasons=("None", "TransactionConflict")), TableUnavailable),
    (answer("TransactionCanceledException", reasons=("ThrottlingError",)), TableUnavailable),
    (answer("TransactionCanceledException"), TableUnavailable),
    (answer("TransactionCanceledException", reasons=("ValidationError",)), TableError),
    (answer("ProvisionedThroughputExceededException"), TableUnavailable),
    (answer("ThrottlingException"), TableUnavailable),
    (answer("RequestLimitExceeded"), TableUnavailable),
    (answer("TransactionConflictException"), TableUnavailable),
    (answer("InternalServerError", status=500), TableUnavailable),
    (answer("SomethingNew", status=503), TableUnavailable),
    (EndpointConnectionError(endpoint_url="https://dynamodb"), TableUnavailable),
    (ConnectTimeoutError(endpoint_url="https://dynamodb"), TableUnavailable),
    (ReadTimeoutError(endpoint_url="https://dynamodb"), TableUnavailable),
    (answer("ValidationException"), TableError),
    (answer("AccessDeniedException"), TableError),
    (answer("ResourceNotFoundException"), TableError),
    (NoCredentialsError(), TableError),
]


@pytest.mark.parametrize(
    ("error", "expected"),
    ERRORS,
    ids=[f"{index}-{type(error).__name__}" for index, (error, _) in enumerate(ERRORS)],
)
def test_an_error_of_botocore_is_raised_as_ours_by_every_operation(
    error: Exception, expected: type[TableError]
) -> None:
    table = table_over(FailingClient(error))
    item, key = items(1)[0], Key("P", "000")
    operations: list[Callable[[], object]] = [
        lambda: table.get(key),
        lambda: list(table.query("P")),
        lambda: table.put_many([item]),
        lambda: table.delete_many([key]),
        lambda: table.put_if(item, Absent()),
        lambda: table.delete_if(key, Absent()),
        lambda: table.write_together([Put(item), Delete(Key("P", "1"))]),
    ]
    for operation in operations:
        with pytest.raises(TableError, match="usage-stats") as raised:
            operation()
        assert type(raised.value) is expected
        assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    ("condition", "text", "names", "values"),
    [
        (Absent(), "attribute_not_exists(#n0)", {"#n0": "PK"}, None),
        (Equals("owner", "a"), "#n0 = :v0", {"#n0": "owner"}, {":v0": {"S": "a"}}),
        (Below("n", 3), "#n0 < :v0", {"#n0": "n"}, {":v0": {"N": "3"}}),
        (
            AnyOf((Absent(), AllOf((Equals("n", 1), Below("n", 2))))),
            "(attribute_not_exists(#n0) OR (#n1 = :v0 AND #n1 < :v1))",
            {"#n0": "PK", "#n1": "n"},
            {":v0": {"N": "1"}, ":v1": {"N": "2"}},
        ),
    ],
)
def test_a_condition_becomes_an_expression_of_placeholders(
    condition: Condition, text: str, names: dict[str, str], values: dict[str, Any] | None
) -> None:
    arguments = Expression(condition).arguments()
    assert arguments.pop("ConditionExpression") == text
    assert arguments.pop("ExpressionAttributeNames") == names
    assert arguments == ({} if values is None else {"ExpressionAttributeValues": values})


WHOLE = st.integers(-(10**38) + 1, 10**38 - 1)
SHARED_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), WHOLE, st.text(max_size=8), st.binary(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(SHARED_VALUES)
def test_attributes_are_those_of_boto3s_own_serialiser(value: Any) -> None:
    attribute = to_attribute(value)
    assert attribute == TypeSerializer().serialize(value)
    assert from_attribute(attribute) == value
    if not isinstance(value, bytes | list | dict):
        assert from_attribute(attribute) == TypeDeserializer().deserialize(attribute)


def test_a_set_in_a_stored_item_is_refused() -> None:
    with pytest.raises(ValueError, match="type SS is not one of ours"):
        from_wire({"x": {"SS": ["a"]}})
