"""What an editor typed, turned once into an operation on prices, or into what is wrong with which field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    check_rate,
    check_scope,
    place_of,
    region_scope,
)
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import (
    AddPrice,
    ApproveHeld,
    CorrectPrice,
    DeleteDiscount,
    DeletePrice,
    EndDiscount,
    EndPrice,
    Operation,
    PutDiscount,
)
from dashboard.prices.texts import STANDARD_KINDS

MAX_MODEL_LENGTH: Final = 2048
OF_REGION: Final = "region"
"""Value of the scope's select that means the Region in the field beside it."""
_NUMBER: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?|\.[0-9]{1,12}")


class Do(StrEnum):
    """What a form is for."""

    ADD = "add"
    CORRECT = "correct"
    END = "end"
    DELETE = "delete"
    APPROVE = "approve"
    DISCOUNT = "discount"
    END_DISCOUNT = "end-discount"
    DELETE_DISCOUNT = "delete-discount"


class From(StrEnum):
    """From when on a change holds."""

    BEGINNING = "beginning"
    NOW = "now"
    AT = "at"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceForm:
    """A form that is open: what it does, and what that is about, as far as it is settled.

    `at` is the moment of the card or discount that is corrected, ended or deleted.
    """

    do: Do
    model_id: str = ""
    scope: str = ""
    account_id: str = ""
    at: datetime | None = None

    @classmethod
    def from_json(cls, document: object) -> PriceForm | None:
        """The form of a browser's document; None where it is none."""
        if not isinstance(document, dict):
            return None
        texts = {name: str(document.get(name) or "") for name in ("model_id", "scope", "account_id")}
        try:
            at = document.get("at")
            moment = datetime.fromisoformat(at).astimezone(UTC) if isinstance(at, str) else None
            return cls(do=Do(str(document.get("do"))), at=moment, **texts)
        except ValueError:
            return None

    def to_json(self) -> dict[str, str]:
        """The document that the browser keeps."""
        told = {
            "do": self.do.value,
            "model_id": self.model_id,
            "scope": self.scope,
            "account_id": self.account_id,
        }
        return told if self.at is None else told | {"at": self.at.isoformat()}


