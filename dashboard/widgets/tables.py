"""Columns and rows of the table twins: exact numbers, sorted as numbers, shown as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import exact, usd_in_column, usd_in_detail
from dashboard.cost_words import cost_words, known_cost, known_kind_cost
from dashboard.figures.token_kinds import shown_kinds
from dashboard.figures.usage_trend import bucket_labels
from dashboard.measures import KIND_LABELS, Measure, amount, kind_cost, kind_tokens
from dashboard.phrases import share
from dashboard.view_models import UsageRow, UsageTrend

_KINDS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")


def text_column(field: str, title: str, width: int) -> dict[str, Any]:
    """A column of texts, which stand in the row's `field`."""
    return {"field": field, "headerName": title, "width": width, "tooltipField": field}


def name_column(title: str, width: int = 230) -> dict[str, Any]:
    """The first column: a name with its chip, and a second line; `filter` of the row makes it a button."""
    return {
        "field": "name",
        "headerName": title,
        "cellRenderer": "TwoLines",
        "pinned": "left",
        "width": width,
        "minWidth": 150,
        "tooltipField": "detail",
    }


def number_column(field: str, title: str, width: int) -> dict[str, Any]:
    """A column of numbers, sorted as such; the text that is shown stands in `<field>_text`."""
    return {
        "field": field,
        "headerName": title,
        "type": "rightAligned",
        "width": width,
        "valueFormatter": {"function": f"params.data.{field}_text"},
        "cellClass": ["ag-right-aligned-cell", "number"],
        "sortingOrder": ["desc", "asc"],
    }


def usage_columns(title: str) -> list[dict[str, Any]]:
    """Columns of usage by a dimension: who, calls, tokens and cost of each kind."""
    return [
        name_column(title),
        number_column("cost", "Est. cost", 118) | {"sort": "desc"},
        number_column("share", "Share", 84),
        number_column("calls", "Invocations", 112),
        number_column("tokens", "Tokens", 124),
        *[number_column(f"{kind}_cost", f"{KIND_LABELS[kind]} $", 128) for kind in _KINDS],
        *[number_column(f"{kind}_tokens", KIND_LABELS[kind], 132) for kind in _KINDS],
        number_column("failed", "Failed", 90),
        number_column("unpriced", "Unpriced calls", 126),
    ]


def usage_rows(rows: Sequence[UsageRow], total: UsageStats) -> list[dict[str, Any]]:
    """The rows of `usage_columns`."""
    return [
        {
            "id": "\x1f".join(row.key),
            "name": row.name,
            "detail": row.detail,
            "chip": row.chip,
            **filter_of(row),
            **_numbers(row.stats, total),
        }
        for row in rows
    ]


def filter_of(row: UsageRow) -> dict[str, Any]:
    """The part of a table's row by which a click on its name adds the filter."""
    return {} if row.filter is None else {"filter": {"kind": row.filter[0], "value": row.filter[1]}}


def total_row(total: UsageStats) -> dict[str, Any]:
    """The sum of all rows."""
    return {"id": "total", "name": "Total", "detail": "", "chip": "", **_numbers(total, total)}


def _numbers(stats: UsageStats, total: UsageStats) -> dict[str, Any]:
    cost, whole = stats.total_list_cost_usd, total.total_list_cost_usd
    row = {
        **number("cost", known_cost(stats, cost), cost_in_column(stats)),
        **_share(cost, whole),
        **number("calls", stats.invocations, exact(stats.invocations)),
        **number("tokens", stats.total_tokens, exact(stats.total_tokens)),
        **number("failed", stats.error_count, exact(stats.error_count)),
        **number("unpriced", stats.unpriced_invocation_count, exact(stats.unpriced_invocation_count)),
    }
    for kind in _KINDS:
        row |= kind_cost_number(kind, stats)
        row |= number(f"{kind}_tokens", kind_tokens(kind, stats), exact(kind_tokens(kind, stats)))
    return row


