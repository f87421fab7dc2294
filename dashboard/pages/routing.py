"""Which page the browser shows: the first one with its frame, then one body after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from bedrock_analytics.reporting.moments import one_moment
from dashboard import ids
from dashboard.auth.people import current_person
from dashboard.page_state import parse_query, zone_named
from dashboard.pages.asking import first_answer, question_of, template_of
from dashboard.pages.not_found import not_found
from dashboard.pages.page import Page, PageContext
from dashboard.pages.shell import shell
from dashboard.services import Services
from dashboard.theme import LIGHT
from dashboard.view_models import Question


def register(app: Dash, services: Services, pages: Sequence[Page]) -> None:
    """Register the routing between pages with an app, and the callbacks of each page."""
    _register_clientside(app, pages)
    _register_server(app, services, pages)
    for page in pages:
        page.register(app, services)


def _register_clientside(app: Dash, pages: Sequence[Page]) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "boot"),
        Output(ids.CLIENT, "data"),
        Output(ids.THEME, "data"),
        Input(ids.NAV, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "turned"),
        Output(ids.OUTLET, "hidden"),
        Output(ids.NOTHING, "hidden"),
        Input(ids.OUTLET, "children"),
        Input(ids.PULSE, "data"),
    )
    for page in pages:
        if page.fields:
            app.clientside_callback(
                ClientsideFunction("bedrock", "gatherOwn"),
                Output(ids.own(page.path), "data"),
                *(Input(field.control, "value") for field in page.fields),
            )


def _register_server(app: Dash, services: Services, pages: Sequence[Page]) -> None:
    @app.callback(Output(ids.PAGE, "children"), Input(ids.CLIENT, "data"))
    def open_tab(client: dict[str, str] | None) -> Any:
        """The frame and the page of the address with which a tab begins."""
        if client is None:
            return no_update
        page = _page_of(pages, client)
        with one_moment():
            first = first_answer(services, client.get("search", ""))
            question = None if first.question is None else question_of(first.question)
            body = body_of(services, page, client, client.get("theme"), question)
            return shell(services, _visible(pages), page, body, client, first)

    @app.callback(
        Output(ids.OUTLET, "children"),
        Output(ids.FILTER_BAR, "hidden"),
        Input(ids.ROUTE, "data"),
        State(ids.THEME, "data"),
        prevent_initial_call=True,
    )
    def turn(client: dict[str, str], theme: str | None) -> tuple[Component, bool]:
        """The body of the page that the address has changed to."""
        page = _page_of(pages, client)
        return body_of(services, page, client, theme), page is None or not page.has_filters


def _visible(pages: Sequence[Page]) -> list[Page]:
    person = current_person()
    return [page for page in pages if page.is_for(person)]


def _page_of(pages: Sequence[Page], client: Mapping[str, str]) -> Page | None:
    path = client.get("path", "").strip("/")
    return next((page for page in _visible(pages) if page.path == path), None)


def body_of(
    services: Services,
    page: Page | None,
    client: Mapping[str, str],
    theme: str | None,
    question: Question | None = None,
) -> Component:
    """The body of a page for an address's query, with what it may tell of the question at once."""
    if page is None:
        return not_found(services.settings.base_path)
    query = client.get("search", "")
    body = page.layout(
        PageContext(
            services=services,
            values=parse_query(query, page.fields),
            theme=theme or LIGHT,
            template=template_of(theme),
            zone=zone_named(parse_query(query)["zone"], services.settings.zone),
            person=current_person(),
            query=query,
            question=question,
        )
    )
    return html.Div([dcc.Store(id=ids.own(page.path)), body])
