from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.forecast import Forecast
from dashboard.cost_models import MonthCost, MonthDay
from dashboard.figures.month_course import month_course, running_totals
from tests.unit.dashboard.answers import calls, utc

START = utc("2026-10-31 23:00")
VIENNA = ZoneInfo("Europe/Vienna")


def month(*, budget: str | None = None, forecast: Forecast | None = None) -> MonthCost:
    days = tuple(
        MonthDay(
            start=(START + timedelta(days=number)).astimezone(VIENNA),
            end=START + timedelta(days=number + 1),
            stats=calls(1, cost),
            is_over=number < 2,
        )
        for number, cost in enumerate(("1.1", "2.2", "0.4"))
    )
    return MonthCost(
        start=START,
        end=utc("2026-11-30 23:00"),
        until=START + timedelta(days=2, hours=6),
        zone=VIENNA,
        days=days,
        total=calls(3, "3.7"),
        forecast=forecast,
        budget_usd=None if budget is None else Decimal(budget),
        billed=None,
    )


def test_the_cost_adds_up_exactly_and_its_line_ends_where_the_data_ends() -> None:
    assert running_totals(month()) == [Decimal("1.1"), Decimal("3.3"), Decimal("3.7")]
    (line,) = month_course(month(), {})["data"]
    assert line["x"] == ["2026-11-01T00:00", "2026-11-02T00:00", "2026-11-03T00:00", "2026-11-03T06:00"]
    assert line["y"] == [0.0, 1.1, 3.3, 3.7]
    assert line["customdata"][-1] == ["Tue 3 Nov (not over yet)", "$3.70", "$0.40 that day"]


def test_the_forecast_is_a_band_from_now_to_the_end_of_the_month() -> None:
    found = Forecast(low_usd=Decimal(40), likely_usd=Decimal(44), high_usd=Decimal(50), days=9)
    low, high, likely, _ = month_course(month(forecast=found), {})["data"]
    assert (low["y"], high["y"], likely["y"]) == ([3.7, 40.0], [3.7, 50.0], [3.7, 44.0])
    assert high["fill"] == "tonexty"
    assert likely["x"] == ["2026-11-03T06:00", "2026-12-01T00:00"]


def test_the_budget_is_a_dashed_line_over_the_month() -> None:
    _, budget = month_course(month(budget="9"), {})["data"]
    assert (budget["y"], budget["line"]["dash"]) == ([9.0, 9.0], "dash")
    assert "$9.00" in budget["hovertemplate"]
