"""The price list that comes with the project, and the supplement of rates that price lists lack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

from bedrock_analytics.domain.rate_card import BEGINNING, RateCard, RateSource, place_of
from bedrock_analytics.domain.rate_key import RateKey

PACKAGE = "bedrock_analytics"
SNAPSHOT = "litellm-bedrock-prices.json"
SUPPLEMENT = "price-supplement.json"
ABOUT = "snapshot.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """A price list as read, before anything of it is believed."""

    document: bytes
    date: str
    """ISO day that it dates from."""
    origin: str


def bundled_list() -> ListDocument:
    """The snapshot of LiteLLM's list that comes with the project."""
    about = json.loads(_read(ABOUT))
    return ListDocument(document=_read(SNAPSHOT), date=about["date"], origin=about["origin"])


def supplement(listed: Iterable[RateCard]) -> list[RateCard]:
    """Cards of the rates that the listed cards lack, one for each model and scope."""
    rates: dict[tuple[str, str], dict[RateKey, Decimal]] = {}
    notes: dict[tuple[str, str], str] = {}
    for place, added, source in (*_named(), *_beside(listed)):
        rates.setdefault(place, {}).update(added)
        notes[place] = f"{notes[place]} {source}" if place in notes else source
    return [
        RateCard(
            model_id=place[0],
            scope=place[1],
            effective_from=BEGINNING,
            source=RateSource.AWS,
            rates=added,
            note=notes[place],
        )
        for place, added in rates.items()
    ]


_Addition = tuple[tuple[str, str], dict[RateKey, Decimal], str]


def _named() -> list[_Addition]:
    return [(place_of(row["model"]), _rates(row["rates"]), row["source"]) for row in _document()["cards"]]


def _beside(listed: Iterable[RateCard]) -> list[_Addition]:
    """Rates added to every listed card of some models that has a certain other rate."""
    rules = [
        (row["model_prefix"], RateKey.parse(row["beside"]), _rates(row["rates"]), row["source"])
        for row in _document()["wherever_listed"]
    ]
    return [
        ((card.model_id, card.scope), added, source)
        for card in listed
        for prefix, beside, added, source in rules
        if card.model_id.startswith(prefix) and beside in card.rates
    ]


def _rates(texts: Mapping[str, str]) -> dict[RateKey, Decimal]:
    return {RateKey.parse(key): Decimal(rate) for key, rate in texts.items()}


@lru_cache(maxsize=1)
def _document() -> Any:
    return json.loads(_read(SUPPLEMENT))


def _read(name: str) -> bytes:
    return resources.files(PACKAGE).joinpath("data", name).read_bytes()
