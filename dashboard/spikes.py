"""Days that cost much more than usual, and what made them so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from bedrock_analytics.reporting.formats import usd
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.view_models import Finding, Series, Severity, UsageTrend

LEAST_DAYS = 5
"""Days before a spike without which nothing is usual."""
TIMES_USUAL = 2
LEAST_USD = Decimal(5)
"""A day that costs less above the usual is no spike."""


def spike(trend: UsageTrend) -> tuple[Finding, ...]:
    """The finding of the last complete day where it cost at least twice the median of the days before and
    more than each of them; it names the series that grew most. None for other widths of bars."""
    if trend.bucket is not Bucket.DAY or trend.incomplete_from <= LEAST_DAYS:
        return ()
    last = trend.incomplete_from - 1
    costs = [stats.total_list_cost_usd for stats in trend.totals[: last + 1]]
    usual = median(costs[:last])
    above = costs[last] - usual
    if costs[last] < TIMES_USUAL * usual or above < LEAST_USD or costs[last] <= max(costs[:last]):
        return ()
    day = trend.starts[last]
    times = f"{costs[last] / usual:.1f} times the median" if usual else "against nothing on half"
    return (
        Finding(
            severity=Severity.WARNING,
            title=f"Spike on {day.day} {day:%b}",
            text=f"{usd(costs[last])}, {times} of the {last} days before. "
            + _culprit(trend.series, last, above),
        ),
    )


def _culprit(series: Sequence[Series], last: int, above: Decimal) -> str:
    """The series that rose most above its own median, with its share of the rise."""
    rises = [
        (
            each.values[last].total_list_cost_usd - median(v.total_list_cost_usd for v in each.values[:last]),
            each,
        )
        for each in series
    ]
    rise, greatest = max(rises, key=lambda pair: pair[0])
    return f"{greatest.name} alone cost {usd(rise)} more than usual ({rise / above:.0%} of the rise)."
