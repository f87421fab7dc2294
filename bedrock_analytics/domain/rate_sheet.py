"""The cards of one model at one moment: which of them a call pays, and its rates.

A sheet merges the cards of one scope that are in force, rate by rate. Scopes are tried from the most
specific on; see `ModelSheets.choose`. A rate that the chosen sheet lacks is taken from another sheet
of the model only where the two agree in every rate that both list: they are the same price, listed
with gaps. Otherwise it is missing, which is a state and never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bedrock_analytics.domain.bare_rates import (
    GOVERNMENT,
    BareRate,
    geographies_of_region,
    in_order_of_preference,
    override_of,
)
from bedrock_analytics.domain.rate_card import (
    BASE,
    GLOBAL,
    RateCard,
    RateSource,
    geography_of_scope,
    geography_scope,
    region_of_scope,
    region_scope,
)
from bedrock_analytics.domain.rate_key import STANDARD, RateKey

_LAYERS = tuple(RateSource)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and the card that it was found on."""

    key: RateKey
    usd_per_million: Decimal
    card: RateCard


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuestion:
    """What is asked of a sheet: one kind of usage of one call."""

    kind: str
    tier: str
    context_tokens: int
    image_size: str | None
    image_quality: str | None
    image_steps: int | None


@dataclass(slots=True)
class RateSheet:
    """The rates in force of one model in one scope."""

    scope: str
    rates: Mapping[RateKey, Rate]
    manual: bool
    """Whether a person entered any of them."""
    _by_kind: dict[tuple[str, str], list[Rate]] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: str, cards: Iterable[RateCard]) -> RateSheet:
        """Merge the cards in force, at most one of each source."""
        rates: dict[RateKey, Rate] = {}
        manual = False
        for card in sorted(cards, key=lambda card: _LAYERS.index(card.source)):
            manual = manual or card.source is RateSource.MANUAL
            rates.update({key: Rate(key, rate, card) for key, rate in card.rates.items()})
        sheet = cls(scope, rates, manual)
        for rate in rates.values():
            sheet._by_kind.setdefault((rate.key.kind, rate.key.tier), []).append(rate)
        return sheet

    def has_kind(self, kind: str, tier: str | None = None) -> bool:
        """Whether there is any rate of the kind, in the tier or in any."""
        return any(kind == known and tier in {None, of} for known, of in self._by_kind)

    def find(self, question: RateQuestion) -> Rate | None:
        """The rate of the greatest context threshold below the call's; None where none is listed.

        A tier without a long-context rate, where the standard tier has one, has no rate there: its
        short-context rate would be too low.
        """
        rates = self._by_kind.get((question.kind, question.tier), ())
        rates = [rate for rate in rates if _applies(rate.key.above, question.context_tokens)]
        above = max((rate.key.above for rate in rates), default=None)
        if above is None or (question.tier != STANDARD and self._standard_above(question) > above):
            return None
        return _of_class([rate for rate in rates if rate.key.above == above], question)

    def _standard_above(self, question: RateQuestion) -> int:
        rates = self._by_kind.get((question.kind, STANDARD), ())
        return max(
            (rate.key.above for rate in rates if _applies(rate.key.above, question.context_tokens)), default=0
        )

    def agrees_with(self, other: RateSheet) -> bool:
        """Whether both list some same rates, and all of those at the same price."""
        shared = self.rates.keys() & other.rates.keys()
        return bool(shared) and all(
            self.rates[key].usd_per_million == other.rates[key].usd_per_million for key in shared
        )

    def standard(self, kind: str) -> Decimal | None:
        """The standard rate of a kind at any context size."""
        rate = self.rates.get(RateKey(kind=kind))
        return None if rate is None else rate.usd_per_million


def _applies(above: int, context_tokens: int) -> bool:
    return above == 0 or context_tokens > above


def _of_class(rates: list[Rate], question: RateQuestion) -> Rate | None:
    """The tightest image class that holds; the rate for any image where nothing is known of the image."""
    plain = [rate for rate in rates if rate.key.image is None]
    unknown = question.image_size is None and question.image_quality is None and question.image_steps is None
    if plain and (unknown or len(plain) == len(rates)):
        return plain[0]
    pixels, steps = _pixels(question.image_size), question.image_steps or 0
    quality = (question.image_quality or STANDARD).lower()
    classes = [
        (rate.key.image.order, rate)
        for rate in rates
        if rate.key.image and rate.key.image.holds(pixels=pixels, steps=steps, quality=quality)
    ]
    return min(classes, key=lambda pair: pair[0])[1] if classes else next(iter(plain), None)


