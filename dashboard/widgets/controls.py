"""Labelled controls. Dash's own dropdowns and checklists fail accessibility checks, these do not."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.page_state import ANY
from dashboard.widgets.attributes import aria

Options = Sequence[tuple[str, str]]
"""Value and text of each choice."""


def select(identity: str, label: str, options: Options, value: str, *, class_name: str = "") -> Component:
    """A native select under a small label."""
    return html.Div(
        [
            html.Label(label, htmlFor=identity, className="control-label"),
            dbc.Select(id=identity, options=_options(options), value=value, size="sm"),
        ],
        className=f"control {class_name}".strip(),
    )


def segments(identity: str, label: str, options: Options, value: str) -> Component:
    """A row of buttons of which one is chosen, such as Chart, Pie, Table."""
    return html.Div(
        dbc.RadioItems(
            id=identity,
            options=_options(options),
            value=value,
            class_name="btn-group",
            input_class_name="btn-check",
            label_class_name="btn segment",
            label_checked_class_name="active",
        ),
        role="radiogroup",
        className="segments",
        **aria(label=label),
    )


def multi_select(
    identity: str, menu: str, label: str, all_text: str, options: Options, value: Sequence[str]
) -> Component:
    """A menu of check boxes whose first one, with the value `ANY`, means all."""
    checklist = dbc.Checklist(
        id=identity, options=_options([(ANY, all_text), *options]), value=list(value), class_name="menu-list"
    )
    return html.Div(
        [
            html.Span(label, className="control-label", id=f"{menu}-label"),
            dbc.DropdownMenu(
                html.Div(checklist, role="group", **aria(label=label)),
                id=menu,
                label=all_text,
                toggle_class_name="menu-toggle",
                color="link",
            ),
        ],
        className="control",
    )


def icon_button(identity: str, icon: str, label: str) -> Component:
    """A button with an icon and a name for screen readers."""
    return html.Button(
        html.Span(className=f"glyph glyph-{icon}", **aria(hidden="true")),
        id=identity,
        type="button",
        className="icon-button",
        title=label,
        **aria(label=label),
    )


def info(name: str, title: str, meaning: str, how: str) -> Component:
    """A button that opens what a number means, how it is computed, and the number in full."""
    return html.Span(
        [
            html.Button(
                html.Span(className="glyph glyph-info", **aria(hidden="true")),
                id=f"{name}-info",
                type="button",
                className="info-button",
                **aria(label=f"About {title}"),
            ),
            dbc.Popover(
                [
                    dbc.PopoverHeader(title),
                    dbc.PopoverBody(
                        [
                            html.P(meaning),
                            html.P(how, className="how"),
                            html.P(id=f"{name}-exact", className="exact"),
                        ]
                    ),
                ],
                target=f"{name}-info",
                trigger="legacy",
                placement="bottom",
            ),
        ]
    )


def _options(options: Options) -> list[dict[str, str]]:
    return [{"value": value, "label": text} for value, text in options]
