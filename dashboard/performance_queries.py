"""What the performance page asks: times over time, by whole days of UTC where days are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import TOTAL
from bedrock_analytics.domain.periods import DAY, HALF_HOUR, Span, day_of, day_start
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.queries import Queries, UsageSource, usage_filter
from dashboard.ranges import bucket_end, buckets_for
from dashboard.view_models import Question, UsageRows

UTC_DAYS: Final = (
    "Days are those of UTC here, and whole ones: percentiles are kept by them, so that no day lacks its own."
)
WHOLE_DAYS: Final = (
    "Percentiles are those of all days of UTC that the range touches, by which they are kept; all else is of "
    "the range itself."
)
_UTC_ZONE: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCourse:
    """Calls by bucket, for their times. Buckets from index `incomplete_from` on are not over yet."""

    bucket: Bucket
    zone: ZoneInfo
    starts: tuple[datetime, ...]
    values: tuple[UsageStats, ...]
    incomplete_from: int
    notes: tuple[str, ...]


def time_course(source: UsageSource, question: Question, models: frozenset[str]) -> TimeCourse:
    """Calls over time, of some models or all; raises what the source raises.

    Histograms are kept by hours for some days, by days of UTC for all.
    """
    bucket = buckets_for(question.span)[0]
    asked = usage_filter(question)
    asked = replace(asked, models=models or asked.models)
    zone = question.zone
    notes: tuple[str, ...] = ()
    if bucket in {Bucket.DAY, Bucket.MONTH}:
        asked = replace(asked, zone=_UTC_ZONE, start=day_start(day_of(asked.start)))
        notes = () if zone == _UTC_ZONE else (UTC_DAYS,)
        zone = _UTC_ZONE
    found = source.trend(asked, bucket, TOTAL)
    over = [
        index
        for index, start in enumerate(found.starts)
        if bucket_end(start, bucket, zone) > question.complete_until
    ]
    return TimeCourse(
        bucket=bucket,
        zone=zone,
        starts=found.starts,
        values=tuple(_sum(rows.values()) for rows in found.rows),
        incomplete_from=over[0] if over else len(found.starts),
        notes=(*notes, *found.notes),
    )


def _sum(rows: Iterable[UsageStats]) -> UsageStats:
    total = UsageStats()
    for row in rows:
        total.merge(row)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedUsage:
    """Usage by the values of a dimension, for its times.

    `around` has by row key, and for the total under `()`, the calls of all days of UTC that the range
    touches, where the range itself has no histograms; else it is empty.
    """

    usage: UsageRows
    around: Mapping[tuple[str, ...], UsageStats]
    notes: tuple[str, ...]


def timed_usage(queries: Queries, question: Question, dimension: str | None) -> TimedUsage:
    """Usage by a dimension (`dashboard.dimensions`), or of everything without one, for its times."""
    usage = _usage(queries, question, dimension)
    if has_percentiles([usage.total]):
        return TimedUsage(usage=usage, around={}, notes=usage.notes)
    wider = _usage(queries, replace(question, span=whole_days(question.span)), dimension)
    around = {row.key: row.stats for row in wider.rows} | {(): wider.total}
    return TimedUsage(usage=usage, around=around, notes=(WHOLE_DAYS, *usage.notes))


def _usage(queries: Queries, question: Question, dimension: str | None) -> UsageRows:
    return (
        queries.total(question)
        if dimension is None
        else queries.usage_by(question, dimension, histograms=True)
    )


def whole_days(span: Span) -> Span:
    """The days of UTC that a span touches."""
    last = span.end - HALF_HOUR
    return Span(day_start(day_of(span.start)), day_start(day_of(last)) + DAY)


def has_percentiles(values: Sequence[UsageStats]) -> bool:
    """Whether every bucket with a latency has its histogram."""
    return all(stats.latency_ms.buckets is not None for stats in values if stats.latency_ms.count)
