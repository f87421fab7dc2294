"""The overview's figures and its list of what changed, as tables for files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.card_texts import CARDS, Number
from dashboard.panel_views import Row, Table
from dashboard.view_models import Baseline, Mover, Overview
from dashboard.widgets.tables import name_column, number, number_column, text_column

_COST = "Estimated cost"


def summary_table(overview: Overview) -> Table:
    """Each figure of the range, and of the part of it that is compared, beside the earlier period's."""
    columns = [
        text_column("name", "Figure", 200),
        text_column("unit", "Unit", 120),
        number_column("value", "In the range", 120),
        number_column("compared", "In the compared part", 120),
        number_column("earlier", "In the earlier period", 120),
    ]
    cost = _figure(_COST, "USD", overview, lambda stats: stats.total_list_cost_usd)
    return Table(
        columns=columns,
        rows=[cost, *(_figure(kind.label, kind.unit, overview, kind.read) for kind in CARDS)],
    )


def _figure(name: str, unit: str, overview: Overview, read: Any) -> Row:
    baseline: Baseline | None = overview.baseline

    def of(field: str, stats: UsageStats | None) -> dict[str, Any]:
        value: Number | None = None if stats is None else read(stats)
        return number(field, value, "" if value is None else str(value))

    return {
        "id": name,
        "name": name,
        "unit": unit,
        **of("value", overview.total),
        **of("compared", baseline.current if baseline else None),
        **of("earlier", baseline.previous if baseline else None),
    }


def movers_table(overview: Overview) -> Table:
    """The models whose cost changed most, USD before and after."""
    columns = [
        name_column("Model"),
        number_column("before", "Before, USD", 120),
        number_column("after", "After, USD", 120),
        number_column("change", "Change, USD", 120),
    ]
    movers = overview.baseline.movers if overview.baseline else ()
    return Table(columns=columns, rows=[_mover(mover) for mover in movers])


def _mover(mover: Mover) -> Row:
    def of(field: str, value: Decimal) -> dict[str, Any]:
        return number(field, value, f"{value:f}")

    return {
        "id": "\x1f".join(mover.row.key),
        "name": mover.row.name,
        "detail": mover.row.detail,
        "chip": mover.row.chip,
        **of("before", mover.before),
        **of("after", mover.after),
        **of("change", mover.change),
    }
