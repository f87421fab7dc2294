"""Rate cards and discounts as items of the `model-pricing` table, and back.

Rates are stored as one map, key text to decimal text (`{"input": "3.3", "output@flex": "8.25"}`), so that
the console shows them as they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.domain.rate_card import Discount, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.storage.item_table import Item, Key, Value

CARD = "CARD"
DISCOUNT = "DISCOUNT"
ANY = "*"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def moment_text(moment: datetime) -> str:
    """Sortable text of a UTC moment on a full second."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def parse_moment(text: object) -> datetime:
    """The moment of such a text; TableError if it is none."""
    try:
        return datetime.strptime(str(text), _MOMENT).replace(tzinfo=UTC)
    except ValueError as error:
        raise TableError(f"{text!r} in the price table is no UTC time") from error


def decimal_text(number: Decimal) -> str:
    """A decimal without exponent and trailing zeros."""
    return f"{number.normalize():f}"


def card_key(model_id: str, scope: str, effective_from: datetime, source: RateSource) -> Key:
    """Where a card is stored: one partition for all, so that a book is one query."""
    return Key(CARD, f"{model_id}#{scope}#{moment_text(effective_from)}#{source.value}")


def card_item(card: RateCard) -> dict[str, Value]:
    key = card_key(card.model_id, card.scope, card.effective_from, card.source)
    item: dict[str, Value] = {
        "PK": key.pk,
        "SK": key.sk,
        "model_id": card.model_id,
        "scope": card.scope,
        "effective_from": moment_text(card.effective_from),
        "source": card.source.value,
        "rates": rates_value(card),
    }
    texts = {"listed_as": card.listed_as, "note": card.note, "changed_by": card.changed_by}
    item.update({name: text for name, text in texts.items() if text is not None})
    return item


def rates_value(card: RateCard) -> dict[str, Value]:
    """The map of a card's rates as stored."""
    return {str(key): decimal_text(rate) for key, rate in card.rates.items()}


def read_card(item: Item) -> RateCard:
    """The card of an item; TableError if it is none."""
    try:
        rates = item["rates"]
        if not isinstance(rates, dict):
            raise TypeError("rates is no map")
        return RateCard(
            model_id=str(item["model_id"]),
            scope=str(item["scope"]),
            effective_from=parse_moment(item["effective_from"]),
            source=RateSource(str(item["source"])),
            rates={RateKey.parse(key): Decimal(str(rate)) for key, rate in rates.items()},
            listed_as=optional_text(item, "listed_as"),
            note=optional_text(item, "note"),
            changed_by=optional_text(item, "changed_by"),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise TableError(f"price row {item.get('SK')!r} cannot be read: {error}") from error


def discount_key(discount: Discount) -> Key:
    parts = (discount.account_id or ANY, discount.model_id or ANY, moment_text(discount.effective_from))
    return Key(DISCOUNT, "#".join(parts))


def discount_item(discount: Discount) -> dict[str, Value]:
    key = discount_key(discount)
    item: dict[str, Value] = {
        "PK": key.pk,
        "SK": key.sk,
        "percent": decimal_text(discount.percent),
        "effective_from": moment_text(discount.effective_from),
    }
    texts = {
        "account_id": discount.account_id,
        "model_id": discount.model_id,
        "note": discount.note,
        "changed_by": discount.changed_by,
    }
    item.update({name: text for name, text in texts.items() if text is not None})
    return item


def read_discount(item: Item) -> Discount:
    """The discount of an item; TableError if it is none."""
    try:
        return Discount(
            percent=Decimal(str(item["percent"])),
            effective_from=parse_moment(item["effective_from"]),
            account_id=optional_text(item, "account_id"),
            model_id=optional_text(item, "model_id"),
            note=optional_text(item, "note"),
            changed_by=optional_text(item, "changed_by"),
        )
    except (KeyError, ValueError, InvalidOperation) as error:
        raise TableError(f"discount {item.get('SK')!r} cannot be read: {error}") from error


def optional_text(item: Item, name: str) -> str | None:
    value = item.get(name)
    return None if value is None else str(value)
