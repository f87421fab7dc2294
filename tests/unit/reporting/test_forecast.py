from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bedrock_analytics.reporting.forecast import Forecast, forecast

END = datetime(2026, 12, 1, tzinfo=UTC)
TEN_DAYS_LEFT = END - timedelta(days=10)


def usd(*amounts: int) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def of(days: list[Decimal], until: datetime = TEN_DAYS_LEFT, so_far: int = 100) -> Forecast | None:
    return forecast(Decimal(so_far), days, complete_until=until, month_end=END)


def test_a_steady_month_goes_on_as_it_went() -> None:
    found = of(usd(*[3] * 14))
    assert found == Forecast(low_usd=Decimal(130), likely_usd=Decimal(130), high_usd=Decimal(130), days=14)


def test_the_range_is_between_the_cheapest_and_the_dearest_week() -> None:
    found = of(usd(*[7] * 7, *[1] * 7, *[3] * 7))
    assert found is not None
    assert found.low_usd == 110
    assert found.likely_usd == 130
    assert found.high_usd == 170


def test_weekends_weigh_as_they_do_whatever_day_it_is() -> None:
    week = usd(5, 5, 5, 5, 5, 0, 0)
    for shift in range(7):
        found = of([*week, *week, *week][shift : shift + 14])
        assert found is not None
        assert found.low_usd == found.high_usd


def test_only_the_last_four_weeks_count() -> None:
    found = of(usd(*[900] * 30, *[1] * 28))
    assert found is not None
    assert found.high_usd == 110
    assert found.days == 28


def test_of_less_than_eight_days_each_day_is_a_rate() -> None:
    found = of(usd(1, 5, 2))
    assert found is not None
    assert found.low_usd == 110
    assert found.likely_usd == 120
    assert found.high_usd == 150


def test_nothing_is_said_before_two_days_are_over() -> None:
    assert of(usd(4)) is None
    assert of([]) is None


def test_what_is_left_of_today_counts_in_parts() -> None:
    found = of(usd(2, 2), until=END - timedelta(hours=12))
    assert found is not None
    assert found.high_usd == 101


def test_a_month_that_is_over_costs_what_it_cost() -> None:
    found = of(usd(2, 9), until=END + timedelta(hours=1))
    assert found is not None
    assert found.low_usd == 100
    assert found.high_usd == 100
