"""What a person waits for: the serving time of the dashboard's questions on the SQLite table.

A view asks what the first page asks: usage by model, by caller and in total, and the trend in days by
model. Cold is a new process, warm the same questions again, refresh the questions after the hour at hand
was replaced.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import ALL, CALLER, MODEL, TOTAL
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention
from bedrock_analytics.storage.usage_table import Change, Checkpoint, UsageTable

NOW = periods.day_start(date(2026, 11, 24)) + timedelta(hours=14, minutes=10)
_DISTRIBUTIONS = {
    "latency_ms": 2_000,
    "time_to_first_token_ms": 400,
    "time_per_output_token_us": 15_000,
    "latency_per_output_token_us": 20_000,
}


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much a table holds: days, account-Regions, models (on two routes each) and callers in all."""

    days: int
    scopes: int
    models: int
    callers: int
    limit_seconds: float | None = None

    def keys(self, dimension: str) -> list[tuple[str, ...]]:
        """The keys of scope ALL's rows."""
        accounts = max(1, self.scopes // 2)
        if dimension == MODEL:
            return [(f"vendor.model-{n // 2}", ("global", "us")[n % 2]) for n in range(2 * self.models)]
        if dimension == CALLER:
            return [(f"{n % accounts:012d}", f"role-{n}/worker") for n in range(self.callers)]
        return [()]


SIZES = (
    Size(days=35, scopes=6, models=10, callers=20, limit_seconds=0.3),
    Size(days=90, scopes=20, models=30, callers=500),
)
ZONES = (ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata"))


@dataclass(frozen=True, kw_only=True)
class ReadingTime:
    """Seconds that a view takes."""

    size: Size
    zone: str
    cold: float
    refresh: float
    warm: float


def run(sizes: tuple[Size, ...] = SIZES) -> list[ReadingTime]:
    """Measure each size in each zone."""
    found = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            table = UsageTable(SQLiteTable(Path(folder) / "tables.sqlite", "usage-stats"), Retention())
            checkpoint = _write(table, size)
            for zone in ZONES:
                found.append(_measure(table, size, zone, checkpoint))
                checkpoint = table.checkpoint()
    return found


def _measure(table: UsageTable, size: Size, zone: ZoneInfo, checkpoint: Checkpoint) -> ReadingTime:
    reader = UsageReader(table, lambda: NOW)
    wanted = UsageFilter(start=_midnight(NOW - timedelta(days=size.days - 1), zone), end=NOW, zone=zone)
    cold = _seconds(lambda: _view(reader, wanted))
    _replace_hour(table, size, checkpoint)
    refresh = _seconds(lambda: _view(reader, wanted))
    warm = min(_seconds(lambda: _view(reader, wanted)) for _ in range(3))
    return ReadingTime(size=size, zone=zone.key, cold=cold, refresh=refresh, warm=warm)


def _view(reader: UsageReader, wanted: UsageFilter) -> None:
    for dimension in (MODEL, CALLER, TOTAL):
        reader.breakdown(wanted, dimension)
    reader.trend(wanted, Bucket.DAY, MODEL)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(NOW.tzinfo)


def _write(table: UsageTable, size: Size) -> Checkpoint:
    """Pages of every day, with calls of every key in every half hour."""
    today = periods.day_of(NOW)
    pool = usage_pool(2026)
    first_day = today - timedelta(days=size.days)
    for day in periods.days_between(first_day, today + timedelta(days=1)):
        table.put_pages(_pages(size, day, pool))
    checkpoint = Checkpoint(
        revision=1,
        closed_through=today - timedelta(days=1),
        first_day=first_day,
        data_up_to=NOW,
        checked_at=NOW,
    )
    table.put_checkpoint(checkpoint)
    return checkpoint


def _pages(size: Size, day: date, pool: list[UsageStats]) -> Iterator[Page]:
    plain = [stats.without_histograms() for stats in pool]
    for dimension in (TOTAL, MODEL, CALLER):
        keys = size.keys(dimension)
        for hour in periods.hours_of_day(day):
            if hour < NOW and Retention().keeps(Granularity.HOURLY, periods.hour_key(hour), NOW):
                yield _page(Granularity.HOURLY, dimension, periods.hour_key(hour), keys, range(2), pool)
        if day < periods.day_of(NOW):
            yield _page(Granularity.DAILY, dimension, day.isoformat(), keys, range(1), pool)
            yield _page(Granularity.HOURS, dimension, day.isoformat(), keys, range(48), plain)


def _page(
    granularity: Granularity,
    dimension: str,
    period: str,
    keys: list[tuple[str, ...]],
    slots: range,
    pool: list[UsageStats],
) -> Page:
    rows = {
        (key, slot): pool[(7 * number + slot) % len(pool)]
        for number, key in enumerate(keys)
        for slot in slots
    }
    return Page(scope=ALL, granularity=granularity, dimension=dimension, period=period, rows=rows)


def _replace_hour(table: UsageTable, size: Size, checkpoint: Checkpoint) -> None:
    hour = periods.hour_of(NOW)
    pool = usage_pool(7)
    table.put_pages(
        _page(Granularity.HOURLY, dimension, periods.hour_key(hour), size.keys(dimension), range(1), pool)
        for dimension in (TOTAL, MODEL, CALLER)
    )
    revision = checkpoint.revision + 1
    change = Change(revision=revision, days=(periods.day_of(NOW).isoformat(),))
    table.put_checkpoint(replace(checkpoint, revision=revision, changes=(*checkpoint.changes, change)))


def usage_pool(seed: int) -> list[UsageStats]:
    """Rows of sixty calls each, among which pages draw theirs."""
    random = Random(seed)  # noqa: S311 - made-up usage, the same in every run
    return [_stats(random) for _ in range(40)]


def _stats(random: Random) -> UsageStats:
    stats = UsageStats(
        invocations=60,
        input_tokens=random.randrange(10**6),
        output_tokens=random.randrange(10**5),
        cache_read_tokens=random.randrange(10**6),
        cache_write_5m_tokens=random.randrange(10**5),
        errors={"ThrottlingException": 1} if random.random() < 0.3 else {},
        list_cost_usd={
            kind: Decimal(random.randrange(10**9)) / 10**9
            for kind in ("input", "output", "cache_read", "cache_write_5m")
        },
    )
    for name, median in _DISTRIBUTIONS.items():
        values = [int(random.lognormvariate(0, 0.5) * median) for _ in range(60)]
        setattr(stats, name, Distribution.of(values))
    return stats


def table() -> str:
    """The markdown table."""
    lines = [
        "| days | account-Regions | models | callers | zone | cold | new hour | nothing new | at most |",
        "|---:|---:|---:|---:|---|---:|---:|---:|---:|",
    ]
    for found in run():
        size = found.size
        limit = "information" if size.limit_seconds is None else f"{size.limit_seconds * 1000:.0f} ms"
        times = " | ".join(f"{value * 1000:.0f} ms" for value in (found.cold, found.refresh, found.warm))
        lines.append(
            f"| {size.days} | {size.scopes} | {size.models} x 2 routes | {size.callers} | {found.zone} "
            f"| {times} | {limit} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
