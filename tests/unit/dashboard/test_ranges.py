"""Presets, custom ranges and what they are compared with."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.periods import HALF_HOUR, Span, half_hour_of
from bedrock_analytics.reporting.time_buckets import bars_of
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.ranges import Preset, bucket_end, buckets_for, compare, custom_span, local_text, resolve, step
from tests.unit.dashboard.answers import utc

VIENNA = ZoneInfo("Europe/Vienna")
ZONES = [VIENNA, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata"), ZoneInfo("America/St_Johns")]
NOW = utc("2026-11-24 14:12")


@pytest.mark.parametrize(
    ("preset", "start", "end"),
    [
        (Preset.LAST_HOUR, "2026-11-24 13:00", "2026-11-24 14:30"),
        (Preset.LAST_24_HOURS, "2026-11-23 14:00", "2026-11-24 14:30"),
        (Preset.TODAY, "2026-11-23 23:00", "2026-11-24 14:30"),
        (Preset.YESTERDAY, "2026-11-22 23:00", "2026-11-23 23:00"),
        (Preset.DAYS_7, "2026-11-17 23:00", "2026-11-24 14:30"),
        (Preset.DAYS_35, "2026-10-20 22:00", "2026-11-24 14:30"),
        (Preset.MONTH, "2026-10-31 23:00", "2026-11-24 14:30"),
    ],
)
def test_a_preset_begins_at_local_midnight_and_includes_the_running_half_hour(
    preset: Preset, start: str, end: str
) -> None:
    assert resolve(preset, NOW, VIENNA) == Span(utc(start), utc(end))


def test_a_range_holds_the_half_hour_that_has_just_begun() -> None:
    midnight = utc("2026-11-23 23:00")
    assert resolve(Preset.TODAY, midnight, VIENNA) == Span(midnight, midnight + HALF_HOUR)


moments = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: utc("2025-01-01") + timedelta(minutes=minutes)
)


@given(preset=st.sampled_from(Preset), now=moments, zone=st.sampled_from(ZONES))
def test_every_range_and_its_comparison_lie_on_half_hours_and_never_overlap(
    preset: Preset, now: datetime, zone: ZoneInfo
) -> None:
    span = resolve(preset, now, zone)
    comparison = compare(preset, span, now, zone)
    assert span.start < span.end
    if comparison is not None:
        spans = (span, comparison.current, comparison.previous)
        ends = [moment for each in spans for moment in (each.start, each.end)]
        assert all(half_hour_of(moment) == moment for moment in ends)
        assert comparison.previous.start < comparison.previous.end <= comparison.current.start
        assert comparison.current.end <= now + HALF_HOUR


@pytest.mark.parametrize(
    ("preset", "current_end", "start", "end", "name"),
    [
        (Preset.LAST_HOUR, "2026-11-24 14:00", "2026-11-24 12:00", "2026-11-24 13:00", "the time before"),
        (Preset.TODAY, "2026-11-24 14:00", "2026-11-22 23:00", "2026-11-23 14:00", "yesterday until then"),
        (Preset.YESTERDAY, "2026-11-23 23:00", "2026-11-21 23:00", "2026-11-22 23:00", "the day before"),
        (Preset.DAYS_7, "2026-11-24 14:00", "2026-11-10 23:00", "2026-11-17 14:00", "previous 7 days"),
        (Preset.MONTH, "2026-11-24 14:00", "2026-09-30 22:00", "2026-10-24 13:00", "same days of October"),
    ],
)
def test_only_half_hours_that_are_over_are_compared_with_as_many_before(
    preset: Preset, current_end: str, start: str, end: str, name: str
) -> None:
    comparison = compare(preset, resolve(preset, NOW, VIENNA), NOW, VIENNA)
    assert comparison is not None
    assert comparison.current.end == utc(current_end)
    assert comparison.previous == Span(utc(start), utc(end))
    assert comparison.name == name


def test_a_long_month_is_compared_with_the_whole_of_a_short_one() -> None:
    now = utc("2026-03-31 12:00")
    comparison = compare(Preset.MONTH, resolve(Preset.MONTH, now, ZONES[1]), now, ZONES[1])
    assert comparison is not None
    assert comparison.previous == Span(utc("2026-02-01 00:00"), utc("2026-03-01 00:00"))


def test_a_day_that_has_just_begun_is_not_compared() -> None:
    now = utc("2026-11-23 23:10")
    assert compare(Preset.TODAY, resolve(Preset.TODAY, now, VIENNA), now, VIENNA) is None


def test_a_custom_range_without_an_offset_is_of_the_zone() -> None:
    expected = Span(utc("2026-11-19 23:00"), utc("2026-11-22 11:00"))
    assert custom_span("2026-11-20T00:00", "2026-11-22T12:00", VIENNA) == expected
    assert custom_span("2026-11-20T00:20+01:00", "2026-11-22T11:40+01:00", ZONES[1]) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", ""),
        ("yesterday", "2026-11-22T12:00"),
        ("2026-11-22T12:00", "2026-11-22T12:00"),
        ("2026-11-23T12:00", "2026-11-22T12:00"),
        ("0001-01-01T00:00", "9999-12-31T23:59"),
        ("2016-01-01T00:00", "2026-12-31T23:59"),
    ],
)
def test_what_is_no_range_is_refused(start: str, end: str) -> None:
    assert custom_span(start, end, VIENNA) is None


def test_a_moment_is_written_as_the_zones_clock_shows_it() -> None:
    assert local_text("2026-11-17T23:00:00+00:00", VIENNA) == "2026-11-18T00:00"
    assert local_text("2026-11-17T23:00", VIENNA) == "2026-11-17T23:00"
    assert local_text("soon", VIENNA) == ""


@pytest.mark.parametrize(
    ("hours", "best"),
    [(1, "half_hour"), (24, "hour"), (24 * 7, "day"), (24 * 90, "day"), (24 * 300, "month")],
)
def test_the_best_width_draws_a_readable_number_of_bars(hours: int, best: str) -> None:
    span = Span(NOW, NOW + timedelta(hours=hours))
    assert buckets_for(span)[0] == best
    for bucket in buckets_for(span):
        assert 1 <= len(bars_of(span.start, span.end, bucket, VIENNA)) <= 402


@given(start=moments, bucket=st.sampled_from(Bucket), zone=st.sampled_from(ZONES))
def test_a_bucket_ends_where_the_next_one_begins(start: datetime, bucket: Bucket, zone: ZoneInfo) -> None:
    first, second, *_ = bars_of(start, start + timedelta(days=64), bucket, zone)
    assert bucket_end(first.start, bucket, zone) == second.span.start


@pytest.mark.parametrize(
    ("preset", "start", "end", "name"),
    [
        (Preset.WEEK, "2026-11-22 23:00", "2026-11-24 14:30", "same days of last week"),
        (Preset.LAST_WEEK, "2026-11-15 23:00", "2026-11-22 23:00", "the week before"),
        (Preset.LAST_MONTH, "2026-09-30 22:00", "2026-10-31 23:00", "same days of September"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first_of_the_local_clock(
    preset: Preset, start: str, end: str, name: str
) -> None:
    now, zone = utc("2026-11-24 14:12"), ZoneInfo("Europe/Vienna")
    span = resolve(preset, now, zone)
    assert (span.start, span.end) == (utc(start), utc(end))
    found = compare(preset, span, now, zone)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("preset", "start", "end", "steps", "before"),
    [
        (Preset.YESTERDAY, "2026-11-23 00:00", "2026-11-24 00:00", -1, "2026-11-22 00:00 2026-11-23 00:00"),
        (Preset.DAYS_7, "2026-11-18 00:00", "2026-11-24 14:30", -1, "2026-11-11 00:00 2026-11-18 00:00"),
        (Preset.MONTH, "2026-11-01 00:00", "2026-11-24 14:30", -1, "2026-10-01 00:00 2026-11-01 00:00"),
        (Preset.LAST_MONTH, "2026-10-01 00:00", "2026-11-01 00:00", 3, "2027-01-01 00:00 2027-02-01 00:00"),
        (Preset.CUSTOM, "2026-11-20 10:00", "2026-11-20 12:30", 1, "2026-11-20 12:30 2026-11-20 15:00"),
        (Preset.CUSTOM, "2026-11-20 00:00", "2026-11-22 00:00", -1, "2026-11-18 00:00 2026-11-20 00:00"),
        (Preset.LAST_HOUR, "2026-11-24 13:00", "2026-11-24 14:30", -1, "2026-11-24 11:30 2026-11-24 13:00"),
    ],
)
def test_a_step_leads_to_the_whole_period_before_or_after(
    preset: Preset, start: str, end: str, steps: int, before: str
) -> None:
    found = step(preset, Span(utc(start), utc(end)), ZoneInfo("UTC"), steps)
    assert f"{found.start:%Y-%m-%d %H:%M} {found.end:%Y-%m-%d %H:%M}" == before


def test_a_step_of_a_day_keeps_midnights_over_a_clock_change() -> None:
    zone = ZoneInfo("Europe/Vienna")
    day = Span(utc("2026-10-25 23:00"), utc("2026-10-26 23:00"))
    found = step(Preset.CUSTOM, day, zone, -1)
    assert (found.start, found.end) == (utc("2026-10-24 22:00"), utc("2026-10-25 23:00"))
