"""Computing the pages of hours, days and months.

Open days are kept by hours, from grouped queries; their DAILY and HOURS pages are folded from the hours.
Older days are replaced as a whole from one grouped query over the day, never from stored hours. Months are
folded from their days while those are retained, else computed from the lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import ACCOUNT, ALL, TOTAL, dimensions_of, scope_of
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price import PriceBook
from bedrock_analytics.jobs.page_building import DayPages, day_pages, hour_pages
from bedrock_analytics.jobs.usage_folding import FoldedUsage, fold
from bedrock_analytics.storage.lake import EventLake, UsageQuery
from bedrock_analytics.storage.usage_pages import Granularity, Page
from bedrock_analytics.storage.usage_table import Scope, UsageTable


@dataclass(slots=True)
class PeriodPages:
    """Computes and replaces the pages of periods. Every method is safe to repeat and to interrupt."""

    lake: EventLake
    table: UsageTable
    book: PriceBook
    metadata_keys: tuple[str, ...]
    now: datetime
    profiles: dict[str, str] = field(default_factory=dict)
    unpriced_models: set[str] = field(default_factory=set)
    scopes: dict[str, Scope] = field(default_factory=dict)
    newest_call: datetime | None = None
    queries: int = 0

    def replace_hours(self, hours: Sequence[datetime]) -> None:
        """Replace the HOURLY pages of hours from one grouped query."""
        folded = self._usage([Span.of_hour(hour) for hour in sorted(hours)])
        self._replace_hours(folded, hours)

    def _replace_hours(self, folded: FoldedUsage, hours: Iterable[datetime]) -> None:
        stale = {hour: self._scopes_with_pages(Granularity.HOURLY, periods.hour_key(hour)) for hour in hours}
        self._put(hour_pages(folded, stale, stale, self.metadata_keys))

    def replace_days(self, days: Sequence[date]) -> None:
        """Replace every page of older days from one grouped query over those UTC days."""
        folded = self._usage([Span.of_day(day) for day in sorted(days)])
        for day in days:
            hours = [
                hour
                for hour in periods.hours_of_day(day)
                if self.table.retention.keeps(Granularity.HOURLY, periods.hour_key(hour), self.now)
            ]
            if hours:
                self._replace_hours(folded, hours)
            self._replace_day(folded, day)

    def _replace_day(self, folded: FoldedUsage, day: date) -> None:
        stale = self._scopes_with_pages(Granularity.DAILY, day.isoformat())
        self._put(day_pages(folded, day, stale, self.metadata_keys))

    def fold_day(self, day: date) -> None:
        """Replace the DAILY and HOURS pages of an open day that has ended, from its HOURLY pages."""
        hours = periods.hours_of_day(day)
        first, last = periods.hour_key(hours[0]), periods.hour_key(hours[-1])
        scopes = self._scopes_with_pages(Granularity.HOURLY, first, last)
        scopes |= self._scopes_with_pages(Granularity.DAILY, day.isoformat()) | {ALL}
        builder = DayPages(day, scopes, self.metadata_keys)
        truncated = False
        for scope in scopes:
            for dimension in dimensions_of(scope, self.metadata_keys):
                for page in self._pages(scope, Granularity.HOURLY, dimension, first, last):
                    truncated = truncated or page.truncated
                    _add_hour(builder, page)
        if truncated:
            self._replace_day(self._usage([Span.of_day(day)]), day)
        else:
            self._put(builder.finish())

    def fold_month(self, month: str, through: date) -> None:
        """Replace the MONTHLY pages of a month from its days up to `through`."""
        days = [day for day in periods.days_of_month(month) if day <= through]
        if not days:
            return
        first, last = days[0].isoformat(), days[-1].isoformat()
        lost = [
            day
            for day in days
            if not self.table.retention.keeps(Granularity.DAILY, day.isoformat(), self.now)
        ]
        computed = {day: self._computed_day(day) for day in lost}
        scopes = self._scopes_with_pages(Granularity.DAILY, first, last) | {ALL}
        scopes |= self._scopes_with_pages(Granularity.MONTHLY, month)
        scopes |= {page.scope for pages in computed.values() for page in pages}
        self._put(
            [
                self._month_page(month, scope, dimension, computed, (first, last))
                for scope in sorted(scopes)
                for dimension in dimensions_of(scope, self.metadata_keys)
            ]
        )

    def _month_page(
        self,
        month: str,
        scope: str,
        dimension: str,
        computed: dict[date, list[Page]],
        ends: tuple[str, str],
    ) -> Page:
        result = Page(scope=scope, granularity=Granularity.MONTHLY, dimension=dimension, period=month)
        stored = [
            page
            for page in self._pages(scope, Granularity.DAILY, dimension, *ends)
            if date.fromisoformat(page.period) not in computed
        ]
        fresh = [
            page
            for pages in computed.values()
            for page in pages
            if page.scope == scope and page.dimension == dimension
        ]
        for page in (*stored, *fresh):
            result.truncated = result.truncated or page.truncated
            for (key, _), stats in page.rows.items():
                result.add(key, 0, stats)
        return result

    def _computed_day(self, day: date) -> list[Page]:
        folded = self._usage([Span.of_day(day)])
        pages = day_pages(folded, day, set(), self.metadata_keys)
        return [page for page in pages if page.granularity is Granularity.DAILY]

    def _usage(self, spans: Sequence[Span]) -> FoldedUsage:
        self.queries += 1
        query = UsageQuery(
            spans=tuple(spans),
            context_thresholds=self.book.thresholds(),
            price_instants=self._instants(spans),
            metadata_keys=self.metadata_keys,
        )
        folded = fold(self.lake.usage(query), query, self.book)
        self.profiles.update(folded.profiles)
        self.unpriced_models |= folded.unpriced_models
        for name, scope in folded.scopes.items():
            self.scopes[name] = joined_scope(self.scopes.get(name), scope)
        if folded.newest_call and (self.newest_call is None or folded.newest_call > self.newest_call):
            self.newest_call = folded.newest_call
        return folded

    def _instants(self, spans: Sequence[Span]) -> tuple[datetime, ...]:
        """Price changes inside the spans; a group's epoch says which of them its calls lie behind."""
        inside = {moment for span in spans for moment in self.book.instants(span.start, span.end)}
        return tuple(sorted(inside))

    def _pages(
        self, scope: str, granularity: Granularity, dimension: str, first: str, last: str
    ) -> list[Page]:
        found = self.table.pages(scope, granularity, dimension, first, last, now=self.now, consistent=True)
        return list(found)

    def _scopes_with_pages(self, granularity: Granularity, first: str, last: str | None = None) -> set[str]:
        pages = self._pages(ALL, granularity, ACCOUNT, first, last or first)
        return {scope_of(*key) for page in pages for key, _ in page.rows}

    def _put(self, pages: Sequence[Page]) -> None:
        """Put pages; the account pages come last, because they tell a later run which scopes have pages."""
        wanted = [page for page in pages if self._keeps(page)]
        self.table.put_pages(page for page in wanted if not _is_directory(page))
        self.table.put_pages(page for page in wanted if _is_directory(page))

    def _keeps(self, page: Page) -> bool:
        return self.table.retention.keeps(page.granularity, page.period, self.now)


def _is_directory(page: Page) -> bool:
    return page.scope == ALL and page.dimension == ACCOUNT


def _add_hour(builder: DayPages, page: Page) -> None:
    first_slot = periods.parse_hour_key(page.period).hour * 2
    for (key, slot), stats in page.rows.items():
        builder.add(page.scope, page.dimension, key, first_slot + slot, stats)
    if page.scope == ALL and page.dimension == TOTAL:
        builder.fingerprints.update(page.fingerprints)


def joined_scope(known: Scope | None, seen: Scope) -> Scope:
    """A scope that covers the hours of both."""
    if known is None:
        return seen
    return Scope(
        account_id=seen.account_id,
        region=seen.region,
        first_hour=min(known.first_hour, seen.first_hour),
        last_hour=max(known.last_hour, seen.last_hour),
    )
