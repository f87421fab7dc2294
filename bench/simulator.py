"""How fast the demo's past is made up: 35 days of calls, and as log objects."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bedrock_analytics.embedded.simulator import (
    Granularity,
    LineCounts,
    ObjectKind,
    minutes_of_hour,
    objects_between,
)

SEED = 2026
END = datetime(2026, 11, 24, 8, 25, 30, tzinfo=UTC)
DAYS = 35


@dataclass(frozen=True, kw_only=True)
class Generated:
    """What was made, and in how many seconds on one core."""

    objects: int
    lines: int
    megabytes: float
    seconds: float

    @property
    def lines_a_second(self) -> float:
        return self.lines / self.seconds


def calls_of_the_past() -> Generated:
    """The calls alone, without records."""
    started = time.perf_counter()
    start = END.replace(minute=0, second=0) - timedelta(days=DAYS)
    lines = sum(
        len(calls)
        for hour in range(24 * DAYS)
        for _, calls in minutes_of_hour(SEED, start + timedelta(hours=hour))
    )
    return Generated(objects=0, lines=lines, megabytes=0.0, seconds=time.perf_counter() - started)


def objects_of_the_past(days: int, granularity: Granularity) -> Generated:
    """Compressed log objects up to `END`, not stored."""
    started = time.perf_counter()
    objects, size, counts = 0, 0, LineCounts()
    start = END.replace(minute=0, second=0) - timedelta(days=days)
    for item in objects_between(SEED, start, END, granularity):
        objects += item.kind is ObjectKind.LOG
        size += len(item.body)
        counts += item.counts
    seconds = time.perf_counter() - started
    return Generated(objects=objects, lines=counts.lines, megabytes=size / 1e6, seconds=seconds)


def table() -> str:
    """A Markdown table of all three."""
    measured = (
        (f"calls of {DAYS} days", calls_of_the_past()),
        (f"{DAYS} days, an object an hour", objects_of_the_past(DAYS, Granularity.HOUR)),
        ("3 days, an object a minute", objects_of_the_past(3, Granularity.MINUTE)),
    )
    rows = [
        f"| {name} | {made.objects:,} | {made.lines:,} | {made.megabytes:.1f} | {made.seconds:.1f} "
        f"| {made.lines_a_second:,.0f} |"
        for name, made in measured
    ]
    head = "| Simulated | log objects | lines | MB gzipped | seconds | lines a second |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|", *rows])


if __name__ == "__main__":
    print(table())
