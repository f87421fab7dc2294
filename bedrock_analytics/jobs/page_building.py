"""Pages of hours and days from folded usage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import ACCOUNT, ALL, TOTAL, dimensions_of, scope_of
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.jobs.fingerprints import fingerprint_text
from bedrock_analytics.jobs.usage_folding import FoldedUsage
from bedrock_analytics.storage.usage_pages import Granularity, Page


def hour_pages(
    folded: FoldedUsage, hours: Iterable[datetime], stale: Mapping[datetime, set[str]], keys: tuple[str, ...]
) -> list[Page]:
    """HOURLY pages of the hours; scopes in `stale` that have no calls any more get empty pages."""
    wanted = set(hours)
    rows: dict[tuple[str, str, datetime], Page] = {}
    for hour in wanted:
        scopes = stale.get(hour, set()) | {ALL} | _scopes_of(folded, hour, hour + periods.HOUR)
        for scope in scopes:
            for dimension in dimensions_of(scope, keys):
                rows[scope, dimension, hour] = Page(
                    scope=scope,
                    granularity=Granularity.HOURLY,
                    dimension=dimension,
                    period=periods.hour_key(hour),
                )
        if hour in folded.fingerprints:
            total = rows[ALL, TOTAL, hour]
            total.fingerprints = {total.period: fingerprint_text(folded.fingerprints[hour])}
    for (scope, dimension), cells in folded.cells.tables():
        for (key, half_hour), stats in cells.items():
            hour = periods.hour_of(half_hour)
            if hour in wanted:
                rows[scope, dimension, hour].rows[key, int(half_hour.minute >= 30)] = stats
    return list(rows.values())


def _scopes_of(folded: FoldedUsage, start: datetime, end: datetime) -> set[str]:
    cells = folded.cells.table(ALL, ACCOUNT)
    return {scope_of(*key) for key, half_hour in cells if start <= half_hour < end}


def day_pages(folded: FoldedUsage, day: date, stale: set[str], keys: tuple[str, ...]) -> list[Page]:
    """DAILY and HOURS pages of a day from cells of that day."""
    start = periods.day_start(day)
    end = start + timedelta(days=1)
    builder = DayPages(day, stale | {ALL} | _scopes_of(folded, start, end), keys)
    for (scope, dimension), cells in folded.cells.tables():
        for (key, half_hour), stats in cells.items():
            if start <= half_hour < end:
                builder.add(scope, dimension, key, (half_hour - start) // periods.HALF_HOUR, stats)
    builder.fingerprints = {
        periods.hour_key(hour): fingerprint_text(found)
        for hour, found in folded.fingerprints.items()
        if start <= hour < end
    }
    return builder.finish()


class DayPages:
    """Builds the DAILY and HOURS pages of one day from rows cut by half hour."""

    def __init__(self, day: date, scopes: Iterable[str], keys: tuple[str, ...]) -> None:
        self.fingerprints: dict[str, str] = {}
        self._daily: dict[tuple[str, str], Page] = {}
        self._hours: dict[tuple[str, str], Page] = {}
        for scope in scopes:
            for dimension in dimensions_of(scope, keys):
                for pages, granularity in (
                    (self._daily, Granularity.DAILY),
                    (self._hours, Granularity.HOURS),
                ):
                    pages[scope, dimension] = Page(
                        scope=scope, granularity=granularity, dimension=dimension, period=day.isoformat()
                    )

    def add(self, scope: str, dimension: str, key: tuple[str, ...], slot: int, stats: UsageStats) -> None:
        """Add the counters of one half hour (slot 0 to 47); each key comes once for a half hour."""
        self._daily[scope, dimension].add(key, 0, stats)
        self._hours[scope, dimension].rows[key, slot] = stats.without_histograms()

    def finish(self) -> list[Page]:
        self._daily[ALL, TOTAL].fingerprints = self.fingerprints
        return [*self._hours.values(), *self._daily.values()]
