"""What the reliability page asks: failed calls over time, and rejected lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import OTHER, TOTAL
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket, TrendDetail
from dashboard.dimensions import series_key, stored_dimension
from dashboard.filters import Filters
from dashboard.queries import Queries, usage_filter
from dashboard.ranges import bucket_end, buckets_for
from dashboard.view_models import Question, UsageRows

MOST_SERIES: Final = 7
ONLY_ACCOUNTS: Final = (
    "A rejected line has no model, caller, route, operation or metadata: of the filters only accounts and "
    "Regions narrow this panel."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSeries:
    """Failed calls of one code, model or caller in each bucket."""

    key: str
    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCourse:
    """Failed calls over time. `calls` are all calls of each bucket, failed ones too."""

    bucket: Bucket
    zone: ZoneInfo
    starts: tuple[datetime, ...]
    series: tuple[ErrorSeries, ...]
    calls: tuple[int, ...]
    incomplete_from: int
    notes: tuple[str, ...]

    @property
    def failed(self) -> tuple[int, ...]:
        """Failed calls of each bucket."""
        columns = [one.counts for one in self.series]
        return (
            tuple(sum(column) for column in zip(*columns, strict=True))
            if columns
            else (0,) * len(self.starts)
        )


def error_course(queries: Queries, question: Question, by: str) -> ErrorCourse:
    """Failed calls over time by `code`, or by a dimension (`dashboard.dimensions`)."""
    bucket = buckets_for(question.span)[0]
    dimension = TOTAL if by == "code" else stored_dimension(by)
    plain = TrendDetail(histograms=False)
    found = queries.source.trend(usage_filter(question), bucket, dimension, plain)
    counts: dict[str, list[int]] = {}
    for index, rows in enumerate(found.rows):
        for key, stats in rows.items():
            parts = (
                stats.errors.items()
                if by == "code"
                else ((series_key(found.key_columns, key, by), stats.error_count),)
            )
            for name, count in parts:
                if count:
                    counts.setdefault(name, [0] * len(found.starts))[index] += count
    over = [
        index
        for index, start in enumerate(found.starts)
        if bucket_end(start, bucket, question.zone) > question.complete_until
    ]
    return ErrorCourse(
        bucket=bucket,
        zone=question.zone,
        starts=found.starts,
        series=_series(counts, queries, by),
        calls=tuple(sum(stats.invocations or 0 for stats in rows.values()) for rows in found.rows),
        incomplete_from=over[0] if over else len(found.starts),
        notes=found.notes,
    )


def _series(counts: dict[str, list[int]], queries: Queries, by: str) -> tuple[ErrorSeries, ...]:
    """The greatest by themselves, the others as one."""
    ordered = sorted((key for key in counts if key != OTHER), key=lambda key: (-sum(counts[key]), key))
    kept, rest = ordered[:MOST_SERIES], ordered[MOST_SERIES:]
    if OTHER in counts:
        rest.append(OTHER)
    if len(rest) == 1 and rest[0] != OTHER:
        kept, rest = ordered, []
    found = [
        ErrorSeries(key=key, name=queries.names.value(by, key), counts=tuple(counts[key])) for key in kept
    ]
    if rest:
        columns = zip(*(counts[key] for key in rest), strict=True)
        found.append(ErrorSeries(key=OTHER, name="Other", counts=tuple(sum(column) for column in columns)))
    return tuple(found)


def rejected(queries: Queries, question: Question) -> UsageRows:
    """Usage of everything under the filters that rejected lines know: its rejections by reason."""
    found = queries.total(replace(question, filters=of_rejections(question.filters)))
    notes = (ONLY_ACCOUNTS,) if of_rejections(question.filters) != question.filters else ()
    return UsageRows(rows=(), total=found.total, notes=(*notes, *found.notes))


def of_rejections(filters: Filters) -> Filters:
    """The filters that rejected lines know."""
    return Filters(accounts=filters.accounts, regions=filters.regions)


def code_counts(rows: Iterable[UsageStats]) -> list[tuple[str, int]]:
    """Failed calls by code, the most frequent first."""
    counts: dict[str, int] = {}
    for stats in rows:
        for code, count in stats.errors.items():
            counts[code] = counts.get(code, 0) + count
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def main_codes(codes: Sequence[tuple[str, int]], most: int = MOST_SERIES) -> tuple[list[str], bool]:
    """The codes that are shown by themselves, and whether there are others."""
    names = [code for code, _ in codes]
    return (names, False) if len(names) <= most + 1 else (names[:most], True)
