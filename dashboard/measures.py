"""What a chart measures: cost, tokens, invocations or errors, and the parts that they consist of."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain.usage_stats import COST_KINDS, TOKEN_KINDS, UsageStats, sum_money


class Measure(StrEnum):
    """Additive measures of usage, in the address and in selects."""

    COST = "cost"
    TOKENS = "tokens"
    INVOCATIONS = "invocations"
    ERRORS = "errors"


LABELS = {
    Measure.COST: "Cost",
    Measure.TOKENS: "Tokens",
    Measure.INVOCATIONS: "Invocations",
    Measure.ERRORS: "Errors",
}
LONG_LABELS = {
    Measure.COST: "Estimated cost",
    Measure.TOKENS: "Tokens",
    Measure.INVOCATIONS: "Invocations",
    Measure.ERRORS: "Failed invocations",
}

UNITS = "units"
"""What is priced by other units than tokens: images, video, queries."""
KINDS = (*TOKEN_KINDS, UNITS)
KIND_LABELS = {
    "input": "Input",
    "output": "Output",
    "cache_read": "Cache read",
    "cache_write_5m": "Cache write 5m",
    "cache_write_1h": "Cache write 1h",
    "cache_write_other": "Cache write, other",
    UNITS: "Images, video, queries",
}
_UNIT_KINDS = tuple(kind for kind in COST_KINDS if kind not in TOKEN_KINDS)


def amount(measure: Measure, stats: UsageStats) -> Decimal | int | None:
    """The measure of some calls: USD, tokens or calls; None where it is unknown."""
    if measure is Measure.COST:
        return stats.total_list_cost_usd
    if measure is Measure.TOKENS:
        return stats.total_tokens
    if measure is Measure.ERRORS:
        return stats.error_count
    return stats.invocations


def kind_cost(kind: str, stats: UsageStats) -> Decimal:
    """List cost of one kind of tokens, or of the other units, USD."""
    if kind == UNITS:
        return sum_money(stats.list_cost_usd.get(unit, Decimal(0)) for unit in _UNIT_KINDS)
    return stats.list_cost_usd.get(kind, Decimal(0))


def kind_tokens(kind: str, stats: UsageStats) -> int | None:
    """Tokens of one kind; None where unknown, and for what is no token."""
    if kind == UNITS:
        return None
    count: int | None = getattr(stats, f"{kind}_tokens")
    return count


def kind_amount(measure: Measure, kind: str, stats: UsageStats) -> Decimal | int | None:
    """Cost or tokens of one kind."""
    return kind_cost(kind, stats) if measure is Measure.COST else kind_tokens(kind, stats)
