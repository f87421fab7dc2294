"""Tiles with one number each, which a refresh fills part by part, so that their nodes stay."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.facts import FactKind, FactText
from dashboard.widgets.attributes import aria
from dashboard.widgets.controls import info
from dashboard.widgets.page_link import page_link

FACT_PARTS = (
    ("value", "children"),
    ("value", "title"),
    ("exact", "children"),
    ("note", "children"),
    ("note", "className"),
)


def fact_tiles(page: str, kinds: Sequence[FactKind], label: str, base_path: str) -> Component:
    """The frames of the tiles of a page."""
    return html.Section(
        [_tile(page, kind, base_path) for kind in kinds], className="facts", **aria(label=label)
    )


def fact_outputs(page: str, kinds: Sequence[FactKind]) -> list[tuple[str, str]]:
    """Ids and properties of everything in the tiles, in the order of `fact_values`."""
    return [(f"{page}-fact-{kind.name}-{part}", prop) for kind in kinds for part, prop in FACT_PARTS]


def fact_values(texts: Sequence[FactText], since: str) -> list[str]:
    """The values of `fact_outputs`; `since` says what calls the numbers are of."""
    return [
        value
        for text in texts
        for value in (
            text.value,
            f"{text.full} · {since}",
            f"{text.full} · {since}",
            text.note,
            f"card-note delta-{text.tone}",
        )
    ]


def _tile(page: str, kind: FactKind, base_path: str) -> Component:
    name = f"{page}-fact-{kind.name}"
    return html.Div(
        [
            html.Div(
                [
                    html.H2(kind.label, className="tile-label"),
                    info(name, kind.label, kind.meaning, kind.how),
                ],
                className="tile-head",
            ),
            html.Div(html.Span("—", id=f"{name}-value", className="card-value"), className="card-figures"),
            html.Div(id=f"{name}-note", className="card-note"),
            *_link(kind, base_path),
        ],
        className="tile card-tile",
    )


def _link(kind: FactKind, base_path: str) -> list[Component]:
    if kind.link is None:
        return []
    path, words, params = kind.link
    return [page_link(base_path, path, words, class_name="fact-link", is_shown=False, **params)]
