"""Requests: single calls, newest, dearest or slowest first, and everything known of one."""

from __future__ import annotations

from typing import Final

import dash_bootstrap_components as dbc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from bedrock_analytics.storage.lake_lists import CallOrder
from dashboard.page_state import Field
from dashboard.pages import requests_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.requests import ids
from dashboard.requests.asking import ALL, FAILED
from dashboard.services import Services
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import segments
from dashboard.widgets.panels import PanelFrame, message_place, panel

_ORDERS: Final = (
    (CallOrder.NEWEST, "Newest"),
    (CallOrder.DEAREST, "Dearest"),
    (CallOrder.SLOWEST, "Slowest"),
    (CallOrder.MOST_TOKENS, "Most tokens"),
)
_WHICH: Final = ((ALL, "All"), (FAILED, "Failed"))
_HEIGHT: Final = 620
LEAD: Final = "Read from the event lake on demand. Prompts and answers are not in it."

FIELDS = (
    Field("order", ids.ORDER, CallOrder.NEWEST, tuple(CallOrder)),
    Field("outcome", ids.WHICH, ALL, (ALL, FAILED), narrows=True),
    Field("request", ids.SEARCH, "", narrows=True),
    Field("call", ids.CALL, ""),
)


def layout(context: PageContext) -> Component:
    """The page, without calls yet."""
    title = html.H1("Requests", className="page-title")
    if context.services.lake is None:
        told = html.P("This deployment was opened without its event lake.", className="page-lead")
        return html.Div([title, told], className="body")
    return html.Div(
        [
            html.Div([title, html.P(LEAD, className="page-lead")], className="page-head"),
            dbc.Input(id=ids.CALL, type="hidden", value=context.values["call"]),
            dbc.Input(id=ids.AFTER, type="hidden", value=""),
            dcc.Store(id=ids.FOLLOWING),
            _list_panel(context),
            _side(),
        ],
        className="body requests",
    )


def _list_panel(context: PageContext) -> Component:
    values = context.values
    return panel(
        PanelFrame(
            name=ids.LIST,
            title="Calls",
            controls=[
                segments(ids.ORDER, "Order of the calls", _ORDERS, values["order"]),
                segments(ids.WHICH, "Which calls", _WHICH, values["outcome"]),
            ],
            more=[_search(values["request"]), _pager()],
            height=_HEIGHT,
            look="table",
            template=context.template,
        )
    )


def _search(value: str) -> Component:
    return html.Div(
        [
            html.Label("Request id", htmlFor=ids.SEARCH, className="control-label"),
            dbc.Input(
                id=ids.SEARCH,
                type="search",
                value=value,
                placeholder="Whole request id",
                debounce=True,
                size="sm",
                autocomplete="off",
                maxLength=200,
            ),
        ],
        className="control inline requests-search",
        **data(search="1"),
    )


def _pager() -> Component:
    return html.Div(
        [
            html.Span(id=ids.PLACE, className="requests-place", **aria(live="polite")),
            html.Button(
                "Previous", id=ids.PREVIOUS_BUTTON, type="button", className="pager-button", disabled=True
            ),
            html.Button("Next", id=ids.NEXT_BUTTON, type="button", className="pager-button", disabled=True),
        ],
        className="requests-pager",
        role="group",
        **aria(label="Pages of calls"),
    )


def _side() -> Component:
    side: Component = dbc.Offcanvas(
        [message_place(ids.DETAIL), html.Div(id=ids.SIDE)],
        id=ids.DRAWER,
        title="Call",
        placement="end",
        is_open=False,
        class_name="call-side",
    )
    return side


def register(app: Dash, services: Services) -> None:
    """Register the page's callbacks with an app."""
    if services.lake is not None:
        requests_callbacks.register(app, services, services.lake)


PAGE = Page(path="requests", title="Requests", layout=layout, register=register, fields=FIELDS)
