"""The boundaries of every figure's definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting import metrics
from bedrock_analytics.reporting.metrics import Completeness, FreshnessState
from bedrock_analytics.storage.usage_table import Checkpoint
from tests.unit.reporting.written_usage import utc

NOW = utc("2026-11-24 10:00")
FIVE_MINUTES = timedelta(minutes=5)


def test_average_latency_is_over_the_calls_that_tell_one() -> None:
    found = metrics.average_latency(UsageStats(invocations=4, latency_ms=Distribution.of([100, 200, 600])))
    assert (found.value_ms, found.measured, found.calls, found.coverage) == (300.0, 3, 4, 0.75)


def test_without_measured_calls_an_average_is_unknown() -> None:
    found = metrics.average_latency(UsageStats(invocations=4))
    assert (found.value_ms, found.coverage) == (None, 0.0)


def test_without_calls_or_with_unknown_calls_there_is_no_coverage() -> None:
    assert metrics.average_latency(UsageStats()).coverage is None
    assert metrics.average_latency(UsageStats(invocations=None)).coverage is None


def test_tpot_is_in_milliseconds() -> None:
    stats = UsageStats(invocations=2, time_per_output_token_us=Distribution.of([12_000, 18_000]))
    assert metrics.average_tpot(stats).value_ms == 15.0


def test_tpot_is_shown_where_a_single_call_tells_it() -> None:
    stats = UsageStats(
        invocations=9,
        time_per_output_token_us=Distribution.of([10_000]),
        latency_per_output_token_us=Distribution.of([50_000] * 9),
    )
    found = metrics.shown_tpot(stats)
    assert (found.value_ms, found.measured, found.includes_first_token) == (10.0, 1, False)


def test_latency_per_output_token_stands_in_marked_where_no_call_tells_tpot() -> None:
    stats = UsageStats(invocations=2, latency_per_output_token_us=Distribution.of([50_000]))
    found = metrics.shown_tpot(stats)
    assert (found.value_ms, found.coverage, found.includes_first_token) == (50.0, 0.5, True)


def test_nothing_stands_in_where_nothing_is_measured() -> None:
    found = metrics.shown_tpot(UsageStats(invocations=2))
    assert (found.value_ms, found.includes_first_token) == (None, False)


def test_time_to_first_token_is_its_mean() -> None:
    stats = UsageStats(invocations=2, time_to_first_token_ms=Distribution.of([300, 500]))
    assert metrics.average_time_to_first_token(stats).value_ms == 400.0


@pytest.mark.parametrize(
    ("stats", "rate"),
    [
        (UsageStats(), None),
        (UsageStats(invocations=None, errors={"ThrottlingException": 1}), None),
        (UsageStats(invocations=4), 0.0),
        (UsageStats(invocations=4, errors={"ThrottlingException": 2, "ValidationException": 1}), 0.75),
        (UsageStats(invocations=1, errors={"ThrottlingException": 1}, rejections={"no_json": 5}), 1.0),
    ],
)
def test_error_rate_is_the_share_of_calls_with_an_error(stats: UsageStats, rate: float | None) -> None:
    assert metrics.error_rate(stats) == rate


@pytest.mark.parametrize(
    ("stats", "rate"),
    [
        (UsageStats(), None),
        (UsageStats(output_tokens=9), None),
        (UsageStats(input_tokens=10), 0.0),
        (UsageStats(cache_read_tokens=10), 1.0),
        (
            UsageStats(
                input_tokens=10, cache_read_tokens=60, cache_write_1h_tokens=20, cache_write_5m_tokens=10
            ),
            0.6,
        ),
        (UsageStats(input_tokens=10, cache_read_tokens=None), None),
        (UsageStats(input_tokens=10, cache_write_other_tokens=None), None),
    ],
)
def test_cache_hit_rate_is_over_input_reads_and_writes(stats: UsageStats, rate: float | None) -> None:
    assert metrics.cache_hit_rate(stats) == rate


def test_cache_tokens_are_reads_and_writes() -> None:
    stats = UsageStats(cache_read_tokens=1, cache_write_5m_tokens=2, cache_write_1h_tokens=3)
    assert metrics.cache_tokens(stats) == 6
    assert metrics.cache_tokens(UsageStats(cache_read_tokens=None)) is None


PRICED = {"input": Decimal("1.5"), "cache_write_1h": Decimal("0.25"), "cache_write_5m": Decimal("0.5")}


@pytest.mark.parametrize(
    ("stats", "completeness"),
    [
        (UsageStats(), Completeness.COMPLETE),
        (UsageStats(invocations=1, list_cost_usd=PRICED), Completeness.COMPLETE),
        (
            UsageStats(invocations=1, list_cost_usd=PRICED, unpriced_invocations={"no_rate_card": 1}),
            Completeness.PARTIAL,
        ),
        (
            UsageStats(invocations=1, list_cost_usd=PRICED, unpriced_tokens={"no_rate_card": 1}),
            Completeness.PARTIAL,
        ),
        (UsageStats(invocations=1, unpriced_invocations={"no_rate_card": 1}), Completeness.UNKNOWN),
    ],
)
def test_cost_tells_how_complete_it_is(stats: UsageStats, completeness: Completeness) -> None:
    assert metrics.cost_of(stats).completeness is completeness


def test_the_upper_bound_is_cost_and_what_it_could_be_more() -> None:
    found = metrics.cost_of(UsageStats(list_cost_usd=PRICED, cost_upper_usd=Decimal("0.0000001")))
    assert (found.list_usd, found.upper_usd) == (Decimal("2.25"), Decimal("2.2500001"))


def test_discounts_are_taken_off_the_list_cost() -> None:
    stats = UsageStats(list_cost_usd=PRICED, discount_usd={"input": Decimal("0.15")})
    assert metrics.discounted_cost_usd(stats) == Decimal("2.10")


def test_the_cache_saves_what_reads_save_less_what_writes_cost_more() -> None:
    stats = UsageStats(
        cache_read_tokens=10,
        cache_write_5m_tokens=2,
        cache_write_1h_tokens=1,
        cache_saved_usd={
            "cache_read": Decimal("2.7"),
            "cache_write_5m": Decimal("-0.75"),
            "cache_write_1h": Decimal("-1"),
        },
    )
    found = metrics.cache_savings(stats)
    assert (found.reads_usd, found.writes_usd) == (Decimal("2.7"), Decimal("1.75"))
    assert (found.net_usd, found.is_complete) == (Decimal("0.95"), True)


def test_savings_are_unknown_where_no_rate_tells_and_nothing_without_a_cache() -> None:
    unpriced = metrics.cache_savings(UsageStats(cache_read_tokens=10, unpriced_tokens={"no_rate_card": 10}))
    assert (unpriced.reads_usd, unpriced.net_usd, unpriced.is_complete) == (None, None, False)
    nothing = metrics.cache_savings(UsageStats(invocations=1, input_tokens=5))
    assert (nothing.net_usd, nothing.is_complete) == (Decimal(0), True)


def test_savings_of_calls_that_are_priced_in_part_are_not_complete() -> None:
    stats = UsageStats(
        cache_read_tokens=10, cache_saved_usd={"cache_read": Decimal(1)}, unpriced_tokens={"no_unit_rate": 3}
    )
    found = metrics.cache_savings(stats)
    assert (found.net_usd, found.is_complete) == (Decimal(1), False)


def test_a_quota_that_was_reached_has_many_names() -> None:
    errors = {"ThrottlingException": 2, "TooManyRequestsException": 1, "modelThrottled": 1, "Denied": 5}
    assert metrics.throttled_count(UsageStats(errors=errors)) == 4


def test_cost_by_token_kind_adds_up_to_the_cost() -> None:
    stats = UsageStats(list_cost_usd={**PRICED, "output_image": Decimal("0.04")})
    assert metrics.cost_by_token_kind(stats) == {
        "input": Decimal("1.5"),
        "output": Decimal(0),
        "cache_read": Decimal(0),
        "cache_write": Decimal("0.75"),
        "other": Decimal("0.04"),
    }
    assert sum(metrics.cost_by_token_kind(stats).values()) == stats.total_list_cost_usd


@pytest.mark.parametrize(
    ("age", "state", "missed"),
    [
        (timedelta(0), FreshnessState.FRESH, 0),
        (timedelta(minutes=14, seconds=59), FreshnessState.FRESH, 2),
        (timedelta(minutes=15), FreshnessState.AMBER, 3),
        (timedelta(minutes=29, seconds=59), FreshnessState.AMBER, 5),
        (timedelta(minutes=30), FreshnessState.RED, 6),
        (timedelta(minutes=-3), FreshnessState.FRESH, 0),
    ],
)
def test_freshness_turns_amber_after_three_and_red_after_six_missed_runs(
    age: timedelta, state: FreshnessState, missed: int
) -> None:
    checkpoint = Checkpoint(data_up_to=NOW - age, checked_at=NOW - age)
    found = metrics.freshness(checkpoint, NOW, FIVE_MINUTES)
    assert (found.state, found.missed_runs, found.data_up_to) == (state, missed, NOW - age)


def test_an_old_newest_call_alone_does_not_make_data_late() -> None:
    checkpoint = Checkpoint(data_up_to=NOW, checked_at=NOW, newest_call=NOW - timedelta(days=9))
    assert metrics.freshness(checkpoint, NOW, FIVE_MINUTES).state is FreshnessState.FRESH


def test_looking_without_reading_the_lake_does_not_make_data_fresh() -> None:
    checkpoint = Checkpoint(data_up_to=NOW - timedelta(hours=1), checked_at=NOW)
    assert metrics.freshness(checkpoint, NOW, FIVE_MINUTES).state is FreshnessState.RED
    assert (
        metrics.freshness(replace(checkpoint, data_up_to=None), NOW, FIVE_MINUTES).state
        is FreshnessState.FRESH
    )


def test_before_the_first_run_there_is_no_freshness() -> None:
    assert metrics.freshness(Checkpoint(), NOW, FIVE_MINUTES).state is FreshnessState.NEVER
