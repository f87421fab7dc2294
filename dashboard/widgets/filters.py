"""Chips of the filters that are set, and lists to pick from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.reporting.formats import exact
from dashboard.figures.graph import middle_cut
from dashboard.filter_choices import FilterChoices
from dashboard.filters import META
from dashboard.names import Names
from dashboard.widgets.attributes import aria, data

_LONGEST_CHIP = 48
_LONGEST_CHOICE = 70


def chip_list(
    names: Names, labels: Mapping[str, str], chosen: Mapping[str, Sequence[str]]
) -> list[Component]:
    """A chip for each value of each filter; pressing it takes the filter away."""
    return [
        _chip(kind, labels.get(kind, kind.removeprefix(META)), value, names.value(kind, value))
        for kind, values in chosen.items()
        for value in values
    ]


def _chip(kind: str, label: str, value: str, name: str) -> Component:
    return html.Button(
        [
            html.Span(f"{label}:", className="chip-label"),
            html.Span(middle_cut(name, _LONGEST_CHIP), className="chip-value"),
            html.Span(className="glyph glyph-close", **aria(hidden="true")),
        ],
        type="button",
        className="filter-chip",
        title=middle_cut(value, 300),
        **data(unfilter=kind, value=value),
        **aria(label=f"Remove the filter {label}: {middle_cut(name, 200)}"),
    )


def choice_list(kind: str, found: FilterChoices) -> Component:
    """The values of a filter as buttons that add or remove it."""
    if not found.choices:
        return html.P("Nothing in this range fits.", className="picker-note")
    left = found.count - len(found.choices)
    more = f"{exact(left)} more: search to find them."
    items = [
        html.Li(
            html.Button(
                [
                    html.Span(className="pick-mark", **aria(hidden="true")),
                    html.Span(
                        [
                            html.Span(middle_cut(choice.name, _LONGEST_CHOICE), className="pick-name"),
                            *(
                                [
                                    html.Span(
                                        middle_cut(choice.detail, _LONGEST_CHOICE), className="pick-detail"
                                    )
                                ]
                                if choice.detail
                                else []
                            ),
                        ],
                        className="pick-words",
                    ),
                ],
                type="button",
                className="pick",
                **data(pick=kind, value=choice.value),
                **aria(pressed="false"),
            )
        )
        for choice in found.choices
    ]
    return html.Div(
        [html.Ul(items, className="pick-list"), *([html.P(more, className="picker-note")] if left else [])]
    )


def choices_failed(reason: str) -> Component:
    """What the list says that could not be loaded."""
    return html.P(f"The values could not be loaded. {reason}", className="picker-note", role="alert")
