"""Log objects into the lake: several objects a commit, each entered in the ledger only after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.ingest_ledger import FoundObject, IngestLedger, ObjectCounts
from bedrock_analytics.storage.lake import EventSink


class LogSource(Protocol):
    """Where log objects come from."""

    def found(self) -> Sequence[FoundObject]:
        """Log objects in the order in which to read them: all, or those that came since the last call."""
        ...

    def missed(self, items: Sequence[FoundObject]) -> None:
        """These were not read after all; show them again."""
        ...

    def read(self, item: FoundObject, sink: EventSink) -> ObjectCounts:
        """Hand an object's rows to the sink; LogObjectError where it cannot be read as a whole."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """When rows are committed to the lake: so many rows, so many objects, or so long after the first."""

    rows: int = 100_000
    objects: int = 2_000
    age: timedelta = timedelta(seconds=15)


@dataclass(slots=True, kw_only=True)
class IngestReport:
    """What one pass over the log objects did."""

    wanted: int = 0
    read: int = 0
    rows: int = 0
    commits: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Key and error of objects that could not be read this time."""


class RowBuffer:
    """An event sink that keeps rows back until they are flushed to the lake, or become too many."""

    def __init__(self, lake: EventSink, max_rows: int) -> None:
        self._lake = lake
        self._max_rows = max_rows
        self._rows: list[UsageEvent] = []
        self._flushes = 0

    def put(self, events: Iterable[UsageEvent]) -> int:
        """Take rows; memory stays bounded even where one object holds more than a commit."""
        taken = 0
        for event in events:
            self._rows.append(event)
            taken += 1
            if len(self._rows) >= self._max_rows:
                self.flush()
        return taken

    def flush(self) -> None:
        """Commit what is kept."""
        if self._rows:
            self._lake.put(self._rows)
            self._rows = []
            self._flushes += 1

    def mark(self) -> tuple[int, int]:
        """The place to return to where an object turns out to be broken."""
        return self._flushes, len(self._rows)

    def return_to(self, mark: tuple[int, int]) -> None:
        """Forget the rows taken since a mark, except those that are committed already."""
        flushes, length = mark
        del self._rows[length if flushes == self._flushes else 0 :]

    def __len__(self) -> int:
        return len(self._rows)


class Ingest:
    """Reads new log objects into the lake."""

    def __init__(
        self,
        source: LogSource,
        lake: EventSink,
        ledger: IngestLedger,
        *,
        now: Callable[[], datetime],
        limits: BatchLimits | None = None,
    ) -> None:
        self._source = source
        self._lake = lake
        self._ledger = ledger
        self._now = now
        self._limits = limits or BatchLimits()

    def run(self, on_step: Callable[[IngestReport], None], is_stopped: Callable[[], bool]) -> IngestReport:
        """Read every object that the ledger wants, once.

        `on_step` is told after each object and each commit. Stopped, it commits what it has read.
        DeliveryError and LakeError from the lake end the pass; what was read since the last commit is
        read again by the next one.
        """
        wanted = self._ledger.wanted(self._source.found())
        report = IngestReport(wanted=len(wanted))
        batch = _Batch(self._lake, self._ledger, self._limits, report)
        try:
            for item in wanted:
                if is_stopped():
                    break
                self._read(item, batch, report)
                if batch.is_full(self._now()):
                    batch.commit()
                on_step(report)
            batch.commit()
        finally:
            self._source.missed([item for item in wanted if item.key not in batch.entered])
        on_step(report)
        return report

    def _read(self, item: FoundObject, batch: _Batch, report: IngestReport) -> None:
        mark = batch.rows.mark()
        try:
            counts = self._source.read(item, batch.rows)
        except LogObjectError as error:
            batch.rows.return_to(mark)
            self._ledger.enter_fault(item, str(error))
            report.faults.append((item.key, str(error)))
            return
        batch.add(item, counts, self._now())


class _Batch:
    """The objects of one commit."""

    def __init__(
        self, lake: EventSink, ledger: IngestLedger, limits: BatchLimits, report: IngestReport
    ) -> None:
        self.rows = RowBuffer(lake, limits.rows)
        self._ledger = ledger
        self._limits = limits
        self._report = report
        self._read: list[tuple[FoundObject, ObjectCounts]] = []
        self._begun: datetime | None = None
        self.entered: set[str] = set()
        """Keys of the objects that are in the lake and the ledger."""

    def add(self, item: FoundObject, counts: ObjectCounts, now: datetime) -> None:
        self._read.append((item, counts))
        self._begun = self._begun or now
        self._report.read += 1
        self._report.rows += counts.events + counts.rejections

    def is_full(self, now: datetime) -> bool:
        """Half the buffer is enough, so that the next object seldom fills it midway."""
        limits = self._limits
        return self._begun is not None and (
            len(self.rows) * 2 >= limits.rows
            or len(self._read) >= limits.objects
            or now - self._begun >= limits.age
        )

    def commit(self) -> None:
        """The lake first, then the ledger: a crash between the two repeats rows and loses none."""
        self.rows.flush()
        if self._read:
            self._ledger.enter(self._read)
            self._report.commits += 1
            self.entered.update(item.key for item, _ in self._read)
        self._read, self._begun = [], None
