"""Usage written by hand: calls, the pages that hold them, and sums of calls computed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    ALL,
    CALLER,
    CUBE,
    INFERENCE_REGION,
    MODEL,
    OPERATION,
    PROFILE,
    ROUTE,
    TOTAL,
    scope_of,
)
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention
from bedrock_analytics.storage.usage_table import Change, Checkpoint, Scope, UsageTable
from tests.fakes.memory_table import InterruptedTable, MemoryTable

TEAM = "TAG:team"
PAGE_DIMENSIONS = (TOTAL, MODEL, CALLER, PROFILE, ROUTE, OPERATION, INFERENCE_REGION, TEAM)


def utc(text: str) -> datetime:
    """A UTC time written as 2026-11-24 10:30."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call."""

    ts: datetime
    account_id: str = "111111111111"
    region: str = "us-east-1"
    model_id: str = "anthropic.claude-sonnet-4"
    route: str = "global"
    caller: str = "user/ana"
    operation: str = "Converse"
    team: str = "search"
    input_tokens: int = 1000
    cost: Decimal = Decimal("0.003")
    latency_ms: int = 1200

    def stats(self) -> UsageStats:
        """Its counters."""
        return UsageStats(
            invocations=1,
            input_tokens=self.input_tokens,
            list_cost_usd={"input": self.cost},
            latency_ms=Distribution.of([self.latency_ms]),
        )

    def key(self, scope: str, dimension: str) -> tuple[str, ...]:
        """Its row in pages of the dimension."""
        caller = (self.account_id, self.caller) if scope == ALL else (self.caller,)
        return {
            TOTAL: (),
            MODEL: (self.model_id, self.route),
            CALLER: caller,
            PROFILE: ("(none)", "(none)"),
            ROUTE: (self.route,),
            OPERATION: (self.operation,),
            INFERENCE_REGION: (self.region,),
            ACCOUNT: (self.account_id, self.region),
            CUBE: (self.model_id, self.route, self.caller, self.operation, "standard"),
            TEAM: (self.team,),
        }[dimension]

    @property
    def scope(self) -> str:
        return scope_of(self.account_id, self.region)


def total_of(calls: Iterable[Call]) -> UsageStats:
    """Sum of the calls' counters."""
    total = UsageStats()
    for call in calls:
        total.merge(call.stats())
    return total


def sums_by(
    calls: Iterable[Call], key_of: Callable[[Call], tuple[str, ...]]
) -> dict[tuple[str, ...], UsageStats]:
    """Sums of the calls' counters by key."""
    sums: dict[tuple[str, ...], UsageStats] = {}
    for call in calls:
        sums.setdefault(key_of(call), UsageStats()).merge(call.stats())
    return sums


@dataclass(slots=True)
class WrittenUsage:
    """A usage table with the pages of some calls, written as the computation writes them.

    `reads` counts the requests that reached the table; `before_read` runs before each of them.
    """

    now: datetime
    closed_through: date | None
    retention: Retention = field(default_factory=Retention)
    calls: list[Call] = field(default_factory=list)
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    reads: int = 0
    before_read: Callable[[int], None] | None = None
    memory: MemoryTable = field(default_factory=MemoryTable)

    @property
    def writer(self) -> UsageTable:
        return UsageTable(self.memory, self.retention)

    @property
    def table(self) -> UsageTable:
        """The table as a reader sees it, with its requests counted."""
        return UsageTable(InterruptedTable(self.memory, self._tick), self.retention)

    def _tick(self) -> None:
        self.reads += 1
        if self.before_read is not None:
            self.before_read(self.reads)

    def write(self, calls: Iterable[Call]) -> None:
        """Add calls: pages of their days, scopes, and a checkpoint of the next revision."""
        added = list(calls)
        self.calls += added
        days = {periods.day_of(call.ts) for call in added}
        self.writer.put_pages(self.pages_of(days))
        self.writer.put_scopes(self.scopes())
        self.put_checkpoint(days)

    def put_checkpoint(self, days: Iterable[date], run: int = 0) -> None:
        """The checkpoint of the next revision, which replaced the days."""
        revision = self.checkpoint.revision + 1
        change = Change(revision=revision, days=tuple(sorted(day.isoformat() for day in days)))
        self.checkpoint = Checkpoint(
            revision=revision,
            run=run,
            closed_through=self.closed_through,
            first_day=min((periods.day_of(call.ts) for call in self.calls), default=None),
            metadata_keys=("team",),
            data_up_to=self.now,
            checked_at=self.now,
            changes=(*self.checkpoint.changes, change),
        )
        self.writer.put_checkpoint(self.checkpoint)

    def scopes(self) -> list[Scope]:
        names = sorted({(call.account_id, call.region) for call in self.calls})
        return [
            Scope(account_id=account_id, region=region, first_hour=self.now, last_hour=self.now)
            for account_id, region in names
        ]

    def pages_of(self, days: Iterable[date]) -> list[Page]:
        """Every page of some days and of their months."""
        days = set(days)
        pages: dict[tuple[str, Granularity, str, str], Page] = {}
        for call in self.calls:
            if periods.day_of(call.ts) in days:
                for granularity, period, slot in self._places(call.ts):
                    self._add(pages, call, granularity, period, slot)
            if (month := periods.month_of(periods.day_of(call.ts))) in {
                periods.month_of(day) for day in days
            } and self._is_closed(call.ts):
                self._add(pages, call, Granularity.MONTHLY, month, 0)
        return list(pages.values())

    def _is_closed(self, ts: datetime) -> bool:
        return self.closed_through is not None and periods.day_of(ts) <= self.closed_through

    def _places(self, ts: datetime) -> list[tuple[Granularity, str, int]]:
        hour, day = periods.hour_of(ts), periods.day_of(ts)
        places = [(Granularity.HOURLY, periods.hour_key(hour), (ts - hour) // timedelta(minutes=30))]
        if self._is_closed(ts):
            slot = (ts - periods.day_start(day)) // timedelta(minutes=30)
            places += [
                (Granularity.DAILY, day.isoformat(), 0),
                (Granularity.HOURS, day.isoformat(), slot),
            ]
        return places

    def _add(
        self,
        pages: dict[tuple[str, Granularity, str, str], Page],
        call: Call,
        granularity: Granularity,
        period: str,
        slot: int,
    ) -> None:
        stats = call.stats()
        if granularity is Granularity.HOURS:
            stats = stats.without_histograms()
        for scope, own in ((ALL, ACCOUNT), (call.scope, CUBE)):
            for dimension in (*PAGE_DIMENSIONS, own):
                page = pages.setdefault(
                    (scope, granularity, dimension, period),
                    Page(scope=scope, granularity=granularity, dimension=dimension, period=period),
                )
                page.add(call.key(scope, dimension), slot, stats)
