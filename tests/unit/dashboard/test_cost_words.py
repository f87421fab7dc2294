"""Costs that are not, or not in full, known."""

from __future__ import annotations

from decimal import Decimal

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import usd
from dashboard.cost_words import cost_words, known_cost, known_kind_cost
from tests.unit.dashboard.answers import calls

NOTHING_PRICED = calls(2, input_tokens=40, unpriced_invocations={"no_rate_card": 2})
PARTLY_PRICED = calls(3, "1.5", input_tokens=40, output_tokens=9, unpriced_invocations={"no_rate_card": 1})


def words_of(stats: UsageStats) -> str:
    return cost_words(stats, known_cost(stats, stats.total_list_cost_usd), usd)


def test_what_has_no_price_has_no_cost_and_never_says_zero() -> None:
    assert known_cost(NOTHING_PRICED, Decimal(0)) is None
    assert words_of(NOTHING_PRICED) == "—"


def test_a_cost_that_lacks_something_is_a_lower_bound() -> None:
    assert known_cost(PARTLY_PRICED, Decimal("1.5")) == Decimal("1.5")
    assert words_of(PARTLY_PRICED) == "≥ $1.50"


def test_a_complete_cost_of_zero_is_zero() -> None:
    assert words_of(calls(1)) == "$0.00"


def test_tokens_of_a_kind_without_any_cost_beside_unpriced_usage_have_an_unknown_one() -> None:
    assert known_kind_cost("output", PARTLY_PRICED) is None
    assert known_kind_cost("input", PARTLY_PRICED) == Decimal("1.5")
    assert known_kind_cost("cache_read", PARTLY_PRICED) == 0
    assert known_kind_cost("output", calls(1, "1", output_tokens=5)) == 0
