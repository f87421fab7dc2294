"""The Dash app of the dashboard."""

from __future__ import annotations

from importlib import resources
from importlib.metadata import version
from typing import Any

import flask_bootstrap
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from flask import Response, send_from_directory

from dashboard import ids
from dashboard.auth.access import OPEN, Access
from dashboard.auth.gate import guard
from dashboard.delivery import believe_proxies, deliver
from dashboard.page_state import parse_query
from dashboard.pages import asking, clientside, overview, overview_callbacks, panel_callbacks
from dashboard.queries import Queries
from dashboard.settings import DashboardSettings
from dashboard.theme import LIGHT, TEMPLATES
from dashboard.trouble import on_error

_BOOTSTRAP = resources.files(flask_bootstrap) / "static" / "bootstrap5" / "css"
_HEAD_ONLY = r"^(theme_boot\.js|favicon\.svg|sign_in\.css)$"
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="color-scheme" content="light dark">
<title>{%title%}</title>
<link rel="icon" type="image/svg+xml" href="__FAVICON__">
<script src="__THEME__"></script>
<link rel="stylesheet" href="__BOOTSTRAP__">
{%css%}
</head>
<body>
{%app_entry%}
<noscript>This dashboard needs JavaScript.</noscript>
{%config%}
{%scripts%}
{%renderer%}
</body>
</html>"""
_SKELETON = (
    '<div id="react-entry-point"><div class="skeleton" role="status" aria-label="Loading the dashboard">'
    '<div class="skeleton-bar"></div><div class="skeleton-bar thin"></div>'
    '<div class="skeleton-row"><div class="skeleton-block wide"></div>'
    '<div class="skeleton-block"></div></div>'
    '<div class="skeleton-row">' + '<div class="skeleton-block low"></div>' * 8 + "</div>"
    '<div class="skeleton-block tall"></div></div></div>'
)


class DashboardApp(Dash):
    """Dash whose page shows a skeleton until the first answer is there."""

    def interpolate_index(self, *args: Any, **parts: Any) -> Any:
        """The index page."""
        return super().interpolate_index(  # type: ignore[no-untyped-call]
            *args, **{**parts, "app_entry": _SKELETON}
        )


def create_app(queries: Queries, settings: DashboardSettings, access: Access = OPEN) -> Dash:
    """The dashboard of one deployment, for those whom `access` lets in. Two apps may live in one process."""
    app = DashboardApp(
        __name__,
        title=settings.title,
        update_title="",
        assets_ignore=_HEAD_ONLY,
        requests_pathname_prefix=settings.base_path,
        routes_pathname_prefix=settings.base_path,
        suppress_callback_exceptions=True,
        on_error=on_error,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.index_string = _index(app)
    app.layout = _frame
    _register_frame(app, queries)
    for part in (asking, overview_callbacks, panel_callbacks):
        part.register(app, queries)
    clientside.register(app)
    _serve_bootstrap(app)
    guard(app, access, settings.title)
    deliver(app, queries)
    believe_proxies(app.server, settings.trusted_proxies)
    return app


def _index(app: Dash) -> str:
    bootstrap = (
        f"{app.config.requests_pathname_prefix}vendor/bootstrap.min.css?v={version('bootstrap-flask')}"
    )
    return (
        _INDEX.replace("__THEME__", app.get_asset_url("theme_boot.js"))
        .replace("__FAVICON__", app.get_asset_url("favicon.svg"))
        .replace("__BOOTSTRAP__", bootstrap)
    )


def _frame() -> Component:
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Store(id=ids.CLIENT),
            dcc.Store(id=ids.THEME),
            dcc.Store(id=ids.TEMPLATES, data=TEMPLATES),
            html.Div(id=ids.PAGE),
        ]
    )


def _register_frame(app: Dash, queries: Queries) -> None:
    app.clientside_callback(
        ClientsideFunction("bedrock", "boot"),
        Output(ids.CLIENT, "data"),
        Output(ids.THEME, "data"),
        Input(ids.URL, "pathname"),
    )
    graphs = {"type": "graph", "panel": ALL}
    app.clientside_callback(
        ClientsideFunction("bedrock", "switchTheme"),
        Output(ids.THEME, "data", allow_duplicate=True),
        Output(graphs, "figure", allow_duplicate=True),
        Input(ids.THEME_BUTTON, "n_clicks"),
        State(graphs, "figure"),
        State(ids.TEMPLATES, "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output(ids.PAGE, "children"), Input(ids.CLIENT, "data"))
    def route(client: dict[str, str] | None) -> Any:
        """The page of the address that the browser shows."""
        if client is None:
            return no_update
        values = parse_query(client.get("search", ""))
        return overview.layout(queries, values, client.get("theme", LIGHT), client.get("zone", ""))


def _serve_bootstrap(app: Dash) -> None:
    def bootstrap() -> Response:
        return send_from_directory(str(_BOOTSTRAP), "bootstrap.min.css", max_age=31_536_000)

    app.server.add_url_rule(
        f"{app.config.routes_pathname_prefix}vendor/bootstrap.min.css", "bootstrap", bootstrap
    )
