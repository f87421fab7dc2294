"""Both desks under one face, over the lakes of `tests.contract.lakes`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, cast

from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.duckdb_desk import KEPT, DuckDBDesk
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.storage.athena_desk import AthenaDesk
from bedrock_analytics.storage.athena_lake import LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.lake_desk import AskState, AskStatus, LakeDesk
from bedrock_analytics.storage.lake_sql import Statement
from tests.contract.lakes import Clock, LoadedIceberg, athena_lake
from tests.fakes.athena import BUCKET_ARN, CATALOG, NAMESPACE, FakeAthena, FakeS3Tables

PATIENCE_SECONDS = 60


class LoadedDesk(Protocol):
    """A desk, how to have rows in its lake, and how its answers get lost."""

    desk: LakeDesk
    slow_statement: Statement
    clock: Clock

    def load(self, *events: UsageEvent) -> None: ...

    def lose_answers(self) -> None: ...

    def close(self) -> None: ...


class AthenaDeskLoaded:
    slow_statement = Statement("select 1 as one")
    """Athena finishes nothing before the second poll."""

    def __init__(self, _folder: Path) -> None:
        self.clock = Clock()
        self.athena = FakeAthena(self.clock)
        lake = athena_lake(self.athena, FakeS3Tables(self.athena), self.clock)
        people = AthenaQueries(
            cast(Any, self.athena),
            workgroup="people",
            catalog=CATALOG,
            database=NAMESPACE,
            sleep=self.clock.sleep,
            clock=self.clock,
        )
        table = LakeTable(bucket_arn=BUCKET_ARN, namespace=NAMESPACE)
        self.desk: LakeDesk = AthenaDesk(people, table, lake.version, clock=self.clock)

    def load(self, *events: UsageEvent) -> None:
        self.athena.events.extend(events)

    def lose_answers(self) -> None:
        for execution in self.athena.executions.values():
            execution.results_gone = True

    def close(self) -> None:
        """Nothing is open."""


class DuckDBDeskLoaded:
    slow_statement = Statement(
        "select count(*) as n from usage_events cross join unnest(sequence(1, 100000)) as x (i) "
        "cross join unnest(sequence(1, 1000000)) as y (j) where (i * j) % 7 = 3"
    )

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self._loaded = LoadedIceberg(folder)
        self.duckdb = DuckDBDesk(lambda: cast(IcebergLake, self._loaded.lake), clock=self.clock)
        self.desk: LakeDesk = self.duckdb

    def load(self, *events: UsageEvent) -> None:
        self._loaded.load(*events)

    def lose_answers(self) -> None:
        self.clock.now += KEPT * 2

    def close(self) -> None:
        self.duckdb.close()
        self._loaded.close()


DESKS: dict[str, Callable[[Path], LoadedDesk]] = {"athena": AthenaDeskLoaded, "duckdb": DuckDBDeskLoaded}


class Polled(Protocol):
    """What can be polled."""

    def poll(self, query_id: str, /) -> AskStatus: ...


def finished(desk: Polled, query_id: str) -> AskStatus:
    """The status once it is final."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (status := desk.poll(query_id)).state.is_final:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return status


def rows_of(desk: LakeDesk, query_id: str) -> list[tuple[object, ...]]:
    """Every row of a question that succeeds."""
    status = finished(desk, query_id)
    assert status.state is AskState.DONE, status.message
    page = desk.fetch(query_id)
    rows = list(page.rows)
    while page.next_page is not None:
        page = desk.fetch(query_id, page.next_page)
        rows += page.rows
    return rows
