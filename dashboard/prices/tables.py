"""Columns and rows of the page's tables: prices in force, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.model_id import display_name
from bedrock_analytics.domain.rate_card import RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.reporting.price_reader import ModelCards
from bedrock_analytics.storage.price_history import PriceChange
from dashboard.prices.texts import (
    KIND_TITLES,
    SOURCES,
    STANDARD_KINDS,
    change_kind_text,
    difference_text,
    moment_text,
    rate_text,
    rates_text,
    scope_text,
    when_text,
    who_text,
)
from dashboard.widgets.tables import name_column, number, number_column, text_column

ALL, LISTED, BY_HAND = "all", "listed", "manual"
LAST_SYNC, BY_PEOPLE = "sync", "people"
_STANDARD: Final = tuple(RateKey(kind=kind) for kind in STANDARD_KINDS)


def card_columns() -> list[dict[str, Any]]:
    """Columns of `card_rows`: rates are USD per million tokens."""
    return [
        name_column("Model", 290) | {"cellRenderer": "PriceName"},
        text_column("scope", "For", 190),
        text_column("source", "Source", 92),
        *[number_column(kind, KIND_TITLES[kind], 132) for kind in STANDARD_KINDS],
        text_column("more", "Other rates", 220),
        text_column("since", "Since", 190),
    ]


def card_rows(models: Iterable[ModelCards], search: str, source: str, zone: ZoneInfo) -> list[dict[str, Any]]:
    """A row for each price in force, or upcoming where its model has no other, that fits what is looked for.

    Every word of the search must occur in a model's names.
    """
    words = search.casefold().split()
    return [
        _card_row(model, card, zone, is_upcoming=card not in model.in_force)
        for model in models
        if all(word in model.search for word in words)
        for card in (*model.in_force, *model.upcoming)
        if _is_wanted(card, source)
    ]


def _is_wanted(card: RateCard, source: str) -> bool:
    is_manual = card.source is RateSource.MANUAL
    return source == ALL or is_manual == (source == BY_HAND)


def _card_row(model: ModelCards, card: RateCard, zone: ZoneInfo, *, is_upcoming: bool) -> dict[str, Any]:
    others = {key: rate for key, rate in card.rates.items() if key not in _STANDARD}
    row: dict[str, Any] = {
        "id": f"{card.model_id} {card.scope} {card.source} {card.effective_from.isoformat()}",
        "name": model.name,
        "detail": card.model_id,
        "chip": "upcoming" if is_upcoming else "",
        "price_of": card.model_id,
        "scope": scope_text(card.scope),
        "source": SOURCES[card.source],
        "more": rates_text(others) if others or not card.rates else "",
        "since": moment_text(card.effective_from, zone),
    }
    for key in _STANDARD:
        row |= number(key.kind, card.rates.get(key), rate_text(card.rates.get(key)))
    return row


def change_columns() -> list[dict[str, Any]]:
    """Columns of `change_rows`."""
    return [
        name_column("Model", 250) | {"cellRenderer": "PriceName"},
        text_column("seen", "When", 150),
        text_column("what", "What", 150),
        text_column("difference", "Difference", 380),
        text_column("since", "In force from", 190),
        text_column("who", "By", 130),
        text_column("note", "Note", 240),
    ]


def change_rows(changes: Iterable[PriceChange], zone: ZoneInfo) -> list[dict[str, Any]]:
    """A row for each change, newest first."""
    return [
        {
            "id": str(index),
            "name": _name(change),
            "detail": change.model_id or "",
            "chip": "" if change.scope is None else scope_text(change.scope),
            "price_of": change.model_id if change.scope is not None else None,
            "seen": when_text(change.seen_at, zone),
            "what": change_kind_text(change),
            "difference": difference_text(change),
            "since": moment_text(change.effective_from, zone),
            "who": change.changed_by or "price list",
            "note": change.note or "",
        }
        for index, change in enumerate(changes)
    ]


def _name(change: PriceChange) -> str:
    if change.scope is None:
        return who_text(change.account_id, change.model_id)
    return display_name(change.model_id or "")


def wanted_changes(changes: Sequence[PriceChange], which: str) -> list[PriceChange]:
    """All changes, those that people made, or those of the latest sync that changed anything."""
    if which == BY_PEOPLE:
        return [change for change in changes if change.changed_by is not None]
    if which == LAST_SYNC:
        listed = [change for change in changes if change.changed_by is None]
        return [change for change in listed if change.seen_at == listed[0].seen_at]
    return list(changes)
