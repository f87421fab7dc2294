"""Changing prices by hand: the one place that the command line and the dashboard's pricing page go through.

An operation is checked against the table as it is, then written together with its row in the history, a
new price version and the request to compute the hours concerned again, all or none. Nothing is lost: what
a correction or deletion replaces stays in the history, with who did it and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from bedrock_analytics.domain.errors import PriceRefused
from bedrock_analytics.domain.rate_card import Discount, RateCard, RateSource, check_moment, check_scope
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.sync_prices import approve_held
from bedrock_analytics.storage.item_table import Put
from bedrock_analytics.storage.price_history import (
    DISCOUNT_SOURCE,
    PERCENT,
    ChangeKind,
    PriceChange,
    change_item,
    rate_values,
)
from bedrock_analytics.storage.price_table import PriceTable, PriceWrites

MAX_AUTHOR = 200
MAX_NOTE = 1000
FARTHEST = timedelta(days=3650)
"""How far ahead a price may take effect: later is a slip of the keyboard."""
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes a price, and why."""

    who: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPrice:
    """Rates of a model in a scope from a moment on, past or future; there must be no manual one at it yet.

    `model_id` is canonical or an ARN (`rate_card.place_of` tells it with the scope from a name as in logs);
    `rates` are USD per million units; those not given stay the listed ones.
    """

    model_id: str
    scope: str
    effective_from: datetime
    rates: Mapping[RateKey, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectPrice:
    """Other rates in place of the manual ones of the same model, scope and moment."""

    model_id: str
    scope: str
    effective_from: datetime
    rates: Mapping[RateKey, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPrice:
    """From a moment on the listed price applies again; the manual one stays in force for the time before."""

    model_id: str
    scope: str
    effective_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePrice:
    """Take back what was entered for a moment (a price or an end), as if it had never been."""

    model_id: str
    scope: str
    effective_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PutDiscount:
    """A percentage off the list cost from a moment on, in place of one of the same account, model and moment.

    None stands for every account or every model.
    """

    percent: Decimal
    effective_from: datetime
    account_id: str | None = None
    model_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDiscount:
    """From a moment on 0 %, even where a broader discount exists; the one before holds until then."""

    effective_from: datetime
    account_id: str | None = None
    model_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteDiscount:
    """Take back what was entered for a moment, as if it had never been."""

    effective_from: datetime
    account_id: str | None = None
    model_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveHeld:
    """Put a listed card that waits for approval in force from now on."""

    model_id: str
    scope: str


PriceOperation: TypeAlias = AddPrice | CorrectPrice | EndPrice | DeletePrice
DiscountOperation: TypeAlias = PutDiscount | EndDiscount | DeleteDiscount
Operation: TypeAlias = PriceOperation | DiscountOperation | ApproveHeld


@dataclass(slots=True)
class PriceChanges:
    """Changes prices by hand in one table. `now` is the aware UTC time of the change."""

    table: PriceTable
    now: datetime
    _seen: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self.now.replace(microsecond=0)

    def make(self, operation: Operation, author: Author) -> PriceChange:
        """Do an operation and return its row of the history.

        PriceRefused, with a sentence for people, where it is not possible; TableUnavailable where the
        table cannot answer for the moment. Either way nothing is changed.
        """
        author = _checked(author)
        if isinstance(operation, ApproveHeld):
            return self._approve(operation, author)
        self._check_moment(operation.effective_from)
        done: list[PriceChange] = []

        def decide() -> PriceWrites:
            if isinstance(operation, AddPrice | CorrectPrice | EndPrice | DeletePrice):
                change, writes = self._price(operation, author)
            else:
                change, writes = self._discount(operation, author)
            done.append(change)
            return writes

        self.table.change(decide)
        return done[-1]

    def _check_moment(self, moment: datetime) -> None:
        try:
            check_moment(moment)
        except ValueError as error:
            raise PriceRefused(f"A price takes effect at a full second in UTC, not at {moment!r}.") from error
        if moment > self.now + FARTHEST:
            raise PriceRefused(f"{moment:%Y-%m-%d} is more than ten years ahead.")

    # -- prices

    def _price(self, operation: PriceOperation, author: Author) -> tuple[PriceChange, PriceWrites]:
        before = self._manual(operation)
        kind = _kind_of_price(operation, before)
        rates = operation.rates if isinstance(operation, AddPrice | CorrectPrice) else {}
        card = _card(operation, rates, author)
        change = PriceChange(
            kind=kind,
            seen_at=self._seen,
            effective_from=card.effective_from,
            source=RateSource.MANUAL.value,
            model_id=card.model_id,
            scope=card.scope,
            old=rate_values(self._ended(operation) if kind is ChangeKind.ENDED else before),
            new=rate_values(card),
            changed_by=author.who,
            note=author.note,
        )
        writes = self.table.manual_writes(
            card,
            f"price {kind.value}",
            deletes=kind is ChangeKind.DELETED,
            also=[Put(change_item(change, self.table.new_id()))],
        )
        return change, writes

    def _manual(self, operation: PriceOperation) -> RateCard | None:
        """The manual card of the very moment."""
        cards = self._manual_cards(operation)
        return next((card for card in cards if card.effective_from == operation.effective_from), None)

    def _manual_cards(self, operation: PriceOperation) -> list[RateCard]:
        cards = self.table.cards_of(operation.model_id, _scope(operation.scope))
        return [card for card in cards if card.source is RateSource.MANUAL]

    def _ended(self, operation: PriceOperation) -> RateCard:
        """The manual card that is in force right before the moment; PriceRefused where there is none."""
        cards = [
            card for card in self._manual_cards(operation) if card.effective_from < operation.effective_from
        ]
        last = max(cards, key=lambda card: card.effective_from, default=None)
        if last is None or not last.rates:
            raise PriceRefused(
                f"{_name(operation)} has no price entered by hand that could end at "
                f"{_moment(operation.effective_from)}."
            )
        return last

    # -- discounts

    def _discount(self, operation: DiscountOperation, author: Author) -> tuple[PriceChange, PriceWrites]:
        account, model = operation.account_id, operation.model_id
        known = [one for one in self.table.discounts() if (one.account_id, one.model_id) == (account, model)]
        before = next((one for one in known if one.effective_from == operation.effective_from), None)
        kind = _kind_of_discount(operation, before)
        discount = _new_discount(operation, author)
        replaced = _discount_ended(known, operation) if kind is ChangeKind.ENDED else before
        change = PriceChange(
            kind=kind,
            seen_at=self._seen,
            effective_from=discount.effective_from,
            source=DISCOUNT_SOURCE,
            model_id=model,
            scope=None,
            account_id=account,
            old={} if replaced is None else {PERCENT: replaced.percent},
            new={} if kind is ChangeKind.DELETED else {PERCENT: discount.percent},
            changed_by=author.who,
            note=author.note,
        )
        writes = self.table.discount_writes(
            discount,
            f"discount {kind.value}",
            deletes=kind is ChangeKind.DELETED,
            also=[Put(change_item(change, self.table.new_id()))],
        )
        return change, writes

    # -- approval

    def _approve(self, operation: ApproveHeld, author: Author) -> PriceChange:
        card = approve_held(
            self.table,
            operation.model_id,
            operation.scope,
            self.now,
            changed_by=author.who,
            note=author.note,
        )
        if card is None:
            raise PriceRefused(f"No rate of {operation.model_id} {operation.scope} waits for approval.")
        changes = self.table.changes(model_id=card.model_id)
        return next(
            change for change in changes if (change.kind, change.scope) == (ChangeKind.APPROVED, card.scope)
        )


def _checked(author: Author) -> Author:
    who, note = author.who.strip(), (author.note or "").strip()
    if not who:
        raise PriceRefused("Say who changes the price.")
    if len(who) > MAX_AUTHOR:
        raise PriceRefused(f"The name is longer than {MAX_AUTHOR} characters.")
    if len(note) > MAX_NOTE:
        raise PriceRefused(f"The note is longer than {MAX_NOTE} characters.")
    return Author(who=who, note=note or None)


def _kind_of_price(operation: PriceOperation, before: RateCard | None) -> ChangeKind:
    """What an operation does; PriceRefused where it does not fit what is there."""
    at = f"{_name(operation)} at {_moment(operation.effective_from)}"
    if isinstance(operation, AddPrice):
        if before is not None:
            raise PriceRefused(f"There is already a price entered for {at}: correct it instead.")
        return ChangeKind.ENTERED
    if isinstance(operation, EndPrice):
        if before is not None:
            raise PriceRefused(f"There is a price entered for {at}: delete it, or end it later.")
        return ChangeKind.ENDED
    if before is None:
        raise PriceRefused(f"There is no price entered by hand for {at}.")
    return ChangeKind.CORRECTED if isinstance(operation, CorrectPrice) else ChangeKind.DELETED


def _card(operation: PriceOperation, rates: Mapping[RateKey, Decimal], author: Author) -> RateCard:
    if isinstance(operation, AddPrice | CorrectPrice) and not rates:
        raise PriceRefused("Give at least one rate.")
    try:
        return RateCard(
            model_id=operation.model_id.strip(),
            scope=operation.scope,
            effective_from=operation.effective_from,
            source=RateSource.MANUAL,
            rates=dict(rates),
            note=author.note,
            changed_by=author.who,
        )
    except ValueError as error:
        raise PriceRefused(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def _kind_of_discount(operation: DiscountOperation, before: Discount | None) -> ChangeKind:
    if isinstance(operation, PutDiscount):
        return ChangeKind.ENTERED if before is None else ChangeKind.CORRECTED
    if isinstance(operation, EndDiscount):
        if before is not None:
            at = _moment(operation.effective_from)
            raise PriceRefused(f"There is a discount entered for {at}: delete it, or end it later.")
        return ChangeKind.ENDED
    if before is None:
        raise PriceRefused(f"There is no such discount at {_moment(operation.effective_from)}.")
    return ChangeKind.DELETED


def _discount_ended(known: list[Discount], operation: DiscountOperation) -> Discount:
    """The discount in force right before the moment; PriceRefused where there is none."""
    earlier = [one for one in known if one.effective_from < operation.effective_from]
    last = max(earlier, key=lambda one: one.effective_from, default=None)
    if last is None or not last.percent:
        raise PriceRefused(
            f"There is no such discount that could end at {_moment(operation.effective_from)}."
        )
    return last


def _new_discount(operation: DiscountOperation, author: Author) -> Discount:
    percent = operation.percent if isinstance(operation, PutDiscount) else _NOTHING
    for name in (operation.account_id, operation.model_id):
        if name is not None and (not name.strip() or "#" in name):
            raise PriceRefused(f"{name!r} is neither an account nor a model id.")
    try:
        return Discount(
            percent=percent,
            effective_from=operation.effective_from,
            account_id=operation.account_id,
            model_id=operation.model_id,
            note=author.note,
            changed_by=author.who,
        )
    except ValueError as error:
        raise PriceRefused(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


def _scope(scope: str) -> str:
    try:
        return check_scope(scope)
    except ValueError as error:
        raise PriceRefused(f"{error}.") from error


def _name(operation: PriceOperation) -> str:
    return f"{operation.model_id} ({operation.scope})"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
