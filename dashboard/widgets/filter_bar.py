"""The filter bar: what part of the usage the page is about. On a phone it is a drawer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.page_state import ANY
from dashboard.ranges import LABELS, Preset, local_text
from dashboard.view_models import Choice
from dashboard.widgets.attributes import aria
from dashboard.widgets.controls import Options, icon_button, multi_select, select


def filter_bar(
    values: Mapping[str, Any],
    accounts: Sequence[Choice],
    regions: Sequence[Choice],
    zones: Options,
    zone: ZoneInfo,
) -> Component:
    """Accounts, Regions, range and zone, and below them the range that they come to."""
    return html.Div(
        [
            _drawer_head(),
            _choices(ids.ACCOUNTS, ids.ACCOUNTS_MENU, "Accounts", accounts, values["account"]),
            _choices(ids.REGIONS, ids.REGIONS_MENU, "Regions", regions, values["region"]),
            select(ids.RANGE, "Range", [(preset, LABELS[preset]) for preset in Preset], values["range"]),
            _custom_range(values, zone),
            select(ids.ZONE, "Time zone", zones, values["zone"], class_name="zone-control"),
            _resolved(),
            html.Button("Clear filters", id=ids.CLEAR, type="button", className="clear-button", hidden=True),
        ],
        id="filters",
        className="filter-bar",
        role="region",
        **aria(label="Filters"),
    )


def _drawer_head() -> Component:
    close = icon_button("drawer-close", "close", "Close the filters")
    return html.Div([html.H2("Filters"), close], className="drawer-head")


def _choices(
    identity: str, menu: str, label: str, choices: Sequence[Choice], chosen: Sequence[str]
) -> Component:
    all_text = f"All {label if label == 'Regions' else label.lower()}"
    return multi_select(identity, menu, label, all_text, choice_options(choices, chosen), chosen)


def _resolved() -> Component:
    return html.Div(
        [html.Span("Shown", className="control-label"), html.Span(id=ids.RESOLVED, className="resolved")],
        className="control resolved-control",
        role="status",
    )


def _custom_range(values: Mapping[str, Any], zone: ZoneInfo) -> Component:
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


def choice_options(choices: Sequence[Choice], chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Value and text of the choices; what is chosen but not seen yet stays among them."""
    known = {choice.value for choice in choices}
    unseen = [Choice(value=value, name=value) for value in chosen if value != ANY and value not in known]
    return [
        (choice.value, choice.name if choice.name == choice.value else f"{choice.name} · {choice.value}")
        for choice in [*choices, *unseen]
    ]
