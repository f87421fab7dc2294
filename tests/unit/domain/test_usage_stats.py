"""How counters add up."""

from __future__ import annotations

import decimal
from copy import deepcopy
from decimal import Decimal

import pytest
from hypothesis import given

from bedrock_analytics.domain.usage_stats import UsageStats
from tests.strategies.usage import usage_stats


def merged(*parts: UsageStats) -> UsageStats:
    total = UsageStats()
    for part in parts:
        total.merge(part)
    return total


@given(usage_stats(unknown=True), usage_stats(unknown=True), usage_stats())
def test_adding_does_not_depend_on_order_or_grouping(
    one: UsageStats, two: UsageStats, three: UsageStats
) -> None:
    assert merged(merged(one, two), three) == merged(one, merged(two, three)) == merged(three, two, one)


@given(usage_stats(), usage_stats())
def test_adding_changes_no_part(one: UsageStats, two: UsageStats) -> None:
    before = deepcopy((one, two))
    total = merged(one, two)
    total.merge(one)
    assert (one, two) == before


@given(usage_stats())
def test_nothing_added_is_nothing_changed(one: UsageStats) -> None:
    assert merged(one) == one == merged(one, UsageStats())


def test_unknown_plus_anything_is_unknown() -> None:
    total = merged(UsageStats(invocations=3), UsageStats(invocations=None, input_tokens=5))
    assert total.invocations is None
    assert total.input_tokens == 5
    assert merged(total, UsageStats(invocations=1)).invocations is None
    assert merged(UsageStats(output_tokens=None)).total_tokens is None


def test_money_that_would_have_to_be_rounded_is_refused() -> None:
    big = UsageStats(list_cost_usd={"input": Decimal(10) ** 30})
    tiny = UsageStats(list_cost_usd={"input": Decimal(10) ** -12})
    with pytest.raises(decimal.Inexact):
        merged(big, tiny)


def test_totals_are_the_sums_of_their_kinds() -> None:
    row = UsageStats(
        input_tokens=1,
        output_tokens=2,
        cache_read_tokens=4,
        cache_write_5m_tokens=8,
        cache_write_1h_tokens=16,
        cache_write_other_tokens=32,
        list_cost_usd={"input": Decimal("0.1"), "output": Decimal("0.2")},
        discount_usd={"input": Decimal("0.01")},
        errors={"ThrottlingException": 2, "ValidationException": 1},
        unpriced_invocations={"no_rate_card": 4},
        unpriced_tokens={"no_rate_card": 400},
    )
    assert row.total_tokens == 63
    assert row.cache_write_tokens == 56
    assert row.total_list_cost_usd == Decimal("0.3")
    assert row.total_discount_usd == Decimal("0.01")
    assert (row.error_count, row.unpriced_invocation_count, row.unpriced_token_count) == (3, 4, 400)


@given(usage_stats())
def test_counters_without_histograms_are_the_same_in_everything_else(row: UsageStats) -> None:
    plain = row.without_histograms()
    assert plain.latency_ms.sum == row.latency_ms.sum
    assert plain.latency_ms.buckets is None
    plain.latency_ms = row.latency_ms
    plain.time_to_first_token_ms = row.time_to_first_token_ms
    plain.time_per_output_token_us = row.time_per_output_token_us
    plain.latency_per_output_token_us = row.latency_per_output_token_us
    assert plain == row
