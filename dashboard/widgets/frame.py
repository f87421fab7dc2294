"""The frame around every page: header with freshness, refresh and theme."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.page_state import REFRESH
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import icon_button, select


def header(title: str, refresh: str) -> Component:
    """Product name, freshness, refresh and theme."""
    brand = [
        html.Span(className="brand-mark", **aria(hidden="true")),
        html.Span(title, className="brand-name"),
    ]
    tools = [
        select(ids.REFRESH, "Refresh", list(REFRESH.items()), refresh, class_name="inline"),
        icon_button(ids.REFRESH_BUTTON, "refresh", "Refresh now (r)"),
        _link_button(),
        icon_button(ids.THEME_BUTTON, "theme", "Switch between light and dark"),
        _drawer_button(),
    ]
    return html.Header(
        [
            html.A(brand, href="?", className="brand"),
            freshness(),
            html.Div(tools, className="header-tools"),
        ],
        className="topbar",
    )


def _link_button() -> Component:
    return html.Button(
        [
            html.Span(className="glyph glyph-link", **aria(hidden="true")),
            html.Span("Copy link", id=ids.COPIED, className="copy-text", **aria(live="polite")),
        ],
        id=ids.COPY_LINK,
        type="button",
        className="icon-button text-button",
        title="Copy a link to exactly these numbers",
    )


def _drawer_button() -> Component:
    return html.Button(
        [
            html.Span(className="glyph glyph-filter", **aria(hidden="true")),
            html.Span("Filters"),
            html.Span(id=ids.FILTER_COUNT, className="filter-count"),
        ],
        type="button",
        className="icon-button text-button drawer-button",
        **data(drawer="open"),
        **aria(controls="filters", expanded="false"),
    )


def freshness() -> Component:
    """The two times: up to when the lake has been read, and the newest call in it."""
    return html.Div(
        [
            html.Span(className="fresh-dot", **aria(hidden="true")),
            html.Span(
                [
                    "Data up to ",
                    html.Strong("—", id=ids.FRESH_TIME),
                    html.Span(id=ids.FRESH_AGE, className="age"),
                ],
                className="fresh-item",
                title="Up to when the invocation logs have been read and computed",
            ),
            html.Span(
                [
                    "Newest call ",
                    html.Strong("—", id=ids.NEWEST_TIME),
                    html.Span(id=ids.NEWEST_AGE, className="age"),
                ],
                className="fresh-item newest",
                title="When the latest call in the data was made",
            ),
        ],
        id=ids.FRESH,
        className="fresh",
        role="group",
        **aria(label="Freshness of the data"),
    )
