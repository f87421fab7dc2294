"""The filters that are set, as chips, and the list from which one more is picked."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard import ids
from dashboard.filter_choices import filter_choices
from dashboard.filters import document_of, is_filter
from dashboard.guard import reason
from dashboard.pages.asking import question_of
from dashboard.pages.shell import filter_kinds
from dashboard.services import Services
from dashboard.widgets.filters import chip_list, choice_list, choices_failed


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of chips and picker with an app."""
    app.clientside_callback(
        ClientsideFunction("bedrock", "picked"),
        Output(ids.PICKER_LIST, "className"),
        Input(ids.CHOSEN, "data"),
        Input(ids.PICKER_LIST, "children"),
    )

    @app.callback(Output(ids.CHIPS, "children"), Input(ids.CHOSEN, "data"))
    def chips(chosen: Any) -> list[Component]:
        """One chip for each value of each filter."""
        kinds = {kind.name: kind.label for kind in filter_kinds(services)}
        return chip_list(services.queries.names, kinds, document_of(chosen))

    @app.callback(
        Output(ids.PICKER_LIST, "children"),
        Input(ids.PICKER, "data"),
        Input(ids.PICKER_SEARCH, "value"),
        State(ids.QUESTION, "data"),
        prevent_initial_call=True,
    )
    def offer(kind: str | None, search: str | None, document: dict[str, Any] | None) -> Component:
        """The values of the filter whose list is open."""
        if not kind or not is_filter(kind):
            raise PreventUpdate
        try:
            found = filter_choices(services.queries, question_of(document), kind, search or "")
        except BedrockAnalyticsError as error:
            return choices_failed(reason(error))
        return choice_list(kind, found)
