"""Pricing: usage without a price first, then prices in force, what changed, and discounts."""

from __future__ import annotations

from typing import Any, Final

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.page_state import Field
from dashboard.pages import pricing_callbacks, pricing_side
from dashboard.pages.page import Page, PageContext
from dashboard.prices import ids
from dashboard.prices.forms import Do, PriceForm
from dashboard.prices.parts import form_button
from dashboard.prices.tables import ALL, BY_HAND, BY_PEOPLE, LAST_SYNC, LISTED
from dashboard.services import Services
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import segments
from dashboard.widgets.panels import PanelFrame, message_place, panel

_SOURCES: Final = ((ALL, "All"), (LISTED, "Listed"), (BY_HAND, "By hand"))
_WHICH: Final = ((ALL, "All"), (LAST_SYNC, "Latest list"), (BY_PEOPLE, "By people"))
_HEIGHT: Final = 520
_LOW: Final = 320

FIELDS = (
    Field("price-of", ids.MODEL, ""),
    Field("search", ids.SEARCH, ""),
    Field("source", ids.SOURCE, ALL, (ALL, LISTED, BY_HAND)),
    Field("changes", ids.WHICH, ALL, (ALL, LAST_SYNC, BY_PEOPLE)),
)


def layout(context: PageContext) -> Component:
    """The page, without its numbers yet."""
    title = html.H1("Pricing", className="page-title")
    if context.services.prices is None:
        return html.Div(
            [title, html.P("This deployment was opened without its prices.", className="price-lead")],
            className="body",
        )
    return html.Div(
        [
            *_stores(context),
            html.Div([*_heading(title, context), _offered(context)], className="price-head"),
            html.Div(id=ids.SAVED, className="price-saved", role="status"),
            html.Div(id=ids.PROGRESS, className="price-progress-list", role="status"),
            message_place(ids.TOP),
            html.Div(id=ids.FACTS, className="price-facts"),
            _section("Usage without a price", ids.UNPRICED),
            html.Div(id=ids.HELD),
            _cards_panel(context),
            _changes_panel(context),
            _section("Discounts", ids.DISCOUNTS),
            _side(),
        ],
        className="body pricing",
    )


def _stores(context: PageContext) -> list[Component]:
    return [
        dbc.Input(id=ids.MODEL, type="hidden", value=context.values["price-of"]),
        dbc.Input(id=ids.CHANGED, type="hidden", value=""),
        dcc.Store(id=ids.FORM),
        dcc.Store(id=ids.BUSY, data=False),
        dcc.Interval(id=ids.POLL, interval=2_000, disabled=True),
    ]


def _heading(title: Component, context: PageContext) -> list[Component]:
    return [title, html.Span(f"Times in {context.zone.key}", className="price-lead price-zone")]


def _offered(context: PageContext) -> Component:
    """What an editor may begin here."""
    if not context.person.may_edit:
        return html.Span("Only editors change prices", className="price-lead")
    buttons = [
        form_button("Set a price", PriceForm(do=Do.ADD)),
        form_button("Set a discount", PriceForm(do=Do.DISCOUNT)),
    ]
    return html.Div(buttons, className="price-entry-actions")


def _section(title: str, identity: str) -> Component:
    heading = f"{identity}-title"
    return html.Section(
        [html.H2(title, id=heading, className="panel-title"), html.Div(id=identity)],
        className="panel",
        **aria(labelledby=heading),
    )


def _cards_panel(context: PageContext) -> Component:
    search = html.Div(
        [
            html.Label("Search", htmlFor=ids.SEARCH, className="control-label"),
            dbc.Input(
                id=ids.SEARCH,
                type="search",
                value=context.values["search"],
                placeholder="Model or vendor",
                debounce=250,
                size="sm",
                autocomplete="off",
                maxLength=200,
            ),
        ],
        className="control inline price-search",
        **data(search="1"),
    )
    return panel(
        PanelFrame(
            name=ids.CARDS,
            title="Prices in force",
            controls=[
                search,
                segments(ids.SOURCE, "Source of the prices", _SOURCES, context.values["source"]),
            ],
            height=_HEIGHT,
            look="table",
            template=context.template,
        )
    )


def _changes_panel(context: PageContext) -> Component:
    return panel(
        PanelFrame(
            name=ids.CHANGES,
            title="What changed",
            controls=[segments(ids.WHICH, "Which changes", _WHICH, context.values["changes"])],
            height=_LOW,
            look="table",
            template=context.template,
        )
    )


def _side() -> Component:
    drawer: Component = dbc.Offcanvas(
        html.Div(id=ids.SIDE),
        id=ids.DRAWER,
        title=html.Span(id=ids.SIDE_TITLE),
        placement="end",
        is_open=False,
        class_name="price-side",
        labelledby=ids.SIDE_TITLE,
    )
    return drawer


def register(app: Any, services: Services) -> None:
    """Register the page's callbacks with an app."""
    if services.prices is None:
        return
    pricing_callbacks.register(app, services, services.prices)
    pricing_side.register(app, services.prices)


PAGE = Page(
    path="pricing", title="Pricing", layout=layout, register=register, fields=FIELDS, has_filters=False
)
