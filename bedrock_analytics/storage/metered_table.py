"""A table of items that counts what DynamoDB would bill for its use.

Source of the rules: Amazon DynamoDB developer guide, "DynamoDB on-demand capacity mode" and "Capacity
unit consumption": a write costs a unit for each started KB of the item or of the one that it replaces,
whichever is larger, also where its condition fails; a read costs half a unit for each started 4 KB, a
whole one if consistent, a query on the sum of a page's items; a transaction's writes cost double.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bedrock_analytics.domain.errors import ConditionFailed
from bedrock_analytics.storage.item_rules import item_size, key_of, write_key
from bedrock_analytics.storage.item_table import Condition, Delete, Item, ItemTable, Key, Put, Value

WRITE_UNIT_BYTES: Final = 1024
READ_UNIT_BYTES: Final = 4096
PAGE_BYTES: Final = 1024 * 1024
BATCH_SIZE: Final = 25


@dataclass(slots=True)
class Consumption:
    """What was asked of a table since the meter was read last."""

    requests: Counter[str] = field(default_factory=Counter)
    """By DynamoDB's name of the operation."""
    items_written: int = 0
    write_units: int = 0
    half_read_units: int = 0

    @property
    def read_units(self) -> Decimal:
        return Decimal(self.half_read_units) / 2


class MeteredTable:
    """ItemTable that passes everything on and counts it; not thread-safe."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table
        self._sizes: dict[Key, int] = {}
        self.consumed = Consumption()

    def take(self) -> Consumption:
        """What was consumed since the last call; the meter starts anew."""
        consumed, self.consumed = self.consumed, Consumption()
        return consumed

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        """The item, or None where there is none (which costs as much as the smallest item)."""
        item = self._table.get(key, consistent=consistent)
        self._count_read("GetItem", 0 if item is None else item_size(item), consistent=consistent)
        return item

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        """Items of a partition, counted in pages of 1 MB when they have been read."""
        page = 0
        for item in self._table.query(pk, start=start, end=end, consistent=consistent, descending=descending):
            size = item_size(item)
            if page + size > PAGE_BYTES:
                self._count_read("Query", page, consistent=consistent)
                page = 0
            page += size
            yield item
        self._count_read("Query", page, consistent=consistent)

    def put_many(self, items: Iterable[Item]) -> None:
        """Put items."""
        latest = {key_of(item): item for item in items}
        units = sum(self._write_units(key, item_size(item)) for key, item in latest.items())
        self._table.put_many(latest.values())
        self._count_batches(len(latest), units)
        self._sizes |= {key: item_size(item) for key, item in latest.items()}

    def delete_many(self, keys: Iterable[Key]) -> None:
        """Delete items."""
        distinct = list(dict.fromkeys(keys))
        units = sum(self._write_units(key, 0) for key in distinct)
        self._table.delete_many(distinct)
        self._count_batches(len(distinct), units)
        self._sizes |= dict.fromkeys(distinct, 0)

    def put_if(self, item: Item, condition: Condition) -> None:
        """Put one item where the condition holds of what is there; else ConditionFailed."""
        with self._conditional("PutItem", [Put(item)], factor=1):
            self._table.put_if(item, condition)

    def delete_if(self, key: Key, condition: Condition) -> None:
        """Delete one item where the condition holds of what is there; else ConditionFailed."""
        with self._conditional("DeleteItem", [Delete(key)], factor=1):
            self._table.delete_if(key, condition)

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        """Do writes together; each costs twice its units."""
        with self._conditional("TransactWriteItems", writes, factor=2):
            self._table.write_together(writes)

    @contextmanager
    def _conditional(self, operation: str, writes: Sequence[Put | Delete], *, factor: int) -> Iterator[None]:
        """Count writes that are refused too; remember the new sizes of those that are done."""
        sizes = {write_key(write): _size_after(write) for write in writes}
        units = factor * sum(self._write_units(key, size) for key, size in sizes.items())
        try:
            yield
        except ConditionFailed:
            self._count_writes(operation, 0, units)
            raise
        self._count_writes(operation, len(writes), units)
        self._sizes |= sizes

    def _write_units(self, key: Key, size: int) -> int:
        return _started(max(size, self._size_before(key)), WRITE_UNIT_BYTES)

    def _size_before(self, key: Key) -> int:
        if key not in self._sizes:
            item = self._table.get(key, consistent=True)
            self._sizes[key] = 0 if item is None else item_size(item)
        return self._sizes[key]

    def _count_batches(self, items: int, units: int) -> None:
        if items:
            self._count_writes("BatchWriteItem", items, units, requests=-(-items // BATCH_SIZE))

    def _count_writes(self, operation: str, items: int, units: int, *, requests: int = 1) -> None:
        self.consumed.requests[operation] += requests
        self.consumed.items_written += items
        self.consumed.write_units += units

    def _count_read(self, operation: str, size: int, *, consistent: bool) -> None:
        self.consumed.requests[operation] += 1
        self.consumed.half_read_units += _started(size, READ_UNIT_BYTES) * (2 if consistent else 1)


def _size_after(write: Put | Delete) -> int:
    return item_size(write.item) if isinstance(write, Put) else 0


def _started(size: int, unit: int) -> int:
    """Started units of a size; nothing costs as much as one byte."""
    return max(1, -(-size // unit))
