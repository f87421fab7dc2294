"""People's own queries: begin, look again until they have ended, cancel, show more, download."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from bedrock_analytics.reporting.explore import Explorer
from bedrock_analytics.storage.lake_desk import AskState, AskStatus
from dashboard.auth.people import require_editor
from dashboard.explore import ids
from dashboard.explore.results import result_columns, result_rows, told_rows
from dashboard.guard import reason
from dashboard.phrases import bytes_text

FILE_NAME = "explore.csv"
_MARK = "\ufeff"
"""Tells spreadsheets that a file is UTF-8."""


def register(app: Dash, explorer: Explorer) -> None:
    """Register the page's callbacks with an app."""
    _register_start(app, explorer)
    _register_poll(app, explorer)
    _register_cancel(app, explorer)
    _register_more(app, explorer)
    _register_file(app, explorer)
    app.clientside_callback(
        ClientsideFunction("explore", "buttons"),
        Output(ids.RUN, "disabled"),
        Output(ids.CANCEL, "disabled"),
        Output(ids.MORE, "disabled"),
        Output(ids.CSV, "disabled"),
        Output(ids.POLL, "disabled"),
        Input(ids.TICKET, "data"),
    )


def _register_start(app: Dash, explorer: Explorer) -> None:
    @app.callback(
        Output(ids.TICKET, "data"),
        Output(ids.STATUS, "children"),
        Output(ids.STATUS, "className"),
        Input(ids.RUN, "n_clicks"),
        State(ids.SQL, "value"),
        prevent_initial_call=True,
    )
    def start(_clicks: int | None, sql: str | None) -> list[Any]:
        """Begin the query that stands in the editor."""
        try:
            require_editor()
            ticket = explorer.start(sql or "")
        except BedrockAnalyticsError as error:
            return [no_update, *_failed(reason(error))]
        return [{"ticket": ticket, "running": True}, *_told("Running…")]


def _register_poll(app: Dash, explorer: Explorer) -> None:
    @app.callback(
        Output(ids.TICKET, "data", allow_duplicate=True),
        Output(ids.STATUS, "children", allow_duplicate=True),
        Output(ids.STATUS, "className", allow_duplicate=True),
        Output(ids.RESULT, "hidden"),
        Output(ids.GRID, "columnDefs"),
        Output(ids.GRID, "rowData"),
        Output(ids.BUDGET, "children"),
        Input(ids.POLL, "n_intervals"),
        State(ids.TICKET, "data"),
        prevent_initial_call=True,
    )
    def look(_ticks: int, held: dict[str, Any] | None) -> list[Any]:
        """Show how far the query is, and its first rows once it has ended."""
        if not held or not held["running"]:
            raise PreventUpdate
        try:
            require_editor()
            return _looked(explorer, held["ticket"])
        except BedrockAnalyticsError as error:
            return [held | {"running": False}, *_failed(reason(error)), *[no_update] * 4]


def _looked(explorer: Explorer, ticket: str) -> list[Any]:
    status = explorer.poll(ticket)
    if not status.state.is_final:
        return [no_update, *_told(status.message), *[no_update] * 4]
    ended = {"ticket": ticket, "running": False}
    if status.state is not AskState.DONE:
        return [ended, *_failed(status.message), *[no_update] * 3, budget_text(explorer)]
    answer = explorer.fetch(ticket)
    rows = result_rows(answer.rows)
    done = ended | {"next": answer.next_page, "shown": len(rows), "done": True}
    told = f"{told_rows(len(rows), answer, explorer.max_rows)}{_scanned(status)}"
    return [done, *_told(told), False, result_columns(answer), rows, budget_text(explorer)]


def _register_cancel(app: Dash, explorer: Explorer) -> None:
    @app.callback(
        Output(ids.STATUS, "children", allow_duplicate=True),
        Input(ids.CANCEL, "n_clicks"),
        State(ids.TICKET, "data"),
        prevent_initial_call=True,
    )
    def cancel(_clicks: int | None, held: dict[str, Any] | None) -> Any:
        """Stop the running query; the next look tells that it has ended."""
        if not held or not held["running"]:
            raise PreventUpdate
        try:
            require_editor()
            explorer.cancel(held["ticket"])
        except BedrockAnalyticsError as error:
            return reason(error)
        return "Cancelling…"


def _register_more(app: Dash, explorer: Explorer) -> None:
    @app.callback(
        Output(ids.GRID, "rowTransaction"),
        Output(ids.TICKET, "data", allow_duplicate=True),
        Output(ids.STATUS, "children", allow_duplicate=True),
        Input(ids.MORE, "n_clicks"),
        State(ids.TICKET, "data"),
        prevent_initial_call=True,
    )
    def more(_clicks: int | None, held: dict[str, Any] | None) -> list[Any]:
        """Add the rows that follow."""
        if not held or not held.get("next"):
            raise PreventUpdate
        try:
            require_editor()
            answer = explorer.fetch(held["ticket"], held["next"])
        except BedrockAnalyticsError as error:
            return [no_update, no_update, reason(error)]
        rows = result_rows(answer.rows, held["shown"])
        shown = held["shown"] + len(rows)
        told = told_rows(shown, answer, explorer.max_rows)
        return [{"add": rows}, held | {"next": answer.next_page, "shown": shown}, told]


def _register_file(app: Dash, explorer: Explorer) -> None:
    @app.callback(
        Output(ids.DOWNLOAD, "data"),
        Output(ids.STATUS, "children", allow_duplicate=True),
        Input(ids.CSV, "n_clicks"),
        State(ids.TICKET, "data"),
        prevent_initial_call=True,
    )
    def bring(_clicks: int | None, held: dict[str, Any] | None) -> list[Any]:
        """Every row of the answer as a file."""
        if not held or not held.get("done"):
            raise PreventUpdate
        try:
            require_editor()
            text = "".join(explorer.csv(held["ticket"]))
        except BedrockAnalyticsError as error:
            return [no_update, reason(error)]
        return [{"content": _MARK + text, "filename": FILE_NAME, "type": "text/csv"}, no_update]


def budget_text(explorer: Explorer) -> str:
    """What people's queries have read today, of how much; nothing where nobody pays for it."""
    scans = explorer.budget()
    if scans is None:
        return ""
    return f"Read today by everybody: {bytes_text(scans.used_bytes)} of {bytes_text(scans.limit_bytes)}."


def _scanned(status: AskStatus) -> str:
    return "" if status.scanned_bytes is None else f" {bytes_text(status.scanned_bytes)} read."


def _told(text: str) -> list[str]:
    return [text, "explore-status"]


def _failed(text: str) -> list[str]:
    return [text, "explore-status bad"]
