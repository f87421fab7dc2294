"""Comparing listed cards with those in force: what is new, what changed, and what is hard to believe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    GLOBAL,
    RateCard,
    RateSource,
    geography_of_scope,
    region_of_scope,
)
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.sync_report import SyncReport
from bedrock_analytics.storage.item_table import Delete, Key, Put, Value
from bedrock_analytics.storage.price_codec import card_item, decimal_text, moment_text
from bedrock_analytics.storage.price_table import CHANGE, HELD, scheduled

GREATEST_MOVE = 10
"""A rate that moves by more than this factor is more likely a mistake than a price."""

CardKey = tuple[str, str, RateSource]


def card_key(card: RateCard) -> CardKey:
    return (card.model_id, card.scope, card.source)


def cards_in_force(cards: Iterable[RateCard], now: datetime) -> dict[CardKey, RateCard]:
    """The latest card of each model, scope and source that lists may replace."""
    latest: dict[CardKey, RateCard] = {}
    for card in sorted(cards, key=lambda card: card.effective_from):
        if card.source is not RateSource.MANUAL and card.effective_from <= now:
            latest[card_key(card)] = card
    return latest


@dataclass(slots=True)
class Comparison:
    """Sorts listed cards into new, changed and held ones."""

    known: Mapping[CardKey, RateCard]
    book: EffectivePriceBook
    report: SyncReport
    first: bool
    """Whether the table is empty: then nothing is a change."""
    cards: list[RateCard] = field(default_factory=list)
    rows: list[Put | Delete] = field(default_factory=list)
    _held: set[tuple[str, str]] = field(default_factory=set)

    def add(self, card: RateCard) -> None:
        before = self.known.get(card_key(card))
        if before is None:
            self._add_new(card)
        elif before.rates != card.rates:
            self._add_changed(before, card)

    def release(self, held: Iterable[RateCard]) -> None:
        """Forget cards that waited for approval and are no longer listed so."""
        listed = [card for card in held if (card.model_id, card.scope) not in self._held]
        self.rows += [Delete(held_key(card)) for card in listed]

    def starts(self) -> dict[str, datetime]:
        """Models whose prices change, and from when."""
        starts: dict[str, datetime] = {}
        for card in self.cards:
            start = starts.get(card.model_id, card.effective_from)
            starts[card.model_id] = min(start, card.effective_from)
        return starts

    def _add_new(self, card: RateCard) -> None:
        name = _name(card)
        self.report.added.append(name)
        if self._was_priced(card):
            card = scheduled(card, self.report.at)
            self.report.review.append(name)
        self.cards.append(card)
        if not self.first:
            change = "added" if card.effective_from == BEGINNING else "more specific, review"
            self.rows.append(Put(change_row(None, card, change, self.report.at)))

    def _was_priced(self, card: RateCard) -> bool:
        """Whether calls of the card were priced until now by a less specific one.

        A supplement beside a listed card adds what could not be priced before.
        """
        if card.source is RateSource.AWS and (card.model_id, card.scope, RateSource.LITELLM) in self.known:
            return False
        route, region = _route_of(card.scope)
        return self.book.is_priced(card.model_id, route, region, self.report.at)

    def _add_changed(self, before: RateCard, card: RateCard) -> None:
        if _moved_too_far(before.rates, card.rates):
            self._held.add((card.model_id, card.scope))
            self.report.held.append(_name(card))
            held: dict[str, Value] = {**card_item(card), "PK": HELD, "SK": held_key(card).sk}
            self.rows.append(
                Put({**held, "old_rates": _texts(before.rates), "seen_at": moment_text(self.report.at)})
            )
            return
        self.report.changed.append(_name(card))
        card = scheduled(card, self.report.at)
        self.cards.append(card)
        self.rows.append(Put(change_row(before, card, "changed")))


def _name(card: RateCard) -> str:
    return f"{card.model_id} {card.scope}"


def _route_of(scope: str) -> tuple[str, str]:
    if scope in {BASE, GLOBAL}:
        return ("regional" if scope == BASE else "global"), ""
    region = region_of_scope(scope)
    return ("regional", region) if region else (geography_of_scope(scope) or "", "")


def _moved_too_far(old: Mapping[RateKey, Decimal], new: Mapping[RateKey, Decimal]) -> bool:
    """Whether a rate moved more than tenfold, to or from nothing, or a token rate vanished altogether."""
    if any(RateKey(kind=kind) in old and RateKey(kind=kind) not in new for kind in ("input", "output")):
        return True
    pairs = [(old[key], new[key]) for key in old.keys() & new.keys()]
    return any(a != b and max(a, b) > GREATEST_MOVE * min(a, b) for a, b in pairs)


def _texts(rates: Mapping[RateKey, Decimal]) -> dict[str, Value]:
    return {str(key): decimal_text(rate) for key, rate in rates.items()}


def held_key(card: RateCard) -> Key:
    return Key(HELD, f"{card.model_id}#{card.scope}#{card.source.value}")


def change_row(
    old: RateCard | None, new: RateCard, change: str, seen: datetime | None = None
) -> dict[str, Value]:
    """What changed: only the rates that differ."""
    before, after = ({} if old is None else old.rates), new.rates
    first_seen = moment_text(seen or new.effective_from)
    return {
        "PK": CHANGE,
        "SK": f"{first_seen}#{new.model_id}#{new.scope}#{new.source.value}",
        "model_id": new.model_id,
        "scope": new.scope,
        "first_seen": first_seen,
        "effective_from": moment_text(new.effective_from),
        "change": change,
        "old": _texts({key: rate for key, rate in before.items() if after.get(key) != rate}),
        "new": _texts({key: rate for key, rate in after.items() if before.get(key) != rate}),
    }
