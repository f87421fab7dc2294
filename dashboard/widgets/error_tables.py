"""Tables of the reliability page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, exact, percent
from bedrock_analytics.reporting.lake_answers import Peaks, RejectionsPage
from bedrock_analytics.reporting.metrics import error_rate, is_throttle, throttled_count
from dashboard.figures.error_bars import failed_rows
from dashboard.figures.usage_trend import bucket_names
from dashboard.names import Names
from dashboard.phrases import share
from dashboard.reliability_queries import ErrorCourse, main_codes
from dashboard.reliability_texts import rejection_text
from dashboard.view_models import UsageRow
from dashboard.widgets.cost_tables import row_head
from dashboard.widgets.tables import name_column, number, number_column, text_column

Row = dict[str, Any]


def code_columns() -> list[Row]:
    """Columns of failed calls by error code."""
    return [
        text_column("code", "Error code", 260) | {"pinned": "left"},
        number_column("failed", "Failed calls", 136) | {"sort": "desc"},
        number_column("of_failed", "Of failed", 104),
        number_column("of_calls", "Of all calls", 112),
        text_column("kind", "Kind", 120),
    ]


def code_rows(codes: Sequence[tuple[str, int]], total: UsageStats) -> list[Row]:
    """The rows of `code_columns`."""
    return [
        {
            "id": code,
            "code": code,
            "kind": "throttling" if is_throttle(code) else "other",
            **_shares(count, total),
        }
        for code, count in codes
    ]


def code_total_row(total: UsageStats) -> Row:
    """All failed calls."""
    return {"id": "total", "code": "Total", "kind": "", **_shares(total.error_count, total)}


def _shares(count: int, total: UsageStats) -> Row:
    return {
        **number("failed", count, exact(count)),
        **_share("of_failed", count, total.error_count),
        **_share("of_calls", count, total.invocations),
    }


def _share(field: str, part: int, whole: int | None) -> Row:
    return number(field, part / whole if whole else None, share(part, whole))


def failed_columns(title: str, codes: Sequence[tuple[str, int]]) -> list[Row]:
    """Columns of failed calls by a dimension: one for each frequent code, and one for the others."""
    names, others = main_codes(codes)
    return [
        name_column(title),
        number_column("failed", "Failed calls", 136) | {"sort": "desc"},
        number_column("rate", "Error rate", 104),
        number_column("throttled", "Throttled", 104),
        number_column("calls", "Invocations", 116),
        *[number_column(f"code{index}", name, 190) for index, name in enumerate(names)],
        *([number_column("others", "Other codes", 116)] if others else []),
    ]


def dimension_rows(rows: Sequence[UsageRow], codes: Sequence[tuple[str, int]]) -> list[Row]:
    """The rows of `failed_columns`: those with failed calls."""
    return [{**row_head(row), **_failed(row.stats, codes)} for row in failed_rows(rows)]


def dimension_total_row(total: UsageStats, codes: Sequence[tuple[str, int]]) -> Row:
    """All calls, those that did not fail too."""
    return {"id": "total", "name": "Total", "detail": "", "chip": "", **_failed(total, codes)}


def _failed(stats: UsageStats, codes: Sequence[tuple[str, int]]) -> Row:
    names, _ = main_codes(codes)
    counts = [stats.errors.get(name, 0) for name in names]
    rate, throttled, rest = error_rate(stats), throttled_count(stats), stats.error_count - sum(counts)
    row: Row = {
        **number("failed", stats.error_count, exact(stats.error_count)),
        **number("rate", rate, percent(rate)),
        **number("throttled", throttled, exact(throttled)),
        **number("calls", stats.invocations, exact(stats.invocations)),
        **number("others", rest, exact(rest)),
    }
    for index, count in enumerate(counts):
        row |= number(f"code{index}", count, exact(count))
    return row


def error_trend_columns(course: ErrorCourse) -> list[Row]:
    """Columns of failed calls over time."""
    return [
        text_column("time", "Time", 200) | {"pinned": "left", "sortable": False},
        number_column("failed", "Failed calls", 116),
        number_column("rate", "Error rate", 104),
        number_column("calls", "Invocations", 116),
        *[number_column(f"s{index}", one.name, 180) for index, one in enumerate(course.series)],
    ]


def error_trend_rows(course: ErrorCourse) -> list[Row]:
    """The rows of `error_trend_columns`, oldest first."""
    rows = []
    for index, (name, start) in enumerate(zip(bucket_names(course), course.starts, strict=True)):
        told = name if index < course.incomplete_from else f"{name} (not over yet)"
        counts = [one.counts[index] for one in course.series]
        rows.append({"id": start.isoformat(), "time": told, **_moment(counts, course.calls[index])})
    return rows


def error_trend_total_row(course: ErrorCourse) -> Row:
    """The whole range."""
    counts = [sum(one.counts) for one in course.series]
    return {"id": "total", "time": "Total", **_moment(counts, sum(course.calls))}


def _moment(counts: Sequence[int], calls: int) -> Row:
    failed = sum(counts)
    row: Row = {
        **number("failed", failed, exact(failed)),
        **_share("rate", failed, calls),
        **number("calls", calls, exact(calls)),
    }
    for index, count in enumerate(counts):
        row |= number(f"s{index}", count, exact(count))
    return row


def reason_columns() -> list[Row]:
    """Columns of rejected lines by reason."""
    return [
        text_column("reason", "Reason", 230) | {"pinned": "left"},
        number_column("lines", "Lines", 110) | {"sort": "desc"},
        number_column("share", "Share", 100),
    ]


def reason_rows(rejections: Mapping[str, int]) -> list[Row]:
    """The rows of `reason_columns`."""
    whole = sum(rejections.values())
    return [
        {
            "id": reason,
            "reason": rejection_text(reason),
            **number("lines", count, exact(count)),
            **_share("share", count, whole),
        }
        for reason, count in rejections.items()
    ]


def reason_total_row(rejections: Mapping[str, int]) -> Row:
    """All rejected lines."""
    whole = sum(rejections.values())
    return {
        "id": "total",
        "reason": "Total",
        **number("lines", whole, exact(whole)),
        **_share("share", whole, whole),
    }


def sample_columns() -> list[Row]:
    """Columns of single rejected lines."""
    return [
        text_column("reason", "Reason", 150) | {"pinned": "left"},
        text_column("time", "Time", 158),
        number_column("line", "Line", 84),
        text_column("source", "Log object", 620),
        text_column("account", "Account", 150),
        text_column("region", "Region", 130),
    ]


def sample_rows(page: RejectionsPage, names: Names, zone: ZoneInfo) -> list[Row]:
    """The rows of `sample_columns`, newest first."""
    return [
        {
            "id": f"{index}",
            "reason": rejection_text(line.reason),
            "time": f"{line.ts.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "account": names.account(line.account_id),
            "region": names.region(line.region),
            **number("line", line.line, exact(line.line)),
            "source": line.source,
        }
        for index, line in enumerate(page.rows)
    ]


def peak_columns() -> list[Row]:
    """Columns of the busiest minutes."""
    return [
        name_column("Model"),
        number_column("requests", "Requests a minute", 166) | {"sort": "desc"},
        text_column("requests_at", "At", 142),
        number_column("tokens", "Tokens a minute", 134),
        text_column("tokens_at", "At", 142),
        number_column("input", "of them input", 118),
        number_column("output", "of them output", 122),
        number_column("throttles", "Throttled", 100),
        number_column("throttles_minute", "Throttled a minute", 140),
        text_column("throttles_at", "At", 142),
        number_column("calls", "Invocations", 112),
    ]


def peak_rows(peaks: Peaks, names: Names, zone: ZoneInfo) -> list[Row]:
    """The rows of `peak_columns`."""
    rows = []
    for peak in peaks.rows:
        head = row_head(names.row(peaks.key_columns, peak.key, UsageStats()))
        rows.append(
            {
                **head,
                **number("requests", peak.requests_a_minute, exact(peak.requests_a_minute)),
                "requests_at": _minute(peak.requests_at, zone),
                **number("tokens", peak.tokens_a_minute, exact(peak.tokens_a_minute)),
                "tokens_at": _minute(peak.tokens_at, zone),
                **number("input", peak.input_tokens_a_minute, exact(peak.input_tokens_a_minute)),
                **number("output", peak.output_tokens_a_minute, exact(peak.output_tokens_a_minute)),
                **number("throttles", peak.throttles, exact(peak.throttles)),
                **number("throttles_minute", peak.throttles_a_minute, exact(peak.throttles_a_minute)),
                "throttles_at": _minute(peak.throttles_at, zone),
                **number("calls", peak.calls, exact(peak.calls)),
            }
        )
    return rows


def _minute(moment: datetime | None, zone: ZoneInfo) -> str:
    return UNKNOWN if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
