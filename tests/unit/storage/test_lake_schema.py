"""A column is sent only once the lake is known to have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bedrock_analytics.domain.errors import PageError, TableError, TableUnavailable
from bedrock_analytics.domain.usage_event import COLUMNS, SCHEMA_VERSION, Column, ColumnType
from bedrock_analytics.storage.item_table import Key, Value
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable, SendableColumns, later_names
from tests.fakes.memory_table import MemoryTable

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NEW = ("query_units", "stop_reason")
SECOND_VERSION = tuple(replace(column, since=2) if column.name in NEW else column for column in COLUMNS)
"""What the list looks like once a version brought columns."""
NAMES = [column.name for column in COLUMNS]


class CountedTable(MemoryTable):
    """Counts reads, and fails with what the test plans."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.fault: Exception | None = None

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self.reads += 1
        if self.fault is not None:
            raise self.fault
        return super().get(key, consistent=consistent)


@pytest.fixture
def items() -> CountedTable:
    return CountedTable()


class Clock:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


def names(columns: Sequence[Column]) -> list[str]:
    return sorted(column.name for column in columns)


def sendable(items: CountedTable, clock: Clock) -> SendableColumns:
    lake = LakeColumns(SchemaTable(items), SECOND_VERSION)
    return SendableColumns(lake, later_names(SECOND_VERSION), now=clock)


def test_no_column_is_newer_than_the_schema() -> None:
    assert {column.since for column in COLUMNS} <= set(range(1, SCHEMA_VERSION + 1))


def test_a_column_that_came_later_can_be_added_to_a_lake() -> None:
    later = [column for column in COLUMNS if column.since > 1]

    assert not [column for column in later if column.required or column.type is ColumnType.TIMESTAMPTZ]


def test_what_is_confirmed_is_read_again(items: CountedTable) -> None:
    SchemaTable(items).confirm(NAMES, NOON)

    found = SchemaTable(items).read()

    assert found is not None
    assert (found.names, found.confirmed_at) == (frozenset(NAMES), NOON)


def test_a_damaged_row_says_how_to_repair_it(items: CountedTable) -> None:
    items.put_many([{"PK": "SCHEMA", "SK": "COLUMNS"}])

    with pytest.raises(PageError, match="run `bedrock-analytics migrate`"):
        SchemaTable(items).read()


def test_without_later_columns_nobody_is_asked(items: CountedTable) -> None:
    assert LakeColumns(SchemaTable(items), COLUMNS[:10]).missing() == ()
    assert items.reads == 0


def test_what_nobody_confirmed_is_missing_until_it_is(items: CountedTable) -> None:
    lake = LakeColumns(SchemaTable(items), SECOND_VERSION)
    assert names(lake.missing()) == sorted(NEW)

    SchemaTable(items).confirm([name for name in NAMES if name != "stop_reason"], NOON)
    assert names(lake.missing()) == ["stop_reason"]

    SchemaTable(items).confirm(NAMES, NOON)
    assert lake.missing() == ()


def test_what_was_complete_once_is_not_asked_for_again(items: CountedTable) -> None:
    SchemaTable(items).confirm(NAMES, NOON)
    lake = LakeColumns(SchemaTable(items), SECOND_VERSION)
    lake.missing()
    lake.missing()

    assert items.reads == 1


def test_a_confirmation_reaches_the_sender_within_minutes(items: CountedTable) -> None:
    clock = Clock()
    columns = sendable(items, clock)
    assert columns.left_out() == frozenset(NEW)

    SchemaTable(items).confirm(NAMES, NOON)
    clock.now += timedelta(minutes=4)
    assert columns.left_out() == frozenset(NEW)
    clock.now += timedelta(minutes=1)
    assert columns.left_out() == frozenset()
    clock.now += timedelta(hours=9)
    assert columns.left_out() == frozenset()
    assert items.reads == 2


def test_a_sender_that_may_not_read_the_row_leaves_out_what_came_later(items: CountedTable) -> None:
    items.fault = TableError("access denied")

    assert sendable(items, Clock()).left_out() == frozenset(NEW)


def test_a_passing_fault_returns_the_message_while_nothing_is_known(items: CountedTable) -> None:
    items.fault = TableUnavailable("throttled")

    with pytest.raises(TableUnavailable):
        sendable(items, Clock()).left_out()


def test_a_passing_fault_later_keeps_what_is_known(items: CountedTable) -> None:
    clock = Clock()
    columns = sendable(items, clock)
    columns.left_out()
    items.fault = TableUnavailable("throttled")
    clock.now += timedelta(minutes=5)

    assert columns.left_out() == frozenset(NEW)
