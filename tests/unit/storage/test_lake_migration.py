"""Athena, played on DuckDB, adds what the lake lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.domain.usage_event import COLUMN_NAMES, COLUMNS, ColumnType
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.lake_migration import LakeMigration, add_columns_sql
from bedrock_analytics.storage.lake_schema import SchemaTable
from tests.contract.lakes import Clock
from tests.fakes.athena import CATALOG, NAMESPACE, Failure, FakeAthena
from tests.fakes.memory_table import MemoryTable

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class World:
    """A lake that lacks some columns."""

    def __init__(self, *lacking: str) -> None:
        self.clock = Clock()
        self.athena = FakeAthena(self.clock)
        self.athena.lacking = set(lacking)
        self.schema = SchemaTable(MemoryTable())

    def migration(self) -> LakeMigration:
        queries = AthenaQueries(
            cast(Any, self.athena),
            workgroup="people",
            catalog=CATALOG,
            database=NAMESPACE,
            sleep=self.clock.sleep,
            clock=self.clock,
        )
        return LakeMigration(queries, self.schema, now=lambda: NOON)

    def statements(self) -> list[str]:
        return [execution.request["QueryString"] for execution in self.athena.executions.values()]


def test_missing_columns_are_added_and_then_confirmed() -> None:
    world = World("query_units", "rejection")

    done = world.migration().run()

    assert done.added == ("query_units", "rejection")
    assert "ALTER TABLE usage_events ADD COLUMNS (query_units bigint, rejection string)" in world.statements()
    confirmed = world.schema.read()
    assert confirmed is not None
    assert confirmed.names == frozenset(COLUMN_NAMES)


def test_a_lake_that_lacks_nothing_is_only_confirmed() -> None:
    world = World()

    assert world.migration().run().added == ()
    assert not [sql for sql in world.statements() if sql.startswith("ALTER")]
    assert world.schema.read() is not None


def test_doing_it_again_adds_nothing() -> None:
    world = World("rejection")
    world.migration().run()

    assert world.migration().run().added == ()


def test_a_plan_changes_nothing() -> None:
    world = World("rejection")

    assert [column.name for column in world.migration().missing()] == ["rejection"]
    assert world.athena.lacking == {"rejection"}
    assert world.schema.read() is None


@pytest.mark.parametrize(("retryable", "error"), [(True, LakeUnavailable), (False, LakeError)])
def test_nothing_is_confirmed_where_athena_fails(retryable: bool, error: type[Exception]) -> None:
    world = World("rejection")
    world.athena.failures = [Failure("no", retryable=retryable)]

    with pytest.raises(error, match="failed: no"):
        world.migration().run()
    assert world.schema.read() is None


def test_a_column_that_did_not_appear_is_not_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World("rejection")
    monkeypatch.setattr(world.athena, "_add_columns", lambda *_: None)

    with pytest.raises(LakeError, match="still lacks rejection"):
        world.migration().run()
    assert world.schema.read() is None


@pytest.mark.parametrize("changes", [{"type": ColumnType.TIMESTAMPTZ}, {"required": True}])
def test_a_column_that_athena_cannot_add_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(LakeError, match="cannot add the columns rejection"):
        add_columns_sql([replace(COLUMNS[-1], **changes)])
