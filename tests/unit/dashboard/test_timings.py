from __future__ import annotations

import pytest

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.performance_texts import TIME_FACTS, time_facts
from dashboard.timings import Timing, times_of

LATENCY = Distribution.of([100, 200, 300, 4000])


def test_a_time_has_its_least_mean_greatest_and_percentiles() -> None:
    found = times_of(Timing.LATENCY, UsageStats(invocations=5, latency_ms=LATENCY))
    assert (found.least, found.average, found.greatest) == (100, 1150, 4000)
    assert found.p50 == pytest.approx(200, rel=0.0444)
    assert found.p99 == pytest.approx(4000, rel=0.0444)
    assert (found.measured, found.coverage) == (4, 0.8)


def test_time_per_output_token_is_kept_in_microseconds_and_shown_in_milliseconds() -> None:
    stats = UsageStats(invocations=2, time_per_output_token_us=Distribution.of([12_000, 18_000]))
    found = times_of(Timing.OUTPUT, stats)
    assert (found.least, found.average, found.stands_in) == (12, 15, False)


def test_latency_per_output_token_stands_in_and_says_so() -> None:
    stats = UsageStats(invocations=1, latency_per_output_token_us=Distribution.of([20_000]))
    found = times_of(Timing.OUTPUT, stats)
    assert (found.average, found.stands_in) == (20, True)
    assert times_of(Timing.FIRST, stats).measured == 0


def test_percentiles_of_wider_days_stand_in_only_where_there_is_no_histogram() -> None:
    wider = UsageStats(invocations=9, latency_ms=Distribution.of([700] * 9))
    exact = UsageStats(invocations=5, latency_ms=LATENCY)
    cut = UsageStats(invocations=5, latency_ms=LATENCY.without_histogram())
    assert times_of(Timing.LATENCY, exact, wider).p99 == times_of(Timing.LATENCY, exact).p99
    assert times_of(Timing.LATENCY, cut).p99 is None
    found = times_of(Timing.LATENCY, cut, wider)
    assert (found.p99, found.average, found.measured) == (700, 1150, 4)


def test_tiles_tell_spread_and_coverage() -> None:
    stats = UsageStats(
        invocations=8,
        latency_ms=LATENCY,
        time_per_output_token_us=Distribution.of([20_000]),
    )
    texts = dict(zip((kind.name for kind in TIME_FACTS), time_facts(stats), strict=True))
    assert texts["latency"].value == "1.15 s"
    assert texts["latency"].note.endswith("50.0 % of calls tell it")
    assert texts["ttft"].value == "—"
    assert texts["ttft"].note == "no call tells it"
    assert texts["speed"].value == "50 tokens/s"
    assert time_facts(UsageStats())[-1].value == "—"
