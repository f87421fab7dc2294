"""LiteLLM's price list: its Bedrock entries as rate cards, and what was left out by which rule.

Nothing of a list is used unless all of it is sound: a broken, truncated, empty or absurd list raises
PriceListError. Rates in the list are USD for one unit; cards hold them for a million, exactly.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.model_id import GLOBAL as GLOBAL_ROUTE
from bedrock_analytics.domain.model_id import REGIONAL, split_route
from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    GLOBAL,
    STANDARD,
    ImageClass,
    RateCard,
    RateKey,
    RateSource,
    check_rate,
    geography_scope,
    region_scope,
)

MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 50_000
SIGNIFICANT_DIGITS = 12
"""Digits kept of a listed rate; those beyond come from binary arithmetic, as in 2.7500000000000003e-06."""

_PROVIDERS = ("bedrock", "bedrock_converse", "bedrock_mantle")
_MILLION = 6

_TOKEN_FIELD = re.compile(
    r"(?P<base>input_cost_per_token|output_cost_per_token|cache_read_input_token_cost|cache_creation_input_token_cost)"
    r"(?:_above_(?P<hours>\d+)hr)?(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<tier>[a-z][a-z0-9]*))?"
)
_TOKEN_KINDS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
}
_UNIT_FIELDS = {
    "input_cost_per_image": "input_image",
    "output_cost_per_image": "output_image",
    "input_cost_per_query": "query",
    "input_cost_per_video_per_second": "input_video",
    "output_cost_per_video_per_second": "output_video",
    "input_cost_per_audio_per_second": "input_audio",
    "input_cost_per_audio_token": "input_audio_token",
    "output_cost_per_audio_token": "output_audio_token",
    "input_cost_per_image_token": "input_image_token",
    "input_cost_per_character": "input_character",
    "output_cost_per_character": "output_character",
}
_TIERS = {"batches": "batch"}
_DEFAULT_LIFETIME = "5m"
_LIFETIMES_OF_VENDORS = {"openai": "30m"}
"""The one lifetime of prompt caches where it is not 5 minutes (AWS Price List: cache_write_tokens_30m)."""

_COMMITMENT = re.compile(r"\d+-month-commitment")
_REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
_SIZE = re.compile(r"(?P<side>\d+|max)-x-(\d+|max)")
_STEPS = re.compile(r"(?P<steps>\d+|max)-steps")


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


@dataclass(frozen=True, slots=True)
class _Place:
    """Which card an entry's rates go to."""

    model_id: str
    scope: str
    image: ImageClass | None = None
    alias: bool = False
    """The same model is listed under its plain id too, which then counts."""


def read_price_list(document: bytes) -> PriceList:
    """Cards of the Bedrock entries of a list in JSON; PriceListError if any of it is unsound."""
    entries = {
        name: entry for name, entry in _load(document).items() if entry.get("litellm_provider") in _PROVIDERS
    }
    omitted: Counter[str] = Counter()
    ignored: Counter[str] = Counter()
    rates: dict[tuple[str, str], dict[RateKey, Decimal]] = {}
    names: dict[tuple[str, str], str] = {}
    for name, entry in sorted(entries.items(), key=lambda pair: _is_alias(pair[0])):
        found = _rates_of(name, entry, ignored)
        place = _place(name, entry) if any(found.values()) else "no_rate"
        if isinstance(place, str):
            omitted[_rule(name, entry) or place] += 1
            continue
        key = (place.model_id, place.scope)
        if place.alias and key in rates:
            omitted["alias"] += 1
            continue
        target = rates.setdefault(key, {})
        names.setdefault(key, name)
        target.update(_classed(found, place.image))
    if not rates:
        raise PriceListError("the price list has no Bedrock entry with a rate")
    return PriceList(
        cards=tuple(_card(key, names[key], listed) for key, listed in rates.items()),
        entries=len(entries),
        omitted=dict(sorted(omitted.items())),
        ignored_fields=dict(sorted(ignored.items())),
    )


def dated(cards: Iterable[RateCard], effective_from: datetime) -> list[RateCard]:
    """The same cards from a later moment on."""
    return [
        RateCard(
            model_id=card.model_id,
            scope=card.scope,
            effective_from=effective_from,
            source=card.source,
            rates=card.rates,
            listed_as=card.listed_as,
            note=card.note,
            changed_by=card.changed_by,
        )
        for card in cards
    ]


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


def _is_alias(name: str) -> bool:
    return name.startswith("bedrock/")


