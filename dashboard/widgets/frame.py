"""The frame around every page: header with freshness, refresh and theme."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.auth.people import current_person
from dashboard.page_state import REFRESH
from dashboard.pages.page import Page
from dashboard.settings import DashboardSettings
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import icon_button, select
from dashboard.widgets.page_link import page_link
from dashboard.widgets.person import person_menu


def header(settings: DashboardSettings, pages: Sequence[Page], shown: Page | None, refresh: str) -> Component:
    """Product name, freshness, refresh and theme, and below them the pages."""
    brand = [
        html.Span(className="brand-mark", **aria(hidden="true")),
        html.Span(settings.title, className="brand-name"),
    ]
    tools = [
        select(ids.REFRESH, "Refresh", list(REFRESH.items()), refresh, class_name="inline"),
        icon_button(ids.REFRESH_BUTTON, "refresh", "Refresh now (r)"),
        _link_button(),
        icon_button(ids.THEME_BUTTON, "theme", "Switch between light and dark"),
        *_person(settings.base_path),
        _drawer_button(),
    ]
    return html.Header(
        [
            html.Div(
                [
                    page_link(settings.base_path, "", brand, class_name="brand"),
                    freshness(),
                    html.Div(tools, className="header-tools"),
                ],
                className="topbar-row",
            ),
            *([navigation(settings.base_path, pages, shown)] if len(pages) > 1 else []),
        ],
        className="topbar",
    )


def _person(base_path: str) -> list[Component]:
    menu = person_menu(current_person(), base_path)
    return [] if menu is None else [menu]


def navigation(base_path: str, pages: Sequence[Page], shown: Page | None) -> Component:
    """Links to the pages; the one that is shown is marked."""
    return html.Nav(
        html.Ul(
            [
                html.Li(
                    page_link(base_path, page.path, page.title, class_name="nav-link", is_shown=page is shown)
                )
                for page in pages
            ]
        ),
        className="navigation",
        **aria(label="Pages"),
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
