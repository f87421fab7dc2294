"""What the browser does by itself: gathering filters into the address, telling ages, copying links."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from dashboard import ids
from dashboard.page_state import FIELDS

CONTROLS = [Input(field.control, "value") for field in FIELDS]


def register(app: Dash) -> None:
    """Register the clientside callbacks of the page with an app; their code is in `assets/dashboard.js`."""
    _register_filters(app)
    _register_times(app)


def _register_filters(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "gather"),
        Output(ids.ASKED, "data"),
        Output(ids.CLEAR, "hidden"),
        Output(ids.FILTER_COUNT, "children"),
        Output(ids.CUSTOM, "hidden"),
        *CONTROLS,
        State(ids.FIELDS, "data"),
        State(ids.ASKED, "data"),
    )
    for control, menu in ((ids.ACCOUNTS, ids.ACCOUNTS_MENU), (ids.REGIONS, ids.REGIONS_MENU)):
        app.clientside_callback(
            ClientsideFunction("bedrock", "choose"),
            Output(control, "value"),
            Output(menu, "label"),
            Input(control, "value"),
            Input(control, "options"),
        )
    app.clientside_callback(
        ClientsideFunction("bedrock", "clear"),
        Output(ids.ACCOUNTS, "value", allow_duplicate=True),
        Output(ids.REGIONS, "value", allow_duplicate=True),
        Output(ids.TREND_MODEL, "value", allow_duplicate=True),
        Output(ids.TREND_CALLER, "value", allow_duplicate=True),
        Input(ids.CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_times(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "freshness"),
        Output(ids.FRESH, "className"),
        Output(ids.FRESH_TIME, "children"),
        Output(ids.FRESH_AGE, "children"),
        Output(ids.NEWEST_TIME, "children"),
        Output(ids.NEWEST_AGE, "children"),
        Output(ids.ALARM, "children"),
        Output(ids.ALARM, "hidden"),
        Input(ids.PULSE, "data"),
        Input(ids.TROUBLE, "data"),
        Input(ids.CLOCK, "n_intervals"),
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "cadence"),
        Output(ids.TICK, "interval"),
        Output(ids.TICK, "disabled"),
        Input(ids.REFRESH, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "copyLink"),
        Output(ids.COPIED, "children"),
        Input(ids.COPY_LINK, "n_clicks"),
        State(ids.QUESTION, "data"),
        State(ids.TREND_BUCKET, "value"),
        prevent_initial_call=True,
    )
