"""From groups of a lake slice to the same Breakdown and Trend that the usage pages give."""

from __future__ import annotations

import decimal
import hashlib
from collections.abc import Iterable
from datetime import datetime

from bedrock_analytics.domain.errors import ComputationError
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price import PriceBook
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.jobs.usage_folding import group_stats
from bedrock_analytics.reporting.lake_questions import (
    BreakdownQuestion,
    TrendQuestion,
    columns_of,
    conditions_of,
    counts_rejections,
)
from bedrock_analytics.reporting.time_buckets import Bar, bars_of, half_hour_span
from bedrock_analytics.storage.lake_slices import SliceGroup, UsageSlice

Rows = dict[tuple[str, ...], UsageStats]


def slice_of(question: BreakdownQuestion | TrendQuestion, book: PriceBook) -> UsageSlice:
    """What the lake groups for a question at the prices of a book."""
    wanted = question.usage_filter
    span = half_hour_span(wanted.start, wanted.end)
    starts: tuple[datetime, ...] = (span.start,)
    if isinstance(question, TrendQuestion):
        starts = tuple(bar.span.start for bar in bars(question)) or starts
        span = Span(starts[0], span.end)
    return UsageSlice(
        span=span,
        fields=columns_of(question.dimensions),
        bar_starts=starts,
        conditions=conditions_of(wanted),
        with_rejections=counts_rejections(wanted, question.dimensions),
        context_thresholds=book.thresholds(),
        price_instants=book.instants(span.start, span.end),
    )


def bars(question: TrendQuestion) -> list[Bar]:
    """The bars of a trend, in the viewer's zone."""
    wanted = question.usage_filter
    return bars_of(wanted.start, wanted.end, question.bucket, wanted.zone)


def classes_digest(wanted: UsageSlice) -> str:
    """Changes whenever groups would be cut otherwise."""
    instants: tuple[datetime, ...] = wanted.price_instants
    return hashlib.sha256(repr((wanted.context_thresholds, instants)).encode()).hexdigest()[:16]


def folded(groups: Iterable[SliceGroup], wanted: UsageSlice, book: PriceBook) -> list[Rows]:
    """The rows of each bar, priced; ComputationError where an amount is not exact in 38 digits."""
    rows: list[Rows] = [{} for _ in wanted.bar_starts]
    query = wanted.usage_query
    try:
        for group in groups:
            row = rows[group.bar].setdefault(group.key, UsageStats())
            row.merge(group_stats(group.group, query, book))
    except decimal.DecimalException as error:
        raise ComputationError(f"an amount cannot be computed exactly: {error!r}") from error
    return rows


def summed(rows: Rows) -> UsageStats:
    """All rows together."""
    total = UsageStats()
    for row in rows.values():
        total.merge(row)
    return total
