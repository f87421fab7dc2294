"""What the page of single calls answers: a page of the list, and one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State

from bedrock_analytics.reporting.lake_answers import CallsPage
from dashboard import ids as frame
from dashboard.lake_source import AskedLake, lake_answer
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_panel, answer_parts
from dashboard.panel_views import PanelView, Table
from dashboard.requests import ids
from dashboard.requests.asking import (
    PAGE_CALLS,
    CallName,
    calls_question,
    position_document,
    positions,
)
from dashboard.requests.detail import call_detail, gone
from dashboard.requests.tables import call_columns, call_rows
from dashboard.services import Services

_NOTHING_MORE: tuple[Any, ...] = (None, True, True, "")


def register(app: Dash, services: Services, lake: AskedLake) -> None:
    """Register the page's callbacks with an app."""
    _register_turning(app)
    _register_list(app, services, lake)
    _register_detail(app, services, lake)


def _register_turning(app: Dash) -> None:
    """Pages are turned in the browser, which keeps the places that they begin behind."""
    app.clientside_callback(
        ClientsideFunction("requests", "turn"),
        Output(ids.AFTER, "value"),
        Input(ids.PREVIOUS_BUTTON, "n_clicks"),
        Input(ids.NEXT_BUTTON, "n_clicks"),
        Input(ids.ORDER, "value"),
        Input(ids.WHICH, "value"),
        Input(ids.SEARCH, "value"),
        Input(frame.QUESTION, "data"),
        State(ids.AFTER, "value"),
        State(ids.FOLLOWING, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("requests", "opened"), Output(ids.DRAWER, "is_open"), Input(ids.CALL, "value")
    )
    app.clientside_callback(
        ClientsideFunction("requests", "closed"),
        Output(ids.CALL, "value", allow_duplicate=True),
        Input(ids.DRAWER, "is_open"),
        prevent_initial_call=True,
    )


def _register_list(app: Dash, services: Services, lake: AskedLake) -> None:
    def load(asked: PanelQuestion) -> PanelView:
        """One page of calls."""
        page = lake_answer(lake, calls_question(asked.question, asked.values), lake.calls)
        if not page.calls:
            return PanelView.nothing(page.notes, extra=_NOTHING_MORE)
        rows = call_rows(page.calls, services.queries.names, asked.question.zone)
        before = len(positions(asked.values.get(ids.AFTER)))
        return PanelView.of_table(
            Table(columns=call_columns(), rows=rows), page.notes, extra=pager_values(page, before)
        )

    panel = Panel(
        name=ids.LIST,
        title="calls",
        load=load,
        controls=(ids.ORDER, ids.WHICH, ids.SEARCH, ids.AFTER),
        extra=(
            (ids.FOLLOWING, "data"),
            (ids.PREVIOUS_BUTTON, "disabled"),
            (ids.NEXT_BUTTON, "disabled"),
            (ids.PLACE, "children"),
        ),
        has_looks=False,
    )
    answer_panel(app, services, panel)


def pager_values(page: CallsPage, pages_before: int) -> tuple[Any, ...]:
    """Where the next page begins, whether there is a previous and a next one, and which calls these are."""
    first = pages_before * PAGE_CALLS + 1
    place = f"{first:,} to {first + len(page.calls) - 1:,}"
    return position_document(page.next), pages_before == 0, page.next is None, place


def _register_detail(app: Dash, services: Services, lake: AskedLake) -> None:
    def load(asked: PanelQuestion) -> Sequence[Any]:
        """The call that is open."""
        name = CallName.parse(str(asked.values.get(ids.CALL) or ""))
        if name is None:
            return [None]
        call = lake_answer(lake, name.question(), lake.call)
        if call is None:
            return [gone()]
        return [call_detail(call, services.queries.names, asked.question.zone)]

    parts = Parts(name=ids.DETAIL, outputs=((ids.SIDE, "children"),), load=load, controls=(ids.CALL,))
    answer_parts(app, services, parts)
