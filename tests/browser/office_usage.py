"""Five weeks of usage of an invented organisation, written as pages: what the browser tests look at.

Deterministic. It has three accounts in several Regions, models on different routes, one without a price,
callers of each kind, throttling, and cache writes of both lifetimes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
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
    tag_dimension,
)
from bedrock_analytics.domain.histogram import Distribution, bucket_index
from bedrock_analytics.domain.usage_stats import CACHE_KINDS, UsageStats
from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention
from bedrock_analytics.storage.usage_table import Change, Checkpoint, Scope, UsageTable
from tests.fakes.memory_table import MemoryTable

NOW = datetime(2026, 11, 24, 14, 12, tzinfo=UTC)
ACCOUNT_NAMES = {
    "111122223333": "Production",
    "444455556666": "Data science lab",
    "777788889999": "Customer support",
}
TEAMS = {"agent-runner/*": "platform", "checkout-api/*": "shop", "support-bot/*": "support"}
"""Teams by caller; the calls of others carry no metadata."""
UNPRICED = "anthropic.claude-unlisted-9-v1:0"
HOSTILE_CODE = "<script>alert(2)</script>"
HOSTILE_CALLER = "svc/<img src=x onerror=alert(1)>"


@dataclass(frozen=True, slots=True)
class Habit:
    """What one caller does with one model: calls an hour at noon, tokens a call, USD per million tokens."""

    account_id: str
    region: str
    model_id: str
    route: str
    caller: str
    calls: float
    tokens: tuple[int, int, int, int, int]
    rates: tuple[str, str, str, str, str] | None
    latency_ms: int


_SONNET = ("3", "15", "0.3", "3.75", "6")
_OPUS = ("5", "25", "0.5", "6.25", "10")
_HAIKU = ("1", "5", "0.1", "1.25", "2")
_NOVA = ("0.8", "3.2", "0.2", "0", "0")
_LITE = ("0.06", "0.24", "0.015", "0", "0")
HABITS = (
    Habit("111122223333", "us-east-1", "anthropic.claude-sonnet-4-5-20250929-v1:0", "global",
          "agent-runner/*", 160, (1800, 620, 14000, 900, 300), _SONNET, 6200),
    Habit("111122223333", "us-east-1", "anthropic.claude-opus-4-5-20251101-v1:0", "us", "sso/Developer/mira",
          22, (2400, 1900, 42000, 3800, 0), _OPUS, 15800),
    Habit("111122223333", "eu-central-1", "anthropic.claude-sonnet-4-5-20250929-v1:0", "eu", "checkout-api/*",
          60, (2100, 380, 0, 0, 0), _SONNET, 3900),
    Habit("111122223333", "us-east-1", "amazon.nova-lite-v1:0", "us", "classify-batch/*",
          900, (640, 38, 0, 0, 0), _LITE, 720),
    Habit("444455556666", "us-west-2", "anthropic.claude-haiku-4-5-20251001-v1:0", "global", "user/notebooks",
          120, (3200, 540, 2600, 400, 0), _HAIKU, 2600),
    Habit("444455556666", "us-west-2", "amazon.nova-pro-v1:0", "us", "user/notebooks",
          80, (1500, 420, 0, 0, 0), _NOVA, 2100),
    Habit("444455556666", "us-west-2", "meta.llama3-3-70b-instruct-v1:0", "us", "eval-harness/*",
          70, (900, 300, 0, 0, 0), ("0.72", "0.72", "0", "0", "0"), 1900),
    Habit("444455556666", "us-west-2", "amazon.titan-embed-text-v2:0", "regional", "indexer/*",
          400, (480, 0, 0, 0, 0), ("0.02", "0", "0", "0", "0"), 90),
    Habit("444455556666", "us-west-2", "deepseek.r1-v1:0", "us", "eval-harness/*",
          12, (700, 1600, 0, 0, 0), ("1.35", "5.4", "0", "0", "0"), 21000),
    Habit("777788889999", "eu-west-1", "anthropic.claude-haiku-4-5-20251001-v1:0", "eu", "support-bot/*",
          240, (1100, 260, 5200, 120, 240), _HAIKU, 2200),
    Habit("777788889999", "eu-west-1", "mistral.mistral-large-2407-v1:0", "regional", "federated/lena",
          8, (1200, 700, 0, 0, 0), ("2", "6", "0", "0", "0"), 4700),
    Habit("777788889999", "eu-west-1", UNPRICED, "eu", "support-bot/*", 6, (900, 210, 0, 0, 0), None, 2300),
    Habit("777788889999", "eu-west-1", "cohere.rerank-v3-5:0", "regional", HOSTILE_CALLER,
          14, (420, 12, 0, 0, 0), ("0.4", "0.8", "0", "0", "0"), 310),
)  # fmt: skip
_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")


@dataclass(frozen=True, slots=True)
class Cell:
    """The calls of one habit in one half hour."""

    start: datetime
    habit: Habit
    stats: UsageStats


def cells_between(start: datetime, end: datetime) -> Iterator[Cell]:
    """The cells of the half hours from start to end."""
    moment = start
    while moment < end:
        for number, habit in enumerate(HABITS):
            chance = random.Random(f"{moment:%Y%m%d%H%M}-{number}")
            calls = round(habit.calls / 2 * _business(moment) * chance.uniform(0.6, 1.5))
            if calls:
                yield Cell(moment, habit, _stats(habit, calls, moment, chance))
        moment += periods.HALF_HOUR


def _business(moment: datetime) -> float:
    hour = moment.hour + moment.minute / 60
    day = 0.25 if moment.weekday() >= 5 else 1.0
    growth = 1 + (moment - datetime(2026, 10, 20, tzinfo=UTC)) / timedelta(days=90)
    return day * growth * (0.12 + 0.88 * max(0.0, math.sin((hour - 5) / 15 * math.pi)))


def _stats(habit: Habit, calls: int, moment: datetime, chance: random.Random) -> UsageStats:
    throttled = round(calls * 0.3) if moment.hour == 9 and habit.calls == 240 else 0
    good = calls - throttled
    counts = [round(each * good * chance.uniform(0.9, 1.1)) for each in habit.tokens]
    latency = _times(good, [round(habit.latency_ms * chance.uniform(0.6, 1.7)) for _ in range(5)])
    costs: dict[str, Decimal] = {}
    saved: dict[str, Decimal] = {}
    if habit.rates is not None:
        rates = [Decimal(rate) / 1_000_000 for rate in habit.rates]
        priced = [
            (kind, count, rate) for kind, count, rate in zip(_KINDS, counts, rates, strict=True) if count
        ]
        costs = {kind: count * rate for kind, count, rate in priced}
        saved = {kind: count * (rates[0] - rate) for kind, count, rate in priced if kind in CACHE_KINDS}
    errors = {"ThrottlingException": throttled} if throttled else {}
    if habit.caller == HOSTILE_CALLER and moment.hour == 11:
        errors[HOSTILE_CODE] = 1
    return UsageStats(
        invocations=calls,
        **{f"{kind}_tokens": count for kind, count in zip(_KINDS, counts, strict=True)},  # type: ignore[arg-type]
        errors=errors,
        rejections={"no model id": 1} if calls == 111 else {},
        unpriced_invocations={"no_price": calls} if habit.rates is None else {},
        unpriced_tokens={"no_price": sum(counts)} if habit.rates is None else {},
        list_cost_usd=costs,
        cache_saved_usd=saved,
        latency_ms=latency,
        time_to_first_token_ms=_times(good // 2, [round(habit.latency_ms * 0.2)]),
        time_per_output_token_us=_times(good if counts[1] else 0, [chance.randint(8_000, 24_000)]),
    )


def _times(calls: int, values: list[int]) -> Distribution:
    """A distribution of so many calls over the values, one as frequent as the other."""
    found = Distribution()
    for index, value in enumerate(values):
        count = calls // len(values) + (index < calls % len(values))
        if count:
            found.merge(Distribution(count, count * value, value, value, {bucket_index(value): count}))
    return found


_FILLED: dict[tuple[int, datetime], tuple[dict[tuple[str, str], dict[str, Value]], Checkpoint]] = {}
"""By age and time, what an office's table holds once it is filled; its items are replaced, never changed."""


