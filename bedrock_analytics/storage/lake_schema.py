"""Which columns the lake is known to have, so that a new column is added to the table before it is sent.

The stream drops a field that the table lacks, silently and for good. So `migrate` adds the column and then
confirms it in one row of the usage table; L1 sends a column only once that row names it, and L2 reads one
that it does not name as null, which it then is in every row. Hub and spokes may so differ by a version.

The row is a partition of its own (`SCHEMA`), because the roles that parse logs, a spoke's too, may read it
and nothing else of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bedrock_analytics.domain.errors import PageError, TableError, TableUnavailable
from bedrock_analytics.domain.usage_event import COLUMNS, Column
from bedrock_analytics.storage.item_table import ItemTable, Key

PARTITION: Final = "SCHEMA"
ROW: Final = "COLUMNS"
REMEMBERED: Final = timedelta(minutes=5)
"""How long L1 goes without asking for columns that were missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedColumns:
    """Names of the lake's columns, and when they were seen there."""

    names: frozenset[str]
    confirmed_at: datetime


class SchemaTable:
    """The row in the usage table; only `migrate` writes it."""

    def __init__(self, table: ItemTable) -> None:
        self._table = table

    def read(self) -> ConfirmedColumns | None:
        """What is confirmed, None before the first `migrate`; TableError where the row cannot be read."""
        item = self._table.get(Key(PARTITION, ROW), consistent=True)
        if item is None:
            return None
        try:
            return ConfirmedColumns(
                names=frozenset(str(item["columns"]).split(",")),
                confirmed_at=datetime.fromisoformat(str(item["confirmed_at"])),
            )
        except (KeyError, ValueError) as error:
            raise PageError(
                "the row of confirmed columns is damaged: run `bedrock-analytics migrate`"
            ) from error

    def confirm(self, names: Sequence[str], now: datetime) -> None:
        """Note the columns that the lake has."""
        row = {
            "PK": PARTITION,
            "SK": ROW,
            "columns": ",".join(sorted(names)),
            "confirmed_at": now.isoformat(),
        }
        self._table.put_many([row])


class LakeColumns:
    """The lake's columns as a function may rely on them. Without later columns it asks nobody."""

    def __init__(self, table: SchemaTable, columns: Sequence[Column] = COLUMNS) -> None:
        self._table = table
        self._columns = columns
        self._complete = all(column.since == 1 for column in columns)

    def missing(self) -> tuple[Column, ...]:
        """Columns that nobody has confirmed; TableError where that is unknown."""
        if self._complete:
            return ()
        found = self._table.read()
        known = found.names if found else frozenset[str]()
        lacking = tuple(column for column in self._columns if column.since > 1 and column.name not in known)
        self._complete = not lacking
        return lacking


class SendableColumns:
    """Names of columns that L1 leaves out, asked for again after a while."""

    def __init__(self, lake: LakeColumns, later: Sequence[str], *, now: Callable[[], datetime]) -> None:
        """`later` are the names of all columns after version 1."""
        self._lake = lake
        self._later = frozenset(later)
        self._now = now
        self._left_out: frozenset[str] | None = None
        self._asked_at: datetime | None = None

    def left_out(self) -> frozenset[str]:
        """Columns not to send. Where the row may not be read, all those after version 1.

        TableUnavailable where it cannot be read for the moment and never was: the message then returns.
        """
        now = self._now()
        if self._left_out is None or self._asked_at is None or now >= self._asked_at + REMEMBERED:
            self._left_out, self._asked_at = self._ask(), now
        return self._left_out

    def _ask(self) -> frozenset[str]:
        if self._left_out == frozenset():
            return self._left_out
        try:
            return frozenset(column.name for column in self._lake.missing())
        except TableUnavailable:
            if self._left_out is None:
                raise
            return self._left_out
        except TableError:
            return self._later


def later_names(columns: Sequence[Column] = COLUMNS) -> tuple[str, ...]:
    """Names of the columns that came after version 1."""
    return tuple(column.name for column in columns if column.since > 1)
