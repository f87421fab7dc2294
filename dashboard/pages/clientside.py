"""What the browser does by itself: gathering filters into the address, telling ages, copying links."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from dashboard import ids
from dashboard.page_state import FRAME_FIELDS

_CONTROLS = [field.control for field in FRAME_FIELDS]
"""In the order in which `gather` takes them: range, from, to, zone, compare, refresh."""
_GRAPHS = {"type": "graph", "panel": ALL}


def register(app: Dash) -> None:
    """Register the clientside callbacks of the frame with an app; their code is in `assets/`."""
    _register_filters(app)
    _register_clicks(app)
    _register_times(app)
    _register_theme(app)


def _register_filters(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "gather"),
        Output(ids.ASKED, "data"),
        Output(ids.CLEAR, "hidden"),
        Output(ids.FILTER_COUNT, "children"),
        Output(ids.CUSTOM, "hidden"),
        *(Input(control, "value") for control in _CONTROLS),
        Input(ids.CHOSEN, "data"),
        Input({"type": "own", "page": ALL}, "data"),
        State(ids.EXACT, "data"),
        State(ids.ASKED, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "allZones"),
        Output(ids.ZONE, "options"),
        Input(ids.ZONE, "id"),
        State(ids.ZONE, "options"),
    )


def _register_clicks(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "clear"), Input(ids.CLEAR, "n_clicks"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "stepped"), Input(ids.CHOSEN_SPAN, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "clicked"),
        Input(_GRAPHS, "clickData"),
        State(_GRAPHS, "figure"),
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
        prevent_initial_call=True,
    )


def _register_theme(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "switchTheme"),
        Output(ids.THEME, "data", allow_duplicate=True),
        Output(_GRAPHS, "figure", allow_duplicate=True),
        Input(ids.THEME_BUTTON, "n_clicks"),
        State(_GRAPHS, "figure"),
        State(ids.TEMPLATES, "data"),
        prevent_initial_call=True,
    )
