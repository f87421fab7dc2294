"""Cost of each series in each bucket as a map of colours."""

from __future__ import annotations

from typing import Any

from dashboard.figures.graph import base_layout, middle_cut, plain_text
from dashboard.figures.usage_bars import amount_text
from dashboard.figures.usage_trend import bucket_labels, positions, tick_format
from dashboard.measures import Measure, amount
from dashboard.view_models import UsageTrend

HEIGHT = 340

SCALE = [[0, "rgba(94, 120, 217, 0.05)"], [0.25, "rgba(94, 120, 217, 0.38)"], [1, "rgba(94, 120, 217, 1)"]]
"""One hue from nothing to full, so that both surfaces show through."""
_LONGEST_NAME = 26


def heat_map(trend: UsageTrend, measure: Measure, template: dict[str, Any]) -> dict[str, Any]:
    """A row for each series, the greatest on top, and a column for each bucket."""
    names = [plain_text(middle_cut(series.name, _LONGEST_NAME)) for series in trend.series]
    amounts = [[amount(measure, stats) for stats in series.values] for series in trend.series]
    labels = bucket_labels(trend)
    cells = {
        "type": "heatmap",
        "x": positions(trend),
        "y": list(range(len(names))),
        "z": [[float(value) if value else None for value in row] for row in amounts],
        "zmin": 0,
        "colorscale": SCALE,
        "showscale": False,
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 3,
        "customdata": [
            [
                [names[index], label, amount_text(measure, value)]
                for label, value in zip(labels, row, strict=True)
            ]
            for index, row in enumerate(amounts)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    }
    return {"data": [cells], "layout": _layout(trend, names) | {"template": template}}


def _layout(trend: UsageTrend, names: list[str]) -> dict[str, Any]:
    return base_layout(HEIGHT) | {
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "nticks": 10,
            "tickformat": tick_format(trend.bucket),
        },
        "yaxis": {
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "range": [len(names) - 0.5, -0.5],
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": names,
        },
    }
