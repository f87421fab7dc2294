"""Failed calls over time, and by code, model or caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.reporting.formats import exact, percent
from bedrock_analytics.reporting.metrics import error_rate
from dashboard.figures.graph import base_layout, middle_cut, plain_text, row_layout, row_texts
from dashboard.figures.usage_bars import HEIGHT, filter_meta, full_name
from dashboard.figures.usage_trend import INCOMPLETE_OPACITY, bucket_spans, positions, tick_format
from dashboard.phrases import share
from dashboard.reliability_queries import ErrorCourse, code_counts, main_codes
from dashboard.theme import OTHER_COLOUR, series_colours
from dashboard.view_models import UsageRow

COUNT, RATE = "count", "rate"
MOST_ROWS = 7
_LONGEST_NAME = 34


def error_trend(
    course: ErrorCourse, measure: str, colours: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """Stacked bars of failed calls, or of their share of all calls; what is not over yet is lighter."""
    places = positions(course)
    opacity = [1 if index < course.incomplete_from else INCOMPLETE_OPACITY for index in range(len(places))]
    data = [
        {
            "type": "bar",
            "name": plain_text(middle_cut(one.name, 40)),
            "x": places,
            "y": [
                _amount(count, calls, measure) for count, calls in zip(one.counts, course.calls, strict=True)
            ],
            "marker": {"color": colours[one.key], "opacity": opacity},
            "customdata": [
                [exact(count), share(count, calls)]
                for count, calls in zip(one.counts, course.calls, strict=True)
            ],
            "hovertemplate": "%{customdata[0]} (%{customdata[1]} of calls)",
            "meta": {"spans": bucket_spans(course)},
        }
        for one in course.series
    ]
    return {"data": data, "layout": _trend_layout(course, measure) | {"template": template}}


def _trend_layout(course: ErrorCourse, measure: str) -> dict[str, Any]:
    return base_layout(HEIGHT) | {
        "barmode": "stack",
        "bargap": 0.18 if len(course.starts) < 60 else 0.06,
        "hovermode": "x unified",
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "tickformat": tick_format(course.bucket),
            "nticks": 12,
            "ticklabelstandoff": 4,
        },
        "yaxis": {
            "fixedrange": True,
            "nticks": 5,
            "rangemode": "tozero",
            "tickformat": ".1~%" if measure == RATE else "~s",
        },
    }


def _amount(count: int, calls: int, measure: str) -> float | None:
    if measure == COUNT:
        return count
    return count / calls if calls else None


def failed_rows(rows: Sequence[UsageRow]) -> list[UsageRow]:
    """The rows with failed calls, those with most first."""
    return sorted(
        (row for row in rows if row.stats.error_count), key=lambda row: (-row.stats.error_count, row.key)
    )


def error_bars(rows: Sequence[UsageRow], template: dict[str, Any]) -> dict[str, Any]:
    """A bar for each row, split by error code, with its failed calls and their share."""
    shown = failed_rows(rows)[:MOST_ROWS]
    codes, others = main_codes(code_counts(row.stats for row in rows))
    colours = code_colours(codes)
    data = [
        _code_bars(code, [row.stats.errors.get(code, 0) for row in shown], colours[code], shown)
        for code in codes
    ]
    if others:
        rest = [row.stats.error_count - sum(row.stats.errors.get(code, 0) for code in codes) for row in shown]
        data.append(_code_bars("Other codes", rest, OTHER_COLOUR, shown))
    texts = row_texts([(_name(row), _value(row)) for row in shown])
    greatest = max((row.stats.error_count for row in shown), default=1)
    layout = row_layout(len(shown), greatest, HEIGHT)
    return {"data": data, "layout": layout | {"template": template, "barmode": "stack", "annotations": texts}}


def code_colours(codes: Sequence[str]) -> dict[str, str]:
    """Colour by error code."""
    return series_colours(codes) | {OTHER: OTHER_COLOUR}


def _code_bars(name: str, counts: Sequence[int], colour: str, rows: Sequence[UsageRow]) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain_text(middle_cut(name, 40)),
        "x": list(counts),
        "y": list(range(len(rows))),
        "marker": {"color": colour},
        "customdata": [
            [full_name(row), plain_text(middle_cut(name, 60)), exact(count)]
            for row, count in zip(rows, counts, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}: %{customdata[2]}<extra></extra>",
        **filter_meta(rows),
    }


def _name(row: UsageRow) -> str:
    chip = f"  <i>{plain_text(row.chip)}</i>" if row.chip else ""
    return f"{plain_text(middle_cut(row.name, _LONGEST_NAME))}{chip}"


def _value(row: UsageRow) -> str:
    return f"<b>{exact(row.stats.error_count)}</b>  {percent(error_rate(row.stats))} of its calls"


def count_bars(
    counts: Sequence[tuple[str, int]], whole: int, colour: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """A bar for each name with its count and share of the whole."""
    shown = list(counts[:MOST_ROWS])
    rest = sum(count for _, count in counts[MOST_ROWS:])
    if rest:
        shown.append((OTHER, rest))
    names = ["Other" if name == OTHER else name for name, _ in shown]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [count for _, count in shown],
        "y": list(range(len(shown))),
        "marker": {"color": [colour[name] for name, _ in shown]},
        "customdata": [
            [plain_text(name), exact(count)] for name, (_, count) in zip(names, shown, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    }
    texts = row_texts(
        [
            (plain_text(middle_cut(name, 44)), f"<b>{exact(count)}</b>  {plain_text(share(count, whole))}")
            for name, (_, count) in zip(names, shown, strict=True)
        ]
    )
    layout = row_layout(len(shown), max((count for _, count in shown), default=1), HEIGHT)
    return {"data": [bars], "layout": layout | {"template": template, "annotations": texts}}
