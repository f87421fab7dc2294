"""LiteLLM's price list: its Bedrock entries as rate cards, and what was left out by which rule.

Nothing of a list is used unless all of it is sound: a broken, truncated, empty or absurd list raises
PriceListError. Rates in the list are USD for one unit; cards hold them for a million, exactly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.rate_card import (
    BEGINNING,
    RateCard,
    RateSource,
)
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.storage.price_list_entry import (
    is_alias,
    omission_rule,
    place_of_entry,
    rates_of_entry,
    with_image_class,
)

MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 50_000
_ALSO_CALLED = {"moonshotai.kimi-k2-thinking": "moonshot.kimi-k2-thinking"}
"""Bedrock's own id of a model, most of whose rows the list spells otherwise."""

_PROVIDERS = ("bedrock", "bedrock_converse", "bedrock_mantle")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The cards of one list."""

    cards: tuple[RateCard, ...]
    """One for each model and scope, in order of the list, effective from the beginning of time."""
    entries: int
    """Bedrock entries read."""
    omitted: Mapping[str, int]
    """Entries left out, by rule."""
    ignored_fields: Mapping[str, int]
    """Price fields that no rule reads, by name."""


def read_price_list(document: bytes) -> PriceList:
    """Cards of the Bedrock entries of a list in JSON; PriceListError if any of it is unsound."""
    entries = {
        name: entry for name, entry in _load(document).items() if entry.get("litellm_provider") in _PROVIDERS
    }
    omitted: Counter[str] = Counter()
    ignored: Counter[str] = Counter()
    rates: dict[tuple[str, str], dict[RateKey, Decimal]] = {}
    names: dict[tuple[str, str], str] = {}
    for name, entry in sorted(entries.items(), key=lambda pair: is_alias(pair[0])):
        found = rates_of_entry(name, entry, ignored)
        place = place_of_entry(name, entry) if any(found.values()) else "no_rate"
        if isinstance(place, str):
            omitted[omission_rule(name, entry) or place] += 1
            continue
        key = (place.model_id, place.scope)
        if place.alias and key in rates:
            omitted["alias"] += 1
            continue
        target = rates.setdefault(key, {})
        names.setdefault(key, name)
        target.update(with_image_class(found, place.image))
    if not rates:
        raise PriceListError("the price list has no Bedrock entry with a rate")
    return PriceList(
        cards=tuple(_card(key, names[key], listed) for key, listed in _with_other_spellings(rates, names)),
        entries=len(entries),
        omitted=dict(sorted(omitted.items())),
        ignored_fields=dict(sorted(ignored.items())),
    )


def _with_other_spellings(
    rates: Mapping[tuple[str, str], dict[RateKey, Decimal]], names: dict[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], dict[RateKey, Decimal]]]:
    for key, listed in rates.items():
        yield key, listed
        model_id, scope = key
        other = (_ALSO_CALLED.get(model_id, model_id), scope)
        if other not in rates:
            names[other] = names[key]
            yield other, listed


def _load(document: bytes) -> dict[str, dict[str, object]]:
    if len(document) > MAX_BYTES:
        raise PriceListError(f"the price list has more than {MAX_BYTES} bytes")
    try:
        loaded = json.loads(
            document.decode("utf-8"),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except (ValueError, InvalidOperation, RecursionError) as error:
        start = document[:40].decode("utf-8", "replace")
        raise PriceListError(f"the price list is not JSON ({error}); it begins {start!r}") from error
    if not isinstance(loaded, dict) or not all(isinstance(entry, dict) for entry in loaded.values()):
        raise PriceListError("the price list is not a JSON object of entries")
    if len(loaded) > MAX_ENTRIES:
        raise PriceListError(f"the price list has {len(loaded)} entries, more than {MAX_ENTRIES}")
    return loaded


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{twice!r} is given twice")
    return members


def _card(key: tuple[str, str], name: str, rates: Mapping[RateKey, Decimal]) -> RateCard:
    model_id, scope = key
    try:
        return RateCard(
            model_id=model_id,
            scope=scope,
            effective_from=BEGINNING,
            source=RateSource.LITELLM,
            rates=rates,
            listed_as=name,
        )
    except ValueError as error:
        raise PriceListError(f"{name}: {error}") from error
