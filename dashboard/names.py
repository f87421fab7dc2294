"""What accounts, Regions, models, routes and callers are called on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.domain.model_id import GLOBAL, REGIONAL, display_name
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.dimensions import metadata_key
from dashboard.filters import META
from dashboard.region_names import region_name
from dashboard.settings import DashboardSettings
from dashboard.view_models import UsageRow

_Described = tuple[str, str, str, str, tuple[str, str] | None]
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

    def value(self, dimension: str, value: str) -> str:
        """Name of a value of a dimension or filter."""
        if value == OTHER:
            return "Other"
        if dimension == "caller":
            return self.caller(value)
        named = {
            "account": self.account,
            "region": self.region,
            "inference-region": self.region,
            "model": self.model,
            "route": self.route,
        }
        return named.get(dimension, str)(value)

    def caller(self, caller: str) -> str:
        """A caller; one that stands with its account, as filters have it, with that account's name."""
        account_id, slash, name = caller.partition("/")
        is_qualified = bool(slash) and len(account_id) == 12 and account_id.isdecimal()
        return f"{name} · {self.account(account_id)}" if is_qualified else caller

    def row(self, columns: Sequence[str], key: tuple[str, ...], stats: UsageStats) -> UsageRow:
        """Usage of one value of a dimension, under its name."""
        named = dict(zip(columns, key, strict=True))
        name, detail, chip, colour_key, wanted = self._described(named)
        return UsageRow(
            key=key,
            name=name,
            detail=detail,
            chip=chip,
            colour_key=colour_key,
            stats=stats,
            filter=None if OTHER in key else wanted,
        )

    def _described(self, named: Mapping[str, str]) -> _Described:
        """Name, second line, chip, key of the colour and filter of a row."""
        if "model_id" in named:
            model = named["model_id"]
            return self.model(model), model, self.route(named["route"]), model, ("model", model)
        if "caller" in named:
            return self._described_caller(named["caller"], named.get("account_id", ""))
        if "account_id" in named:
            account, region = named["account_id"], named["region"]
            return self.account(account), account, self.region(region), account, ("account", account)
        if "inference_profile_arn" in named:
            arn, profile = named["inference_profile_arn"], named["inference_profile_name"]
            return profile or arn, arn, "", arn, None
        ((column, value),) = named.items()
        if (key := metadata_key(column)) is not None:
            return value, "", "", value, (f"{META}{key}", value)
        name = {"route": self.route, "inference_region": self.region}.get(column, str)(value)
        wanted = (column, value) if column in {"route", "operation"} else None
        return name, value if name != value else "", "", value, wanted

    def _described_caller(self, caller: str, account_id: str) -> _Described:
        if not account_id or account_id == OTHER:
            return caller, "", "", caller, ("caller", caller)
        return caller, self.account(account_id), "", caller, ("caller", f"{account_id}/{caller}")

    def account_in_region(self, account_id: str, region: str) -> str:
        """Name of an account in a Region."""
        return f"{self.account(account_id)} · {self.region(region)}"
