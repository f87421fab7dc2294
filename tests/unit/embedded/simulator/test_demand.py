from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bedrock_analytics.embedded.simulator.apps import APPS
from bedrock_analytics.embedded.simulator.demand import HourOfDemand, demand_of_hour
from bedrock_analytics.embedded.simulator.world import App
from tests.unit.embedded.simulator.spans import MONDAY, SEED, hours_from


def _rate(demand: HourOfDemand, name: str) -> float:
    """Calls a minute of the apps of that name."""
    lower = (0.0, *demand.cumulated_rates)
    pairs = zip(APPS, lower, demand.cumulated_rates, strict=False)
    return sum(upper - below for app, below, upper in pairs if app.name == name)


def _calls(start: datetime, days: int) -> float:
    return sum(60 * demand_of_hour(SEED, hour).calls_a_minute for hour in hours_from(start, 24 * days))


def test_chat_is_busy_by_day_and_the_batch_by_night() -> None:
    noon_in_new_york = demand_of_hour(SEED, MONDAY.replace(hour=17))
    night_in_utc = demand_of_hour(SEED, MONDAY.replace(hour=2))

    assert _rate(noon_in_new_york, "support-chat") > 2 * _rate(night_in_utc, "support-chat")
    assert _rate(night_in_utc, "invoice-batch") > 20 * _rate(noon_in_new_york, "invoice-batch")


def test_apps_follow_the_clocks_of_their_zone_through_daylight_saving() -> None:
    nine_in_winter, nine_in_summer = (
        datetime(2026, 3, 4, 14, tzinfo=UTC),
        datetime(2026, 3, 11, 13, tzinfo=UTC),
    )
    against_eight = [
        _rate(demand_of_hour(SEED, nine), "support-chat")
        / _rate(demand_of_hour(SEED, nine - timedelta(hours=1)), "support-chat")
        for nine in (nine_in_winter, nine_in_summer)
    ]

    assert against_eight == [pytest.approx(72 / 55)] * 2


def test_weekends_are_quieter() -> None:
    saturday = MONDAY + timedelta(days=5)

    assert _calls(saturday, 1) < 0.75 * _calls(MONDAY, 1)


def test_five_weeks_of_one_quarter_show_growth() -> None:
    first, last = datetime(2026, 10, 12, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)

    assert _calls(last, 7) == pytest.approx(1.05**5 * _calls(first, 7), rel=0.12)


def test_the_volume_stays_the_same_over_the_years() -> None:
    assert _calls(datetime(2036, 10, 18, tzinfo=UTC), 35) == pytest.approx(
        _calls(datetime(2026, 10, 20, tzinfo=UTC), 35), rel=0.1
    )


def test_thirty_five_days_are_a_meaningful_but_quick_demo() -> None:
    assert 130_000 < _calls(datetime(2026, 10, 20, tzinfo=UTC), 35) < 200_000


def test_something_is_called_at_every_minute_of_the_week() -> None:
    assert all(demand_of_hour(SEED, hour).calls_a_minute > 1.5 for hour in hours_from(MONDAY, 7 * 24))


@pytest.mark.parametrize("seed", range(5))
def test_any_five_weeks_have_runaway_use_bursts_and_an_outage(seed: int) -> None:
    hours = [demand_of_hour(seed, hour) for hour in hours_from(MONDAY, 35 * 24)]
    runaways = {app.name for app in APPS if app.runaway}
    normal = [demand_of_hour(seed + 100, hour) for hour in hours_from(MONDAY, 35 * 24)]

    assert any(
        _rate(hour, name) > 3 * _rate(usual, name) > 0
        for hour, usual in zip(hours, normal, strict=True)
        for name in runaways
    )
    assert sum(len(hour.bursts) for hour in hours) >= 15
    assert sum(hour.outage is not None for hour in hours) >= 3


@pytest.mark.parametrize("app", APPS, ids=lambda app: f"{app.name} in {app.source.region}")
def test_the_calls_of_an_ordinary_day_sum_to_the_apps_figure(app: App) -> None:
    start = datetime(2026, 10, 7, tzinfo=UTC)  # a Wednesday, on which no clock changes
    growth = 1.05 ** (6 / 7)
    index = APPS.index(app)
    total = 0.0
    for hour in hours_from(start, 24):
        rates = (0.0, *demand_of_hour(SEED, hour).cumulated_rates)
        total += 60 * (rates[index + 1] - rates[index])

    assert total == pytest.approx(app.calls_a_day * growth, rel=0.01)
