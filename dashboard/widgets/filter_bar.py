"""The filter bar: what part of the usage the page is about. On a phone it is a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.filters import FilterKind
from dashboard.page_state import OFF, ON
from dashboard.ranges import LABELS, Preset, local_text
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import Options, icon_button, select

COMPARISONS: Options = ((ON, "Previous period"), (OFF, "Nothing"))


def filter_bar(
    values: Mapping[str, str],
    kinds: Sequence[FilterKind],
    zones: Options,
    zone: ZoneInfo,
    *,
    shown: tuple[str, str],
    hidden: bool,
) -> Component:
    """Range, zone, comparison and filters, and below them what they come to: range and earlier period."""
    return html.Div(
        [
            _drawer_head(),
            html.Div(
                [
                    _range(values, zone),
                    select(ids.ZONE, "Time zone", zones, values["zone"], class_name="zone-control"),
                    select(ids.COMPARE, "Compare with", COMPARISONS, values["compare"]),
                    _filters(kinds),
                ],
                className="filter-row",
            ),
            html.Div(
                [
                    _resolved(*shown),
                    html.Div(id=ids.CHIPS, className="chips"),
                    html.Button(
                        "Clear filters", id=ids.CLEAR, type="button", className="clear-button", hidden=True
                    ),
                ],
                className="chip-row",
            ),
        ],
        id=ids.FILTER_BAR,
        className="filter-bar",
        hidden=hidden,
        role="region",
        **aria(label="Filters"),
    )


def _drawer_head() -> Component:
    close = icon_button("drawer-close", "close", "Close the filters")
    return html.Div([html.H2("Filters"), close], className="drawer-head")


def _range(values: Mapping[str, str], zone: ZoneInfo) -> Component:
    presets = [(preset, LABELS[preset]) for preset in Preset]
    return html.Div(
        [
            _step("earlier", "Earlier period ([)"),
            select(ids.RANGE, "Range", presets, values["range"]),
            _step("later", "Later period (])"),
            _custom_range(values, zone),
        ],
        className="range-control",
    )


def _step(name: str, label: str) -> Component:
    button = icon_button(f"step-{name}", name, label)
    return html.Div(button, className="step", **data(step="-1" if name == "earlier" else "1"))


def _custom_range(values: Mapping[str, str], zone: ZoneInfo) -> Component:
    return html.Div(
        [
            _moment(ids.FROM, "From", local_text(values["from"], zone)),
            _moment(ids.TO, "To", local_text(values["to"], zone)),
        ],
        id=ids.CUSTOM,
        className="custom-range",
        hidden=values["range"] != Preset.CUSTOM,
    )


def _moment(identity: str, label: str, value: str) -> Component:
    return html.Div(
        [
            html.Label(label, htmlFor=identity, className="control-label"),
            # debounce: a half typed year is no question
            dbc.Input(id=identity, type="datetime-local", value=value, debounce=True, size="sm"),
        ],
        className="control",
    )


def _filters(kinds: Sequence[FilterKind]) -> Component:
    return html.Div(
        [
            html.Span("Filter by", className="control-label", id="filter-by"),
            html.Div(
                [_opener(kind) for kind in kinds],
                className="openers",
                role="group",
                **aria(labelledby="filter-by"),
            ),
            _picker(),
        ],
        className="control filter-control",
    )


def _opener(kind: FilterKind) -> Component:
    return html.Button(
        kind.label,
        type="button",
        className="opener",
        **data(open=kind.name, title=kind.label),
        **aria(expanded="false", controls="picker-panel", haspopup="dialog"),
    )


def _picker() -> Component:
    search = dbc.Input(
        id=ids.PICKER_SEARCH,
        type="search",
        placeholder="Search",
        debounce=250,
        value="",
        size="sm",
        autocomplete="off",
    )
    return html.Div(
        [
            dcc.Store(id=ids.PICKER),
            html.Div(
                [
                    html.Label(id=ids.PICKER_TITLE, htmlFor=ids.PICKER_SEARCH, className="picker-title"),
                    icon_button("picker-close", "close", "Close the list"),
                ],
                className="picker-head",
            ),
            search,
            html.Div(id=ids.PICKER_LIST),
        ],
        id="picker-panel",
        className="picker",
        hidden=True,
        role="dialog",
        **aria(label="Values to filter by"),
    )


def _resolved(resolved: str, compared: str) -> Component:
    return html.Div(
        [
            html.Span("Shown ", className="control-label"),
            html.Span(resolved, id=ids.RESOLVED, className="resolved"),
            html.Span(compared, id=ids.COMPARED, className="compared"),
        ],
        className="resolved-control",
        role="status",
    )
