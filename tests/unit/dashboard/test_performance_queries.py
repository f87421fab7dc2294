from __future__ import annotations

from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import MODEL, TOTAL
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.performance_queries import UTC_DAYS, WHOLE_DAYS, time_course, timed_usage, whole_days
from dashboard.queries import Queries
from dashboard.ranges import Preset
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.unit.dashboard.answers import WrittenAnswers, utc

NOW = utc("2026-11-24 14:12")
WITH = UsageStats(invocations=2, latency_ms=Distribution.of([100, 300]))
WITHOUT = UsageStats(invocations=2, latency_ms=WITH.latency_ms.without_histogram())


def question(start: str, end: str, zone: str = "Europe/Vienna") -> Question:
    return Question(
        preset=Preset.CUSTOM,
        span=Span(utc(start), utc(end)),
        zone=ZoneInfo(zone),
        revision=1,
        complete_until=utc("2026-11-24 14:00"),
    )


def queries_of(answers: WrittenAnswers) -> Queries:
    return Queries(answers, DashboardSettings(), now=lambda: NOW)


def test_the_whole_days_of_a_span_are_those_that_it_touches() -> None:
    assert whole_days(Span(utc("2026-11-17 23:00"), utc("2026-11-24 23:00"))) == Span(
        utc("2026-11-17 00:00"), utc("2026-11-25 00:00")
    )
    days = Span(utc("2026-11-17 00:00"), utc("2026-11-18 00:00"))
    assert whole_days(days) == days


def test_percentiles_of_a_range_that_cuts_days_are_those_of_the_whole_days() -> None:
    answers = WrittenAnswers(rows={MODEL: {("m", "us"): WITHOUT}})
    found = timed_usage(queries_of(answers), question("2026-11-17 23:00", "2026-11-20 23:00"), "model")
    exact, wider = answers.filters
    assert (exact.start, wider.start) == (utc("2026-11-17 23:00"), utc("2026-11-17 00:00"))
    assert wider.end == utc("2026-11-21 00:00")
    assert set(found.around) == {("m", "us"), ()}
    assert found.notes == (WHOLE_DAYS,)


def test_a_range_with_all_its_histograms_is_asked_once() -> None:
    answers = WrittenAnswers(rows={TOTAL: {(): WITH}})
    found = timed_usage(queries_of(answers), question("2026-11-17 23:00", "2026-11-20 23:00"), None)
    assert (len(answers.filters), found.around, found.notes) == (1, {}, ())


def test_days_over_time_are_whole_ones_of_utc() -> None:
    starts = (utc("2026-11-17 00:00"), utc("2026-11-24 00:00"))
    answers = WrittenAnswers(trends={TOTAL: (starts, ({(): WITH}, {(): WITH}))})
    found = time_course(answers, question("2026-11-17 23:00", "2026-11-24 14:30"), frozenset({"m"}))
    (asked,) = answers.filters
    assert (asked.start, asked.zone.key) == (utc("2026-11-17 00:00"), "UTC")
    assert asked.models == {"m"}
    assert (found.incomplete_from, found.notes) == (1, (UTC_DAYS,))


def test_hours_stay_those_of_the_viewer() -> None:
    answers = WrittenAnswers(trends={TOTAL: ((), ())})
    found = time_course(answers, question("2026-11-23 14:30", "2026-11-24 14:30"), frozenset())
    (asked,) = answers.filters
    assert (asked.start, asked.zone.key) == (utc("2026-11-23 14:30"), "Europe/Vienna")
    assert found.notes == ()
