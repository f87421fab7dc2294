"""Cost by kind of tokens."""

from __future__ import annotations

from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import exact, usd, usd_in_detail
from dashboard.cost_words import Shown, cost_words, known_kind_cost
from dashboard.figures.graph import plain_text, row_layout, row_texts
from dashboard.measures import KIND_LABELS, KINDS, kind_cost, kind_tokens
from dashboard.phrases import share
from dashboard.theme import KIND_COLOURS

HEIGHT = 366


def shown_kinds(stats: UsageStats) -> list[str]:
    """The five kinds that Bedrock bills, and the others where there are any."""
    return [kind for kind in KINDS if kind in KINDS[:5] or kind_cost(kind, stats) or kind_tokens(kind, stats)]


def kind_bars(stats: UsageStats, template: dict[str, Any]) -> dict[str, Any]:
    """A bar for each kind, with its cost and share at its end."""
    kinds = shown_kinds(stats)
    costs = [kind_cost(kind, stats) for kind in kinds]
    whole = stats.total_list_cost_usd
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [float(cost) for cost in costs],
        "y": list(range(len(kinds))),
        "marker": {"color": [KIND_COLOURS[kind] for kind in kinds]},
        "customdata": [
            [KIND_LABELS[kind], _words(kind, stats, usd_in_detail), exact(kind_tokens(kind, stats))]
            for kind in kinds
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>"
        "%{customdata[2]} tokens<extra></extra>",
    }
    texts = row_texts(
        [
            (KIND_LABELS[kind], f"<b>{_words(kind, stats, usd)}</b>  {plain_text(share(cost, whole))}")
            for kind, cost in zip(kinds, costs, strict=True)
        ]
    )
    layout = row_layout(len(kinds), float(max(costs)), HEIGHT)
    return {"data": [bars], "layout": layout | {"template": template, "annotations": texts}}


def _words(kind: str, stats: UsageStats, shown: Shown) -> str:
    return plain_text(cost_words(stats, known_kind_cost(kind, stats), shown))
