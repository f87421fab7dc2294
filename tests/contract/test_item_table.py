"""One suite for both item tables: DynamoDB (moto's, in this process) and SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from bedrock_analytics.domain.errors import ConditionFailed, TableError
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.item_table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Delete,
    Equals,
    Item,
    ItemTable,
    Key,
    Put,
    Value,
)

KEY = Key("P", "S")


@pytest.fixture(params=["dynamodb", "sqlite"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ItemTable]:
    if request.param == "sqlite":
        with SQLiteTable(tmp_path / "tables.sqlite", "usage-stats") as opened:
            yield opened
        return
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="s"
        )
        client.create_table(
            TableName="usage-stats",
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDBTable(client, "usage-stats")


def item(sk: str = "S", pk: str = "P", **attributes: Value) -> Item:
    return {"PK": pk, "SK": sk, **attributes}


def sort_keys(found: Iterator[dict[str, Value]]) -> list[Value]:
    return [one["SK"] for one in found]


def test_an_item_that_was_never_put_is_none(table: ItemTable) -> None:
    assert table.get(KEY) is None
    assert table.get(KEY, consistent=True) is None


VALUES: dict[str, Value] = {
    "text": "Grüße, 東京 🌍",
    "empty text": "",
    "text that looks like a number": "007",
    "zero": 0,
    "negative": -42,
    "2**63": 2**63,
    "38 digits": 12345678901234567890123456789012345678,
    "a long round number": 10**60,
    "exact decimal of 38 digits": Decimal("0.12345678901234567890123456789012345678"),
    "tiny": Decimal("1E-130"),
    "negative decimal": Decimal("-8.75"),
    "true": True,
    "false": False,
    "null": None,
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "empty list": [],
    "empty map": {},
    "nested": [{"a": [1, Decimal("1.5"), [b"\0", None, True]], "b": {"ü": []}}, "x"],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_value_comes_back_as_it_was_put(table: ItemTable, value: Value) -> None:
    table.put_many([item(value=value)])
    found = table.get(KEY)
    assert found == item(value=value)
    assert type(found["value"]) is type(value)


def test_truth_values_and_whole_numbers_are_kept_apart(table: ItemTable) -> None:
    table.put_many([item(values=[True, 1, False, 0])])
    found = table.get(KEY)
    assert found is not None
    assert isinstance(found["values"], list)
    assert [type(value) for value in found["values"]] == [bool, int, bool, int]


@pytest.mark.parametrize(
    ("put", "found"),
    [
        (Decimal("3"), 3),
        (Decimal("3.00"), 3),
        (Decimal("1E+3"), 1000),
        (Decimal("-0"), 0),
        (Decimal("2.50"), Decimal("2.5")),
    ],
)
def test_a_whole_decimal_comes_back_as_int(table: ItemTable, put: Decimal, found: int | Decimal) -> None:
    table.put_many([item(value=put)])
    back = table.get(KEY)
    assert back is not None
    assert (back["value"], type(back["value"])) == (found, type(found))


@pytest.mark.parametrize("value", [1.5, [1.0], {"a": {"b": float("nan")}}, ("a",), {1, 2}, object()])
def test_a_float_or_any_other_foreign_type_is_refused(table: ItemTable, value: Value) -> None:
    with pytest.raises(TypeError, match="holds no"):
        table.put_many([item(value=value)])
    with pytest.raises(TypeError, match="holds no"):
        table.put_if(item(value=value), Absent())
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    "value",
    [
        10**38 + 1,
        Decimal("1.00000000000000000000000000000000000001"),
        Decimal("1E+126"),
        Decimal("1E-131"),
        Decimal("NaN"),
        Decimal("Infinity"),
        "\ud800",
    ],
)
def test_a_value_that_cannot_be_stored_exactly_is_refused(table: ItemTable, value: Value) -> None:
    with pytest.raises(TableError):
        table.put_many([item(value=value)])
    assert table.get(KEY) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"PK": "P"},
        {"SK": "S"},
        {"PK": "", "SK": "S"},
        {"PK": "P", "SK": ""},
        {"PK": "P", "SK": 1},
        {"PK": "ü" * 1025, "SK": "S"},
        {"PK": "P", "SK": "ü" * 513},
    ],
)
def test_an_item_without_a_valid_key_is_refused(table: ItemTable, broken: Item) -> None:
    with pytest.raises(TableError, match=r"PK|SK"):
        table.put_many([broken])


def test_an_item_of_nearly_400_kb_is_stored(table: ItemTable) -> None:
    large = item(page=bytes(400_000))
    table.put_many([large])
    assert table.get(KEY) == large


def test_an_item_of_more_than_400_kb_is_refused_by_every_kind_of_put(table: ItemTable) -> None:
    too_large = item(page=bytes(400 * 1024))
    refusal = r"item P / S has 409,610 bytes, more than 409,600"
    with pytest.raises(TableError, match=refusal):
        table.put_many([too_large])
    with pytest.raises(TableError, match=refusal):
        table.put_if(too_large, Absent())
    with pytest.raises(TableError, match=refusal):
        table.write_together([Put(too_large)])
    assert table.get(KEY) is None


def test_a_range_holds_both_its_ends_and_nothing_of_other_partitions(table: ItemTable) -> None:
    table.put_many(item(sk) for sk in ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"))
    table.put_many([item("2026-11-21", pk="Q"), item("2026-11-21", pk="P#")])
    assert sort_keys(table.query("P", start="2026-11-21", end="2026-11-22")) == ["2026-11-21", "2026-11-22"]
    assert sort_keys(table.query("P", start="2026-11-22")) == ["2026-11-22", "2026-11-23"]
    assert sort_keys(table.query("P", end="2026-11-20")) == ["2026-11-20"]
    assert len(sort_keys(table.query("P", consistent=True))) == 4
    assert sort_keys(table.query("nobody")) == []


def test_an_empty_range_finds_nothing(table: ItemTable) -> None:
    table.put_many([item("a"), item("b")])
    assert sort_keys(table.query("P", start="b", end="a")) == []
    assert sort_keys(table.query("P", end="")) == []
    assert sort_keys(table.query("P", start="")) == ["a", "b"]


def test_sort_keys_are_ordered_by_their_utf8_bytes(table: ItemTable) -> None:
    ordered = ["A", "B", "a", "z", "z\0", "ä", "東", "\uffee", "🌍"]
    assert ordered == sorted(ordered, key=str.encode)
    table.put_many(item(sk) for sk in reversed(ordered))
    assert sort_keys(table.query("P")) == ordered
    assert sort_keys(table.query("P", descending=True)) == ordered[::-1]
    assert sort_keys(table.query("P", start="z", end="東")) == ["z", "z\0", "ä", "東"]


@pytest.mark.parametrize("descending", [False, True])
def test_a_partition_of_several_pages_is_read_whole_and_in_order(table: ItemTable, descending: bool) -> None:
    page = bytes(300 * 1024)
    table.put_many(item(f"{number:04}", page=page) for number in range(9))
    found = sort_keys(table.query("P", start="0001", end="0007", descending=descending))
    assert found == [f"{number:04}" for number in range(1, 8)][:: -1 if descending else 1]


@pytest.mark.parametrize("descending", [False, True])
def test_hundreds_of_small_items_are_all_read_once(table: ItemTable, descending: bool) -> None:
    table.put_many(item(f"{number:04}", number=number) for number in range(425))
    found = [one["number"] for one in table.query("P", descending=descending)]
    assert found == list(range(425))[:: -1 if descending else 1]


def test_a_table_may_be_written_while_it_is_queried(table: ItemTable) -> None:
    table.put_many(item(f"{number:04}") for number in range(3))
    for found in table.query("P"):
        table.put_many([{**found, "seen": True}])
    assert all(found["seen"] for found in table.query("P"))


def test_a_put_replaces_the_whole_item(table: ItemTable) -> None:
    table.put_many([item(old=1, both=1)])
    table.put_many([item(new=2, both=2)])
    assert table.get(KEY) == item(new=2, both=2)


def test_of_several_puts_of_one_key_the_last_one_stays(table: ItemTable) -> None:
    versions = [item("same", n=number) for number in range(60)]
    others = [item(f"{number:02}") for number in range(40)]
    mixed = [one for pair in zip(versions[:40], others, strict=True) for one in pair] + versions[40:]
    table.put_many(mixed)
    assert table.get(Key("P", "same")) == item("same", n=59)
    assert len(list(table.query("P"))) == 41


def test_deletes_take_what_is_there_and_pass_over_what_is_not(table: ItemTable) -> None:
    table.put_many(item(f"{number:02}") for number in range(60))
    doomed = [Key("P", f"{number:02}") for number in range(2, 70)]
    table.delete_many([*doomed, *doomed])
    assert sort_keys(table.query("P")) == ["00", "01"]
    table.delete_many([])


STORED: Item = item(owner="a", fence=7, rate=Decimal("2.5"), open=True, note=None)

# Comparisons across types, which moto does not do as DynamoDB does, stand in test_item_conditions.py.
CONDITIONS: list[tuple[Condition, bool, bool]] = [
    # condition, holds of STORED, holds of nothing
    (Absent(), False, True),
    (Equals("owner", "a"), True, False),
    (Equals("owner", "b"), False, False),
    (Equals("fence", 7), True, False),
    (Equals("fence", "7"), False, False),
    (Equals("missing", "a"), False, False),
    (Equals("SK", "S"), True, False),
    (Below("fence", 8), True, False),
    (Below("fence", 7), False, False),
    (Below("rate", 3), True, False),
    (Below("rate", 2), False, False),
    (Below("missing", 8), False, False),
    (AnyOf((Absent(), Equals("owner", "b"))), False, True),
    (AnyOf((Absent(), Below("fence", 100))), True, True),
    (AllOf((Equals("owner", "a"), Below("fence", 8))), True, False),
    (AllOf((Equals("owner", "a"), Below("fence", 3))), False, False),
    (
        AllOf((AnyOf((Equals("owner", "b"), Equals("owner", "a"))), AnyOf((Absent(), Equals("fence", 7))))),
        True,
        False,
    ),
    (AnyOf((AllOf((Equals("owner", "a"), Equals("fence", 1))), AllOf((Absent(),)))), False, True),
    (AnyOf(()), False, False),
    (AllOf(()), True, True),
]


@pytest.mark.parametrize(("condition", "of_item", "of_nothing"), CONDITIONS)
def test_a_conditional_write_is_done_exactly_where_its_condition_holds(
    table: ItemTable, condition: Condition, of_item: bool, of_nothing: bool
) -> None:
    changed = item(changed=True)
    for before, expected in ((STORED, of_item), (None, of_nothing)):
        table.delete_many([KEY])
        table.put_many([before] if before else [])
        assert _is_done(lambda: table.put_if(changed, condition)) is expected
        assert table.get(KEY, consistent=True) == (changed if expected else before)

        table.delete_many([KEY])
        table.put_many([before] if before else [])
        assert _is_done(lambda: table.delete_if(KEY, condition)) is expected
        assert table.get(KEY, consistent=True) == (None if expected else before)


def _is_done(write: object) -> bool:
    assert callable(write)
    try:
        write()
    except ConditionFailed:
        return False
    return True


def test_names_that_dynamodb_reserves_may_stand_in_conditions(table: ItemTable) -> None:
    table.put_many([{**item(), "name": "x", "a.b": 1, "#ttl": 2}])
    reserved = AllOf((Equals("name", "x"), Equals("a.b", 1), Equals("#ttl", 2), Below("a.b", 2)))
    table.put_if(item(done=True), reserved)
    assert table.get(KEY) == item(done=True)


def test_writes_together_are_all_done(table: ItemTable) -> None:
    table.put_many([item("gone"), item("kept", n=1)])
    table.write_together(
        [
            Put(item("new"), Absent()),
            Put(item("kept", n=2), Equals("n", 1)),
            Delete(Key("P", "gone")),
            Delete(Key("P", "never there")),
            Put(item("free")),
        ]
    )
    assert list(table.query("P")) == [item("free"), item("kept", n=2), item("new")]


def test_of_writes_together_none_is_done_where_one_condition_fails(table: ItemTable) -> None:
    table.put_many([item("a"), item("b", n=1)])
    before = list(table.query("P"))
    with pytest.raises(ConditionFailed):
        table.write_together(
            [Put(item("new")), Delete(Key("P", "a")), Delete(Key("P", "b"), Equals("n", 2)), Put(item("c"))]
        )
    assert list(table.query("P")) == before


def test_a_hundred_writes_go_together_and_no_more(table: ItemTable) -> None:
    writes = [Put(item(f"{number:03}")) for number in range(101)]
    with pytest.raises(ValueError, match="101 writes"):
        table.write_together(writes)
    assert list(table.query("P")) == []
    table.write_together(writes[:100])
    assert len(list(table.query("P"))) == 100
    table.write_together([])


def test_one_key_twice_in_an_atomic_group_is_refused(table: ItemTable) -> None:
    with pytest.raises(ValueError, match="twice"):
        table.write_together([Put(item()), Delete(KEY)])


NUMBERS = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**20), max_value=10**20),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = TEXTS.filter(bool)
ANY_VALUE: st.SearchStrategy[Value] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.binary(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attributes=st.dictionaries(NAMES.filter(lambda name: name not in {"PK", "SK"}), ANY_VALUE, max_size=5))
def test_any_item_comes_back_equal(table: ItemTable, attributes: dict[str, Value]) -> None:
    table.put_many([{**attributes, "PK": "P", "SK": "S"}])
    assert table.get(KEY) == {**attributes, "PK": "P", "SK": "S"}
    assert list(table.query("P")) == [{**attributes, "PK": "P", "SK": "S"}]
