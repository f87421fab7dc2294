"""What the tiles of the performance page say."""

from __future__ import annotations

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, exact, milliseconds, percent
from dashboard.facts import FactKind, FactText
from dashboard.timings import TIMINGS, Times, Timing, times_of

_SHOWN = (Timing.LATENCY, Timing.FIRST, Timing.OUTPUT)
_SPEED = FactKind(
    name="speed",
    label="Output speed",
    meaning="Tokens that a model puts out in a second once it has begun.",
    how="1 second ÷ the mean time per output token.",
)
TIME_FACTS = (
    *(
        FactKind(
            name=timing.value,
            label=TIMINGS[timing].long_label,
            meaning=TIMINGS[timing].meaning,
            how=f"{TIMINGS[timing].how} Percentiles come from histograms and are at most 4.43 % off.",
        )
        for timing in _SHOWN
    ),
    _SPEED,
)


def time_facts(total: UsageStats, around: UsageStats | None = None) -> tuple[FactText, ...]:
    """The texts of `TIME_FACTS`, in order; `around` as in `timings.times_of`."""
    times = [times_of(timing, total, around) for timing in _SHOWN]
    return (*map(_time, times), _speed(times[-1]))


def coverage_text(times: Times) -> str:
    """Which share of the calls tell the time."""
    return f"{percent(times.coverage)} of calls tell it" if times.measured else "no call tells it"


def _time(times: Times) -> FactText:
    star = "*" if times.stands_in else ""
    spread = f"p50 {milliseconds(times.p50)} · p90 {milliseconds(times.p90)} · p99 {milliseconds(times.p99)}"
    stand_in = ", first token included" if times.stands_in else ""
    return FactText(
        value=milliseconds(times.average) + star,
        full=f"mean of {exact(times.measured)} of {exact(times.calls)} calls{stand_in}; {spread}; least "
        f"{milliseconds(times.least)}, greatest {milliseconds(times.greatest)}",
        note=f"{spread} · {coverage_text(times)}" if times.measured else coverage_text(times),
    )


def _speed(times: Times) -> FactText:
    if not times.average or times.stands_in:
        return FactText(
            value=UNKNOWN, full="No call tells its time per output token", note="no call tells it"
        )
    value = f"{1000 / times.average:,.0f} tokens/s"
    return FactText(
        value=value,
        full=f"{value}, from {milliseconds(times.average)} per output token",
        note=f"from {milliseconds(times.average)} per output token",
    )
