"""The embedded lake: what history costs, and how many rows a second go in and come out grouped.

`python -m bench.lake` prints the table. The changed hour is measured as a running L2 meets it: some rows of
one hour arrive, that hour is grouped again. A cold start decodes the metadata of the whole history once.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bedrock_analytics.domain.periods import DAY, HOUR, Span
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.storage.lake import UsageQuery

NEWEST_DAY = datetime(2026, 11, 20, tzinfo=UTC)
ROWS_A_DAY = 5_000
HISTORY_DAYS = (1, 100)
LIMIT = 1.5
ROUNDS = 9
ROWS = 1_000_000
ROW_DAYS = 35
BATCH = 100_000
ACCOUNTS, MODELS, CALLERS = 5, 8, 20
KEYS = ("team", "app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One line of the table; `holds` is None where nothing is promised."""

    name: str
    value: str
    promise: str = ""
    holds: bool | None = None


def calls(count: int, start: datetime, days: int, prefix: str = "") -> Iterator[UsageEvent]:
    """Made-up calls, spread evenly over the days."""
    step = days * DAY / count
    for number in range(count):
        yield UsageEvent(
            account_id=f"{number % ACCOUNTS:012}",
            region="us-east-1",
            request_id=f"{prefix}{start:%Y%m%d}-{number:08}",
            ts=(start + number * step).replace(microsecond=0),
            operation="Converse",
            model_id=f"vendor.model-{number % MODELS}",
            caller=f"role-{number * 7 % CALLERS}/worker",
            input_tokens=number % 9_000,
            output_tokens=number % 700,
            latency_ms=200 + number % 9_000,
            time_to_first_token_ms=100 + number % 90,
            source_s3_key=f"s3://logs/{start:%Y/%m/%d}/{number // 100}.json.gz",
            parsed_at=start,
            logged_model_id=f"us.vendor.model-{number % MODELS}",
            route="us",
            request_metadata=f'{{"team":"team-{number % 4}","app":"app-{number % 3}"}}',
            token_source="envelope",  # noqa: S106  (where the counts come from)
        )


def run() -> list[Measurement]:
    """Measure history and throughput."""
    return [*_history(), *_throughput()]


def _history() -> Iterator[Measurement]:
    times = {days: _changed_hour(days) for days in HISTORY_DAYS}
    for days, (warm, cold) in times.items():
        rows = days * ROWS_A_DAY
        yield Measurement(name=f"one changed hour, {rows:,} rows of history", value=f"{warm * 1000:.0f} ms")
        yield Measurement(name=f"the same after a cold start, {rows:,} rows", value=f"{cold * 1000:.0f} ms")
    least, most = (times[days][0] for days in HISTORY_DAYS)
    yield Measurement(
        name="one changed hour: 100 times the history against once",
        value=f"{most / least:.2f}",
        promise=f"at most {LIMIT}",
        holds=most / least <= LIMIT,
    )


def _changed_hour(days: int) -> tuple[float, float]:
    """Seconds to group a changed hour, warm (median) and in a new process's state."""
    hour = NEWEST_DAY + 10 * HOUR
    query = UsageQuery(spans=(Span.of_hour(hour),), metadata_keys=KEYS)
    with tempfile.TemporaryDirectory() as folder, closing(IcebergLake(Path(folder))) as lake:
        for age in range(days):
            lake.put(calls(ROWS_A_DAY, NEWEST_DAY - age * DAY, 1))
        list(lake.usage(query))
        warm = []
        for number in range(ROUNDS):
            lake.put(event for event in calls(2_400, NEWEST_DAY, 1, f"late{number}-") if _is_in(event, hour))
            warm.append(_seconds(lambda: list(lake.usage(query))))
        with closing(IcebergLake(Path(folder))) as reader:
            cold = _seconds(lambda: list(reader.usage(query)))
    return statistics.median(warm), cold


def _is_in(event: UsageEvent, hour: datetime) -> bool:
    return Span.of_hour(hour).contains(event.ts)


def _throughput() -> Iterator[Measurement]:
    start = NEWEST_DAY - ROW_DAYS * DAY
    events = list(calls(ROWS, start, ROW_DAYS))
    moments = iter([NEWEST_DAY] * (ROWS // BATCH) + [NEWEST_DAY + DAY])
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(IcebergLake(Path(folder), clock=lambda: next(moments))) as lake,
    ):
        seconds = _seconds(
            lambda: [lake.put(events[first : first + BATCH]) for first in range(0, ROWS, BATCH)]
        )
        yield _rate(f"append {ROWS:,} rows", seconds)
        groups = 0

        def group() -> None:
            nonlocal groups
            for day in range(0, ROW_DAYS, 3):
                first = start + day * DAY
                span = Span(first, min(first + timedelta(days=3), NEWEST_DAY))
                groups += sum(1 for _ in lake.usage(UsageQuery(spans=(span,), metadata_keys=KEYS)))

        seconds = _seconds(group)
        yield _rate(f"group {ROWS:,} rows into {groups:,} groups, two metadata keys", seconds)
        started = time.perf_counter()
        report = lake.maintain(NEWEST_DAY.date())
        yield Measurement(
            name=f"merge {report.merged_files} files, {report.written_rows:,} rows",
            value=f"{time.perf_counter() - started:.1f} s",
        )


def _rate(name: str, seconds: float) -> Measurement:
    return Measurement(name=name, value=f"{seconds:.1f} s, {ROWS / seconds:,.0f} rows/s")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def table() -> str:
    """Measurements, made now, as a Markdown table."""
    marks = {None: "", True: "yes", False: "**no**"}
    rows = [f"| {line.name} | {line.value} | {line.promise} | {marks[line.holds]} |" for line in run()]
    return "\n".join(["| what | measured | promised | holds |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(table())
