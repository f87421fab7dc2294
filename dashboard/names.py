"""What accounts, Regions, models, routes and callers are called on the page."""

from __future__ import annotations

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.domain.model_id import GLOBAL, REGIONAL, display_name
from dashboard.region_names import region_name
from dashboard.settings import DashboardSettings

_ROUTES = {GLOBAL: "global", REGIONAL: "in-region", "": "unknown route"}


class Names:
    """Names from the deployment's settings, else from AWS's own, else the id itself."""

    def __init__(self, settings: DashboardSettings) -> None:
        self._accounts = settings.account_names
        self._regions = settings.region_names

    def account(self, account_id: str) -> str:
        """Friendly name of an account, or its id."""
        return self._accounts.get(account_id, account_id)

    def region(self, region: str) -> str:
        """Friendly name of a Region, or its id."""
        return self._regions.get(region) or region_name(region)

    def model(self, model_id: str) -> str:
        """A model's name for people."""
        return "Other" if model_id == OTHER else display_name(model_id)

    def route(self, route: str) -> str:
        """A route as a word: global, a geography such as us, or in-region."""
        return _ROUTES.get(route, route)

    def account_in_region(self, account_id: str, region: str) -> str:
        """Name of an account in a Region."""
        return f"{self.account(account_id)} · {self.region(region)}"
