"""The three times of a call: what they are called, and where a row's counters hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats

_MICROSECONDS: Final = 1000


class Timing(StrEnum):
    """Times in the address and in selects."""

    LATENCY = "latency"
    FIRST = "ttft"
    OUTPUT = "tpot"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingKind:
    """A time: its short and long name, what it means, and its distribution with the unit it is kept in.

    `divisor` makes milliseconds of the kept unit.
    """

    label: str
    long_label: str
    meaning: str
    how: str
    read: Callable[[UsageStats], Distribution]
    divisor: int = 1


TIMINGS: Final = {
    Timing.LATENCY: TimingKind(
        label="Latency",
        long_label="Latency",
        meaning="Time from the request to the last token.",
        how="As Bedrock logs it, over the calls whose log tells it. InvokeModel logs none.",
        read=lambda stats: stats.latency_ms,
    ),
    Timing.FIRST: TimingKind(
        label="TTFT",
        long_label="Time to first token",
        meaning="Time from the request to the first token.",
        how="Over the calls whose log tells it; Bedrock logs it for InvokeModelWithResponseStream only.",
        read=lambda stats: stats.time_to_first_token_ms,
    ),
    Timing.OUTPUT: TimingKind(
        label="TPOT",
        long_label="Time per output token",
        meaning="Time for each output token after the first.",
        how="(latency − time to first token) ÷ (output tokens − 1) of each call that tells both.",
        read=lambda stats: stats.time_per_output_token_us,
        divisor=_MICROSECONDS,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """A time over some calls, milliseconds; None where unknown. `measured` of `calls` tell it.

    Percentiles come from histograms and are at most 4.43 % off.
    """

    least: float | None
    average: float | None
    greatest: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    measured: int
    calls: int | None
    stands_in: bool = False
    """Latency ÷ output tokens in the place of TPOT, where no call tells its first token."""

    @property
    def coverage(self) -> float | None:
        """Share of the calls (0 to 1) that tell the time; None without calls."""
        return self.measured / self.calls if self.calls else None


Around = Mapping[tuple[str, ...], UsageStats]
"""By row key the calls whose percentiles stand for those of the row."""


def times_of(timing: Timing, stats: UsageStats, around: UsageStats | None = None) -> Times:
    """A time of some calls; TPOT is stood in for, and marked, as on the overview.

    `around` are calls whose percentiles stand for these where these have no histogram.
    """
    kind = TIMINGS[timing]
    stands_in = _stands_in(timing, stats)
    found = stats.latency_per_output_token_us if stands_in else kind.read(stats)
    wider = found
    if found.buckets is None and around is not None:
        wider = around.latency_per_output_token_us if stands_in else kind.read(around)

    def scaled(value: float | None) -> float | None:
        return None if value is None else value / kind.divisor

    return Times(
        least=scaled(found.min),
        average=scaled(found.mean),
        greatest=scaled(found.max),
        p50=scaled(wider.percentile(0.5)),
        p90=scaled(wider.percentile(0.9)),
        p99=scaled(wider.percentile(0.99)),
        measured=found.count,
        calls=stats.invocations,
        stands_in=stands_in,
    )


def _stands_in(timing: Timing, stats: UsageStats) -> bool:
    measured = stats.time_per_output_token_us.count
    return timing is Timing.OUTPUT and not measured and bool(stats.latency_per_output_token_us.count)
