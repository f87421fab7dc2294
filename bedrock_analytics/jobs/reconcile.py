"""Nightly reconciliation, and backfills: both only mark periods dirty; L2 computes them.

Reconciliation compares what the lake holds of every retained day with the fingerprints stored beside the
pages. It finds what the watermark cannot: rows with an old `parsed_at`, replays, lost or restored files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import ALL, TOTAL
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.dirty_ledger import DirtyLedger, periods_of_hours
from bedrock_analytics.jobs.fingerprints import fingerprint_text
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.lake import EventLake
from bedrock_analytics.storage.usage_pages import Granularity
from bedrock_analytics.storage.usage_table import UsageTable

CHUNK = timedelta(days=31)
"""How much of the lake one fingerprint query reads."""


@dataclass(slots=True, kw_only=True)
class ReconcileReport:
    """What a reconciliation found: hours compared, periods marked, parked periods given another try."""

    hours: int = 0
    marked: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Reconciler:
    """Marks periods whose pages do not show what the lake holds, and periods that somebody names."""

    lake: EventLake
    table: UsageTable
    settings: ComputeSettings
    now: Callable[[], datetime]
    new_generation: Callable[[], str]

    def reconcile(self) -> ReconcileReport:
        """Compare every retained day with the lake."""
        now = self.now()
        report = ReconcileReport()
        ledger = self._ledger()
        parked = [row.what for row in ledger.rows.values() if row.attempts >= self.settings.max_attempts]
        wanted: set[DirtyPeriod] = set()
        for span in self._retained(now):
            found = {
                periods.hour_key(hour): fingerprint_text(fingerprint)
                for hour, fingerprint in self.lake.fingerprints(span).items()
            }
            stored = dict(self._stored(span, now))
            report.hours += len(found)
            wrong = [key for key in found.keys() | stored.keys() if found.get(key) != stored.get(key)]
            hours = map(periods.parse_hour_key, wrong)
            wanted |= periods_of_hours(hours, self.settings.first_open_day(now))
        ledger.mark(wanted | set(parked), "reconciliation", fresh=True)
        report.marked = sorted(period.period for period in wanted)
        report.revived = sorted(period.period for period in parked)
        return report

    def mark_days(self, days: Iterable[date], reason: str) -> list[str]:
        """Ask for whole UTC days to be computed again; returns the periods marked."""
        now = self.now()
        hours = (hour for day in days for hour in periods.hours_of_day(day) if hour <= now)
        wanted = periods_of_hours(hours, self.settings.first_open_day(now))
        self._ledger().mark(wanted, reason, fresh=True)
        return sorted(period.period for period in wanted)

    def mark_month(self, month: str, reason: str) -> list[str]:
        """Ask for a month (YYYY-MM) to be folded again from its days."""
        self._ledger().mark([DirtyPeriod.of_month(month)], reason, fresh=True)
        return [month]

    def _ledger(self) -> DirtyLedger:
        ledger = DirtyLedger(self.table, self.new_generation, self.settings.max_attempts)
        ledger.load(self.table.state().dirty)
        return ledger

    def _retained(self, now: datetime) -> Iterator[Span]:
        """The span whose days have pages, in chunks: from the oldest retained day to now."""
        days = self.lake.days()
        kept = [day for day in days if self.table.retention.keeps(Granularity.DAILY, day.isoformat(), now)]
        first = min([*kept, self.settings.first_open_day(now)])
        start, end = periods.day_start(first), periods.day_start(periods.day_of(now)) + 2 * periods.DAY
        while start < end:
            yield Span(start, min(start + CHUNK, end))
            start += CHUNK

    def _stored(self, span: Span, now: datetime) -> Iterator[tuple[str, str]]:
        open_start = periods.day_start(self.settings.first_open_day(now))
        last_hour = span.end - periods.HOUR
        if span.start < open_start:
            first, last = periods.day_of(span.start), periods.day_of(min(open_start, span.end) - periods.HOUR)
            yield from self._of_pages(Granularity.DAILY, first.isoformat(), last.isoformat(), now)
        if span.end > open_start:
            first_hour = periods.hour_key(max(open_start, span.start))
            yield from self._of_pages(Granularity.HOURLY, first_hour, periods.hour_key(last_hour), now)

    def _of_pages(
        self, granularity: Granularity, first: str, last: str, now: datetime
    ) -> Iterator[tuple[str, str]]:
        for page in self.table.pages(ALL, granularity, TOTAL, first, last, now=now, consistent=True):
            yield from page.fingerprints.items()
