"""One entry of LiteLLM's price list: the card that it belongs to, and the rates that it states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.model_id import GLOBAL as GLOBAL_ROUTE
from bedrock_analytics.domain.model_id import REGIONAL, split_route
from bedrock_analytics.domain.rate_card import (
    BASE,
    GLOBAL,
    MAX_DECIMALS,
    check_rate,
    geography_scope,
    region_scope,
)
from bedrock_analytics.domain.rate_key import STANDARD, ImageClass, RateKey

SIGNIFICANT_DIGITS = 12
"""Digits kept of a listed rate; those beyond come from binary arithmetic, as in 2.7500000000000003e-06."""

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


@dataclass(frozen=True, slots=True)
class Place:
    """Which card an entry's rates go to."""

    model_id: str
    scope: str
    image: ImageClass | None = None
    alias: bool = False
    """The same model is listed under its plain id too, which then counts."""


def is_alias(name: str) -> bool:
    return name.startswith("bedrock/")


def omission_rule(name: str, entry: Mapping[str, object]) -> str | None:
    """The rule that leaves an entry out because it is not about calls on demand; None if none does."""
    parts = name.split("/")
    if entry.get("litellm_provider") == "bedrock_mantle" or parts[0] == "bedrock_mantle":
        return "mantle"
    if any(_COMMITMENT.fullmatch(part) for part in parts):
        return "commitment"
    if entry.get("mode") == "guardrail":
        return "guardrail"
    return None


def place_of_entry(name: str, entry: Mapping[str, object]) -> Place | str:
    """Where an entry's rates belong, or the rule that leaves it out."""
    rule = omission_rule(name, entry)
    if rule is not None:
        return rule
    *path, model = name.split("/")
    alias = path[:1] == ["bedrock"]
    image = _image_class([part for part in path if part != "bedrock"])
    if image is not None:
        return Place(model, BASE, image)
    path = path[1:] if alias else path
    if not path or path in (["invoke"], ["converse"]):
        route, model_id = split_route(model)
        return Place(model_id, _scope(route), alias=alias)
    if len(path) == 1 and _REGION.fullmatch(path[0]):
        return Place(model, region_scope(path[0]))
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


def with_image_class(rates: Mapping[RateKey, Decimal], image: ImageClass | None) -> dict[RateKey, Decimal]:
    if image is None:
        return dict(rates)
    return {
        RateKey(kind=key.kind, tier=key.tier, above=key.above, image=image): rate
        for key, rate in rates.items()
    }


def rates_of_entry(name: str, entry: Mapping[str, object], ignored: Counter[str]) -> dict[RateKey, Decimal]:
    rates: dict[RateKey, Decimal] = {}
    for field, value in entry.items():
        if "cost" not in field or value is None or isinstance(value, dict):
            continue
        rate = _rate(name, field, value)
        keys = _keys(name, field)
        if not keys and omission_rule(name, entry) is None:
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
        return check_rate(_rounded(value), field)
    except (ValueError, InvalidOperation) as error:
        raise PriceListError(f"{name}: {field}: {error}") from error


def _rounded(value: Decimal) -> Decimal:
    """A rate for a million units without the digits that binary arithmetic leaves behind."""
    if not value:
        return Decimal(0)
    if not -30 < value.adjusted() < 30:
        raise ValueError(f"{value:.3e} is out of range")
    decimals = min(SIGNIFICANT_DIGITS - 1 - value.adjusted() - _MILLION, MAX_DECIMALS)
    rounded = value.scaleb(_MILLION).quantize(Decimal(1).scaleb(-decimals))
    if not rounded:
        raise ValueError(f"{value:.3e} is too small to be a price")
    return rounded.normalize()
