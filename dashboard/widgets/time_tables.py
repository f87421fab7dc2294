"""Tables of the performance page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import exact, milliseconds, percent
from dashboard.figures.usage_trend import Buckets
from dashboard.phrases import share
from dashboard.timings import Around, Times, Timing, times_of
from dashboard.view_models import UsageRow
from dashboard.widgets.cost_tables import row_head
from dashboard.widgets.tables import name_column, number, number_column, text_column

Row = dict[str, Any]
STATISTICS = (
    ("least", "Least"),
    ("average", "Average"),
    ("greatest", "Greatest"),
    ("p50", "p50"),
    ("p90", "p90"),
    ("p99", "p99"),
)


def time_columns(title: str) -> list[Row]:
    """Columns of a time by a dimension."""
    return [
        name_column(title),
        number_column("average", "Average", 108),
        *[number_column(name, label, 100) for name, label in STATISTICS if name != "average"],
        number_column("measured", "Calls measured", 130) | {"sort": "desc"},
        number_column("coverage", "Coverage", 100),
    ]


def time_rows(rows: Sequence[UsageRow], timing: Timing, around: Around) -> list[Row]:
    """The rows of `time_columns`; those whose calls do not tell the time say so by their coverage."""
    return [{**row_head(row), **_figures(times_of(timing, row.stats, around.get(row.key)))} for row in rows]


def time_total_row(total: UsageStats, timing: Timing, around: Around) -> Row:
    """The time over all calls."""
    head = {"id": "total", "name": "All calls", "detail": "", "chip": ""}
    return {**head, **_figures(times_of(timing, total, around.get(())))}


def _figures(times: Times) -> Row:
    star = "*" if times.stands_in else ""
    row: Row = {}
    for name, _ in STATISTICS:
        value = getattr(times, name)
        row |= number(name, value, milliseconds(value) + (star if value is not None else ""))
    return row | {
        **number("measured", times.measured, exact(times.measured)),
        **number("coverage", times.coverage, percent(times.coverage)),
    }


def course_columns() -> list[Row]:
    """Columns of a time over time."""
    return [
        text_column("time", "Time", 200) | {"pinned": "left", "sortable": False},
        *[number_column(name, label, 104) for name, label in STATISTICS],
        number_column("measured", "Calls measured", 130),
        number_column("coverage", "Coverage", 100),
    ]


def course_rows(
    buckets: Buckets, labels: Sequence[str], values: Sequence[UsageStats], timing: Timing
) -> list[Row]:
    """The rows of `course_columns`, oldest first."""
    return [
        {"id": start.isoformat(), "time": label, **_figures(times_of(timing, stats))}
        for start, label, stats in zip(buckets.starts, labels, values, strict=True)
    ]


def region_columns() -> list[Row]:
    """Columns of the Regions that served calls."""
    return [
        name_column("Served in"),
        number_column("calls", "Invocations", 116) | {"sort": "desc"},
        number_column("share", "Share", 90),
        number_column("average", "Latency", 108),
        number_column("p50", "p50", 96),
        number_column("p99", "p99", 96),
        number_column("first", "TTFT", 100),
        number_column("failed", "Failed", 90),
    ]


def region_rows(rows: Sequence[UsageRow], total: UsageStats, around: Around) -> list[Row]:
    """The rows of `region_columns`."""
    return [{**row_head(row), **_region(row.stats, total, around.get(row.key))} for row in rows]


def region_total_row(total: UsageStats, around: Around) -> Row:
    """All Regions."""
    return {
        "id": "total",
        "name": "Total",
        "detail": "",
        "chip": "",
        **_region(total, total, around.get(())),
    }


def _region(stats: UsageStats, total: UsageStats, around: UsageStats | None) -> Row:
    times = times_of(Timing.LATENCY, stats, around)
    first = times_of(Timing.FIRST, stats).average
    calls, whole = stats.invocations, total.invocations
    return {
        **number("calls", calls, exact(calls)),
        **number("share", calls / whole if calls is not None and whole else None, share(calls, whole)),
        **number("average", times.average, milliseconds(times.average)),
        **number("p50", times.p50, milliseconds(times.p50)),
        **number("p99", times.p99, milliseconds(times.p99)),
        **number("first", first, milliseconds(first)),
        **number("failed", stats.error_count, exact(stats.error_count)),
    }
