"""How far one run comes with the requests to reprice, written down as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from bedrock_analytics.storage.usage_table import UsageTable


@dataclass(slots=True)
class RepriceLog:
    """The progress rows as one run sees them; every change is durable before it is seen here."""

    table: UsageTable
    now: Callable[[], datetime]
    rows: dict[str, RepriceProgress] = field(default_factory=dict)

    def load(self, rows: Sequence[RepriceProgress]) -> None:
        self.rows = {row.id: row for row in rows}

    def begin(self, progress: RepriceProgress) -> None:
        """A request is taken up; a run that died while it took it up may have begun it before."""
        self._put([progress])
        self.table.forget_reprices(self.rows.values())

    def replaced(self, periods: Iterable[DirtyPeriod]) -> None:
        """Pages of periods are in place. To be told before the periods leave the ledger."""
        done = set(periods)
        self._step(lambda row, now: row.after(done, now))

    def moved(self, hours: Iterable[DirtyPeriod]) -> None:
        """Hours are computed with their day instead. To be told before the hours leave the ledger."""
        gone = set(hours)
        self._step(lambda row, now: row.moved(gone, now))

    def _step(self, step: Callable[[RepriceProgress, datetime], RepriceProgress]) -> None:
        now = self.now()
        unfinished = [row for row in self.rows.values() if row.finished_at is None]
        self._put([after for row in unfinished if (after := step(row, now)) != row])

    def _put(self, changed: Sequence[RepriceProgress]) -> None:
        if changed:
            self.table.put_reprices(changed)
            self.rows |= {row.id: row for row in changed}
