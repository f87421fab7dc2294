"""A million events from log objects to served numbers, on one machine, stage by stage.

The same parts as the embedded runner's, run one after the other so that each can be timed: the simulator
writes log objects for several seeds, L1 reads them, the lake takes the rows, L2 computes the pages, the
reader answers.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.embedded.log_folder import LogFolder
from bedrock_analytics.embedded.simulator.delivery import Granularity, objects_between
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.parse_object import ParseTools, parse_object
from bedrock_analytics.jobs.sync_prices import seed_prices
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable

T = TypeVar("T")

EVENTS: Final = 1_000_000
DAYS: Final = 35
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
PUT_ROWS: Final = 100_000


@dataclass(frozen=True)
class Stage:
    """One stage: what it did, for how many events, in how many seconds."""

    name: str
    events: int
    seconds: float


@dataclass
class Rows:
    """An event sink that keeps the rows, so that parsing and storing can be timed apart."""

    kept: list[UsageEvent]

    def put(self, events: Iterable[UsageEvent]) -> int:
        before = len(self.kept)
        self.kept.extend(events)
        return len(self.kept) - before


def run(events: int = EVENTS) -> list[Stage]:
    """Time each stage, and fail where the served number is not the number of calls read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines, simulating = _timed(lambda: _write_objects(folder / "logs", events))
        rows = Rows([])
        calls, reading = _timed(lambda: _read_objects(folder, rows))
        with closing(IcebergLake(folder / "lake")) as lake:
            _, storing = _timed(lambda: _store(rows.kept, lake))
            count = len(rows.kept)
            rows.kept = []
            table, computing = _timed(lambda: _compute(folder, lake))
            served, answering = _timed(lambda: _answer(table))
    if served != calls:
        raise AssertionError(f"{calls:,} calls were read and {served:,} are served")
    return [
        Stage("simulator writes log objects", lines, simulating),
        Stage("L1 reads log objects", count, reading),
        Stage("lake takes rows", count, storing),
        Stage("L2 finds, prices and writes pages", count, computing),
        Stage("reader answers 35 days of all accounts", count, answering),
    ]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started


def _write_objects(logs: Path, wanted: int) -> int:
    """Log objects of as many seeds as it takes; the lines written."""
    lines = 0
    for seed in itertools.count(1):
        for item in objects_between(seed, NOW - timedelta(days=DAYS), NOW, Granularity.HOUR):
            path = logs / str(seed) / item.key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.body)
            lines += item.counts.lines
        if lines >= wanted:
            break
    return lines


def _read_objects(folder: Path, rows: Rows) -> int:
    """Parse every object; the number of distinct calls."""
    store = LogFolder(folder / "logs", folder / "rejected")
    tools = ParseTools(store=store, now=lambda: NOW)
    for item in store.objects():
        parse_object(item, rows, tools)
    return len({(row.account_id, row.region, row.request_id) for row in rows.kept if row.rejection is None})


def _store(rows: list[UsageEvent], lake: IcebergLake) -> None:
    for start in range(0, len(rows), PUT_ROWS):
        lake.put(rows[start : start + PUT_ROWS])


def _compute(folder: Path, lake: IcebergLake) -> UsageTable:
    items = SQLiteTable(folder / "tables.sqlite", "usage-stats")
    prices = PriceTable(SQLiteTable(folder / "tables.sqlite", "model-pricing"))
    seed_prices(prices, NOW)
    table = UsageTable(items, Retention(hourly_days=4, hours_days=None, daily_days=None))
    numbers = itertools.count()
    job = ComputeCost(
        lake=lake,
        table=table,
        prices=prices,
        settings=ComputeSettings(settle=timedelta(0), metadata_keys=("team",)),
        now=lambda: NOW,
        owner="bench",
        new_generation=lambda: str(next(numbers)),
    )
    while not job.run(NOW + timedelta(days=1)).idle:
        pass
    return table


def _answer(table: UsageTable) -> int:
    reader = UsageReader(table, lambda: NOW)
    span = UsageFilter(start=NOW - timedelta(days=DAYS + 3), end=NOW, zone=ZoneInfo("UTC"))
    for dimension in ("MODEL", "CALLER", "ACCOUNT"):
        reader.breakdown(span, dimension)
    return reader.breakdown(span, "TOTAL").total.invocations or 0


def _rate(events: int, seconds: float) -> str:
    """Events a second; nothing for what takes no time worth a rate, as the reader does."""
    return f"{events / seconds:,.0f}" if seconds >= 1 else ""


def table() -> str:
    """The markdown table."""
    stages = run()
    rows = [
        f"| {stage.name} | {stage.events:,} | {stage.seconds:.1f} | {_rate(stage.events, stage.seconds)} |"
        for stage in stages
    ]
    total = sum(stage.seconds for stage in stages[1:])
    events = stages[1].events
    rows.append(f"| log objects to served numbers | {events:,} | {total:.1f} | {_rate(events, total)} |")
    return "\n".join(["| stage | events | seconds | events a second |", "|---|---:|---:|---:|", *rows])


if __name__ == "__main__":
    print(table())
