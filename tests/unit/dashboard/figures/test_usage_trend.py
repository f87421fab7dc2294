"""Bars over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.time_buckets import bars_of
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.figures.usage_trend import (
    INCOMPLETE_OPACITY,
    bucket_labels,
    lead_bars,
    positions,
    usage_trend,
)
from dashboard.measures import Measure
from dashboard.view_models import Series, UsageTrend
from tests.unit.dashboard.answers import calls, utc

VIENNA = ZoneInfo("Europe/Vienna")


def trend_of(start: str, bucket: Bucket, count: int, incomplete_from: int = 99) -> UsageTrend:
    width = timedelta(hours=1) if bucket is Bucket.HOUR else timedelta(days=1)
    bars = bars_of(utc(start), utc(start) + width * count, bucket, VIENNA)
    values = tuple(calls(index + 1, f"{index}.5") for index in range(len(bars)))
    return UsageTrend(
        bucket=bucket,
        zone=VIENNA,
        starts=tuple(bar.start for bar in bars),
        series=(Series(name="<b>x</b>", colour_key="x", values=values),),
        totals=values,
        incomplete_from=incomplete_from,
    )


def test_the_bucket_that_is_not_over_is_lighter_and_says_so() -> None:
    trend = trend_of("2026-11-21 23:00", Bucket.DAY, 3, incomplete_from=2)
    figure = usage_trend(trend, Measure.COST, {"x": "#111111"}, {})
    total, bars = figure["data"]
    assert [told[0] for told in total["customdata"]] == ["$0.500000", "$1.50", "$2.50"]
    assert bars["marker"] == {"color": "#111111", "opacity": [1, 1, INCOMPLETE_OPACITY]}
    assert bars["y"] == [0.5, 1.5, 2.5]
    assert bars["name"] == "&lt;b&gt;x&lt;/b&gt;"
    assert bucket_labels(trend) == ["Sun 22 Nov 2026", "Mon 23 Nov 2026", "Tue 24 Nov 2026 (not over yet)"]


def test_days_stand_at_the_local_midnight() -> None:
    assert positions(trend_of("2026-11-21 23:00", Bucket.DAY, 2)) == ["2026-11-22T00:00", "2026-11-23T00:00"]


def test_the_hour_that_a_clock_change_repeats_has_a_place_of_its_own() -> None:
    trend = trend_of("2026-10-24 23:00", Bucket.HOUR, 4)
    assert [f"{start:%H:%M}" for start in trend.starts] == ["01:00", "02:00", "02:00", "03:00"]
    places = [datetime.fromisoformat(place) for place in positions(trend)]
    assert {after - before for before, after in pairwise(places)} == {timedelta(hours=1)}


def test_the_lead_chart_tells_cost_and_time() -> None:
    figure = lead_bars(trend_of("2026-11-21 23:00", Bucket.DAY, 2), {})
    assert figure["data"][0]["customdata"][1] == ["$1.50", "Mon 23 Nov 2026"]