def _rule(name: str, entry: Mapping[str, object]) -> str | None:
    """The rule that leaves an entry out because it is not about calls on demand; None if none does."""
    parts = name.split("/")
    if entry.get("litellm_provider") == "bedrock_mantle" or parts[0] == "bedrock_mantle":
        return "mantle"
    if any(_COMMITMENT.fullmatch(part) for part in parts):
        return "commitment"
    if entry.get("mode") == "guardrail":
        return "guardrail"
    return None


def _place(name: str, entry: Mapping[str, object]) -> _Place | str:
    """Where an entry's rates belong, or the rule that leaves it out."""
    rule = _rule(name, entry)
    if rule is not None:
        return rule
    *path, model = name.split("/")
    alias = path[:1] == ["bedrock"]
    image = _image_class([part for part in path if part != "bedrock"])
    if image is not None:
        return _Place(model, BASE, image)
    path = path[1:] if alias else path
    if not path or path in (["invoke"], ["converse"]):
        route, model_id = split_route(model)
        return _Place(model_id, _scope(route), alias=alias)
    if len(path) == 1 and _REGION.fullmatch(path[0]):
        return _Place(model, region_scope(path[0]))
    return "unknown_name"


def _scope(route: str) -> str:
    if route == REGIONAL:
        return BASE
    return GLOBAL if route == GLOBAL_ROUTE else geography_scope(route)


def _image_class(path: list[str]) -> ImageClass | None:
    """The class that `1024-x-1024/50-steps` or `premium/1024-x-1024` names; None where a path names none."""
    sides = [match["side"] for part in path if (match := _SIZE.fullmatch(part))]
    steps = [match["steps"] for part in path if (match := _STEPS.fullmatch(part))]
    others = [part for part in path if not _SIZE.fullmatch(part) and not _STEPS.fullmatch(part)]
    if len(sides) != 1 or len(steps) > 1 or len(others) > 1:
        return None
    return ImageClass(_bound(sides[0]), _bound(steps[0]) if steps else None, others[0] if others else None)


def _bound(text: str) -> int | None:
    return None if text == "max" else int(text)


def _classed(rates: Mapping[RateKey, Decimal], image: ImageClass | None) -> dict[RateKey, Decimal]:
    if image is None:
        return dict(rates)
    return {
        RateKey(kind=key.kind, tier=key.tier, above=key.above, image=image): rate
        for key, rate in rates.items()
    }


def _rates_of(name: str, entry: Mapping[str, object], ignored: Counter[str]) -> dict[RateKey, Decimal]:
    rates: dict[RateKey, Decimal] = {}
    for field, value in entry.items():
        if "cost" not in field or value is None or isinstance(value, dict):
            continue
        rate = _rate(name, field, value)
        keys = _keys(name, field)
        if not keys and _rule(name, entry) is None:
            ignored[field] += 1
        rates.update(dict.fromkeys(keys, rate))
    return rates


def _keys(name: str, field: str) -> list[RateKey]:
    """The rates that a field states."""
    if field in _UNIT_FIELDS:
        return [RateKey(kind=_UNIT_FIELDS[field])]
    match = _TOKEN_FIELD.fullmatch(field)
    if match is None:
        return []
    tier = _TIERS.get(match["tier"], match["tier"]) or STANDARD
    above = int(match["thousands"] or 0) * 1000
    kind = _TOKEN_KINDS[match["base"]]
    if kind != "cache_write":
        return [] if match["hours"] else [RateKey(kind=kind, tier=tier, above=above)]
    return [
        RateKey(kind=f"cache_write_{life}", tier=tier, above=above)
        for life in _lifetimes(name, match["hours"])
    ]


def _lifetimes(name: str, hours: str | None) -> list[str]:
    """Lifetimes that a cache write rate is for. The plain one is also that of writes of unknown lifetime."""
    if hours is not None:
        return [f"{int(hours)}h"]
    vendor = split_route(name.rpartition("/")[2])[1].partition(".")[0]
    return [_DEFAULT_LIFETIME, *([_LIFETIMES_OF_VENDORS[vendor]] if vendor in _LIFETIMES_OF_VENDORS else [])]


def _rate(name: str, field: str, value: object) -> Decimal:
    """USD per million units of a listed rate."""
    if not isinstance(value, Decimal):
        raise PriceListError(f"{name}: {field} is {str(value)[:40]!r}, not a number")
    try:
        digits = value.adjusted() if value.is_finite() and value else 0
        if not -30 < digits < 30:
            raise ValueError(f"{value:.3e} is out of range")
        rounded = value.scaleb(_MILLION).quantize(
            Decimal(1).scaleb(digits + _MILLION - SIGNIFICANT_DIGITS + 1)
        )
        return check_rate(rounded.normalize(), field)
    except (ValueError, InvalidOperation) as error:
        raise PriceListError(f"{name}: {field}: {error}") from error


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
