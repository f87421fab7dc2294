"""Names of Regions, accounts, models and routes."""

from __future__ import annotations

from dashboard.names import Names
from dashboard.region_names import region_name
from dashboard.settings import DashboardSettings


def test_a_region_is_called_by_its_place_and_an_unknown_one_by_its_id() -> None:
    assert region_name("eu-central-1") == "Frankfurt"
    assert region_name("us-east-1") == "N. Virginia"
    assert region_name("mars-north-1") == "mars-north-1"


def test_settings_go_before_awss_own_names() -> None:
    names = Names(
        DashboardSettings(account_names={"111122223333": "Production"}, region_names={"eu-central-1": "Home"})
    )
    assert names.region("eu-central-1") == "Home"
    assert names.region("eu-west-1") == "Ireland"
    assert names.account("111122223333") == "Production"
    assert names.account("444455556666") == "444455556666"


def test_routes_are_words() -> None:
    names = Names(DashboardSettings())
    assert [names.route(route) for route in ("global", "regional", "us", "")] == [
        "global",
        "in-region",
        "us",
        "unknown route",
    ]
