"""Price books and questions for the tests of prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from bedrock_analytics.domain.billable import billable_of_question
from bedrock_analytics.domain.price import Cost
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import BASE, BEGINNING, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.storage.bundled_prices import bundled_list, supplement
from bedrock_analytics.storage.price_list import read_price_list

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@lru_cache(maxsize=1)
def bundled_book() -> EffectivePriceBook:
    """The book of a new deployment."""
    listed = read_price_list(bundled_list().document).cards
    return EffectivePriceBook([*listed, *supplement(listed)], version="bundled")


def card(
    model_id: str = "vendor.model-v1:0",
    scope: str = BASE,
    *,
    since: datetime = BEGINNING,
    source: RateSource = RateSource.LITELLM,
    **rates: str,
) -> RateCard:
    """A card with rates by kind; `input_over_1000` and `input_flex` say threshold and tier."""
    return RateCard(
        model_id=model_id,
        scope=scope,
        effective_from=since,
        source=source,
        rates={_rate_key(name): Decimal(rate) for name, rate in rates.items()},
    )


def _rate_key(name: str) -> RateKey:
    kind, _, tier = name.partition("__")
    kind, _, above = kind.partition("_over_")
    return RateKey(kind=kind, tier=tier or "standard", above=int(above or 0))


def ask(
    book: EffectivePriceBook,
    model: str,
    quantities: Mapping[str, int],
    *,
    region: str = "us-east-1",
    tier: str | None = None,
    at: datetime = NOON,
) -> Cost:
    """What a call costs."""
    return book.cost(billable_of_question(model, quantities, region=region, tier=tier), at)


def rates_of(cost: Cost) -> dict[str, Decimal]:
    """Rate of each line, by kind."""
    return {line.kind: line.rate_usd_per_million for line in cost.lines}
