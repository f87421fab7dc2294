"""A deployment in memory whose clock the test moves: lake, tables, prices and L2."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bedrock_analytics.domain.errors import LeaseHeld
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.jobs.compute_cost import ComputeCost, ComputeReport
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.storage.page_codec import decode_rows
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from tests.exactly_once.reference import Clockwork, expected_rows, stored_rows, without_zeros
from tests.fakes.flat_prices import FlatBook, FlatPrices
from tests.fakes.memory_lake import MemoryLake, latest_parses
from tests.fakes.memory_table import InterruptedTable, MemoryTable

START = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
KEYS = ("team",)
FIRST_BOOK = FlatBook(
    "1",
    {
        "model-a": ((datetime(1970, 1, 1, tzinfo=UTC), Decimal("3.3")),),
        "model-b": ((datetime(1970, 1, 1, tzinfo=UTC), Decimal("0.07")),),
    },
    threshold=1000,
)


class Interrupted(Exception):
    """The process dies here."""


@dataclass
class World:
    """One deployment. `settings` may be replaced, as an upgrade would."""

    settings: ComputeSettings = field(default_factory=lambda: ComputeSettings(metadata_keys=KEYS))
    now: datetime = START
    lake: MemoryLake = field(default_factory=MemoryLake)
    items: MemoryTable = field(default_factory=MemoryTable)
    prices: FlatPrices = field(default_factory=lambda: FlatPrices(FIRST_BOOK))
    retention: Retention = field(default_factory=Retention)
    generations: itertools.count[int] = field(default_factory=itertools.count)

    def job(self, owner: str, tick: Callable[[], None] = lambda: None) -> ComputeCost:
        """L2 in a process of its own."""
        self.lake.tick = tick
        self.prices.tick = tick
        return ComputeCost(
            lake=self.lake,
            table=self.table(tick),
            prices=self.prices,
            settings=self.settings,
            now=lambda: self.now,
            owner=owner,
            new_generation=lambda: str(next(self.generations)),
        )

    def table(self, tick: Callable[[], None] = lambda: None) -> UsageTable:
        return UsageTable(InterruptedTable(self.items, tick), self.retention)

    def run(self, owner: str = "one") -> ComputeReport:
        """A run that nothing disturbs and that may take all the time it wants."""
        return self.job(owner).run(self.now + timedelta(minutes=10))

    def run_interrupted(self, at_call: int, action: Callable[[], None], owner: str) -> bool:
        """A run in which `action` happens at a storage call; tells whether that interrupted the run."""
        calls = itertools.count()

        def tick() -> None:
            if next(calls) == at_call:
                action()

        try:
            self.job(owner, tick).run(self.now + timedelta(minutes=10))
        except Interrupted:
            return True
        except LeaseHeld:
            return False
        return False

    def settle(self) -> None:
        """Run until nothing is left to do, as the schedule would."""
        for _ in range(40):
            self.now += timedelta(minutes=20)
            report = self.run()
            if report.idle:
                return
        raise AssertionError(f"L2 never comes to rest: {report}")

    def reconcile(self) -> None:
        """The nightly job."""
        self.lake.tick = lambda: None
        Reconciler(
            lake=self.lake,
            table=self.table(),
            settings=self.settings,
            now=lambda: self.now,
            new_generation=lambda: str(next(self.generations)),
        ).reconcile()

    def deliver(self, *events: UsageEvent) -> None:
        """Rows reach the lake now, with the stamps they carry."""
        self.lake.append(events)

    def check(self) -> None:
        """The tables equal what a naive computation gives."""
        truth = latest_parses(self.lake.rows)
        keys = self.settings.metadata_keys
        expected = expected_rows(truth, self.prices.book, keys, Clockwork(now=self.now))
        stored = stored_rows(self.items, self.now, decode_rows)
        assert without_zeros(stored) == without_zeros(expected)
