"""The cost of the running month, and what the rest of it will add."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from bedrock_analytics.reporting.month_cost import MonthCost, month_cost
from bedrock_analytics.reporting.usage_reader import UsageReader
from tests.unit.reporting.written_usage import Call, WrittenUsage, utc

NOW = utc("2026-11-21 00:00")


def cost_at(now: datetime, calls: list[Call]) -> MonthCost:
    usage = WrittenUsage(now=now, closed_through=date(2026, 11, 20))
    usage.write(calls)
    return month_cost(UsageReader(usage.table, lambda: usage.now), now)


def one_a_day(first: str, days: int, cost: str = "2") -> list[Call]:
    start = utc(first)
    return [Call(ts=start + timedelta(days=day, hours=3), cost=Decimal(cost)) for day in range(days)]


def test_only_calls_of_the_running_month_are_in_its_cost() -> None:
    found = cost_at(NOW, [*one_a_day("2026-10-01", 31, "50"), *one_a_day("2026-11-01", 20)])
    assert (found.month, found.spent_usd) == ("2026-11", Decimal(40))


def test_the_forecast_goes_on_as_the_last_seven_days_did() -> None:
    calls = [*one_a_day("2026-11-01", 13), *one_a_day("2026-11-14", 7, "5")]
    found = cost_at(NOW, calls)
    assert found.forecast_usd == found.spent_usd + 10 * 5


def test_days_before_the_first_call_are_no_cheap_days() -> None:
    assert cost_at(NOW, one_a_day("2026-11-18", 3)).forecast_usd == 6 + 10 * 2


def test_days_of_last_month_tell_what_a_young_month_will_cost() -> None:
    found = cost_at(utc("2026-11-01 00:00"), one_a_day("2026-10-20", 12))
    assert (found.spent_usd, found.forecast_usd) == (Decimal(0), Decimal(60))


def test_nothing_is_foretold_from_one_day() -> None:
    assert cost_at(NOW, one_a_day("2026-11-20", 1)).forecast_usd is None


def test_today_counts_as_spent_and_not_as_a_day_that_is_over() -> None:
    calls = [*one_a_day("2026-11-18", 3), Call(ts=utc("2026-11-21 05:00"), cost=Decimal("90"))]
    found = cost_at(utc("2026-11-21 12:00"), calls)
    assert (found.spent_usd, found.forecast_usd) == (Decimal(96), Decimal(115))
