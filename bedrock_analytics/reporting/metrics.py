"""What each figure means, as functions of counters: the one home of these definitions in code.

Every average is a mean over calls and comes with its coverage. None is "unknown", never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import CACHE_KINDS, MONEY, TOKEN_KINDS, UsageStats, sum_money
from bedrock_analytics.storage.lake_peaks import THROTTLE_CODES, THROTTLE_WORD
from bedrock_analytics.storage.usage_table import Checkpoint

AMBER_AFTER_MISSED = 3
RED_AFTER_MISSED = 6
_MICROSECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """A mean over the calls that the log tells the figure of, in milliseconds.

    `measured` of `calls` have it. `includes_first_token` marks a time per output token that stands in for
    TPOT: latency ÷ output tokens, where no call tells its time to the first token.
    """

    value_ms: float | None
    measured: int
    calls: int | None
    includes_first_token: bool = False

    @property
    def coverage(self) -> float | None:
        """Share of the calls (0 to 1) that the mean is over; None where there are none."""
        return self.measured / self.calls if self.calls else None


def average_latency(stats: UsageStats) -> Average:
    """Mean time from request to the last token, over the calls with a latency."""
    return _average(stats.latency_ms, stats, divisor=1)


def average_time_to_first_token(stats: UsageStats) -> Average:
    """Mean time from request to the first token, over the calls that tell it."""
    return _average(stats.time_to_first_token_ms, stats, divisor=1)


def average_tpot(stats: UsageStats) -> Average:
    """Mean of (latency - time to first token) ÷ (output tokens - 1) of each call that tells them."""
    return _average(stats.time_per_output_token_us, stats, divisor=_MICROSECONDS)


def average_latency_per_output_token(stats: UsageStats) -> Average:
    """Mean of latency ÷ output tokens of each call; the wait for the first token is in it."""
    found = _average(stats.latency_per_output_token_us, stats, divisor=_MICROSECONDS)
    return Average(
        value_ms=found.value_ms, measured=found.measured, calls=found.calls, includes_first_token=True
    )


def shown_tpot(stats: UsageStats) -> Average:
    """TPOT where any call tells it, else latency per output token, marked as such."""
    tpot = average_tpot(stats)
    if tpot.measured or not stats.latency_per_output_token_us.count:
        return tpot
    return average_latency_per_output_token(stats)


def _average(distribution: Distribution, stats: UsageStats, divisor: int) -> Average:
    mean = distribution.mean
    return Average(
        value_ms=None if mean is None else mean / divisor,
        measured=distribution.count,
        calls=stats.invocations,
    )


def error_rate(stats: UsageStats) -> float | None:
    """Share of logged calls (0 to 1) that carry an error code; None without calls."""
    return stats.error_count / stats.invocations if stats.invocations else None


def is_throttle(code: str) -> bool:
    """Whether an error code says that a quota was reached."""
    return code in THROTTLE_CODES or THROTTLE_WORD in code.lower()


def throttled_count(stats: UsageStats) -> int:
    """Calls that a quota refused."""
    return sum(count for code, count in stats.errors.items() if is_throttle(code))


def cache_hit_rate(stats: UsageStats) -> float | None:
    """Cache reads ÷ (input + cache reads + cache writes), in tokens; None without any."""
    reads, writes, uncached = stats.cache_read_tokens, stats.cache_write_tokens, stats.input_tokens
    if reads is None or writes is None or uncached is None:
        return None
    tokens = reads + writes + uncached
    return reads / tokens if tokens else None


def cache_tokens(stats: UsageStats) -> int | None:
    """Tokens read from and written to the cache."""
    reads, writes = stats.cache_read_tokens, stats.cache_write_tokens
    return None if reads is None or writes is None else reads + writes


class Completeness(StrEnum):
    """How much of the usage a cost covers.

    COMPLETE: all. PARTIAL: at least the amount, since some usage has no price. UNKNOWN: nothing of it is
    priced.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFigure:
    """Estimated (list) cost in USD, exact.

    `upper_usd` is what it could be at most, above `list_usd` where the lifetime of cache writes is unknown.
    """

    list_usd: Decimal
    upper_usd: Decimal
    completeness: Completeness
    unpriced_invocations: int
    unpriced_tokens: int


