"""Kinds of settings: how a configured value becomes one of Python, and what is said where it cannot.

Pulumi hands a program every value as text, lists and maps as JSON; a stack file read directly has them as
YAML types. Both are accepted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from bedrock_analytics.domain.errors import ConfigurationError

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Kind(Protocol[T_co]):
    """A kind of value."""

    @property
    def schema(self) -> str:
        """Its type in Pulumi.yaml."""
        ...

    @property
    def rule(self) -> str:
        """What a value must be, as it follows "must be"."""
        ...

    def read(self, value: object) -> T_co | None:
        """The value; None where it is none of this kind."""
        ...


def refusal(key: str, value: object, fix: str) -> ConfigurationError:
    """The error of a value that cannot be: names key, value and fix."""
    return ConfigurationError(f"{key} is {_shown(value)}: {fix}")


def _shown(value: object) -> str:
    structure = isinstance(value, str) and value.startswith(("[", "{"))
    text = str(value) if structure else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text of a pattern, of which `shape` tells people."""

    pattern: str
    shape: str
    schema: str = "string"

    @property
    def rule(self) -> str:
        return self.shape

    def read(self, value: object) -> str | None:
        if isinstance(value, bool | float) or not isinstance(value, str | int):
            return None
        return str(value) if re.fullmatch(self.pattern, str(value), re.ASCII) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A whole number within limits, or, where `also` is given, that one number besides."""

    low: int
    high: int
    also: int | None = None
    also_means: str = ""
    schema: str = "integer"

    @property
    def rule(self) -> str:
        other = f", or {self.also} for {self.also_means}" if self.also is not None else ""
        return f"a whole number from {self.low} to {self.high}{other}"

    def read(self, value: object) -> int | None:
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,9}", str(value), re.ASCII):
            return None
        number = int(str(value))
        return number if self.low <= number <= self.high or number == self.also else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneNumberOf:
    """One of a few whole numbers."""

    allowed: tuple[int, ...]
    schema: str = "integer"

    @property
    def rule(self) -> str:
        return "one of " + ", ".join(map(str, self.allowed))

    def read(self, value: object) -> int | None:
        return next((one for one in self.allowed if str(one) == str(value)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount of US dollars above 0."""

    schema: str = "number"
    rule: str = 'an amount in US dollars above 0, such as "250" or "99.50"'

    def read(self, value: object) -> Decimal | None:
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            return None
        sound = amount.is_finite() and 0 < amount < 10**9 and amount == round(amount, 2)
        return amount if sound and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """true or false."""

    schema: str = "boolean"
    rule: str = "true or false"

    def read(self, value: object) -> bool | None:
        return {"true": True, "false": False}.get(
            str(value).lower() if isinstance(value, bool) else str(value)
        )


@dataclass(frozen=True, slots=True)
class Choice(Generic[E]):
    """One of a few words."""

    options: type[E]
    schema: str = "string"

    @property
    def rule(self) -> str:
        return " or ".join(self.options)

    def read(self, value: object) -> E | None:
        return next((option for option in self.options if option.value == value), None)


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T]):
    """A list, each item once; a single item may be written without brackets."""

    item: Kind[T]
    most: int
    least: int = 0
    schema: str = "array"

    @property
    def rule(self) -> str:
        size = f"{self.least} to {self.most}" if self.least else f"at most {self.most}"
        return f"a list of {size} different items, each {self.item.rule}"

    def read(self, value: object) -> tuple[T, ...] | None:
        items = _structure(value, "[")
        items = [items] if isinstance(items, str) and items else items
        if not isinstance(items, list) or not self.least <= len(items) <= self.most:
            return None
        read = [self.item.read(item) for item in items]
        found = tuple(item for item in read if item is not None)
        return found if len(found) == len(items) == len(set(found)) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """Names with texts."""

    key: Text
    value: Text
    most: int
    schema: str = "object"

    @property
    def rule(self) -> str:
        return f"at most {self.most} names, each {self.key.rule}, with values that are {self.value.rule}"

    def read(self, value: object) -> Mapping[str, str] | None:
        entries = _structure(value, "{")
        if not isinstance(entries, Mapping) or len(entries) > self.most:
            return None
        read = {self.key.read(key): self.value.read(one) for key, one in entries.items()}
        found = {key: one for key, one in read.items() if key is not None and one is not None}
        return found if len(found) == len(entries) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A list of maps, whose fields are read one by one by who knows them."""

    rule: str
    schema: str = "array"

    def read(self, value: object) -> tuple[Mapping[str, object], ...] | None:
        items = _structure(value, "[")
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            return None
        return tuple(items)


SEALED = "sealed"
"""Stands for a secret that is encrypted in the stack file, which only Pulumi can open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A text that nobody may see; it is never shown in an error."""

    least: int
    schema: str = "string"

    @property
    def rule(self) -> str:
        return f"a secret of at least {self.least} characters"

    def read(self, value: object) -> str | None:
        if isinstance(value, Mapping) and value.keys() == {"secure"}:
            return SEALED
        return value if isinstance(value, str) and len(value) >= self.least else None


def _structure(value: object, opening: str) -> object:
    """The value, read from JSON where Pulumi handed it over as such."""
    if isinstance(value, str) and value.lstrip().startswith(opening):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value
