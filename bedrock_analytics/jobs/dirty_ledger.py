"""The ledger of periods that must be computed: how marks are made and in which order they are worked off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bedrock_analytics.domain import periods
from bedrock_analytics.storage.dirty_period import DirtyPeriod, PeriodKind
from bedrock_analytics.storage.usage_table import DirtyRow, UsageTable


def periods_of_hours(hours: Iterable[datetime], first_open_day: date) -> set[DirtyPeriod]:
    """What to compute for hours: open days by hour, older days as a whole."""
    return {
        DirtyPeriod.of_hour(hour)
        if periods.day_of(hour) >= first_open_day
        else DirtyPeriod.of_day(periods.day_of(hour))
        for hour in hours
    }


def with_wholes(wanted: Iterable[DirtyPeriod], today: date) -> set[DirtyPeriod]:
    """Periods, and those folded from them: days before today of their hours, months of their days."""
    found = set(wanted)
    found |= {
        DirtyPeriod.of_day(what.day) for what in found if what.kind is PeriodKind.HOUR and what.day < today
    }
    days = {what.day for what in found if what.kind is PeriodKind.DAY}
    return found | {DirtyPeriod.of_month(periods.month_of(day)) for day in days}


@dataclass(slots=True)
class DirtyLedger:
    """The dirty rows as one run sees them; every change is durable before it is seen here."""

    table: UsageTable
    new_generation: Callable[[], str]
    max_attempts: int
    rows: dict[DirtyPeriod, DirtyRow] = field(default_factory=dict)

    def load(self, rows: Sequence[DirtyRow]) -> None:
        self.rows = {row.what: row for row in rows}

    def mark(self, wanted: Iterable[DirtyPeriod], reason: str, *, fresh: bool = False) -> None:
        """Ask for periods. New data does not revive a parked period; a `fresh` mark does."""
        marks = []
        for what in sorted(wanted):
            old = None if fresh else self.rows.get(what)
            marks.append(
                DirtyRow(
                    what=what,
                    generation=self.new_generation(),
                    reason=reason,
                    attempts=old.attempts if old else 0,
                    error=old.error if old else None,
                )
            )
        self.table.mark_dirty(marks)
        self.rows.update((row.what, row) for row in marks)

    def clear(self, row: DirtyRow) -> None:
        """The period was computed as of the mark."""
        self.table.clear_dirty(row)
        if self.rows.get(row.what) == row:
            del self.rows[row.what]

    def fail(self, row: DirtyRow, error: Exception) -> None:
        """The period could not be computed: count it, and leave it for the next run."""
        self.table.note_failure(row, str(error))
        self.rows.pop(row.what, None)

    def open_rows(self, kind: PeriodKind) -> list[DirtyRow]:
        """Rows of a kind that are to be computed, newest period first."""
        rows = [
            row for row in self.rows.values() if row.what.kind is kind and row.attempts < self.max_attempts
        ]
        return sorted(rows, key=lambda row: row.what.period, reverse=True)

    def is_parked(self, what: DirtyPeriod) -> bool:
        row = self.rows.get(what)
        return row is not None and row.attempts >= self.max_attempts
