"""Rows of usage by scope, dimension, key and half hour, while they are being added up."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from bedrock_analytics.domain.usage_stats import UsageStats

CellKey: TypeAlias = tuple[tuple[str, ...], datetime]
"""Row key and half hour."""
Table: TypeAlias = dict[CellKey, UsageStats]


class UsageCells:
    """(scope, dimension) -> (row key, half hour) -> counters.

    Most rows are the sum of a single group, and one group's counters stand in a dozen rows: a row is that
    very object until a second one is added, and only then a sum of its own. So nobody may change a row.
    """

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], Table] = {}
        self._sums: dict[tuple[str, str], set[CellKey]] = {}
        """Which rows of a table are sums of their own."""

    def add(
        self, scope: str, dimension: str, key: tuple[str, ...], half_hour: datetime, stats: UsageStats
    ) -> None:
        """Add counters to a row."""
        place, cell = (scope, dimension), (key, half_hour)
        rows = self._tables.get(place)
        if rows is None:
            rows, self._sums[place] = {}, set()
            self._tables[place] = rows
        row = rows.get(cell)
        if row is None:
            rows[cell] = stats
            return
        sums = self._sums[place]
        if cell not in sums:
            row = rows[cell] = _copy_of(row)
            sums.add(cell)
        row.merge(stats)

    def table(self, scope: str, dimension: str) -> Table:
        """The rows of a dimension in a scope; none where nothing was added."""
        return self._tables.get((scope, dimension), {})

    def tables(self) -> list[tuple[tuple[str, str], Table]]:
        """The tables there are now; adding to others while going through them is allowed."""
        return list(self._tables.items())


def _copy_of(stats: UsageStats) -> UsageStats:
    copy = UsageStats()
    copy.merge(stats)
    return copy
