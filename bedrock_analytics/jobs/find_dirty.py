"""Finding which hours must be computed: new rows in the lake, price changes, new settings, ended days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price import PriceBook
from bedrock_analytics.jobs.affected_hours import AffectedHours
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.dirty_ledger import DirtyLedger, periods_of_hours, with_wholes
from bedrock_analytics.jobs.reprice_log import RepriceLog
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.lake import ARRIVAL_BUCKET, Arrivals, EventLake
from bedrock_analytics.storage.price_meta import PriceMeta, RepriceRequest
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from bedrock_analytics.storage.usage_table import Checkpoint, UsageTable

Counts = Mapping[tuple[datetime, datetime], int]


class PriceSource(Protocol):
    """The price table as L2 uses it."""

    def load_meta(self) -> PriceMeta:
        """Version, pending reprice requests and wanted models: one read."""
        ...

    def load_book(self) -> PriceBook:
        """All cards."""
        ...

    def profiles(self) -> Mapping[str, str]:
        """Application inference profiles and the models that they stand for."""
        ...

    def take_reprice(self, request: RepriceRequest, /) -> None:
        """Remove a request whose hours are marked, unless it was replaced meanwhile."""
        ...

    def learn_profiles(self, found: Mapping[str, str]) -> Mapping[str, str]:
        """Remember models of application profiles; what is new asks for its hours to be priced again."""
        ...

    def want_models(self, model_ids: Iterable[str]) -> None:
        """Ask for a price sync because these models have no price."""
        ...


@dataclass(slots=True)
class DirtyFinder:
    """One run's search. The order is always: mark durably, then remember having looked."""

    lake: EventLake
    table: UsageTable
    ledger: DirtyLedger
    settings: ComputeSettings
    now: datetime

    @property
    def first_open_day(self) -> date:
        return self.settings.first_open_day(self.now)

    def new_rows(self, checkpoint: Checkpoint) -> Checkpoint:
        """Mark the hours whose rows changed since the watermark, and advance it; it never moves back."""
        since = None
        if checkpoint.watermark is not None:
            since = bucket_of(checkpoint.watermark - self.settings.overlap)
        arrivals = self.lake.arrivals(since)
        known = {key: count for key, count in self.table.arrivals().items() if since and key[1] >= since}
        hours = changed_hours(known, arrivals.counts)
        if hours:
            self.ledger.mark(periods_of_hours(hours, self.first_open_day), "new rows")
        watermark = advanced(checkpoint.watermark, arrivals, self.now)
        kept_from = None if watermark is None else bucket_of(watermark - self.settings.overlap)
        kept = {key: count for key, count in arrivals.counts.items() if kept_from and key[1] >= kept_from}
        if hours:
            self.table.put_arrivals(kept)
        return replace(
            checkpoint,
            watermark=watermark,
            first_day=_earliest_day(checkpoint.first_day, hours),
        )

    def rows_with_new_columns(self, checkpoint: Checkpoint) -> None:
        """Mark the hours of rows that the last run may have read before their columns were known.

        Such a row was sent after the columns were confirmed, so after that run began, and its arrival lies
        within the overlap before the watermark or later.
        """
        if checkpoint.watermark is None:
            return
        arrivals = self.lake.arrivals(bucket_of(checkpoint.watermark - self.settings.overlap))
        hours = {hour for hour, _ in arrivals.counts}
        self.ledger.mark(periods_of_hours(hours, self.first_open_day), "new columns", fresh=True)

    def price_changes(self, prices: PriceSource, requests: Sequence[RepriceRequest], log: RepriceLog) -> None:
        """Turn reprice requests into dirty periods that hold a call which may be priced anew."""
        affected = AffectedHours(self.lake, requests, self.now, prices.profiles)
        for request in requests:
            wanted = periods_of_hours(affected.of(request), self.first_open_day)
            self.ledger.mark(wanted, request.reason, fresh=True)
            log.begin(self._progress(request, wanted))
            prices.take_reprice(request)

    def _progress(self, request: RepriceRequest, wanted: set[DirtyPeriod]) -> RepriceProgress:
        pending = with_wholes(wanted, periods.day_of(self.now))
        return RepriceProgress(
            id=request.id,
            model_id=request.model_id,
            account_id=request.account_id,
            start=request.start,
            end=request.end,
            reason=request.reason,
            started_at=self.now,
            finished_at=None if pending else self.now,
            total=len(pending),
            pending=tuple(sorted(pending)),
        )

    def new_settings(self, checkpoint: Checkpoint) -> Checkpoint:
        """Mark everything the lake holds where pages must be computed in another way."""
        version = self.settings.stats_version
        if checkpoint.stats_version not in (None, version):
            start = periods.day_start(self.first_open_day)
            hours = self.lake.hours(Span(start, self.now + periods.DAY))
            wanted = periods_of_hours(hours, self.first_open_day)
            wanted |= {DirtyPeriod.of_day(day) for day in self.lake.days() if day < self.first_open_day}
            self.ledger.mark(wanted, "new statistics", fresh=True)
        return replace(checkpoint, stats_version=version, metadata_keys=self.settings.metadata_keys)

    def ended_days(self, checkpoint: Checkpoint) -> None:
        """Mark days that ended since the last closed one, whether they have calls or not."""
        days = unclosed_days(checkpoint, self.now, self.settings)
        wanted = {DirtyPeriod.of_day(day) for day in days} - self.ledger.rows.keys()
        if wanted:
            self.ledger.mark(wanted, "day ended")


def unclosed_days(checkpoint: Checkpoint, now: datetime, settings: ComputeSettings) -> list[date]:
    """UTC days before today that are not closed; of a new deployment, those of the open window."""
    today = periods.day_of(now)
    if checkpoint.closed_through is None:
        first = min(settings.first_open_day(now), today - timedelta(days=1))
        return list(periods.days_between(first, today))
    return list(periods.days_between(checkpoint.closed_through + timedelta(days=1), today))


def bucket_of(moment: datetime) -> datetime:
    """Start of the arrival bucket that a moment lies in."""
    width = int(ARRIVAL_BUCKET.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // width * width, UTC)


def changed_hours(known: Counts, found: Counts) -> set[datetime]:
    """Hours whose counts by arrival bucket differ."""
    return {key[0] for key in known.keys() | found.keys() if known.get(key, 0) != found.get(key, 0)}


def advanced(watermark: datetime | None, arrivals: Arrivals, started: datetime) -> datetime | None:
    """The watermark after a query: the greatest arrival, but never later than the query's start."""
    if arrivals.newest_parsed_at is None:
        return watermark
    reached = min(arrivals.newest_parsed_at, started)
    return reached if watermark is None else max(watermark, reached)


def _earliest_day(day: date | None, hours: set[datetime]) -> date | None:
    days = {periods.day_of(hour) for hour in hours} | ({day} if day else set())
    return min(days, default=None)
