"""Counters of usage rows."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import (
    CACHE_KINDS,
    COST_KINDS,
    COUNTERS,
    DISTRIBUTIONS,
    UsageStats,
)

texts = st.text(max_size=12)
counts = st.integers(0, 10**12)
amounts = st.decimals(0, 10**6, places=9).map(lambda amount: amount + 0)
signed_amounts = st.decimals(-(10**6), 10**6, places=9).map(lambda amount: amount + 0)
distributions = st.lists(st.integers(0, 5_000_000), max_size=6).map(Distribution.of)


@st.composite
def usage_stats(draw: st.DrawFn, *, unknown: bool = False) -> UsageStats:
    """Counters; with `unknown`, some of them are not known."""
    values = st.one_of(st.none(), counts) if unknown else counts
    fields: dict[str, object] = {name: draw(values) for name in COUNTERS}
    for name in ("errors", "rejections", "unpriced_invocations", "unpriced_tokens"):
        fields[name] = draw(st.dictionaries(texts, counts, max_size=3))
    for name in ("list_cost_usd", "discount_usd"):
        fields[name] = draw(st.dictionaries(st.sampled_from(COST_KINDS), amounts, max_size=4))
    fields["cache_saved_usd"] = draw(
        st.dictionaries(st.sampled_from(CACHE_KINDS), signed_amounts, max_size=4)
    )
    fields["cost_upper_usd"] = draw(st.one_of(st.just(Decimal(0)), amounts))
    for name in DISTRIBUTIONS:
        fields[name] = draw(distributions)
    return UsageStats(**fields)  # type: ignore[arg-type]
