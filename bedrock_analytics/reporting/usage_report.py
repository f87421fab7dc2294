"""The report of the command line: usage by one thing, as rows with exact figures and a total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    CALLER,
    MODEL,
    OPERATION,
    ROUTE,
    TOTAL,
    tag_dimension,
)
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket, Trend, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader

TAG_OPTION = "tag:"


class ReportBy(StrEnum):
    """What a report can be by, besides `tag:KEY`."""

    MODEL = "model"
    CALLER = "caller"
    ACCOUNT = "account"
    REGION = "region"
    OPERATION = "operation"
    ROUTE = "route"
    DAY = "day"
    HOUR = "hour"
    MONTH = "month"


_BREAKDOWNS: dict[ReportBy, tuple[str, tuple[str, ...]]] = {
    ReportBy.MODEL: (MODEL, ("model_id", "route")),
    ReportBy.CALLER: (CALLER, ("account_id", "caller")),
    ReportBy.ACCOUNT: (ACCOUNT, ("account_id",)),
    ReportBy.REGION: (ACCOUNT, ("region",)),
    ReportBy.OPERATION: (OPERATION, ("operation",)),
    ReportBy.ROUTE: (ROUTE, ("route",)),
}
"""Dimension of each report and those of its key columns that are shown."""
_BUCKETS = {ReportBy.DAY: Bucket.DAY, ReportBy.HOUR: Bucket.HOUR, ReportBy.MONTH: Bucket.MONTH}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """Usage of one value. `key` has one text for each of the report's `key_columns`."""

    key: tuple[str, ...]
    stats: UsageStats


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """Usage by one thing, dearest first, or in order of time. The rows add up to `total` exactly."""

    by: str
    key_columns: tuple[str, ...]
    usage_filter: UsageFilter
    rows: tuple[ReportRow, ...]
    total: UsageStats
    revision: int
    data_up_to: datetime | None
    notes: tuple[str, ...]


def make_report(reader: UsageReader, by: str, usage_filter: UsageFilter) -> UsageReport:
    """The report by a value of `ReportBy` or `tag:KEY`.

    ConfigurationError for anything else; UnsupportedCombination where the pages do not hold it under the
    filter. Bars of days, hours and months without calls are left out.
    """
    data_up_to = reader.checkpoint().data_up_to
    if by.startswith(TAG_OPTION):
        dimension = tag_dimension(by.removeprefix(TAG_OPTION))
        return _breakdown_report(reader, by, usage_filter, (dimension, (dimension,)), data_up_to)
    kind = _kind(by)
    if kind in _BUCKETS:
        trend = reader.trend(usage_filter, _BUCKETS[kind], TOTAL)
        return _trend_report(trend, kind, usage_filter, data_up_to)
    return _breakdown_report(reader, by, usage_filter, _BREAKDOWNS[kind], data_up_to)


def _kind(by: str) -> ReportBy:
    try:
        return ReportBy(by)
    except ValueError as error:
        known = ", ".join(ReportBy)
        raise ConfigurationError(f"no report by {by!r}; there are {known} and tag:KEY") from error


def _breakdown_report(
    reader: UsageReader,
    by: str,
    usage_filter: UsageFilter,
    shown: tuple[str, tuple[str, ...]],
    data_up_to: datetime | None,
) -> UsageReport:
    dimension, columns = shown
    found = reader.breakdown(usage_filter, dimension)
    positions = [found.key_columns.index(column) for column in columns]
    rows: dict[tuple[str, ...], UsageStats] = {}
    for key, stats in found.rows.items():
        rows.setdefault(tuple(key[position] for position in positions), UsageStats()).merge(stats)
    return UsageReport(
        by=by,
        key_columns=columns,
        usage_filter=usage_filter,
        rows=tuple(ReportRow(key, stats) for key, stats in sorted(rows.items(), key=_dearest_first)),
        total=found.total,
        revision=found.revision,
        data_up_to=data_up_to,
        notes=found.notes,
    )


def _dearest_first(entry: tuple[tuple[str, ...], UsageStats]) -> tuple[Decimal, int, tuple[str, ...]]:
    key, stats = entry
    return -stats.total_list_cost_usd, -(stats.invocations or 0), key


def _trend_report(
    trend: Trend, kind: ReportBy, usage_filter: UsageFilter, data_up_to: datetime | None
) -> UsageReport:
    rows = [
        ReportRow((_time_text(start, kind),), stats)
        for start, bar in zip(trend.starts, trend.rows, strict=True)
        for stats in bar.values()
    ]
    return UsageReport(
        by=kind.value,
        key_columns=(kind.value,),
        usage_filter=usage_filter,
        rows=tuple(rows),
        total=_total(row.stats for row in rows),
        revision=trend.revision,
        data_up_to=data_up_to,
        notes=trend.notes,
    )


def _total(rows: Iterable[UsageStats]) -> UsageStats:
    total = UsageStats()
    for stats in rows:
        total.merge(stats)
    return total


def _time_text(start: datetime, kind: ReportBy) -> str:
    """A bar's start in the viewer's zone: 2026-11, 2026-11-24, 2026-11-24T10:00+01:00."""
    if kind is ReportBy.MONTH:
        return f"{start:%Y-%m}"
    if kind is ReportBy.DAY:
        return f"{start:%Y-%m-%d}"
    return start.isoformat(timespec="minutes")
