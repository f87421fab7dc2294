from __future__ import annotations

import math
from datetime import timedelta

from bedrock_analytics.storage.cloudwatch import FirstTokenReading, FirstTokenSeries
from dashboard.filters import Filters
from dashboard.first_tokens import OF_ALL_CALLS, by_model, course, fitting, watch_notes
from tests.unit.dashboard.answers import utc

AT, LATER = utc("2026-11-24 10:00"), utc("2026-11-24 10:05")


def series(model: str, route: str | None, calls: int, average: float, p99: float) -> FirstTokenSeries:
    return FirstTokenSeries(
        account_id="111",
        region="us-east-1",
        model_id=model,
        logged_model_id=model,
        route=route,
        calls=calls,
        average_ms=average,
        highest_p99_ms=p99,
        times=(AT, LATER) if route == "us" else (AT,),
        averages_ms=(average, average) if route == "us" else (average,),
        p99s_ms=(p99, p99) if route == "us" else (p99,),
        counts=(calls - 1, 1) if route == "us" else (calls,),
    )


READING = FirstTokenReading(
    series=(
        series("a", "us", 4, 400, 900),
        series("a", "us", 2, 100, 700),
        series("b", None, 1, 50, math.nan),
    ),
    covered=("111 us-east-1",),
    failed=tuple((f"account {number}", "it refused.") for number in range(5)),
    period=timedelta(minutes=5),
    fetched_at=LATER,
)


def test_a_model_is_the_mean_over_its_calls_and_the_greatest_p99() -> None:
    first, second = by_model(READING.series)
    assert (first.model_id, first.calls, first.average_ms, first.p99_ms) == ("a", 6, 300, 900)
    assert (second.route, second.p99_ms) == ("regional", None)


def test_moments_weigh_series_by_their_calls() -> None:
    found = course(READING.series)
    assert found.times == (AT, LATER)
    assert list(found.averages_ms) == [(400 * 3 + 100 + 50) / 5, 250]
    assert list(found.p99s_ms) == [900, 900]


def test_filters_that_cloudwatch_knows_narrow_and_the_others_are_named() -> None:
    assert len(fitting(READING, Filters(routes=frozenset({"regional"})), frozenset())) == 1
    assert len(fitting(READING, Filters(models=frozenset({"b"})), frozenset({"a"}))) == 2
    assert fitting(READING, Filters(accounts=frozenset({"222"})), frozenset()) == []
    assert OF_ALL_CALLS in watch_notes(READING, Filters(callers=frozenset({"x"})))
    assert OF_ALL_CALLS not in watch_notes(READING, Filters())


def test_accounts_that_did_not_answer_are_told() -> None:
    notes = watch_notes(READING, Filters())
    assert "No answer from CloudWatch of account 0: it refused." in notes
    assert notes[-1] == "2 more accounts and Regions did not answer."
