"""An item table in memory, and one that fails at a chosen call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy

from bedrock_analytics.domain.errors import ConditionFailed
from bedrock_analytics.storage.item_conditions import holds
from bedrock_analytics.storage.item_table import Condition, Delete, Item, Key, Put, Value


class MemoryTable:
    """ItemTable over a dict."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Value]] = {}

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        return deepcopy(self.items.get((key.pk, key.sk)))

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        keys = sorted(
            (key for key in self.items if key[0] == pk and _within(key[1], start, end)),
            key=lambda key: key[1].encode(),
            reverse=descending,
        )
        return iter([deepcopy(self.items[key]) for key in keys])

    def put_many(self, items: Iterable[Item]) -> None:
        for item in items:
            self.items[str(item["PK"]), str(item["SK"])] = deepcopy(dict(item))

    def delete_many(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.items.pop((key.pk, key.sk), None)

    def put_if(self, item: Item, condition: Condition) -> None:
        self.write_together([Put(item, condition)])

    def delete_if(self, key: Key, condition: Condition) -> None:
        self.write_together([Delete(key, condition)])

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        for write in writes:
            if write.condition is not None and not holds(write.condition, self.items.get(_key(write))):
                raise ConditionFailed(f"{write.condition} does not hold")
        for write in writes:
            if isinstance(write, Put):
                self.put_many([write.item])
            else:
                self.delete_many([write.key])


def _key(write: Put | Delete) -> tuple[str, str]:
    if isinstance(write, Put):
        return str(write.item["PK"]), str(write.item["SK"])
    return write.key.pk, write.key.sk


def _within(sort_key: str, start: str | None, end: str | None) -> bool:
    text = sort_key.encode()
    return (start is None or start.encode() <= text) and (end is None or text <= end.encode())


class InterruptedTable(MemoryTable):
    """A view of a MemoryTable whose calls, item by item, first ask `tick`, which may raise."""

    def __init__(self, table: MemoryTable, tick: Callable[[], None]) -> None:
        self.items = table.items
        self._tick = tick

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self._tick()
        return super().get(key, consistent=consistent)

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        self._tick()
        return super().query(pk, start=start, end=end, consistent=consistent, descending=descending)

    def put_many(self, items: Iterable[Item]) -> None:
        for item in items:
            self._tick()
            super().put_many([item])

    def delete_many(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._tick()
            super().delete_many([key])

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        self._tick()
        for write in writes:
            if write.condition is not None and not holds(write.condition, self.items.get(_key(write))):
                raise ConditionFailed(f"{write.condition} does not hold")
        for write in writes:
            if isinstance(write, Put):
                MemoryTable.put_many(self, [write.item])
            else:
                MemoryTable.delete_many(self, [write.key])
