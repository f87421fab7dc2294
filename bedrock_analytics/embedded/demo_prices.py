"""What the demo's organisation knows beside its logs: its inference profiles, and a price of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bedrock_analytics.domain.model_id import ResolvedProfile
from bedrock_analytics.domain.rate_card import RateSource, geography_scope
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.embedded.simulator.apps import APPS
from bedrock_analytics.embedded.simulator.models import NOVA_PRO
from bedrock_analytics.jobs.change_prices import AddPrice, Author, PriceChanges
from bedrock_analytics.storage.price_table import PriceTable

PRICE_CHANGE_AFTER: Final = timedelta(days=20, hours=14, minutes=20)
"""When the price changes after the simulation's first day; inside an hour, where a mistake would show."""

_NOTE: Final = "A price that changes while calls go on"
_RATES: Final = {
    RateKey(kind="input"): Decimal("0.60"),
    RateKey(kind="output"): Decimal("2.40"),
    RateKey(kind="cache_read"): Decimal("0.15"),
}
"""USD per million tokens: a quarter below the listed price."""


def enter_price_change(table: PriceTable, simulation_start: datetime, now: datetime) -> None:
    """Enter the demo's price by hand, unless it is there or a person has changed it since.

    A simulation that is too short to have reached the moment has no change of price.
    """
    scope, moment = geography_scope("us"), simulation_start + PRICE_CHANGE_AFTER
    is_there = any(card.source is RateSource.MANUAL for card in table.cards_of(NOVA_PRO.id, scope))
    if is_there or moment > now:
        return
    price = AddPrice(model_id=NOVA_PRO.id, scope=scope, effective_from=moment, rates=_RATES)
    PriceChanges(table, now).make(price, Author(who="demo", note=_NOTE))


class SimulatedProfiles:
    """Resolves the application inference profiles of the simulated organisation."""

    def __init__(self) -> None:
        self._known: dict[str, ResolvedProfile] = {}
        for app in APPS:
            for target in (kind.target for kind in app.kinds):
                if target.application_profile is None:
                    continue
                arn = target.logged_id(
                    account_id=app.source.account_id, region=app.source.region, converse=True
                )
                model_id = f"{target.geography}.{target.model.id}" if target.geography else target.model.id
                self._known[arn] = ResolvedProfile(name=app.name, profile_model_id=model_id)

    def resolve(self, arn: str) -> ResolvedProfile | None:
        """Name and model of a profile; None for one that the simulation does not have."""
        return self._known.get(arn)
