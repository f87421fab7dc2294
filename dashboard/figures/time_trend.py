"""Times over time as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bedrock_analytics.reporting.formats import milliseconds
from dashboard.figures.graph import base_layout, plain_text
from dashboard.figures.usage_trend import LocalBuckets, bucket_spans, positions, tick_format

HEIGHT = 292


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: its name, colour, dash, and milliseconds at each moment."""

    name: str
    colour: str
    values: Sequence[float | None]
    dash: str = "solid"
    width: float = 2
    places: Sequence[str] | None = None
    """Where its values stand, if not at the starts of the buckets."""


def time_trend(buckets: LocalBuckets, lines: Sequence[Line], template: dict[str, Any]) -> dict[str, Any]:
    """A line for each statistic; a moment without it leaves a gap."""
    places = positions(buckets)
    layout = base_layout(HEIGHT) | {
        "template": template,
        "hovermode": "x unified",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "tickformat": tick_format(buckets.bucket),
            "nticks": 12,
            "ticklabelstandoff": 4,
        },
        "yaxis": {"fixedrange": True, "nticks": 5, "rangemode": "tozero", **_axis(lines)},
    }
    spans = bucket_spans(buckets)
    return {"data": [_line(line, places, spans) for line in lines], "layout": layout}


def _line(line: Line, places: Sequence[str], spans: Sequence[Sequence[str]]) -> dict[str, Any]:
    known = sum(value is not None for value in line.values)
    return {
        "type": "scatter",
        "mode": "lines+markers" if known < 40 else "lines",
        "name": plain_text(line.name),
        "x": list(line.places or places),
        "y": list(line.values),
        "connectgaps": False,
        "line": {"color": line.colour, "width": line.width, "dash": line.dash},
        "marker": {"size": 5, "color": line.colour},
        "customdata": [[milliseconds(value)] for value in line.values],
        "hovertemplate": "%{customdata[0]}",
        **({} if line.places else {"meta": {"spans": list(spans)}}),
    }


def _axis(lines: Sequence[Line]) -> dict[str, Any]:
    """Ticks in seconds from two seconds on, else in milliseconds."""
    greatest = max((value for line in lines for value in line.values if value is not None), default=0)
    if greatest < 2_000:
        return {"ticksuffix": " ms", "tickformat": ",~r"}
    step = _step(greatest / 1000)
    ticks = [index * step for index in range(int(greatest / 1000 / step) + 2)]
    return {
        "tickmode": "array",
        "tickvals": [tick * 1000 for tick in ticks],
        "ticktext": [f"{tick:g} s" for tick in ticks],
    }


def _step(greatest: float) -> float:
    """A round step that makes about five ticks."""
    for step in (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300):
        if greatest / step <= 6:
            return step
    return 600
