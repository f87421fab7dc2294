"""The counters of one row of a usage page, and how they add up.

A counter that an old page lacks is None ("unknown"), never 0; unknown plus anything is unknown.
Money is exact: `MONEY` traps every rounding.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bedrock_analytics.domain.histogram import Distribution, add_counts

MONEY = decimal.Context(prec=38, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])
"""Arithmetic of USD amounts: 38 digits, and an exception instead of a rounded result."""

TOKEN_KINDS = (
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_other",
)
"""Kinds of tokens; each logged token belongs to exactly one."""

COST_KINDS = (*TOKEN_KINDS, "input_image", "output_image", "output_video", "query")
"""Keys of `list_cost_usd` and `discount_usd`."""

COUNTERS = (
    "invocations",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_write_other_tokens",
    "cache_write_ttl_unknown_tokens",
    "input_images",
    "output_images",
    "output_video_ms",
    "query_units",
    "calls_without_tokens",
)
COUNT_MAPS = ("errors", "rejections", "unpriced_invocations", "unpriced_tokens")
CACHE_KINDS = ("cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other")
"""Kinds of tokens that the prompt cache is about, and keys of `cache_saved_usd`."""
MONEY_MAPS = ("list_cost_usd", "discount_usd", "cache_saved_usd")
DISTRIBUTIONS = (
    "latency_ms",
    "time_to_first_token_ms",
    "time_per_output_token_us",
    "latency_per_output_token_us",
)


@dataclass(slots=True, kw_only=True)
class UsageStats:
    """What is known of a set of calls.

    `invocations` counts every logged call, failed ones too; rejected log lines are no calls.
    `errors` and `rejections` count by code and reason. `unpriced_*` count by reason the calls and tokens
    (images, queries are not tokens) that no price was found for. Costs are USD by kind of `COST_KINDS`;
    `cost_upper_usd` is what the total could be more, where the lifetime of a cache write is unknown.
    `cache_saved_usd` is by kind of `CACHE_KINDS` how much less the tokens cost than as plain input, at the
    list prices of each call; below zero where they cost more, without a kind where a rate is unknown.
    Times: milliseconds (`_ms`), microseconds for each output token (`_us`).
    """

    invocations: int | None = 0
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cache_read_tokens: int | None = 0
    cache_write_5m_tokens: int | None = 0
    cache_write_1h_tokens: int | None = 0
    cache_write_other_tokens: int | None = 0
    cache_write_ttl_unknown_tokens: int | None = 0
    input_images: int | None = 0
    output_images: int | None = 0
    output_video_ms: int | None = 0
    query_units: int | None = 0
    calls_without_tokens: int | None = 0
    errors: dict[str, int] = field(default_factory=dict)
    rejections: dict[str, int] = field(default_factory=dict)
    unpriced_invocations: dict[str, int] = field(default_factory=dict)
    unpriced_tokens: dict[str, int] = field(default_factory=dict)
    list_cost_usd: dict[str, Decimal] = field(default_factory=dict)
    discount_usd: dict[str, Decimal] = field(default_factory=dict)
    cache_saved_usd: dict[str, Decimal] = field(default_factory=dict)
    cost_upper_usd: Decimal = Decimal(0)
    latency_ms: Distribution = field(default_factory=Distribution)
    time_to_first_token_ms: Distribution = field(default_factory=Distribution)
    time_per_output_token_us: Distribution = field(default_factory=Distribution)
    latency_per_output_token_us: Distribution = field(default_factory=Distribution)

    def merge(self, other: UsageStats) -> None:
        """Add the other's counters to this one's."""
        self._add_counters(other)
        for name in COUNT_MAPS:
            theirs = getattr(other, name)
            if theirs:
                add_counts(getattr(self, name), theirs)
        for name in MONEY_MAPS:
            theirs = getattr(other, name)
            if theirs:
                add_money(getattr(self, name), theirs)
        if other.cost_upper_usd:
            self.cost_upper_usd = MONEY.add(self.cost_upper_usd, other.cost_upper_usd)
        for name in DISTRIBUTIONS:
            theirs = getattr(other, name)
            if theirs.count:
                getattr(self, name).merge(theirs)

    def _add_counters(self, other: UsageStats) -> None:
        for name in COUNTERS:
            if theirs := getattr(other, name):
                mine = getattr(self, name)
                setattr(self, name, None if mine is None else mine + theirs)
            elif theirs is None:
                setattr(self, name, None)

    def without_histograms(self) -> UsageStats:
        """These counters with distributions of count, sum, least and greatest only, for adding elsewhere.

        Maps are shared with this object: merge the result into another row, never into it.
        """
        plain = {name: getattr(self, name).without_histogram() for name in DISTRIBUTIONS}
        return replace(self, **plain)

    @property
    def total_list_cost_usd(self) -> Decimal:
        """List cost of everything that could be priced, USD."""
        return sum_money(self.list_cost_usd.values())

    @property
    def total_discount_usd(self) -> Decimal:
        return sum_money(self.discount_usd.values())

    @property
    def total_tokens(self) -> int | None:
        """Tokens of all kinds; None where one of them is unknown."""
        counts = [getattr(self, f"{kind}_tokens") for kind in TOKEN_KINDS]
        return None if None in counts else sum(counts)

    @property
    def cache_write_tokens(self) -> int | None:
        """Tokens written to the cache, whatever the lifetime."""
        counts = [self.cache_write_5m_tokens, self.cache_write_1h_tokens, self.cache_write_other_tokens]
        return None if None in counts else sum(count for count in counts if count is not None)

    @property
    def error_count(self) -> int:
        return sum(self.errors.values())

    @property
    def rejection_count(self) -> int:
        return sum(self.rejections.values())

    @property
    def unpriced_invocation_count(self) -> int:
        return sum(self.unpriced_invocations.values())

    @property
    def unpriced_token_count(self) -> int:
        return sum(self.unpriced_tokens.values())


def add_money(into: dict[str, Decimal], amounts: dict[str, Decimal]) -> None:
    """Add USD amounts by kind, exactly."""
    for kind, amount in amounts.items():
        mine = into.get(kind)
        into[kind] = amount if mine is None else MONEY.add(mine, amount)


def sum_money(amounts: Iterable[Decimal]) -> Decimal:
    """Exact sum of USD amounts."""
    total = Decimal(0)
    for amount in amounts:
        total = MONEY.add(total, amount)
    return total
