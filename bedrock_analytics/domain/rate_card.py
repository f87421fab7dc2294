"""Rate cards: what one unit of each kind costs, for one model in one scope, from one moment on.

A rate is exact USD per million units. Its key says the kind of unit, the service tier, the context
size that it starts above, and for images their class. Discounts are dated in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain import model_id as model_ids
from bedrock_analytics.domain.periods import require_utc
from bedrock_analytics.domain.rate_key import RateKey

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""When the first card of a model and scope takes effect, so that backfills are priced."""

BASE = "base"
"""Scope of a model's rates where nothing more specific is listed."""
GLOBAL = "global"
"""Scope of calls through a `global.` inference profile."""
_GEOGRAPHY = "geo:"
_REGION = "region:"

MAX_DECIMALS = 9
MAX_RATE = Decimal(1_000_000_000)
"""USD per million units: a thousand dollars for one image is a mistake, not a price."""
MAX_DISCOUNT_DECIMALS = 4


def geography_scope(geography: str) -> str:
    """Scope of calls through a geographic inference profile, such as `us`."""
    return f"{_GEOGRAPHY}{geography}"


def region_scope(region: str) -> str:
    """Scope of calls to a model in one Region, without an inference profile."""
    return f"{_REGION}{region}"


def geography_of_scope(scope: str) -> str | None:
    """The geography of a geographic scope, None for another scope."""
    return scope.removeprefix(_GEOGRAPHY) if scope.startswith(_GEOGRAPHY) else None


def region_of_scope(scope: str) -> str | None:
    """The Region of a Region's scope, None for another scope."""
    return scope.removeprefix(_REGION) if scope.startswith(_REGION) else None


def check_scope(scope: str) -> str:
    """The scope itself; ValueError if it is none."""
    if scope in {BASE, GLOBAL} or re.fullmatch(rf"({_GEOGRAPHY}|{_REGION})[a-z0-9-]+", scope):
        return scope
    raise ValueError(f"{scope!r} is no scope: use base, global, geo:us or region:us-east-1")


def place_of(model: str) -> tuple[str, str]:
    """Canonical model and scope that a model named as in logs is priced in, such as `us.vendor.model`."""
    identity = model_ids.resolve_model(model)
    if identity.route in {None, model_ids.REGIONAL}:
        return identity.model_id, BASE
    if identity.route == model_ids.GLOBAL:
        return identity.model_id, GLOBAL
    return identity.model_id, geography_scope(str(identity.route))


class RateSource(StrEnum):
    """Where rates come from; of two cards in force for one scope a later member's rates win."""

    AWS = "aws"
    """Rates that the price list lacks, from the project's own sourced supplement."""
    LITELLM = "litellm"
    MANUAL = "manual"
    """Entered by a person; a price list never touches these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCard:
    """Rates of one model in one scope from `effective_from` on (the moment itself pays the new rate)."""

    model_id: str
    scope: str
    effective_from: datetime
    source: RateSource
    rates: Mapping[RateKey, Decimal]
    """USD per million units. A manual card without rates ends the one before it: listed rates apply again."""
    listed_as: str | None = None
    """The entry of the price list that it was read from."""
    note: str | None = None
    changed_by: str | None = None

    def __post_init__(self) -> None:
        check_moment(self.effective_from)
        check_scope(self.scope)
        if not self.model_id or "#" in self.model_id:
            raise ValueError(f"{self.model_id!r} is no model id")
        if not self.rates and self.source is not RateSource.MANUAL:
            raise ValueError(f"the card of {self.model_id} has no rate")
        for key, rate in self.rates.items():
            check_rate(rate, f"{self.model_id} {key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A negotiated percentage off the list cost, by account, by model, or of everything.

    Only the most specific discount in force applies: account and model, account, model, everything.
    A later one of the same account and model replaces it; 0 ends it.
    """

    percent: Decimal
    effective_from: datetime
    account_id: str | None = None
    model_id: str | None = None
    note: str | None = None
    changed_by: str | None = None

    def __post_init__(self) -> None:
        check_moment(self.effective_from)
        if not self.percent.is_finite() or not 0 <= self.percent <= 100:
            raise ValueError(f"a discount of {self.percent} % is not between 0 and 100")
        if _decimals(self.percent) > MAX_DISCOUNT_DECIMALS:
            raise ValueError(f"a discount has at most {MAX_DISCOUNT_DECIMALS} decimals, not {self.percent}")


def check_moment(moment: datetime) -> datetime:
    """The moment itself; ValueError unless it is UTC and on a full second, as logged calls are."""
    if require_utc(moment).microsecond:
        raise ValueError(f"{moment!r} is not on a full second")
    return moment


def check_rate(rate: Decimal, what: str) -> Decimal:
    """The rate itself; ValueError unless it is finite, not negative, below the limit and exact enough.

    The limit on decimals keeps every product and sum of costs within the digits of `usage_stats.MONEY`.
    """
    if not rate.is_finite() or rate < 0 or rate > MAX_RATE:
        raise ValueError(f"{what}: {rate} is no rate in USD per million units")
    if _decimals(rate) > MAX_DECIMALS:
        raise ValueError(f"{what}: {rate} has more than {MAX_DECIMALS} decimals")
    return rate


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
