"""Cost by kind of tokens."""

from __future__ import annotations

from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.figures.graph import base_layout, plain_text
from dashboard.measures import KIND_LABELS, KINDS, kind_cost, kind_tokens
from dashboard.number_text import UNKNOWN, exact, share, usd, usd_exact
from dashboard.theme import KIND_COLOURS

HEIGHT = 320


def shown_kinds(stats: UsageStats) -> list[str]:
    """The five kinds that Bedrock bills, and the others where there are any."""
    return [kind for kind in KINDS if kind in KINDS[:5] or kind_cost(kind, stats) or kind_tokens(kind, stats)]


def kind_bars(stats: UsageStats, template: dict[str, Any]) -> dict[str, Any]:
    """A bar for each kind, with its cost and share at its end."""
    kinds = shown_kinds(stats)
    costs = [kind_cost(kind, stats) for kind in kinds]
    whole, greatest = stats.total_list_cost_usd, float(max(costs)) or 1.0
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [float(cost) for cost in costs],
        "y": list(range(len(kinds))),
        "marker": {"color": [KIND_COLOURS[kind] for kind in kinds]},
        "text": [f" {plain_text(usd(cost))}  <i>{plain_text(_share(cost, whole))}</i>" for cost in costs],
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "customdata": [
            [KIND_LABELS[kind], plain_text(usd_exact(cost)), exact(kind_tokens(kind, stats))]
            for kind, cost in zip(kinds, costs, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} tokens<extra></extra>",
    }
    layout = base_layout(HEIGHT) | {
        "template": template,
        "bargap": 0.45,
        "xaxis": {"range": [0, greatest * 1.62], "showticklabels": False, "showgrid": False, "fixedrange": True},
        "yaxis": {
            "showgrid": False,
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": list(range(len(kinds))),
            "ticktext": [f"{KIND_LABELS[kind]} " for kind in kinds],
            "range": [len(kinds) - 0.4, -0.6],
        },
    }
    return {"data": [bars], "layout": layout}


def _share(cost: Any, whole: Any) -> str:
    return share(cost, whole) if whole else UNKNOWN