@dataclass(slots=True)
class Office:
    """The organisation's usage table, filled up to `now`."""

    now: datetime = NOW
    days: int = 35
    memory: MemoryTable = field(default_factory=MemoryTable)
    checkpoint: Checkpoint = field(default_factory=Checkpoint)

    @property
    def table(self) -> UsageTable:
        return UsageTable(self.memory, Retention())

    def fill(self) -> None:
        """Write all days; a later office of the same age takes what an earlier one wrote."""
        name = (self.days, self.now)
        if name in _FILLED:
            items, self.checkpoint = _FILLED[name]
            self.memory.items = dict(items)
            return
        self._fill()
        _FILLED[name] = dict(self.memory.items), self.checkpoint

    def _fill(self) -> None:
        first = periods.day_of(self.now) - timedelta(days=self.days - 1)
        self._write(cells_between(periods.day_start(first), periods.half_hour_of(self.now)))
        self.table.put_scopes(
            {
                (habit.account_id, habit.region): Scope(
                    account_id=habit.account_id,
                    region=habit.region,
                    first_hour=periods.day_start(first),
                    last_hour=periods.hour_of(self.now),
                )
                for habit in HABITS
            }.values()
        )

    def go_on(self, span: timedelta) -> None:
        """Write what happens from now on, and let the clock go on."""
        before, self.now = self.now, self.now + span
        day = periods.day_start(periods.day_of(before))
        self._write(cells_between(day, periods.half_hour_of(self.now)))

    def _write(self, cells: Iterable[Cell]) -> None:
        pages: dict[tuple[str, Granularity, str, str], Page] = {}
        days: set[date] = set()
        closed = periods.day_of(self.now) - timedelta(days=3)
        for cell in cells:
            days.add(periods.day_of(cell.start))
            self._add(pages, cell, closed)
        self.table.put_pages(pages.values())
        revision = self.checkpoint.revision + 1
        change = Change(revision=revision, days=tuple(sorted(day.isoformat() for day in days)))
        self.checkpoint = Checkpoint(
            revision=revision,
            closed_through=closed,
            first_day=self.checkpoint.first_day or min(days),
            checked_at=self.now,
            data_up_to=self.now,
            newest_call=self.now - timedelta(minutes=3),
            metadata_keys=("team",),
            changes=(*self.checkpoint.changes, change),
        )
        self.table.put_checkpoint(self.checkpoint)

    def _add(self, pages: dict[tuple[str, Granularity, str, str], Page], cell: Cell, closed: date) -> None:
        day, hour = periods.day_of(cell.start), periods.hour_of(cell.start)
        places = [(Granularity.HOURLY, periods.hour_key(hour), cell.start.minute // 30)]
        if day < periods.day_of(self.now) - timedelta(days=13):
            places = []
        if day <= closed:
            slot = (cell.start - periods.day_start(day)) // periods.HALF_HOUR
            places += [(Granularity.HOURS, day.isoformat(), slot), (Granularity.DAILY, day.isoformat(), 0)]
        for granularity, period, slot in places:
            for scope, dimension, key in _rows(cell.habit):
                page = pages.setdefault(
                    (scope, granularity, dimension, period),
                    Page(scope=scope, granularity=granularity, dimension=dimension, period=period),
                )
                stats = cell.stats
                page.add(key, slot, stats.without_histograms() if granularity is Granularity.HOURS else stats)


def _rows(habit: Habit) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    scope = scope_of(habit.account_id, habit.region)
    operation = "InvokeModel" if habit.rates is None else "Converse"
    for name in (ALL, scope):
        caller = (habit.account_id, habit.caller) if name == ALL else (habit.caller,)
        yield name, TOTAL, ()
        yield name, MODEL, (habit.model_id, habit.route)
        yield name, CALLER, caller
        yield name, ROUTE, (habit.route,)
        yield name, OPERATION, (operation,)
        yield name, PROFILE, ("(none)", "(none)")
        yield name, INFERENCE_REGION, (habit.region,)
        yield name, tag_dimension("team"), (TEAMS.get(habit.caller, "(none)"),)
    yield ALL, ACCOUNT, (habit.account_id, habit.region)
    yield scope, CUBE, (habit.model_id, habit.route, habit.caller, operation, "standard")
