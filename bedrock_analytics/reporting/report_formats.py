"""A usage report as a table for people, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from rich.table import Table
from rich.text import Text

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting import formats, metrics
from bedrock_analytics.reporting.csv_lines import safe_cell
from bedrock_analytics.reporting.usage_report import ReportRow, UsageReport
from bedrock_analytics.storage.page_codec import money_text

Figure = str | int | float | bool | None


class ReportFormat(StrEnum):
    """How a report is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def report_figures(stats: UsageStats) -> dict[str, Figure]:
    """The figures of one row by name: money as exact decimal text in USD, times in milliseconds.

    None is "unknown". `cost_completeness` is complete, partial ("at least") or unknown;
    `tpot_includes_first_token` marks latency ÷ output tokens in the place of TPOT.
    """
    cost = metrics.cost_of(stats)
    latency, tpot = metrics.average_latency(stats), metrics.shown_tpot(stats)
    by_kind, saved = metrics.cost_by_token_kind(stats), metrics.cache_savings(stats)
    return {
        "invocations": stats.invocations,
        "errors": stats.error_count,
        "rejections": stats.rejection_count,
        "input_tokens": stats.input_tokens,
        "output_tokens": stats.output_tokens,
        "cache_read_tokens": stats.cache_read_tokens,
        "cache_write_tokens": stats.cache_write_tokens,
        "list_cost_usd": money_text(cost.list_usd),
        "list_cost_upper_usd": money_text(cost.upper_usd),
        **{f"{kind}_cost_usd": money_text(amount) for kind, amount in by_kind.items()},
        "discount_usd": money_text(stats.total_discount_usd),
        "cache_saved_usd": None if saved.net_usd is None else money_text(saved.net_usd),
        "cache_saved_complete": saved.is_complete,
        "cost_completeness": cost.completeness.value,
        "unpriced_invocations": cost.unpriced_invocations,
        "unpriced_tokens": cost.unpriced_tokens,
        "average_latency_ms": latency.value_ms,
        "latency_coverage": latency.coverage,
        "average_tpot_ms": tpot.value_ms,
        "tpot_coverage": tpot.coverage,
        "tpot_includes_first_token": tpot.includes_first_token,
        "error_rate": metrics.error_rate(stats),
        "cache_hit_rate": metrics.cache_hit_rate(stats),
    }


def json_text(report: UsageReport) -> str:
    """The report as one JSON object: `by`, `range`, `rows`, `total`, `notes`, `revision`, `data_up_to`."""
    wanted = report.usage_filter
    document = {
        "by": report.by,
        "range": {
            "start": wanted.start.isoformat(),
            "end": wanted.end.isoformat(),
            "zone": wanted.zone.key,
        },
        "data_up_to": _time(report.data_up_to),
        "revision": report.revision,
        "rows": [
            {**dict(zip(report.key_columns, row.key, strict=True)), **report_figures(row.stats)}
            for row in report.rows
        ],
        "total": report_figures(report.total),
        "notes": list(report.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def csv_text(report: UsageReport) -> str:
    """The rows as CSV with a header and without a total, for spreadsheets: no cell starts a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in (*report.key_columns, *report_figures(report.total))])
    for row in report.rows:
        writer.writerow([*(safe_cell(text) for text in row.key), *report_figures(row.stats).values()])
    return buffer.getvalue()


_COLUMNS = (
    "Invocations",
    "Errors",
    "Input",
    "Output",
    "Cache read",
    "Cache write",
    "Est. cost",
    "Latency",
    "TPOT",
    "Cache hits",
)


def report_table(report: UsageReport) -> Table:
    """The report as a table for a terminal; its last row is the total, its caption the notes."""
    table = Table(show_footer=True, caption=_caption(report), caption_justify="left")
    for position, column in enumerate(report.key_columns):
        table.add_column(
            _title(column), footer="Total" if position == 0 else "", overflow="fold", min_width=12
        )
    for title, total in zip(_COLUMNS, _cells(report.total), strict=True):
        table.add_column(title, footer=total, justify="right", no_wrap=True)
    for row in report.rows:
        table.add_row(*_key_cells(row), *_cells(row.stats))
    return table


def _key_cells(row: ReportRow) -> Sequence[Text]:
    # Text takes them as they are: a caller named "[red]" is no markup
    return [Text(text) for text in row.key]


def _title(column: str) -> str:
    names = {"model_id": "Model", "account_id": "Account"}
    return names.get(column, column if ":" in column else column.replace("_", " ").capitalize())


def _cells(stats: UsageStats) -> list[str]:
    return [
        formats.exact(stats.invocations),
        formats.exact(stats.error_count),
        formats.compact(stats.input_tokens),
        formats.compact(stats.output_tokens),
        formats.compact(stats.cache_read_tokens),
        formats.compact(stats.cache_write_tokens),
        formats.cost(metrics.cost_of(stats)),
        formats.average(metrics.average_latency(stats)),
        formats.average(metrics.shown_tpot(stats)),
        formats.percent(metrics.cache_hit_rate(stats)),
    ]


def _caption(report: UsageReport) -> Text:
    lines = ["Estimated cost at list prices."]
    if metrics.shown_tpot(report.total).includes_first_token or any(
        metrics.shown_tpot(row.stats).includes_first_token for row in report.rows
    ):
        lines.append("* latency ÷ output tokens: the log does not tell the time to the first token.")
    if unpriced := report.total.unpriced_invocation_count:
        lines.append(f"≥ {unpriced:,} {'call is' if unpriced == 1 else 'calls are'} not priced in full.")
    if report.data_up_to is not None:
        lines.append(
            f"Data up to {report.data_up_to.astimezone(report.usage_filter.zone):%Y-%m-%d %H:%M %Z}."
        )
    return Text("\n".join([*lines, *report.notes]))
