"""Where the newest calls of a range lie, as the usage pages count them.

A list of fifty calls need not read ninety days of the lake: the pages tell which days or hours hold them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import TOTAL
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.lake_questions import CallsQuestion
from bedrock_analytics.reporting.usage_filter import Bucket, TrendDetail, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.lake_lists import CallPosition
from bedrock_analytics.storage.lake_rows import moment_at

_HOURLY_UP_TO = timedelta(days=3)
_MARGIN = 2
"""So many times the wanted calls are looked for, since pages and lake may differ by some."""
_UTC = ZoneInfo("UTC")
_MILLISECOND = timedelta(milliseconds=1)


def newest_span(question: CallsQuestion, span: Span, limit: int, reader: UsageReader) -> Span:
    """The end of the span that holds the next calls; all of it where the pages cannot tell, or a request
    id is looked for."""
    end = span.end if question.after is None else min(span.end, _behind(question.after))
    if question.request_id or end <= span.start:
        return Span(span.start, max(end, span.start))
    wanted = replace(question.usage_filter, start=span.start, end=end, zone=_UTC)
    start = _start_of_newest(question, wanted, _MARGIN * (limit + 1), reader)
    return Span(max(start, span.start), end)


def _behind(position: CallPosition) -> datetime:
    """The first moment after a call: calls of the same moment may follow it."""
    return moment_at(position.value) + _MILLISECOND


def _start_of_newest(
    question: CallsQuestion, wanted: UsageFilter, least: int, reader: UsageReader
) -> datetime:
    bucket = Bucket.HOUR if wanted.end - wanted.start <= _HOURLY_UP_TO else Bucket.DAY
    rounded = replace(wanted, end=wanted.end + timedelta(minutes=30))
    try:
        trend = reader.trend(rounded, bucket, TOTAL, TrendDetail(histograms=False))
    except UnsupportedCombination:
        return wanted.start
    found = 0
    for start, rows in zip(reversed(trend.starts), reversed(trend.rows), strict=True):
        found += sum(_count(question, stats) for stats in rows.values())
        if found >= least:
            return start.astimezone(UTC)
    return wanted.start


def _count(question: CallsQuestion, stats: UsageStats) -> int:
    if "*" in question.error_codes:
        return stats.error_count
    if question.error_codes:
        return sum(stats.errors.get(code, 0) for code in question.error_codes)
    return stats.invocations or 0


def position_before(start: datetime) -> CallPosition:
    """The place behind every call at or after a moment, in the order of time."""
    microseconds = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return CallPosition(value=microseconds, key="")
