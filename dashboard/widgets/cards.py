"""The lead tile, the row of cards and the list of what changed most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.card_texts import CARDS, CardKind, CardText, Delta, mover_text
from dashboard.figures.graph import graph
from dashboard.figures.usage_trend import LEAD_HEIGHT
from dashboard.view_models import Mover
from dashboard.widgets.attributes import aria
from dashboard.widgets.controls import info
from dashboard.widgets.filter_button import filter_button
from dashboard.widgets.panels import file_buttons, message_place

CARD_PARTS = (
    ("value", "children"),
    ("value", "title"),
    ("exact", "children"),
    ("delta", "children"),
    ("delta", "className"),
    ("note", "children"),
    ("spark", "style"),
)
"""What a refresh replaces in a card, part by part, so that its nodes stay."""


_LEAD_MEANING = (
    "What the logged calls cost at list prices. It is not your bill: discounts, credits and taxes are "
    "not in it."
)
_LEAD_HOW = (
    "Tokens of each kind × the list price in force at the time of the call, for its model, route, Region and "
    "tier; summed exactly."
)


def lead_tile(template: dict[str, Any]) -> Component:
    """The estimated cost of the range, its change, its completeness and its course."""
    label = html.H2("Estimated cost", className="tile-label", id="lead-label")
    words = [
        html.Div(
            [
                label,
                info("lead", "Estimated cost", _LEAD_MEANING, _LEAD_HOW),
                file_buttons(ids.SUMMARY, "the figures of this page"),
            ],
            className="tile-head",
        ),
        message_place(ids.SUMMARY),
        html.Div("—", id=ids.LEAD_VALUE, className="lead-value"),
        html.Div(id=ids.LEAD_DELTA, className="delta"),
        html.Div(id=ids.LEAD_BASELINE, className="baseline"),
        html.Div(id=ids.LEAD_COMPLETE, className="complete"),
    ]
    chart = html.Div(
        graph(ids.graph(ids.LEAD_CHART), LEAD_HEIGHT, template, tools=False),
        className="lead-chart",
        role="figure",
        **aria(label="Estimated cost over time; its table is under Usage trend"),
    )
    return html.Section(
        [html.Div(words, className="lead-text"), chart],
        className="tile lead",
        **aria(labelledby="lead-label"),
    )


def movers_tile() -> Component:
    """The models whose cost changed most."""
    return html.Section(
        [
            html.Div(
                [
                    html.H2("What changed most", className="tile-label", id="movers-label"),
                    html.Span(id=ids.MOVERS_NOTE, className="tile-note"),
                    file_buttons(ids.MOVERS, "what changed most"),
                ],
                className="tile-head",
            ),
            message_place(ids.MOVERS),
            html.Div(id=ids.MOVERS, className="movers"),
        ],
        className="tile movers-tile",
        **aria(labelledby="movers-label"),
    )


def movers_list(movers: Sequence[Mover], explanation: str) -> Component:
    """One line for each model: its name and how much more or less it cost."""
    if not movers:
        return html.P(explanation, className="quiet")
    return html.Ul([_mover(mover) for mover in movers], className="mover-list")


def _mover(mover: Mover) -> Component:
    delta = mover_text(mover)
    return html.Li(
        [
            html.Span(
                [
                    _mover_name(mover),
                    html.Span(mover.row.chip, className="chip"),
                ],
                className="mover-who",
            ),
            html.Span(delta.text, className=delta_class(delta)),
        ]
    )


def _mover_name(mover: Mover) -> Component:
    if mover.row.filter is None:
        return html.Span(mover.row.name, className="mover-name", title=mover.row.detail)
    return filter_button(*mover.row.filter, mover.row.name, "filter-link mover-name")


def card_row() -> Component:
    """The frames of all cards."""
    return html.Section([_card(kind) for kind in CARDS], className="cards", **aria(label="Usage"))


def _card(kind: CardKind) -> Component:
    label = html.H2(kind.label, className="tile-label")
    about = info(f"card-{kind.name}", kind.label, kind.meaning, kind.how)
    figures = [
        html.Span("—", id=ids.card(kind.name, "value"), className="card-value"),
        html.Span(id=ids.card(kind.name, "delta"), className="delta"),
    ]
    spark = html.Span(
        id=ids.card(kind.name, "spark"),
        className="spark",
        style={"visibility": "hidden"},
        **aria(hidden="true"),
    )
    note = html.Span(id=ids.card(kind.name, "note"), className="card-note")
    return html.Div(
        [
            html.Div([label, about], className="tile-head"),
            html.Div(figures, className="card-figures"),
            html.Div([note, spark], className="card-foot"),
        ],
        className="tile card-tile",
    )


def card_values(text: CardText, since: str) -> list[Any]:
    """The values of `CARD_PARTS`, in order; `since` says what calls the number is of."""
    return [
        text.value,
        f"{text.full} · {since}",
        f"{text.full} · {since}",
        text.delta.text,
        delta_class(text.delta),
        text.note,
        text.spark,
    ]


def delta_class(delta: Delta) -> str:
    """Class of a change by its tone."""
    return f"delta delta-{delta.tone}"
