"""The colours of the dashboard and its two Plotly templates.

Series colours keep a contrast of at least 3:1 (WCAG 1.4.11) to the surfaces of both themes, so that a
series looks the same in either; green, amber and red of the status colours are not among them.
The surfaces are also written in `assets/dashboard.css`; a test compares the two.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from bedrock_analytics.domain.dimensions import OTHER

FONT = (
    'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial,'
    " sans-serif"
)
LIGHT, DARK = "light", "dark"
SURFACES = {LIGHT: "#ffffff", DARK: "#151b23"}
TEXTS = {LIGHT: "#161b22", DARK: "#e6ebf2"}
MUTED_TEXTS = {LIGHT: "#59636f", DARK: "#99a5b4"}
LINES = {LIGHT: "#e4e8ed", DARK: "#2a323d"}

_HUES = ("indigo", "orange", "teal", "magenta", "olive", "violet", "blue", "ochre", "rose", "green")
_SHADES = {
    "indigo": ("#5e78d9", "#4b63c1", "#728ad9"),
    "orange": ("#c46016", "#a94e00", "#cc7b4b"),
    "teal": ("#14938d", "#087c77", "#16a19b"),
    "magenta": ("#b9579c", "#a24287", "#c274a9"),
    "olive": ("#768b09", "#637502", "#879b40"),
    "violet": ("#8f68cb", "#7a53b4", "#9e80d1"),
    "blue": ("#0486d3", "#0a71b1", "#4797d4"),
    "ochre": ("#a1790c", "#87660c", "#b48c2b"),
    "rose": ("#c8536c", "#b03d58", "#d07181"),
    "green": ("#25984d", "#03823a", "#52a467"),
}
OTHER_COLOUR = "#7d8794"
KIND_COLOURS = {
    "input": "#5e78d9",
    "output": "#b9579c",
    "cache_read": "#14938d",
    "cache_write_5m": "#c46016",
    "cache_write_1h": "#a1790c",
    "cache_write_other": "#7d8794",
    "units": "#8f68cb",
}
ACCENT = _SHADES["indigo"][0]

_FAMILIES = (
    ("claude-opus", "violet"),
    ("claude-sonnet", "indigo"),
    ("claude-haiku", "blue"),
    ("claude-3-opus", "violet"),
    ("claude-3-5-sonnet", "indigo"),
    ("claude-3-7-sonnet", "indigo"),
    ("claude", "magenta"),
    ("nova-pro", "orange"),
    ("nova-lite", "ochre"),
    ("nova-micro", "rose"),
    ("nova-canvas", "teal"),
    ("nova-reel", "green"),
    ("nova-sonic", "magenta"),
    ("nova-premier", "ochre"),
    ("nova", "orange"),
    ("embed", "teal"),
    ("llama", "magenta"),
    ("mistral", "rose"),
    ("deepseek", "green"),
    ("openai", "olive"),
    ("qwen", "green"),
)


_FIRST = 20
"""Values whose colours depend on one another only: the greatest ones of a range."""


def series_colours(values: Iterable[str]) -> dict[str, str]:
    """Colour by value, for values in order of weight. The same in every process: it depends on them alone.

    A value prefers the hue of its model family, in a shade by its version, else a colour by a hash of its
    text; where another value has that colour it takes the nearest free one. So most values keep their colour
    whatever else is drawn, and panels that name the same values colour all of them alike.
    """
    ordered = [value for value in dict.fromkeys(values) if value != OTHER]
    colours: dict[str, str] = {OTHER: OTHER_COLOUR}
    taken: set[str] = set()
    for value in (*sorted(ordered[:_FIRST]), *ordered[_FIRST:]):
        if len(taken) == len(_HUES) * len(_SHADES[_HUES[0]]):
            taken.clear()
        colours[value] = next(choice for choice in _preferences(value) if choice not in taken)
        taken.add(colours[value])
    return colours


def _preferences(value: str) -> Iterable[str]:
    digest = hashlib.sha256(value.encode()).digest()
    family = next((hue for part, hue in _FAMILIES if part in value), None)
    if family:
        version = re.search(r"-(\d)(?:[-.](\d))?(?![\d])", value)
        minor = int(version[2] or version[1]) if version else digest[1]
        shades = _SHADES[family]
        yield from (shades[(minor + step) % len(shades)] for step in range(len(shades)))
    first = _HUES.index(family) if family else digest[0] % len(_HUES)
    for shade in range(3):
        for step in range(len(_HUES)):
            yield _SHADES[_HUES[(first + step) % len(_HUES)]][(shade + digest[1]) % 3]


def plotly_template(theme: str) -> dict[str, Any]:
    """The Plotly template of a theme: quiet grid, tabular numbers, surfaces left to the page."""
    axis = {
        "gridcolor": LINES[theme],
        "linecolor": LINES[theme],
        "zerolinecolor": LINES[theme],
        "tickfont": {"color": MUTED_TEXTS[theme], "size": 11},
        "ticks": "",
        "automargin": True,
        "title": {"font": {"color": MUTED_TEXTS[theme], "size": 11}},
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": TEXTS[theme]},
            "colorway": [_SHADES[hue][0] for hue in _HUES],
            "hoverlabel": {
                "bgcolor": SURFACES[theme],
                "bordercolor": LINES[theme],
                "font": {"family": FONT, "size": 12, "color": TEXTS[theme]},
                "align": "left",
                "namelength": -1,
            },
            "legend": {"font": {"size": 12, "color": TEXTS[theme]}, "title": {"text": ""}},
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": MUTED_TEXTS[theme],
                "activecolor": TEXTS[theme],
            },
            "xaxis": axis,
            "yaxis": axis,
            "separators": ".,",
        },
        "data": {
            "pie": [{"marker": {"line": {"color": SURFACES[theme], "width": 2}}}],
            "bar": [{"marker": {"line": {"width": 0}}}],
        },
    }


TEMPLATES = {theme: plotly_template(theme) for theme in (LIGHT, DARK)}
