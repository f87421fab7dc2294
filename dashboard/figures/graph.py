"""The one place that makes a `dcc.Graph`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc

CONFIG: Any = {
    "displaylogo": False,
    "displayModeBar": False,
    "plotlyServerURL": "",
    "showSendToCloud": False,
    "showEditInChartStudio": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
}
"""Nothing may leave the page: Plotly's buttons that post a figure to another host are off."""


TEXT_ABOVE = 0.4
"""Distance of a row's text from the middle of its bar, in rows."""
LEAST_ROWS = 5


def graph(identity: str | dict[str, str], height: int, template: dict[str, Any], *, tools: bool) -> dcc.Graph:
    """An empty graph of a height in pixels; `tools` offers Plotly's own button for a PNG."""
    config = CONFIG | (_picture_button(identity) if tools else {})
    hidden = {"xaxis": {"visible": False}, "yaxis": {"visible": False}}
    figure = {"data": [], "layout": {**base_layout(height), **hidden, "template": template}}
    return dcc.Graph(
        id=identity,
        config=config,
        figure=figure,
        responsive=True,
        style={"height": f"{height}px"},
        className="graph",
    )


def _picture_button(identity: str | dict[str, str]) -> dict[str, Any]:
    """Plotly's own button for a PNG, whose file is called after the panel."""
    name = identity if isinstance(identity, str) else identity["panel"]
    options = {"format": "png", "filename": f"bedrock-{name}", "scale": 2}
    return {
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": options,
    }


def base_layout(height: int) -> dict[str, Any]:
    """What all figures share; `uirevision` keeps what a person hid or zoomed when new data comes."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "uirevision": "same",
        "dragmode": False,
        "hovermode": "closest",
        "showlegend": False,
    }


def row_texts(rows: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Texts above horizontal bars: of each row one at the left edge and one at the right.

    The texts are Plotly's: what comes from logs must have passed `plain_text`.
    """
    texts = []
    for index, (left, right) in enumerate(rows):
        place = {"xref": "paper", "yref": "y", "y": index - TEXT_ABOVE, "showarrow": False, "borderpad": 0}
        texts.append({**place, "text": left, "x": 0, "xanchor": "left", "xshift": -1})
        texts.append({**place, "text": right, "x": 1, "xanchor": "right", "xshift": 1})
    return texts


def row_layout(rows: int, greatest: float, height: int) -> dict[str, Any]:
    """Layout of horizontal bars with their texts above them."""
    hidden = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
    return base_layout(height) | {
        "bargap": 0.74,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {**hidden, "range": [0, greatest or 1]},
        "yaxis": {**hidden, "range": [max(rows, LEAST_ROWS) - 0.6, -0.72]},
    }


def plain_text(text: str, longest: int = 200) -> str:
    """Text that Plotly draws as it is: its pseudo HTML is escaped, control characters are dropped."""
    shown = "".join(letter if letter.isprintable() else "·" for letter in middle_cut(text, longest))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def middle_cut(text: str, longest: int) -> str:
    """The text, its middle left out where it is longer."""
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"
