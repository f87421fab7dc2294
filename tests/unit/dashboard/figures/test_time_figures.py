"""Ranges of times and their course."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.figures.time_ranges import measured_rows, time_ranges
from dashboard.figures.time_trend import Line, time_trend
from dashboard.performance_queries import TimeCourse
from dashboard.timings import Around, Timing
from tests.unit.dashboard.answers import calls, row, utc

COLOURS = dict.fromkeys(("<b>a", "b"), "#5e78d9")


def measured(*values: int) -> UsageStats:
    return UsageStats(invocations=len(values), latency_ms=Distribution.of(values))


def test_a_row_is_a_line_from_least_to_greatest_with_its_mean_on_it() -> None:
    rows = [row("b", calls(9)), row("<b>a", measured(0, 100, 2000))]
    assert [each.name for each in measured_rows(rows, Timing.LATENCY)] == ["<b>a"]
    figure = time_ranges(rows, Timing.LATENCY, COLOURS, {}, {})
    span, thick, dots = figure["data"]
    assert span["x"] == [0.1, 2000, None]
    assert thick["x"][1] == pytest.approx(2000, rel=0.0444)
    assert dots["x"] == [700]
    assert dots["customdata"][0][1:7] == ["700 ms", "103 ms", "1.96 s", "1.96 s", "0.0 ms", "2.00 s"]
    name, value = (text["text"] for text in figure["layout"]["annotations"])
    assert name.endswith("&lt;b&gt;a")
    assert value == "<b>700 ms</b>  p99 1.96 s"


def test_a_row_without_histogram_has_no_thick_line_but_its_mean() -> None:
    stats = UsageStats(invocations=1, latency_ms=Distribution.of([50]).without_histogram())
    figure = time_ranges([row("b", stats)], Timing.LATENCY, COLOURS, {}, {})
    assert len(figure["data"]) == 2
    assert figure["layout"]["annotations"][1]["text"] == "<b>50 ms</b>  p99 —"
    around: Around = {("b", ""): measured(10, 20)}
    assert len(time_ranges([row("b", stats)], Timing.LATENCY, COLOURS, {}, around)["data"]) == 3


def test_lines_leave_gaps_and_stand_where_they_say() -> None:
    course = TimeCourse(
        bucket=Bucket.DAY,
        zone=ZoneInfo("UTC"),
        starts=(utc("2026-11-23 00:00"), utc("2026-11-24 00:00")),
        values=(),
        incomplete_from=1,
        notes=(),
    )
    lines = [
        Line(name="Average", colour="#111", values=[None, 3000]),
        Line(name="Other source", colour="#222", values=[5], places=["2026-11-23T05:00"]),
    ]
    figure = time_trend(course, lines, {})
    average, other = figure["data"]
    assert (average["y"], average["connectgaps"]) == ([None, 3000], False)
    assert average["customdata"] == [["—"], ["3.00 s"]]
    assert other["x"] == ["2026-11-23T05:00"]
    assert figure["layout"]["yaxis"]["ticktext"][:3] == ["0 s", "0.5 s", "1 s"]