def cost_of(stats: UsageStats) -> CostFigure:
    """What the calls cost at list prices, before discounts, and how complete that is."""
    cost = stats.total_list_cost_usd
    return CostFigure(
        list_usd=cost,
        upper_usd=MONEY.add(cost, stats.cost_upper_usd),
        completeness=_completeness(stats),
        unpriced_invocations=stats.unpriced_invocation_count,
        unpriced_tokens=stats.unpriced_token_count,
    )


def _completeness(stats: UsageStats) -> Completeness:
    if not stats.unpriced_invocation_count and not stats.unpriced_token_count:
        return Completeness.COMPLETE
    return Completeness.PARTIAL if stats.list_cost_usd else Completeness.UNKNOWN


def discounted_cost_usd(stats: UsageStats) -> Decimal:
    """List cost less the discounts in force, USD."""
    return MONEY.subtract(stats.total_list_cost_usd, stats.total_discount_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSavings:
    """What the prompt cache saved against sending the same tokens as plain input, at list prices, USD.

    `reads_usd` is what reads saved, `writes_usd` what writes cost more; None where tokens were cached and
    no rate tells. `is_complete` says whether all cached tokens could be compared.
    """

    reads_usd: Decimal | None
    writes_usd: Decimal | None
    is_complete: bool

    @property
    def net_usd(self) -> Decimal | None:
        """What reads saved less what writes cost more; None where either is unknown."""
        if self.reads_usd is None or self.writes_usd is None:
            return None
        return MONEY.subtract(self.reads_usd, self.writes_usd)


def cache_savings(stats: UsageStats) -> CacheSavings:
    """What reads from the cache saved, what writes to it cost more, and whether that covers all of them."""
    reads = _saved(stats, ["cache_read"])
    writes = _saved(stats, [kind for kind in CACHE_KINDS if kind != "cache_read"])
    cached = cache_tokens(stats)
    return CacheSavings(
        reads_usd=reads,
        writes_usd=None if writes is None else MONEY.minus(writes),
        is_complete=None not in (reads, writes) and not (cached and stats.unpriced_token_count),
    )


def _saved(stats: UsageStats, kinds: Sequence[str]) -> Decimal | None:
    """The sum over kinds; None where there are tokens of them and none could be compared."""
    known = [kind for kind in kinds if kind in stats.cache_saved_usd]
    if not known and any(getattr(stats, f"{kind}_tokens") != 0 for kind in kinds):
        return None
    return sum_money(stats.cache_saved_usd[kind] for kind in known)


def cost_by_token_kind(stats: UsageStats) -> dict[str, Decimal]:
    """List cost in USD of input, output, cache_read and cache_write, and of other units as `other`.

    The parts add up to the list cost.
    """
    of = stats.list_cost_usd
    writes = [amount for kind, amount in of.items() if kind.startswith("cache_write_")]
    others = [amount for kind, amount in of.items() if kind not in TOKEN_KINDS]
    plain = {kind: of.get(kind, Decimal(0)) for kind in ("input", "output", "cache_read")}
    return plain | {"cache_write": sum_money(writes), "other": sum_money(others)}


class FreshnessState(StrEnum):
    """NEVER: nothing was computed yet. FRESH, AMBER, RED: by the number of missed runs of L2."""

    NEVER = "never"
    FRESH = "fresh"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Up to when the lake has been read, and how late that is.

    It never depends on the newest call's age alone: without calls the data is fresh all the same.
    """

    state: FreshnessState
    data_up_to: datetime | None
    newest_call: datetime | None
    missed_runs: int


def freshness(checkpoint: Checkpoint, now: datetime, interval: timedelta) -> Freshness:
    """How fresh the figures are, where L2 is to run once in each interval."""
    times = [moment for moment in (checkpoint.data_up_to, checkpoint.checked_at) if moment is not None]
    missed = max((now - min(times)) // interval, 0) if times else 0
    return Freshness(
        state=_state(missed) if times else FreshnessState.NEVER,
        data_up_to=checkpoint.data_up_to,
        newest_call=checkpoint.newest_call,
        missed_runs=missed,
    )


def _state(missed: int) -> FreshnessState:
    if missed >= RED_AFTER_MISSED:
        return FreshnessState.RED
    return FreshnessState.AMBER if missed >= AMBER_AFTER_MISSED else FreshnessState.FRESH
