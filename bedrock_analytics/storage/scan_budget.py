"""How much people's own queries may read of the lake in a day, counted in an item table.

One row for each query, in partition `SCANS#{UTC day}`: what it read, or what it may read at most while that
is not known. So counting twice changes nothing, and several processes share the count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bedrock_analytics.domain.periods import day_of
from bedrock_analytics.storage.item_table import Item, ItemTable, Key, Value

SCANS: Final = "SCANS#"
DAY_BYTES: Final = 200_000_000_000
"""200 GB: a dollar a day, at Athena's 5 USD for a TB read in most Regions."""
QUERY_BYTES: Final = 10_000_000_000
"""What a query may read at most; the workgroup for people stops one that reaches its own limit."""
_REMEMBERED: Final = timedelta(days=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayScans:
    """What was read on a UTC day. `open_queries` are those whose amount is not known yet."""

    day: date
    used_bytes: int
    limit_bytes: int
    open_queries: tuple[str, ...]

    @property
    def left_bytes(self) -> int:
        return max(self.limit_bytes - self.used_bytes, 0)


class ScanBudget:
    """Counts what queries read. Safe to share between threads and processes."""

    def __init__(
        self,
        table: ItemTable,
        clock: Callable[[], datetime],
        *,
        day_bytes: int = DAY_BYTES,
        query_bytes: int = QUERY_BYTES,
    ) -> None:
        self._table = table
        self._clock = clock
        self._day_bytes = day_bytes
        self._query_bytes = query_bytes

    def today(self) -> DayScans:
        """What was read today: one query of the table."""
        day = day_of(self._clock())
        rows = list(self._table.query(_partition(day), consistent=True))
        return DayScans(
            day=day,
            used_bytes=sum(_bytes_of(row) for row in rows),
            limit_bytes=self._day_bytes,
            open_queries=tuple(str(row["SK"]) for row in rows if row.get("open")),
        )

    def reserve(self, query_id: str, day: date) -> None:
        """Count a query that begins as if it read all it may; rows of days long past are dropped."""
        self._table.put_many([self._row(query_id, day, self._query_bytes, is_open=True)])
        past = _partition(day - _REMEMBERED)
        self._table.delete_many([Key(past, str(row["SK"])) for row in self._table.query(past)])

    def settle(self, query_id: str, day: date, scanned_bytes: int) -> None:
        """Count what a query has read."""
        self._table.put_many([self._row(query_id, day, scanned_bytes, is_open=False)])

    def _row(self, query_id: str, day: date, count: int, *, is_open: bool) -> Item:
        row: dict[str, Value] = {"PK": _partition(day), "SK": query_id, "bytes": count, "open": is_open}
        return row


def _partition(day: date) -> str:
    return f"{SCANS}{day.isoformat()}"


def _bytes_of(row: Item) -> int:
    count = row["bytes"]
    return count if isinstance(count, int) else 0