class FormFault(Exception):
    """What is wrong, by name of the field; an empty name is the form as a whole."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = dict(faults)


class _Reading:
    """Reads fields and gathers what is wrong with them, so that all of it is told at once."""

    def __init__(self, form: PriceForm, values: Mapping[str, object], now: datetime, zone: ZoneInfo) -> None:
        self._form = form
        self._values = values
        self._now = now
        self._zone = zone
        self.faults: dict[str, str] = {}

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return value.strip() if isinstance(value, str) else ""

    def place(self) -> tuple[str, str]:
        """Canonical model and scope; a model named with a geography brings its scope along."""
        model = self._form.model_id or self.text("model")
        if not model or len(model) > MAX_MODEL_LENGTH or any(sign in model for sign in "# \n"):
            self.faults["model"] = "Give a model id or an ARN, such as anthropic.claude-sonnet-4-6."
            return "", ""
        model_id, named = place_of(model)
        return model_id, self._scope(named)

    def _scope(self, named: str) -> str:
        chosen = self.text("scope") or BASE
        if chosen == OF_REGION:
            chosen = region_scope(self.text("region").lower())
        try:
            return named if chosen == BASE else check_scope(chosen)
        except ValueError:
            self.faults["region"] = "Give a Region such as eu-central-1."
            return ""

    def moment(self) -> datetime:
        """The moment from which on the change holds."""
        choice = self.text("from") or From.NOW
        if choice == From.BEGINNING:
            return BEGINNING
        if choice == From.NOW:
            return self._now.replace(microsecond=0)
        try:
            local = datetime.fromisoformat(self.text("at"))
        except ValueError:
            self.faults["at"] = "Give a day and a time."
            return self._now
        aware = local if local.tzinfo is not None else local.replace(tzinfo=self._zone)
        return aware.astimezone(UTC).replace(microsecond=0)

    def settled(self) -> datetime:
        """The moment of what the form is about."""
        if self._form.at is None:
            raise FormFault({"": "Open the form anew: it does not say what it is about."})
        return self._form.at

    def rates(self) -> dict[RateKey, Decimal]:
        found: dict[RateKey, Decimal] = {}
        for kind in STANDARD_KINDS:
            if text := self.text(kind):
                self._rate(kind, kind, text, found)
        for line in filter(None, map(str.strip, self.text("more").splitlines())):
            key, equals, text = (part.strip() for part in line.partition("="))
            if not equals:
                self.faults["more"] = (
                    f"“{line[:60]}” is no rate: write one a line, such as input>200000 = 6.00"
                )
                continue
            self._rate("more", key, text, found)
        if not found and not self.faults:
            self.faults[STANDARD_KINDS[0]] = "Give at least one rate."
        return found

    def _rate(self, field: str, key_text: str, text: str, found: dict[RateKey, Decimal]) -> None:
        plain = text.removeprefix("$").strip()
        try:
            key = RateKey.parse(key_text)
            if not _NUMBER.fullmatch(plain):
                raise ValueError(f"“{text[:40]}” is no number of dollars, such as 3 or 0.075")
            if key in found:
                raise ValueError(f"{key_text} is there twice")
            found[key] = check_rate(Decimal(plain), key_text)
        except (ValueError, InvalidOperation) as error:
            told = str(error)
            self.faults[field] = f"{told[:1].upper()}{told[1:]}."

    def percent(self) -> Decimal:
        plain = self.text("percent").removesuffix("%").strip()
        if not _NUMBER.fullmatch(plain) or Decimal(plain) > 100:
            self.faults["percent"] = "Give a percentage between 0 and 100, such as 12.5."
            return Decimal(0)
        return Decimal(plain)

    def account(self) -> str | None:
        account = self.text("account")
        if account and not re.fullmatch(r"[0-9]{12}", account):
            self.faults["account"] = "An account id has 12 digits; leave it empty for every account."
        return account or None

    def discounted_model(self) -> str | None:
        model = self.text("model")
        if len(model) > MAX_MODEL_LENGTH or "#" in model:
            self.faults["model"] = "Give a model id, or leave it empty for every model."
        return place_of(model)[0] if model and not self.faults else None


def operation_of(form: PriceForm, values: Mapping[str, object], now: datetime, zone: ZoneInfo) -> Operation:
    """The operation that a form and its fields ask for; FormFault with everything that is wrong.

    Times are by the clock of `zone`; rates are USD per million units.
    """
    reading = _Reading(form, values, now, zone)
    operation = _READERS[form.do](form, reading)
    if reading.faults:
        raise FormFault(reading.faults)
    return operation


def _add(_form: PriceForm, reading: _Reading) -> Operation:
    model_id, scope = reading.place()
    rates, moment = reading.rates(), reading.moment()
    return AddPrice(model_id=model_id, scope=scope, effective_from=moment, rates=rates)


def _correct(form: PriceForm, reading: _Reading) -> Operation:
    moment, rates = reading.settled(), reading.rates()
    return CorrectPrice(model_id=form.model_id, scope=form.scope, effective_from=moment, rates=rates)


def _end(form: PriceForm, reading: _Reading) -> Operation:
    return EndPrice(model_id=form.model_id, scope=form.scope, effective_from=reading.moment())


def _delete(form: PriceForm, reading: _Reading) -> Operation:
    return DeletePrice(model_id=form.model_id, scope=form.scope, effective_from=reading.settled())


def _approve(form: PriceForm, _reading: _Reading) -> Operation:
    return ApproveHeld(model_id=form.model_id, scope=form.scope)


def _discount(_form: PriceForm, reading: _Reading) -> Operation:
    account, model, percent = reading.account(), reading.discounted_model(), reading.percent()
    return PutDiscount(percent=percent, effective_from=reading.moment(), account_id=account, model_id=model)


def _end_discount(form: PriceForm, reading: _Reading) -> Operation:
    return EndDiscount(
        effective_from=reading.moment(), account_id=form.account_id or None, model_id=form.model_id or None
    )


def _delete_discount(form: PriceForm, reading: _Reading) -> Operation:
    return DeleteDiscount(
        effective_from=reading.settled(), account_id=form.account_id or None, model_id=form.model_id or None
    )


_READERS: Final[Mapping[Do, Callable[[PriceForm, _Reading], Operation]]] = {
    Do.ADD: _add,
    Do.CORRECT: _correct,
    Do.END: _end,
    Do.DELETE: _delete,
    Do.APPROVE: _approve,
    Do.DISCOUNT: _discount,
    Do.END_DISCOUNT: _end_discount,
    Do.DELETE_DISCOUNT: _delete_discount,
}
