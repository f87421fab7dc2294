"""How the cost of the month adds up day by day, where it may end, and the budget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import MONEY
from bedrock_analytics.reporting.formats import usd
from dashboard.cost_models import MonthCost
from dashboard.figures.graph import base_layout, plain_text
from dashboard.theme import ACCENT, OTHER_COLOUR

HEIGHT = 300
BAND = "rgba(94, 120, 217, 0.34)"
BUDGET = OTHER_COLOUR
_NO_LINE = {"width": 0}


def month_course(month: MonthCost, template: dict[str, Any]) -> dict[str, Any]:
    """A line of the cost so far, a band to the end of the month, and the budget as a dashed line."""
    data = [*_band(month), _so_far(month)]
    if month.budget_usd is not None:
        data.append(_budget(month, month.budget_usd))
    layout = base_layout(HEIGHT) | {
        "template": template,
        "margin": {"l": 4, "r": 8, "t": 8, "b": 4},
        "hovermode": "closest",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "tickformat": "%-d %b",
            "ticklabelstandoff": 6,
            "nticks": 8,
            "range": [_place(month.start, month.zone), _place(month.end, month.zone)],
        },
        "yaxis": {
            "fixedrange": True,
            "nticks": 5,
            "rangemode": "tozero",
            "tickprefix": "$",
            "tickformat": ",~r",
        },
    }
    return {"data": data, "layout": layout}


def running_totals(month: MonthCost) -> list[Decimal]:
    """Cost from the start of the month to the end of each day, USD."""
    totals: list[Decimal] = []
    for day in month.days:
        before = totals[-1] if totals else Decimal(0)
        totals.append(MONEY.add(before, day.cost_usd))
    return totals


def _so_far(month: MonthCost) -> dict[str, Any]:
    totals = running_totals(month)
    ends = [min(day.end, month.until) for day in month.days]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "So far",
        "x": [_place(moment, month.zone) for moment in (month.start, *ends)],
        "y": [0.0, *map(float, totals)],
        "line": {"color": ACCENT, "width": 2.5},
        "marker": {"color": ACCENT, "size": 5},
        "customdata": [
            ["Start of the month", "$0.00", ""],
            *(
                [
                    f"{day.start.astimezone(month.zone):%a %-d %b}"
                    + ("" if day.is_over else " (not over yet)"),
                    plain_text(usd(total)),
                    plain_text(f"{usd(day.cost_usd)} that day"),
                ]
                for day, total in zip(month.days, totals, strict=True)
            ),
        ],
        "hovertemplate": "%{customdata[0]}<br><b>%{customdata[1]}</b> so far<br>"
        "%{customdata[2]}<extra></extra>",
    }


def _band(month: MonthCost) -> list[dict[str, Any]]:
    """The range of the forecast, and in it the way of the latest week."""
    found = month.forecast
    if found is None:
        return []
    now = month.cost_usd
    edge = {"mode": "lines", "line": _NO_LINE, "hoverinfo": "skip"}
    likely = {
        "mode": "lines",
        "line": {"color": ACCENT, "width": 2, "dash": "dot"},
        "customdata": [["", ""], ["Likely at the end of the month", plain_text(usd(found.likely_usd))]],
        "hovertemplate": "%{customdata[0]}<br><b>%{customdata[1]}</b><extra></extra>",
    }
    return [
        _way(month, now, found.low_usd, edge),
        _way(month, now, found.high_usd, edge | {"fill": "tonexty", "fillcolor": BAND}),
        _way(month, now, found.likely_usd, likely),
    ]


def _way(month: MonthCost, now: Decimal, end: Decimal, look: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": _places((month.until, month.end), month.zone),
        "y": [float(now), float(end)],
        "name": "Forecast",
        **look,
    }


def _budget(month: MonthCost, budget: Decimal) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Budget",
        "x": _places((month.start, month.end), month.zone),
        "y": [float(budget)] * 2,
        "line": {"color": BUDGET, "width": 2, "dash": "dash"},
        "hovertemplate": f"Budget <b>{plain_text(usd(budget))}</b><extra></extra>",
    }


def _places(moments: Sequence[datetime], zone: ZoneInfo) -> list[str]:
    return [_place(moment, zone) for moment in moments]


def _place(moment: datetime, zone: ZoneInfo) -> str:
    """Where a moment stands: the local clock."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
