"""Times by the values of a dimension: least to greatest, the half and the ninety-nine per cent, the mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bedrock_analytics.reporting.formats import UNKNOWN, milliseconds
from dashboard.figures.graph import base_layout, middle_cut, plain_text, row_texts
from dashboard.figures.usage_bars import bars_height, filter_meta, full_name
from dashboard.theme import OTHER_COLOUR
from dashboard.timings import Around, Times, Timing, times_of
from dashboard.view_models import UsageRow

MOST_ROWS = 8
_LONGEST_NAME = 34
_TICKS = (0.1, 1, 10, 100, 1_000, 10_000, 60_000, 600_000)
_AXIS = 26


def measured_rows(rows: Sequence[UsageRow], timing: Timing) -> list[UsageRow]:
    """The rows whose calls tell the time, those of most measured calls first."""
    found = [row for row in rows if times_of(timing, row.stats).measured]
    return sorted(found, key=lambda row: (-times_of(timing, row.stats).measured, row.key))


def time_ranges(
    rows: Sequence[UsageRow],
    timing: Timing,
    colours: Mapping[str, str],
    template: dict[str, Any],
    around: Around,
) -> dict[str, Any]:
    """A line from least to greatest for each row on a logarithmic axis, thick from p50 to p99."""
    shown = measured_rows(rows, timing)[:MOST_ROWS]
    times = [times_of(timing, row.stats, around.get(row.key)) for row in shown]
    tint = [colours[row.colour_key] for row in shown]
    data = [
        *_spans(times),
        *_thick(times, tint),
        _dots(shown, times, tint),
    ]
    texts = row_texts([(_name(row, colours), _value(each)) for row, each in zip(shown, times, strict=True)])
    height = bars_height(len(shown)) + _AXIS
    hidden = {"showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True}
    layout = base_layout(height) | {
        "template": template,
        "margin": {"l": 6, "r": 10, "t": 0, "b": _AXIS},
        "annotations": texts,
        "xaxis": {
            "type": "log",
            "fixedrange": True,
            "range": _log_range(times),
            "tickmode": "array",
            "tickvals": list(_TICKS),
            "ticktext": [_tick(tick) for tick in _TICKS],
            "automargin": False,
        },
        "yaxis": {**hidden, "range": [max(len(shown), 5) - 0.6, -0.72]},
    }
    return {"data": data, "layout": layout}


def _spans(times: Sequence[Times]) -> list[dict[str, Any]]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for index, each in enumerate(times):
        xs += [_positive(each.least), _positive(each.greatest), None]
        ys += [index, index, None]
    line = {"color": OTHER_COLOUR, "width": 2}
    return [{"type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": line, "hoverinfo": "skip"}]


def _thick(times: Sequence[Times], tint: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [_positive(each.p50), _positive(each.p99)],
            "y": [index, index],
            "line": {"color": colour, "width": 9},
            "opacity": 0.55,
            "hoverinfo": "skip",
        }
        for index, (each, colour) in enumerate(zip(times, tint, strict=True))
        if each.p50 is not None
    ]


def _dots(rows: Sequence[UsageRow], times: Sequence[Times], tint: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [_positive(each.average) for each in times],
        "y": list(range(len(rows))),
        "marker": {
            "color": list(tint),
            "size": 11,
            "symbol": "diamond",
            "line": {"width": 1, "color": "white"},
        },
        "customdata": [[full_name(row), *_told(each)] for row, each in zip(rows, times, strict=True)],
        "hovertemplate": "<b>%{customdata[0]}</b><br>average %{customdata[1]}<br>"
        "p50 %{customdata[2]} · p90 %{customdata[3]} · p99 %{customdata[4]}<br>"
        "least %{customdata[5]} · greatest %{customdata[6]}<br>%{customdata[7]}<extra></extra>",
        **filter_meta(rows),
    }


def _told(each: Times) -> list[str]:
    values = (each.average, each.p50, each.p90, each.p99, each.least, each.greatest)
    return [*(plain_text(milliseconds(value)) for value in values), f"{each.measured:,} calls measured"]


def _name(row: UsageRow, colours: Mapping[str, str]) -> str:
    swatch = f'<span style="color:{colours[row.colour_key]};font-size:17px">■</span> '
    chip = f"  <i>{plain_text(row.chip)}</i>" if row.chip else ""
    return f"{swatch}{plain_text(middle_cut(row.name, _LONGEST_NAME))}{chip}"


def _value(each: Times) -> str:
    star = "*" if each.stands_in else ""
    p99 = UNKNOWN if each.p99 is None else milliseconds(each.p99)
    return f"<b>{milliseconds(each.average)}{star}</b>  p99 {p99}"


def _positive(value: float | None) -> float | None:
    """A place on a logarithmic axis; what took no time at all stands at its edge."""
    return None if value is None else max(value, _TICKS[0])


def _log_range(times: Sequence[Times]) -> list[float]:
    least = min((_positive(each.least) or 1 for each in times), default=1.0)
    greatest = max((_positive(each.greatest) or 1 for each in times), default=10.0)
    return [math.log10(least) - 0.06, math.log10(greatest) + 0.06]


def _tick(value: float) -> str:
    if value < 1_000:
        return f"{value:g} ms"
    return f"{value / 1_000:g} s" if value < 60_000 else f"{value / 60_000:g} min"