def _pixels(size: str | None) -> int:
    """Area of WIDTHxHEIGHT; 0 where the size is not known, which the smallest class holds."""
    width, _, height = (size or "").lower().partition("x")
    return int(width) * int(height) if width.isdecimal() and height.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The sheet that a call pays, and in words why."""

    sheet: RateSheet
    why: str


class ModelSheets:
    """All sheets of one model at one moment."""

    def __init__(self, model_id: str, sheets: Mapping[str, RateSheet]) -> None:
        self.model_id = model_id
        self._sheets = sheets
        self._geographies = {name for name in map(geography_of_scope, sheets) if name is not None}

    def choose(self, route: str, region: str) -> Choice | None:
        """The sheet of a route: global, a geography, or regional (a bare id)."""
        if route == "global":
            return self._first((GLOBAL, "global profile"), (BASE, "no global card is listed"))
        if route == "regional":
            return self._bare(region)
        if route == GOVERNMENT:
            return self._government(geography_scope(route), region_scope(region))
        return self._first(
            (geography_scope(route), "profile of the geography"),
            *((geography_scope(name), f"no card of {route} is listed") for name in self._commercial(region)),
            (BASE, "no geographic card is listed"),
        )

    def rate(self, choice: Choice, question: RateQuestion, region: str) -> Rate | None:
        """The rate on the chosen sheet, or where that lacks kind and tier, on one that agrees with it."""
        if choice.sheet.has_kind(question.kind, question.tier):
            return choice.sheet.find(question)
        for sheet in self._twins(choice.sheet, region):
            if sheet.has_kind(question.kind, question.tier):
                return sheet.find(question)
        return None

    def has_kind(self, choice: Choice, kind: str) -> bool:
        """Whether the chosen sheet has any rate of the kind, in whatever tier."""
        return choice.sheet.has_kind(kind)

    def _twins(self, sheet: RateSheet, region: str) -> Iterator[RateSheet]:
        names = [*in_order_of_preference(self._geographies, region)]
        for scope in (*map(geography_scope, names), BASE, GLOBAL):
            other = self._sheets.get(scope)
            if other is not None and other is not sheet and sheet.agrees_with(other):
                yield other

    def _first(self, *candidates: tuple[str, str]) -> Choice | None:
        for scope, why in candidates:
            sheet = self._sheets.get(scope)
            if sheet is not None:
                return Choice(sheet, why)
        return None

    def _bare(self, region: str) -> Choice | None:
        if GOVERNMENT in geographies_of_region(region):
            return self._government(region_scope(region), geography_scope(GOVERNMENT))
        own = self._sheets.get(region_scope(region))
        if own is not None:
            return Choice(own, "card of the Region called")
        base = self._sheets.get(BASE)
        if base is not None and (base.manual or not self._pays_geographic(base)):
            return Choice(base, "bare model id")
        sibling = self._sibling(region, base)
        if sibling is not None:
            return Choice(sibling, "a bare model id pays the geographic rate")
        return None if base is None else Choice(base, "bare model id")

    def _pays_geographic(self, base: RateSheet) -> bool:
        override = override_of(self.model_id)
        if override is not None:
            return override.pays is BareRate.GEOGRAPHIC
        sibling = self._sheets.get(GLOBAL)
        return sibling is not None and all(
            base.standard(kind) == sibling.standard(kind) for kind in ("input", "output")
        )

    def _sibling(self, region: str, base: RateSheet | None) -> RateSheet | None:
        """The nearest geographic sheet that is dearer than the bare row; any where there is no bare row."""
        for name in self._commercial(region):
            sheet = self._sheets[geography_scope(name)]
            if base is None or _dearer(sheet, base):
                return sheet
        return None

    def _commercial(self, region: str) -> list[str]:
        return in_order_of_preference(self._geographies - {GOVERNMENT}, region)

    def _government(self, *scopes: str) -> Choice | None:
        """The first of two scopes of the government partition, else any Region's there, else the base."""
        others = sorted(
            scope
            for scope in self._sheets
            if GOVERNMENT in geographies_of_region(region_of_scope(scope) or "")
        )
        return self._first(
            *((scope, "government rates are their own") for scope in (*scopes, *others)),
            (BASE, "no government card is listed"),
        )


def _dearer(sheet: RateSheet, base: RateSheet) -> bool:
    pairs = [(sheet.standard(kind), base.standard(kind)) for kind in ("input", "output")]
    return any(mine is not None and its is not None and mine > its for mine, its in pairs)
