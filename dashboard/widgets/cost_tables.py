"""Tables of the cost page: exact numbers whose columns add up, with share bars and courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import exact, percent, usd_in_column
from bedrock_analytics.reporting.metrics import cache_hit_rate, cache_savings, discounted_cost_usd
from dashboard.cost_models import Courses, MonthCost, RankedRows
from dashboard.cost_words import cost_words, known_cost
from dashboard.figures.month_course import running_totals
from dashboard.figures.sparkline import spark_style
from dashboard.measures import KIND_LABELS, KINDS, kind_cost, kind_tokens
from dashboard.phrases import share
from dashboard.view_models import UsageRow
from dashboard.widgets.tables import (
    cost_in_column,
    filter_of,
    kind_cost_number,
    name_column,
    number,
    number_column,
    text_column,
)

_ALWAYS = KINDS[:5]
Row = dict[str, Any]


def cost_columns(title: str, total: UsageStats) -> list[Row]:
    """Columns of cost by a dimension; discounts and rare kinds have columns where there are any."""
    kinds = used_kinds(total)
    discounted = [
        number_column("discount", "Discount", 112),
        number_column("net", "After discount", 128),
    ]
    return [
        name_column(title),
        number_column("cost", "Est. cost", 124) | {"sort": "desc"},
        number_column("share", "Share", 118) | {"cellRenderer": "ShareBar"},
        {
            "colId": "course",
            "headerName": "Course",
            "cellRenderer": "Course",
            "width": 118,
            "sortable": False,
        },
        *(discounted if total.total_discount_usd else []),
        *[number_column(f"{kind}_cost", f"{KIND_LABELS[kind]} $", 136) for kind in kinds],
        number_column("calls", "Invocations", 112),
        number_column("tokens", "Tokens", 130),
        *[number_column(f"{kind}_tokens", KIND_LABELS[kind], 132) for kind in kinds if kind in _ALWAYS],
        number_column("failed", "Failed", 90),
        number_column("unpriced", "Unpriced calls", 126),
    ]


def used_kinds(total: UsageStats) -> list[str]:
    """The five kinds that Bedrock bills, and the others where any cost or tokens are of them."""
    return [kind for kind in KINDS if kind in _ALWAYS or kind_cost(kind, total) or kind_tokens(kind, total)]


def cost_rows(rows: Sequence[UsageRow], total: UsageStats, courses: Courses) -> list[Row]:
    """The rows of `cost_columns`."""
    return [
        {
            **row_head(row),
            "course_style": _course(courses.get(row.key, ())),
            **_figures(row.stats, total),
        }
        for row in rows
    ]


def cost_totals(shown: RankedRows, total: UsageStats, courses: Courses) -> list[Row]:
    """What stands at the foot of a table: the remainder, where there is one, and the sum of everything."""
    whole = {"id": "total", "name": "Total", "detail": "", "chip": "", **_figures(total, total)}
    if shown.remainder is None:
        return [whole]
    listed = {row.key for row in shown.rows}
    rest = [course for key, course in courses.items() if key not in listed]
    course = [_sum(bucket) for bucket in zip(*rest, strict=True)]
    return [
        {
            **row_head(shown.remainder),
            "course_style": _course(course),
            **_figures(shown.remainder.stats, total),
        },
        whole,
    ]


def row_head(row: UsageRow) -> Row:
    """What a row begins with: who it is, and the filter that it stands for."""
    return {
        "id": "\x1f".join(row.key),
        "name": row.name,
        "detail": row.detail,
        "chip": row.chip,
        **filter_of(row),
    }


def _course(course: Sequence[UsageStats]) -> dict[str, str]:
    return spark_style([float(stats.total_list_cost_usd) for stats in course])


def _figures(stats: UsageStats, total: UsageStats) -> Row:
    cost, whole = stats.total_list_cost_usd, total.total_list_cost_usd
    row = {
        **number("share", float(cost / whole) if whole else None, share(cost, whole)),
        **_net(stats),
        **number("calls", stats.invocations, exact(stats.invocations)),
        **number("tokens", stats.total_tokens, exact(stats.total_tokens)),
        **number("failed", stats.error_count, exact(stats.error_count)),
        **number("unpriced", stats.unpriced_invocation_count, exact(stats.unpriced_invocation_count)),
    }
    for kind in used_kinds(total):
        row |= kind_cost_number(kind, stats)
        row |= number(f"{kind}_tokens", kind_tokens(kind, stats), exact(kind_tokens(kind, stats)))
    return row


def _net(stats: UsageStats) -> Row:
    """List cost, discount, and what is left."""
    discount, net = stats.total_discount_usd, discounted_cost_usd(stats)
    known = known_cost(stats, net)
    return {
        **number("cost", known_cost(stats, stats.total_list_cost_usd), cost_in_column(stats)),
        **number("discount", discount, usd_in_column(-discount) if discount else usd_in_column(discount)),
        **number("net", known, cost_words(stats, known, usd_in_column)),
    }


def cache_columns(title: str) -> list[Row]:
    """Columns of what the prompt cache saved by a dimension."""
    return [
        name_column(title),
        number_column("saved", "Net saved", 124) | {"sort": "desc"},
        number_column("reads", "Saved by reads", 132),
        number_column("writes", "Extra cost of writes", 150),
        number_column("hits", "Hit rate", 92),
        number_column("read", "Tokens read", 128),
        number_column("written", "Tokens written", 128),
        number_column("cost", "Est. cost", 124),
    ]


def cache_rows(rows: Sequence[UsageRow]) -> list[Row]:
    """The rows of `cache_columns`."""
    return [{**row_head(row), **_cache_figures(row.stats)} for row in rows]


def cache_total_row(total: UsageStats) -> Row:
    """The sum of all rows, those without any cached token too."""
    return {"id": "total", "name": "Total", "detail": "", "chip": "", **_cache_figures(total)}


def _cache_figures(stats: UsageStats) -> Row:
    found, rate = cache_savings(stats), cache_hit_rate(stats)
    return {
        **number("saved", found.net_usd, usd_in_column(found.net_usd)),
        **number("reads", found.reads_usd, usd_in_column(found.reads_usd)),
        **number("writes", found.writes_usd, usd_in_column(found.writes_usd)),
        **number("hits", rate, percent(rate)),
        **number("read", stats.cache_read_tokens, exact(stats.cache_read_tokens)),
        **number("written", stats.cache_write_tokens, exact(stats.cache_write_tokens)),
        **number("cost", known_cost(stats, stats.total_list_cost_usd), cost_in_column(stats)),
    }


def month_columns(total: UsageStats) -> list[Row]:
    """Columns of the days of a month; list cost and discount apart where there are discounts."""
    discounted = [number_column("cost", "List cost", 124), number_column("discount", "Discount", 112)]
    return [
        text_column("day", "Day", 190) | {"pinned": "left", "sortable": False},
        *(discounted if total.total_discount_usd else []),
        number_column("net", "Est. cost", 124),
        number_column("sum", "Month so far", 132),
        number_column("calls", "Invocations", 112),
        number_column("tokens", "Tokens", 130),
    ]


def month_rows(month: MonthCost) -> list[Row]:
    """The rows of `month_columns`, oldest first."""
    return [
        {
            "id": f"{day.start:%Y-%m-%d}",
            "day": f"{day.start.astimezone(month.zone):%a %-d %b %Y}"
            + ("" if day.is_over else " (not over yet)"),
            **_net(day.stats),
            **number("sum", so_far, usd_in_column(so_far)),
            **_counts(day.stats),
        }
        for day, so_far in zip(month.days, running_totals(month), strict=True)
    ]


def month_total_row(month: MonthCost) -> Row:
    """The month so far."""
    total = month.total
    return {
        "id": "total",
        "day": "Total",
        **_net(total),
        **number("sum", None, ""),
        **_counts(total),
    }


def _counts(stats: UsageStats) -> Mapping[str, Any]:
    return {
        **number("calls", stats.invocations, exact(stats.invocations)),
        **number("tokens", stats.total_tokens, exact(stats.total_tokens)),
    }


def _sum(rows: Sequence[UsageStats]) -> UsageStats:
    total = UsageStats()
    for stats in rows:
        total.merge(stats)
    return total
