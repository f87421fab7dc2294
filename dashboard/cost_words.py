"""Costs in words that never say $0 for what has no price: `—` where none is priced, `≥` where a part is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN
from bedrock_analytics.reporting.metrics import Completeness, cost_of
from dashboard.measures import kind_cost, kind_tokens

Shown = Callable[[Decimal], str]
"""How an amount in USD is written."""


def has_unpriced(stats: UsageStats) -> bool:
    """Whether some usage of the calls has no price."""
    return cost_of(stats).completeness is not Completeness.COMPLETE


def known_cost(stats: UsageStats, amount: Decimal) -> Decimal | None:
    """An amount of the calls' cost, such as that after discounts; None where no call of them is priced."""
    return None if cost_of(stats).completeness is Completeness.UNKNOWN and not amount else amount


def known_kind_cost(kind: str, stats: UsageStats) -> Decimal | None:
    """Cost of one kind of tokens; None where there are such tokens, some usage is unpriced, and none of
    them has a cost."""
    cost = kind_cost(kind, stats)
    return None if has_unpriced(stats) and not cost and kind_tokens(kind, stats) else cost


def cost_words(stats: UsageStats, amount: Decimal | None, shown: Shown) -> str:
    """A known cost of some calls as it is shown."""
    if amount is None:
        return UNKNOWN
    return f"≥ {shown(amount)}" if has_unpriced(stats) and amount else shown(amount)
