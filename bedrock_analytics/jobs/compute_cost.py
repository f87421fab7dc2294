"""L2: find what must be computed, and compute it, under a lease, so that any interruption is repaired.

One run: read the checkpoint, lease and ledger at once; stop if nothing can be new; else mark what changed,
then work off the ledger newest first while time is left. A period is cleared only when its pages are in
place, on the condition that it was not marked again meanwhile. A rerun changes nothing.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import (
    ComputationError,
    LakeError,
    LakeUnavailable,
    LeaseHeld,
    PageError,
    TableError,
)
from bedrock_analytics.domain.price import PriceBook
from bedrock_analytics.domain.usage_event import Column
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.dirty_ledger import DirtyLedger
from bedrock_analytics.jobs.find_dirty import DirtyFinder, PriceSource, unclosed_days
from bedrock_analytics.jobs.period_pages import PeriodPages, joined_scope
from bedrock_analytics.jobs.reprice_log import RepriceLog
from bedrock_analytics.storage.dirty_period import DirtyPeriod, PeriodKind
from bedrock_analytics.storage.lake import EventLake
from bedrock_analytics.storage.price_meta import PriceMeta
from bedrock_analytics.storage.usage_table import (
    MAX_ERROR_TEXT,
    REMEMBERED_CHANGES,
    Change,
    Checkpoint,
    ComputeState,
    DirtyRow,
    Lease,
    UsageTable,
)

PERIOD_FAULTS = (ComputationError, PageError, LakeError)
"""What may be wrong with one period, and does not stop the others."""


@dataclass(slots=True, kw_only=True)
class ComputeReport:
    """What a run did. `remaining` periods are left for the next run, `parked` ones need attention."""

    idle: bool = False
    computed: Counter[PeriodKind] = field(default_factory=Counter)
    missing_columns: tuple[str, ...] = ()
    """Columns that the lake is not known to have; they were read as null."""
    queries: int = 0
    failed: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    remaining: int = 0
    data_up_to: datetime | None = None
    closed_through: date | None = None


@dataclass(slots=True, kw_only=True)
class ComputeCost:
    """The L2 job over a lake, the serving table and the price table.

    `now` is the clock; `owner` names this process in the lease; `new_generation` makes unique texts.
    """

    lake: EventLake
    table: UsageTable
    prices: PriceSource
    settings: ComputeSettings
    now: Callable[[], datetime]
    owner: str
    new_generation: Callable[[], str]
    missing_columns: Callable[[], Sequence[Column]] = tuple
    """What the lake lacks, asked once at the beginning of a run; the lake reads the same."""
    learned: dict[str, str] = field(default_factory=dict)
    """Application profiles that this process has handed to the price table."""
    wanted: set[str] = field(default_factory=set)
    """Models without a price that this process has asked a sync for."""
    _book: tuple[str, PriceBook] | None = None

    def run(self, deadline: datetime) -> ComputeReport:
        """Do one run, beginning no chunk of work after `deadline`.

        LeaseHeld while another run writes; LakeUnavailable or TableUnavailable when a store does not answer.
        """
        state = self.table.state()
        started = self.now()
        lake_version = self.lake.version()
        meta = self.prices.load_meta()
        missing = tuple(column.name for column in self.missing_columns())
        if self._is_idle(state, lake_version, meta, started) and state.checkpoint.missing_columns == missing:
            self.table.touch(state.checkpoint, started)
            return ComputeReport(
                idle=True,
                missing_columns=missing,
                parked=sorted(row.what.period for row in state.dirty),
                data_up_to=started,
                closed_through=state.checkpoint.closed_through,
            )
        lease = self.table.acquire_lease(self.owner, started, self.settings.lease, state.lease)
        run = _Run(self, lease, self.table.state(), deadline)
        run.report.missing_columns = missing
        try:
            return run.work(lake_version, meta, started)
        except LakeUnavailable as error:
            run.give_up(error)
            raise
        finally:
            run.release()

    def _is_idle(self, state: ComputeState, lake_version: str, meta: PriceMeta, now: datetime) -> bool:
        checkpoint = state.checkpoint
        return (
            is_settled(checkpoint, self.settings)
            and checkpoint.lake_version == lake_version
            and checkpoint.price_version == meta.version
            and checkpoint.stats_version == self.settings.stats_version
            and not meta.reprices
            and checkpoint.run % 2 == 0
            and checkpoint.last_error is None
            and all(row.attempts >= self.settings.max_attempts for row in state.dirty)
            and not unclosed_days(checkpoint, now, self.settings)
        )

    def book(self, version: str) -> PriceBook:
        """The price book of a version; kept between runs of one process."""
        if self._book is None or self._book[0] != version:
            self._book = (version, self.prices.load_book())
        return self._book[1]


class _Run:
    """One run that holds the lease."""

    def __init__(self, job: ComputeCost, lease: Lease, state: ComputeState, deadline: datetime) -> None:
        self.job = job
        self.lease = lease
        self.checkpoint = state.checkpoint
        self.deadline = deadline
        self.report = ComputeReport()
        self.failed: dict[DirtyPeriod, int] = {}
        self.pages: PeriodPages | None = None
        self.ledger = DirtyLedger(job.table, job.new_generation, job.settings.max_attempts)
        self.ledger.load(state.dirty)
        self.reprices = RepriceLog(job.table, job.now)
        self.reprices.load(state.reprices)

    def work(self, lake_version: str, meta: PriceMeta, started: datetime) -> ComputeReport:
        """Find, compute, close; leaves the checkpoint written."""
        self._find(lake_version, meta, started)
        pages = PeriodPages(
            self.job.lake,
            self.job.table,
            self.job.book(meta.version),
            self.job.settings.metadata_keys,
            started,
        )
        self.pages = pages
        self._hours(pages, started)
        self._days(pages, started)
        self._months(pages, started)
        self._tell_prices(pages, meta)
        self._close(started)
        self._put_checkpoint(run=self.checkpoint.run + self.checkpoint.run % 2)
        self._fill_report(pages)
        return self.report

    def give_up(self, error: Exception) -> None:
        """Leave a note that the lake did not answer; the next run is the retry."""
        self.checkpoint = replace(
            self.checkpoint, last_error=str(error)[:MAX_ERROR_TEXT], last_error_at=self.job.now()
        )
        self._put_checkpoint(run=self.checkpoint.run + self.checkpoint.run % 2)

    def release(self) -> None:
        """Give the lease back; where that fails it runs out by itself."""
        with contextlib.suppress(TableError, LeaseHeld):
            self.job.table.release_lease(self.lease)

    # -- finding

    def _find(self, lake_version: str, meta: PriceMeta, started: datetime) -> None:
        finder = DirtyFinder(self.job.lake, self.job.table, self.ledger, self.job.settings, started)
        checkpoint = self.checkpoint
        is_new = checkpoint.lake_version != lake_version
        missing = self.report.missing_columns
        if set(checkpoint.missing_columns) - set(missing):
            finder.rows_with_new_columns(checkpoint)
        if is_new or not is_settled(checkpoint, self.job.settings):
            checkpoint = replace(finder.new_rows(checkpoint), lake_version=lake_version, queried_at=started)
            if is_new:
                checkpoint = replace(checkpoint, lake_version_seen_at=started)
        checkpoint = finder.new_settings(checkpoint)
        finder.price_changes(self.job.prices, meta.reprices, self.reprices)
        finder.ended_days(checkpoint)
        self.checkpoint = replace(
            checkpoint,
            price_version=meta.version,
            checked_at=started,
            data_up_to=started,
            missing_columns=missing,
            last_error=None,
            last_error_at=None,
        )

    # -- computing

    def _hours(self, pages: PeriodPages, started: datetime) -> None:
        today = periods.day_of(started)
        self._retire_hours(self.job.settings.first_open_day(started))
        while rows := self._next(PeriodKind.HOUR, self.job.settings.hours_per_query):
            self._compute(
                rows,
                lambda rows: pages.replace_hours([periods.parse_hour_key(row.what.period) for row in rows]),
                lambda row: DirtyPeriod.of_day(row.what.day) if row.what.day < today else None,
            )

    def _retire_hours(self, first_open: date) -> None:
        """Hours whose day has left the open window are computed with their day."""
        old = [row for row in self.ledger.open_rows(PeriodKind.HOUR) if row.what.day < first_open]
        if old:
            self.ledger.mark({DirtyPeriod.of_day(row.what.day) for row in old}, "late hours")
            self.reprices.moved(row.what for row in old)
        for row in old:
            self.ledger.clear(row)

    def _days(self, pages: PeriodPages, started: datetime) -> None:
        first_open = self.job.settings.first_open_day(started)

        def replace_days(rows: Sequence[DirtyRow]) -> None:
            days = [row.what.day for row in rows]
            for day in days:
                if day >= first_open:
                    pages.fold_day(day)
            if older := [day for day in days if day < first_open]:
                pages.replace_days(older)

        while rows := self._next(PeriodKind.DAY, self.job.settings.days_per_query):
            self._compute(
                rows, replace_days, lambda row: DirtyPeriod.of_month(periods.month_of(row.what.day))
            )

    def _months(self, pages: PeriodPages, started: datetime) -> None:
        yesterday = periods.day_of(started) - timedelta(days=1)
        while rows := self._next(PeriodKind.MONTH, 1):
            self._compute(rows, lambda rows: pages.fold_month(rows[0].what.period, yesterday), lambda _: None)

    def _next(self, kind: PeriodKind, limit: int) -> list[DirtyRow]:
        if self.job.now() >= self.deadline:
            return []
        return self.ledger.open_rows(kind)[:limit]

    def _compute(
        self,
        rows: Sequence[DirtyRow],
        replace_pages: Callable[[Sequence[DirtyRow]], None],
        dependent: Callable[[DirtyRow], DirtyPeriod | None],
    ) -> None:
        """Replace the pages of periods, mark what is folded from them, then clear them.

        Where that fails for several together, each is tried alone, so that only the culprit fails.
        """
        self._renew()
        self._put_checkpoint(run=self.checkpoint.run | 1)
        try:
            replace_pages(rows)
        except LakeUnavailable:
            raise
        except PERIOD_FAULTS as error:
            if len(rows) == 1:
                self._fail(rows[0], error)
                return
            for row in rows:
                self._compute([row], replace_pages, dependent)
            return
        self._replaced(rows, {period for row in rows if (period := dependent(row)) is not None})

    def _replaced(self, rows: Sequence[DirtyRow], dependents: set[DirtyPeriod]) -> None:
        if dependents:
            self.ledger.mark(dependents, "parts changed")
        # a reader of the new revision must find the accounts that it shows
        self._remember()
        revision = self.checkpoint.revision + 1
        changed = {row.what.period.partition("T")[0] for row in rows}
        change = Change(revision=revision, days=tuple(sorted(changed)))
        self.checkpoint = replace(
            self.checkpoint,
            revision=revision,
            changes=(*self.checkpoint.changes, change)[-REMEMBERED_CHANGES:],
        )
        self._put_checkpoint(run=self.checkpoint.run + 1)
        self.reprices.replaced(row.what for row in rows)
        for row in rows:
            self.ledger.clear(row)
            self.report.computed[row.what.kind] += 1

    def _fail(self, row: DirtyRow, error: Exception) -> None:
        self.ledger.fail(row, error)
        self.failed[row.what] = row.attempts + 1
        text = f"{row.what.period}: {error}"
        self.report.failed.append(text)
        self.checkpoint = replace(
            self.checkpoint, last_error=text[:MAX_ERROR_TEXT], last_error_at=self.job.now()
        )

    # -- finishing

    def _close(self, started: datetime) -> None:
        """Advance `closed_through` over days whose pages are written; a parked day holds up nothing."""
        settings = self.job.settings
        pending = {row.what for row in self.ledger.open_rows(PeriodKind.DAY)}
        pending |= {what for what, attempts in self.failed.items() if attempts < settings.max_attempts}
        closed = self.checkpoint.closed_through
        for day in unclosed_days(self.checkpoint, started, settings):
            if DirtyPeriod.of_day(day) in pending:
                break
            closed = day
        self.checkpoint = replace(self.checkpoint, closed_through=closed)

    def _remember(self) -> None:
        pages = self.pages
        if pages is None:
            return
        newest = pages.newest_call
        if newest is not None and (self.checkpoint.newest_call or newest) <= newest:
            self.checkpoint = replace(self.checkpoint, newest_call=newest)
        if not pages.scopes:
            return
        known = {scope.name: scope for scope in self.job.table.scopes()}
        joined = known | {name: joined_scope(known.get(name), scope) for name, scope in pages.scopes.items()}
        if joined != known:
            self.job.table.put_scopes(joined.values())
        pages.scopes = {}

    def _tell_prices(self, pages: PeriodPages, meta: PriceMeta) -> None:
        """Hand on what the calls tell about prices: models of profiles, and models without a price."""
        job = self.job
        unknown = {arn: model for arn, model in pages.profiles.items() if job.learned.get(arn) != model}
        if unknown:
            job.prices.learn_profiles(unknown)
            job.learned.update(unknown)
        wanted = pages.unpriced_models - set(meta.wanted_models) - job.wanted
        if wanted:
            job.prices.want_models(wanted | set(meta.wanted_models))
            job.wanted |= wanted

    def _renew(self) -> None:
        """Prolong the lease once a third of it is used up."""
        now, duration = self.job.now(), self.job.settings.lease
        if now > self.lease.until - duration * 2 / 3:
            self.lease = self.job.table.renew_lease(self.lease, now + duration)

    def _put_checkpoint(self, run: int) -> None:
        self.checkpoint = replace(self.checkpoint, run=run)
        self.job.table.put_checkpoint(self.checkpoint)

    def _fill_report(self, pages: PeriodPages) -> None:
        limit = self.job.settings.max_attempts
        parked = {what.period for what, attempts in self.failed.items() if attempts >= limit}
        parked |= {row.what.period for row in self.ledger.rows.values() if row.attempts >= limit}
        self.report.parked = sorted(parked)
        self.report.remaining = sum(len(self.ledger.open_rows(kind)) for kind in PeriodKind)
        self.report.queries = pages.queries
        self.report.data_up_to = self.checkpoint.data_up_to
        self.report.closed_through = self.checkpoint.closed_through


def is_settled(checkpoint: Checkpoint, settings: ComputeSettings) -> bool:
    """Whether a query began long enough after the lake version was first seen to have read all of it."""
    seen, queried = checkpoint.lake_version_seen_at, checkpoint.queried_at
    return seen is not None and queried is not None and queried >= seen + settings.settle
