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
from bedrock_analytics.storage.item_table import Delete, Put, Value
from bedrock_analytics.storage.price_history import (
    ChangeKind,
    HeldCard,
    PriceChange,
    change_item,
    held_item,
    held_key,
    rate_values,
)
from bedrock_analytics.storage.price_table import scheduled

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

    def release(self, held: Iterable[HeldCard]) -> None:
        """Forget cards that waited for approval and are no longer listed so."""
        cards = [waiting.card for waiting in held]
        self.rows += [
            Delete(held_key(card)) for card in cards if (card.model_id, card.scope) not in self._held
        ]

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
            kind = ChangeKind.ADDED if card.effective_from == BEGINNING else ChangeKind.MORE_SPECIFIC
            self.rows.append(Put(change_row(None, card, kind, self.report.at)))

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
            held = HeldCard(card=card, old=rate_values(before), seen_at=self.report.at)
            self.rows.append(Put(held_item(held)))
            return
        self.report.changed.append(_name(card))
        card = scheduled(card, self.report.at)
        self.cards.append(card)
        self.rows.append(Put(change_row(before, card, ChangeKind.CHANGED, self.report.at)))


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


def change_row(old: RateCard | None, new: RateCard, kind: ChangeKind, seen: datetime) -> dict[str, Value]:
    """What a list changed: only the rates that differ."""
    before, after = rate_values(old), rate_values(new)
    return change_item(
        PriceChange(
            kind=kind,
            seen_at=seen,
            effective_from=new.effective_from,
            source=new.source.value,
            model_id=new.model_id,
            scope=new.scope,
            old={key: rate for key, rate in before.items() if after.get(key) != rate},
            new={key: rate for key, rate in after.items() if before.get(key) != rate},
            changed_by=new.changed_by,
            note=new.note,
        )
    )
