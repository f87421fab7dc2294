"""The page's small parts: facts, lists and buttons. All texts from tables are shown as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.prices.forms import PriceForm
from dashboard.widgets.attributes import aria, data

FIELD_TYPE = "pricing-field"
SAVE_TYPE = "pricing-save"


def field_id(name: str) -> dict[str, str]:
    """Id of a field of the open form."""
    return {"type": FIELD_TYPE, "name": name}


def dom_id(identity: Mapping[str, str]) -> str:
    """The id of a component with such an id in the page, as Dash writes it."""
    return json.dumps(dict(identity), sort_keys=True, separators=(",", ":"))


def form_button(text: str, form: PriceForm, *, label: str = "", kind: str = "") -> Component:
    """A button that opens a form."""
    named = aria(label=label) if label else {}
    return html.Button(
        text,
        type="button",
        className=f"price-button {kind}".strip(),
        **data(**{"price-form": json.dumps(form.to_json())}),
        **named,
    )


def model_button(model_id: str, name: str) -> Component:
    """A model's name that opens its history."""
    return html.Button(name, type="button", className="filter-link", **data(**{"price-of": model_id}))


def fact(title: str, value: str, detail: str, state: str = "") -> Component:
    """One of the few facts at the top; `state` is `warn` or `bad` where it needs attention."""
    return html.Div(
        [
            html.P(title, className="price-fact-title"),
            html.P(value, className="price-fact-value"),
            html.P(detail, className="price-fact-detail", title=detail),
        ],
        className=f"price-fact {state}".strip(),
    )


def all_well(text: str) -> Component:
    """A quiet line that says that there is nothing to do."""
    return html.Div(
        [html.Span(className="glyph glyph-check", **aria(hidden="true")), text], className="all-well"
    )


def entry(title: Sequence[Component | str], lines: Sequence[str], actions: Sequence[Component]) -> Component:
    """One line of a list: what it is about, details below, buttons beside it."""
    told = [html.P(line, className="price-entry-line") for line in lines if line]
    return html.Li(
        [
            html.Div(
                [html.P(list(title), className="price-entry-title"), *told], className="price-entry-words"
            ),
            html.Div(list(actions), className="price-entry-actions"),
        ],
        className="price-entry",
    )


def rates_table(headings: Sequence[str], rows: Sequence[Sequence[Any]], caption: str) -> Component:
    """A small table."""
    return html.Div(
        html.Table(
            [
                html.Caption(caption, className="visually-hidden"),
                html.Thead(html.Tr([html.Th(text, scope="col") for text in headings])),
                html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
            ],
            className="price-table",
        ),
        className="price-table-place",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )
