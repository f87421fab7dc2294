"""The meter bills as DynamoDB does; figures worked out by hand from its documentation."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConditionFailed
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.item_table import Absent, Delete, Equals, Item, Key, Put
from bedrock_analytics.storage.metered_table import Consumption, MeteredTable

OVERHEAD = len("PK") + len("P") + len("SK") + len("a") + len("x")
KEY = Key("P", "a")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[MeteredTable]:
    with SQLiteTable(tmp_path / "t.sqlite", "t") as inner:
        yield MeteredTable(inner)


def sized(size: int, sk: str = "a") -> Item:
    """An item that counts as so many bytes."""
    return {"PK": "P", "SK": sk, "x": bytes(size - OVERHEAD)}


@pytest.mark.parametrize(("size", "units"), [(20, 1), (1024, 1), (1025, 2), (10_240, 10), (10_241, 11)])
def test_a_write_costs_a_unit_for_each_started_kilobyte(table: MeteredTable, size: int, units: int) -> None:
    table.put_many([sized(size)])
    table.put_if(sized(size), Equals("PK", "P"))
    table.write_together([Put(sized(size))])
    assert table.consumed == Consumption(
        requests=table.consumed.requests, items_written=3, write_units=units + units + 2 * units
    )
    assert table.consumed.requests == {"BatchWriteItem": 1, "PutItem": 1, "TransactWriteItems": 1}


def test_a_write_costs_what_the_larger_of_old_and_new_item_costs(table: MeteredTable) -> None:
    table.put_many([sized(3000)])
    table.take()
    table.put_many([sized(100)])
    assert table.take().write_units == 3
    table.put_many([sized(100)])
    assert table.take().write_units == 1
    table.put_many([sized(2000)])
    table.delete_many([KEY])
    assert table.take().write_units == 2 + 2
    table.delete_many([KEY])
    assert table.take().write_units == 1


def test_the_size_of_an_item_that_the_meter_never_saw_is_looked_up(tmp_path: Path) -> None:
    with SQLiteTable(tmp_path / "t.sqlite", "t") as inner:
        inner.put_many([sized(5000)])
        table = MeteredTable(inner)
        table.put_many([sized(100)])
        assert table.consumed.write_units == 5
        assert table.consumed.requests == {"BatchWriteItem": 1}


def test_batches_are_of_25_and_a_key_is_written_once(table: MeteredTable) -> None:
    table.put_many([sized(100, sk=f"{number % 26:c}") for number in range(97, 97 + 52)])
    assert table.consumed.requests == {"BatchWriteItem": 2}
    assert (table.consumed.items_written, table.consumed.write_units) == (26, 26)
    table.put_many([])
    assert table.consumed.requests == {"BatchWriteItem": 2}


def test_a_refused_conditional_write_is_billed(table: MeteredTable) -> None:
    table.put_many([sized(3000)])
    table.take()
    with pytest.raises(ConditionFailed):
        table.put_if(sized(100), Absent())
    with pytest.raises(ConditionFailed):
        table.delete_if(KEY, Absent())
    with pytest.raises(ConditionFailed):
        table.write_together([Put(sized(100, "b")), Delete(KEY, Absent())])
    consumed = table.take()
    assert (consumed.items_written, consumed.write_units) == (0, 3 + 3 + 2 * (1 + 3))
    table.put_many([sized(100)])
    assert table.take().write_units == 3


@pytest.mark.parametrize(("size", "units"), [(100, "0.5"), (4096, "0.5"), (4097, "1"), (40_960, "5")])
def test_a_read_costs_half_a_unit_for_each_started_4_kb_and_twice_that_if_consistent(
    table: MeteredTable, size: int, units: str
) -> None:
    table.put_many([sized(size)])
    table.take()
    assert table.get(KEY) == sized(size)
    assert list(table.query("P")) == [sized(size)]
    consumed = table.take()
    assert consumed.read_units == 2 * Decimal(units)
    assert consumed.requests == {"GetItem": 1, "Query": 1}
    table.get(KEY, consistent=True)
    assert list(table.query("P", consistent=True)) == [sized(size)]
    assert table.take().read_units == 4 * Decimal(units)


def test_reading_nothing_costs_half_a_unit(table: MeteredTable) -> None:
    assert table.get(KEY) is None
    assert list(table.query("P")) == []
    assert table.take().read_units == 1


def test_a_query_is_billed_on_the_sum_of_its_items_and_by_pages_of_a_megabyte(table: MeteredTable) -> None:
    table.put_many(sized(1000, sk) for sk in "abcd")
    table.take()
    assert len(list(table.query("P"))) == 4
    assert table.take().read_units == Decimal("0.5")
    table.put_many(sized(400_000, sk) for sk in "abc")
    table.take()
    assert len(list(table.query("P", end="c"))) == 3
    consumed = table.take()
    assert consumed.requests == {"Query": 2}
    assert consumed.half_read_units == -(-800_000 // 4096) + -(-400_000 // 4096)
