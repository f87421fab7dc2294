from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.forecast import Forecast
from dashboard.cost_models import BilledMonth, MonthCost
from dashboard.cost_texts import COST_FACTS, cost_facts, month_text
from dashboard.facts import FactText
from tests.unit.dashboard.answers import calls, utc

MONTH = MonthCost(
    start=utc("2026-10-31 23:00"),
    end=utc("2026-11-30 23:00"),
    until=utc("2026-11-24 13:07"),
    zone=ZoneInfo("Europe/Vienna"),
    days=(),
    total=calls(10, "600"),
    forecast=Forecast(low_usd=Decimal(700), likely_usd=Decimal(720), high_usd=Decimal("810.555"), days=28),
    budget_usd=None,
    billed=None,
)


def fact(name: str, total: UsageStats) -> FactText:
    names = [kind.name for kind in COST_FACTS]
    return cost_facts(total)[names.index(name)]


def test_a_cost_that_lacks_usage_is_a_lower_bound_and_says_why() -> None:
    total = calls(1000, "5", unpriced_invocations={"no_rate_card": 3}, unpriced_tokens={"no_rate_card": 9})
    assert fact("cost", total).value == "≥ $5.00"
    assert fact("unpriced", total).value == "3 calls"
    assert fact("unpriced", total).full == "3 calls: 3 × model in no price list"
    assert fact("unpriced", calls(1, "1")).note == "every call is priced"


def test_what_unknown_lifetimes_could_add_is_told_beside_the_cost() -> None:
    assert "up to $0.50 more" in fact("cost", calls(1, "5", cost_upper_usd=Decimal("0.5"))).note


def test_discounts_are_shown_where_there_are_any() -> None:
    found = fact("discounts", calls(1, "10", discount_usd={"input": Decimal("1.25")}))
    assert (found.value, found.note) == ("−$1.25", "$8.75 after discounts (12.5 %)")
    assert fact("discounts", calls(1, "10")).value == "none"


def test_savings_are_net_and_a_cache_that_costs_more_is_bad() -> None:
    saved = {"cache_read": Decimal(3), "cache_write_5m": Decimal(-1)}
    found = fact(
        "savings", calls(1, "1", cache_read_tokens=9, cache_write_5m_tokens=1, cache_saved_usd=saved)
    )
    assert (found.value, found.tone) == ("$2.00", "good")
    wasted = {"cache_write_1h": Decimal(-1)}
    found = fact("savings", calls(1, "1", cache_write_1h_tokens=9, cache_saved_usd=wasted))
    assert (found.value, found.tone) == ("−$1.00", "bad")
    assert fact("savings", calls(1, "1", cache_read_tokens=9)).value == "—"
    assert fact("savings", calls(1, "1")).note == "no cache in use"


def test_the_month_says_where_it_goes() -> None:
    found = month_text(MONTH)
    assert (found.title, found.so_far) == ("November 2026 so far", "$600.00")
    assert found.so_far_note == "up to 24 Nov 14:07"
    assert (found.forecast, found.forecast_note) == (
        "$700.00 to $810.56",
        "likely $720.00; from the last 28 days",
    )
    assert (found.budget, found.billed) == ("", "")


def test_a_month_with_unpriced_usage_is_a_lower_bound_everywhere() -> None:
    total = calls(10, "600", unpriced_invocations={"no_rate_card": 1})
    found = month_text(replace(MONTH, total=total))
    assert found.so_far == "≥ $600.00"
    assert found.forecast.startswith("≥ ")


def test_two_days_must_be_over_for_a_forecast() -> None:
    found = month_text(replace(MONTH, forecast=None))
    assert (found.forecast, found.forecast_note) == ("—", "needs two days that are over")


def test_the_budget_says_whether_it_will_last() -> None:
    def told(budget: str) -> tuple[str, str]:
        found = month_text(replace(MONTH, budget_usd=Decimal(budget)))
        return found.budget_note, found.budget_tone

    assert told("1000") == ("60.0 % used: on course to stay within", "good")
    assert told("800") == ("75.0 % used: may be exceeded", "warn")
    assert told("650") == ("92.3 % used: will be exceeded as it goes", "bad")
    assert told("500") == ("120.0 % used: exceeded by $100.00", "bad")


def test_discounts_are_off_the_month() -> None:
    total = calls(10, "600", discount_usd={"input": Decimal(60)})
    found = month_text(replace(MONTH, total=total))
    assert found.so_far == "$540.00"
    assert found.so_far_note.endswith("$60.00 of discounts taken off")


def test_what_is_billed_stands_beside_the_estimate_of_the_same_days() -> None:
    billed = BilledMonth(
        amount_usd=Decimal("512.3"),
        estimate_usd=Decimal(520),
        through=date(2026, 11, 22),
        fetched_at=MONTH.until - timedelta(hours=3),
        message="",
    )
    found = month_text(replace(MONTH, billed=billed))
    assert found.billed == "$512.30"
    assert found.billed_note == "through 22 Nov (UTC); estimate of the same days $520.00"
    refused = replace(billed, amount_usd=None, message="Cost Explorer is not allowed.")
    assert month_text(replace(MONTH, billed=refused)).billed_note == "Cost Explorer is not allowed."
