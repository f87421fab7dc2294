"""Legends beside the charts: they wrap on narrow screens, and their texts are text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from dashboard.figures.usage_bars import MOST_BARS, is_split, shown_kinds, top_rows
from dashboard.measures import KIND_LABELS, Measure, amount
from dashboard.phrases import share
from dashboard.theme import KIND_COLOURS
from dashboard.view_models import UsageRow, UsageTrend
from dashboard.widgets.attributes import aria
from dashboard.widgets.filter_button import filter_button


@dataclass(frozen=True, slots=True)
class Entry:
    """A colour, what it stands for, its share where the legend tells it, and the filter that it adds."""

    colour: str
    name: str
    chip: str = ""
    value: str = ""
    filter: tuple[str, str] | None = None


def legend(entries: Iterable[Entry]) -> Component:
    """A list of colours and names."""
    return html.Ul([_item(entry) for entry in entries], className="legend")


def _item(entry: Entry) -> Component:
    return html.Li(
        [
            html.Span(className="swatch", style={"background": entry.colour}, **aria(hidden="true")),
            _name(entry),
            *([html.Span(entry.chip, className="chip")] if entry.chip else []),
            *([html.Strong(entry.value, className="legend-value")] if entry.value else []),
        ]
    )


def _name(entry: Entry) -> Component:
    if entry.filter is None:
        return html.Span(entry.name, className="legend-name", title=entry.name)
    return filter_button(*entry.filter, entry.name, "filter-link legend-name")


def trend_entries(trend: UsageTrend, colours: Mapping[str, str], by: str = "") -> list[Entry]:
    """The series of a trend by a dimension."""
    return [
        Entry(
            colours[each.colour_key], each.name, filter=(by, each.filter_value) if each.filter_value else None
        )
        for each in trend.series
    ]


def kind_entries(rows: Sequence[UsageRow], measure: Measure) -> list[Entry]:
    """The kinds of tokens in bars; none where the bars are not split."""
    if not is_split(measure):
        return []
    return [Entry(KIND_COLOURS[kind], KIND_LABELS[kind]) for kind in shown_kinds(rows, measure)]


def ring_entries(
    rows: Sequence[UsageRow], measure: Measure, colours: Mapping[str, str], most: int = MOST_BARS
) -> list[Entry]:
    """The slices of a ring with their shares."""
    shown = top_rows(rows, measure, most)
    whole = sum(amount(measure, row.stats) or 0 for row in shown)
    return [
        Entry(
            colours[row.colour_key],
            row.name,
            row.chip,
            share(amount(measure, row.stats), whole),
            filter=row.filter,
        )
        for row in shown
    ]
