"""The operations that we use of a table of items, after DynamoDB's model.

An item is a mapping with the text attributes PK and SK and any attributes of the types in `Value`.
Numbers come back as int where whole, else as Decimal; floats are refused. Implementations: DynamoDB
(`storage/dynamodb_table.py`) and SQLite (`embedded/sqlite_table.py`), under one contract suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeAlias

Value: TypeAlias = "str | int | Decimal | bool | bytes | list[Value] | dict[str, Value] | None"
Item: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Key:
    """Partition and sort key of an item."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Holds where the item does not exist."""


@dataclass(frozen=True, slots=True)
class Equals:
    """Holds where the item exists and its attribute equals the value."""

    attribute: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Below:
    """Holds where the item exists and its number attribute is below the value."""

    attribute: str
    value: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where one of the conditions holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds where every one of the conditions holds."""

    conditions: tuple[Condition, ...]


Condition: TypeAlias = Absent | Equals | Below | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Put:
    """A put in an atomic group; the whole group fails where the condition does not hold."""

    item: Item
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """A delete in an atomic group."""

    key: Key
    condition: Condition | None = None


class ItemTable(Protocol):
    """A table of items. Every method raises TableUnavailable where the table cannot answer for the moment."""

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        """The item, or None where there is none."""
        ...

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        """Items of a partition with start <= SK <= end (UTF-8 byte order), all pages, in order of SK."""
        ...

    def put_many(self, items: Iterable[Item]) -> None:
        """Put items, replacing what is there; not atomic together. An item is at most 400 KB.

        Of several items with one key the last one stays.
        """
        ...

    def delete_many(self, keys: Iterable[Key]) -> None:
        """Delete items; one that does not exist is no error. Not atomic together."""
        ...

    def put_if(self, item: Item, condition: Condition) -> None:
        """Put one item where the condition holds of what is there; else ConditionFailed."""
        ...

    def delete_if(self, key: Key, condition: Condition) -> None:
        """Delete one item where the condition holds of what is there; else ConditionFailed."""
        ...

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        """Do at most 100 writes of distinct keys, all or none; ConditionFailed where a condition fails."""
        ...
