"""Which pages a span is read from."""

from __future__ import annotations

from datetime import date

import pytest

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.range_plan import Horizon, PageRead, RangePlan, joined_spans, plan_range
from bedrock_analytics.storage.usage_pages import Granularity, Retention
from tests.unit.reporting.written_usage import utc

HOURLY, HOURS, DAILY, MONTHLY = Granularity.HOURLY, Granularity.HOURS, Granularity.DAILY, Granularity.MONTHLY


def plan(
    start: str, end: str, closed: str | None = "2026-11-23", retention: Retention | None = None
) -> RangePlan:
    horizon = Horizon(
        first_day=date(2026, 1, 10),
        closed_through=None if closed is None else date.fromisoformat(closed),
        now=utc("2026-11-24 10:10"),
        retention=retention or Retention(),
    )
    return plan_range(Span(utc(start), utc(end)), horizon)


def test_whole_closed_days_are_read_by_their_day() -> None:
    assert plan("2026-11-20", "2026-11-22").reads == (
        PageRead(DAILY, "2026-11-20", 0, 1),
        PageRead(DAILY, "2026-11-21", 0, 1),
    )


def test_cut_closed_days_are_read_by_half_hours_and_their_histograms_by_hours() -> None:
    found = plan("2026-11-20 22:30", "2026-11-21 00:30")
    assert found.reads == (PageRead(HOURS, "2026-11-20", 45, 48), PageRead(HOURS, "2026-11-21", 0, 1))
    assert found.histogram_reads == (
        PageRead(HOURLY, "2026-11-20T22", 1, 2),
        PageRead(HOURLY, "2026-11-20T23", 0, 2),
        PageRead(HOURLY, "2026-11-21T00", 0, 1),
    )


def test_histograms_are_left_out_together_where_one_hour_is_past_its_retention() -> None:
    found = plan("2026-11-09 22:30", "2026-11-20 00:30")
    assert {read.granularity for read in found.reads} == {HOURS, DAILY}
    assert found.histogram_reads == ()


def test_open_days_are_read_by_hours() -> None:
    found = plan("2026-11-23 23:30", "2026-11-24 01:30", closed="2026-11-22")
    assert found.reads == (
        PageRead(HOURLY, "2026-11-23T23", 1, 2),
        PageRead(HOURLY, "2026-11-24T00", 0, 2),
        PageRead(HOURLY, "2026-11-24T01", 0, 1),
    )


def test_before_any_day_is_closed_every_day_is_open() -> None:
    found = plan("2026-11-22", "2026-11-24", closed=None)
    assert {read.granularity for read in found.reads} == {HOURLY}
    assert len(found.reads) == 48


@pytest.mark.parametrize(("start", "end"), [("2026-11-20", "2026-11-20"), ("2026-11-21", "2026-11-20")])
def test_an_empty_span_needs_no_page(start: str, end: str) -> None:
    assert plan(start, end) == RangePlan(reads=())


def test_days_before_the_first_call_and_after_tomorrow_need_no_page() -> None:
    assert plan("2020-01-01", "2026-01-11").reads == (PageRead(DAILY, "2026-01-10", 0, 1),)
    assert len(plan("2026-11-24", "2030-01-01").reads) == 48


def test_an_open_hour_past_its_retention_is_missing() -> None:
    found = plan("2026-11-23 22:00", "2026-11-24", closed="2026-11-20", retention=Retention(hourly_days=0))
    assert (found.reads, found.missing) == ((), (Span(utc("2026-11-23 22:00"), utc("2026-11-24")),))


def test_half_hours_of_a_closed_day_past_their_retention_are_missing() -> None:
    found = plan("2026-11-01 12:00", "2026-11-03", retention=Retention(hours_days=7))
    assert found.reads == (PageRead(DAILY, "2026-11-02", 0, 1),)
    assert found.missing == (Span(utc("2026-11-01 12:00"), utc("2026-11-02")),)


def test_a_month_is_read_as_a_whole_only_where_its_first_days_are_gone() -> None:
    found = plan("2026-09-01", "2026-11-01", retention=Retention(daily_days=60))
    assert found.reads[0] == PageRead(MONTHLY, "2026-09", 0, 1)
    assert {read.granularity for read in found.reads[1:]} == {DAILY}
    assert len(found.reads) == 1 + 31


def test_a_month_that_is_not_over_is_never_read_as_a_whole() -> None:
    found = plan("2026-11-01", "2026-12-01", retention=Retention(daily_days=7))
    assert MONTHLY not in {read.granularity for read in found.reads}
    assert found.missing == (Span(utc("2026-11-01"), utc("2026-11-17")),)


def test_spans_that_touch_are_joined() -> None:
    days = [Span.of_day(date(2026, 11, day)) for day in (1, 2, 4)]
    assert list(joined_spans(days)) == [Span(utc("2026-11-01"), utc("2026-11-03")), days[2]]
    assert list(joined_spans([])) == []
