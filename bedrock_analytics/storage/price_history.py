"""What changed in `model-pricing`, and what waits for approval, as rows and back.

Rows of partition `CHANGE` are never replaced: a corrected or deleted price stays in them, with who changed
it and when. Their sort keys begin with the time, so that the newest are read first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.domain.rate_card import RateCard
from bedrock_analytics.storage.item_table import Item, Key, Value
from bedrock_analytics.storage.price_codec import (
    card_item,
    decimal_text,
    moment_text,
    optional_text,
    parse_moment,
    read_card,
)

CHANGE = "CHANGE"
HELD = "HELD"
PERCENT = "percent"
"""Key of a discount's value among the old and new values of a change."""
DISCOUNT_SOURCE = "discount"


class ChangeKind(StrEnum):
    """What was done to a price or a discount."""

    ADDED = "added"
    """Listed for the first time."""
    MORE_SPECIFIC = "more specific, review"
    """A card of calls that a less specific one priced until then."""
    CHANGED = "changed"
    APPROVED = "approved"
    """A listed card that waited for approval came into force."""
    ENTERED = "entered"
    CORRECTED = "corrected"
    ENDED = "ended"
    """From that moment on the listed price, or no discount, applies."""
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """One change: of a card (`model_id` and `scope`), or of a discount (`scope` None)."""

    kind: ChangeKind
    seen_at: datetime
    """When it was made, or when a sync first saw it."""
    effective_from: datetime
    source: str
    """The card's `RateSource`, or `discount`."""
    model_id: str | None
    scope: str | None
    account_id: str | None = None
    old: Mapping[str, Decimal]
    """Values before, by text of the rate key (USD per million units) or `percent`."""
    new: Mapping[str, Decimal]
    changed_by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCard:
    """A listed card that moved too far to be believed unseen, beside the rates in force."""

    card: RateCard
    old: Mapping[str, Decimal]
    seen_at: datetime


def change_item(change: PriceChange, distinct: str = "") -> dict[str, Value]:
    """The row of a change; `distinct` tells changes of the same thing in the same second apart."""
    seen = moment_text(change.seen_at)
    name = (seen, change.model_id or "*", change.scope or change.account_id or "*", change.source)
    item: dict[str, Value] = {
        "PK": CHANGE,
        "SK": "#".join((*name, distinct) if distinct else name),
        "first_seen": seen,
        "effective_from": moment_text(change.effective_from),
        "change": change.kind.value,
        "source": change.source,
        "old": _texts(change.old),
        "new": _texts(change.new),
    }
    texts = {name: getattr(change, name) for name in _OPTIONAL}
    return item | {name: text for name, text in texts.items() if text is not None}


_OPTIONAL = ("model_id", "scope", "account_id", "changed_by", "note")


def read_change(item: Item) -> PriceChange:
    """The change of a row; TableError if it is none."""
    try:
        texts = {name: optional_text(item, name) for name in _OPTIONAL}
        return PriceChange(
            kind=ChangeKind(str(item["change"])),
            seen_at=parse_moment(item["first_seen"]),
            effective_from=parse_moment(item["effective_from"]),
            source=str(item["source"]),
            old=_values(item["old"]),
            new=_values(item["new"]),
            **texts,
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise TableError(f"price change {item.get('SK')!r} cannot be read: {error}") from error


def held_key(card: RateCard) -> Key:
    """Where a card waits: one of each model, scope and source."""
    return Key(HELD, f"{card.model_id}#{card.scope}#{card.source.value}")


def held_item(held: HeldCard) -> dict[str, Value]:
    """The row of a card that waits."""
    key = held_key(held.card)
    return {
        **card_item(held.card),
        "PK": key.pk,
        "SK": key.sk,
        "old_rates": _texts(held.old),
        "seen_at": moment_text(held.seen_at),
    }


def read_held(item: Item) -> HeldCard:
    """The waiting card of a row; TableError if it is none."""
    try:
        return HeldCard(
            card=read_card(item), old=_values(item["old_rates"]), seen_at=parse_moment(item["seen_at"])
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise TableError(f"held price {item.get('SK')!r} cannot be read: {error}") from error


def rate_values(card: RateCard | None) -> dict[str, Decimal]:
    """A card's rates by text of their keys; none without a card."""
    return {} if card is None else {str(key): rate for key, rate in card.rates.items()}


def _texts(values: Mapping[str, Decimal]) -> dict[str, Value]:
    return {key: decimal_text(value) for key, value in values.items()}


def _values(value: Value) -> dict[str, Decimal]:
    if not isinstance(value, dict):
        raise TypeError("its values are no map")
    return {key: Decimal(str(text)) for key, text in value.items()}
