"""Days that cost much more than usual."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.spikes import spike
from dashboard.view_models import Series, UsageTrend
from tests.unit.dashboard.answers import calls, utc


def trend(costs: list[int], culprit: list[int], bucket: Bucket = Bucket.DAY) -> UsageTrend:
    """Days of a cost from 1 November on, of which a part is one series; the last day is not over."""
    starts = tuple(utc("2026-11-01 00:00") + timedelta(days=index) for index in range(len(costs) + 1))
    wholes = (*(calls(1, str(cost)) for cost in costs), calls(1, "1000"))
    parts = (*(calls(1, str(cost)) for cost in culprit), UsageStats())
    rest = tuple(calls(1, str(cost - part)) for cost, part in zip([*costs, 0], [*culprit, 0], strict=True))
    return UsageTrend(
        bucket=bucket,
        zone=ZoneInfo("UTC"),
        starts=starts,
        series=(
            Series(name="Nova", colour_key="n", values=rest),
            Series(name="Opus", colour_key="o", values=parts),
        ),
        totals=wholes,
        incomplete_from=len(costs),
    )


def test_a_day_of_twice_the_usual_cost_names_what_made_it() -> None:
    (found,) = spike(trend([20, 22, 18, 20, 21, 60], [2, 2, 2, 2, 2, 34]))
    assert found.title == "Spike on 6 Nov"
    assert found.text == (
        "$60.00, 3.0 times the median of the 5 days before. "
        "Opus alone cost $32.00 more than usual (80% of the rise)."
    )


def test_a_day_like_an_earlier_one_a_cheap_one_and_a_young_history_are_no_spikes() -> None:
    assert spike(trend([20, 70, 18, 20, 21, 60], [0] * 6)) == ()
    assert spike(trend([1, 1, 1, 1, 1, 4], [0] * 6)) == ()
    assert spike(trend([20, 20, 20, 20, 60], [0] * 5)) == ()
    assert spike(trend([20, 22, 18, 20, 21, 60], [0] * 6, Bucket.HOUR)) == ()


def test_the_day_that_is_not_over_is_not_judged() -> None:
    assert spike(trend([20, 22, 18, 20, 21, 22], [0] * 6)) == ()