def cost_in_column(stats: UsageStats) -> str:
    """Estimated cost: `≥` where some usage has no price, `—` where none has."""
    return cost_words(stats, known_cost(stats, stats.total_list_cost_usd), usd_in_column)


def kind_cost_number(kind: str, stats: UsageStats, field: str = "") -> dict[str, Any]:
    """Cost of one kind of tokens, marked as that of the whole is."""
    cost = known_kind_cost(kind, stats)
    return number(field or f"{kind}_cost", cost, cost_words(stats, cost, usd_in_column))


def _share(part: Decimal, whole: Decimal) -> dict[str, Any]:
    return number("share", float(part / whole) if whole else None, share(part, whole))


def number(field: str, value: Decimal | int | float | None, text: str) -> dict[str, Any]:
    """A number, exactly, and the text that is shown."""
    return {field: value, f"{field}_text": text}


def kind_columns() -> list[dict[str, Any]]:
    """Columns of cost by kind of tokens."""
    return [
        {"field": "name", "headerName": "Kind", "width": 178, "pinned": "left"},
        number_column("cost", "Est. cost", 100),
        number_column("share", "Share", 84),
        number_column("tokens", "Tokens", 118),
        number_column("rate", "$ per 1M", 104),
    ]


def kind_rows(stats: UsageStats) -> list[dict[str, Any]]:
    """The rows of `kind_columns`; the rate is what a million tokens cost on average, where all are priced."""
    rows = []
    for kind in shown_kinds(stats):
        cost, tokens = kind_cost(kind, stats), kind_tokens(kind, stats)
        rate = cost * 1_000_000 / tokens if tokens and not stats.unpriced_invocation_count else None
        rows.append(
            {
                "id": kind,
                "name": KIND_LABELS[kind],
                **kind_cost_number(kind, stats, "cost"),
                **_share(cost, stats.total_list_cost_usd),
                **number("tokens", tokens, exact(tokens)),
                **number("rate", rate, usd_in_detail(rate)),
            }
        )
    return rows


def kind_total_row(stats: UsageStats) -> dict[str, Any]:
    """The sum of all kinds."""
    cost = stats.total_list_cost_usd
    return {
        "id": "total",
        "name": "Total",
        **number("cost", known_cost(stats, cost), cost_in_column(stats)),
        **_share(cost, cost),
        **number("tokens", stats.total_tokens, exact(stats.total_tokens)),
        **number("rate", None, ""),
    }


def trend_columns(trend: UsageTrend) -> list[dict[str, Any]]:
    """A column for the time, one for each series, and their sum."""
    return [
        {"field": "time", "headerName": "Time", "width": 220, "pinned": "left", "sortable": False},
        number_column("total", "Total", 124),
        *[number_column(f"s{index}", series.name, 150) for index, series in enumerate(trend.series)],
    ]


def trend_rows(trend: UsageTrend, measure: Measure) -> list[dict[str, Any]]:
    """The rows of `trend_columns`, oldest first."""
    rows = []
    for index, label in enumerate(bucket_labels(trend)):
        row = {"id": f"{index}", "time": label, **_measured("total", measure, trend.totals[index])}
        for number, series in enumerate(trend.series):
            row |= _measured(f"s{number}", measure, series.values[index])
        rows.append(row)
    return rows


def trend_total_row(trend: UsageTrend, measure: Measure) -> dict[str, Any]:
    """The sum of all buckets."""
    row = {"id": "total", "time": "Total", **_measured("total", measure, _sum(trend.totals))}
    for number, series in enumerate(trend.series):
        row |= _measured(f"s{number}", measure, _sum(series.values))
    return row


def _sum(values: Sequence[UsageStats]) -> UsageStats:
    total = UsageStats()
    for stats in values:
        total.merge(stats)
    return total


def _measured(field: str, measure: Measure, stats: UsageStats) -> dict[str, Any]:
    value = amount(measure, stats)
    if measure is Measure.COST:
        return number(field, known_cost(stats, stats.total_list_cost_usd), cost_in_column(stats))
    return number(field, value, exact(None if value is None else int(value)))
