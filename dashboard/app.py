"""The Dash app of the dashboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import flask_bootstrap
from dash import Dash, html
from flask import Flask, Response, request, send_from_directory

from dashboard import ids
from dashboard.auth.access import OPEN, Access
from dashboard.auth.gate import guard
from dashboard.delivery import believe_proxies, deliver
from dashboard.pages import asking, clientside, panels, picking, routing
from dashboard.pages.page import Page
from dashboard.pages.registry import PAGES
from dashboard.pages.shell import top_stores
from dashboard.services import Services
from dashboard.theme import TEMPLATES
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
<link rel="prefetch" as="script" href="__PLOTLY__">
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
_PLOTLY = "_dash-component-suites/plotly/package_data/plotly.min.js"
_SKELETON = (
    '<div id="react-entry-point"><div class="skeleton" role="status" aria-label="Loading the dashboard">'
    '<div class="skeleton-bar"></div><div class="skeleton-bar thin"></div>'
    '<div class="skeleton-row"><div class="skeleton-block wide"></div>'
    '<div class="skeleton-block"></div></div>'
    '<div class="skeleton-row">' + '<div class="skeleton-block low"></div>' * 8 + "</div>"
    '<div class="skeleton-block tall"></div></div></div>'
)


_POLYFILL = re.compile(r'<script src="[^"]*/deps/polyfill@[^"]*"></script>')
"""Dash's script for browsers of 2017, which takes a tenth of a second in every one. Those that lack what it
brings cannot show this page's styles either."""


class DashboardApp(Dash):
    """Dash whose page shows a skeleton until the first answer is there."""

    def interpolate_index(self, *args: Any, scripts: str = "", **parts: Any) -> Any:
        """The index page."""
        return super().interpolate_index(  # type: ignore[no-untyped-call]
            *args, **{**parts, "scripts": _POLYFILL.sub("", scripts), "app_entry": _SKELETON}
        )


def create_app(services: Services, access: Access = OPEN, pages: Sequence[Page] = PAGES) -> Dash:
    """The dashboard of one deployment, for those whom `access` lets in. Two apps may live in one process."""
    settings = services.settings
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
    app.layout = lambda: html.Div([*top_stores(settings, TEMPLATES, pages), html.Div(id=ids.PAGE)])
    routing.register(app, services, pages)
    asking.register(app, services)
    picking.register(app, services)
    panels.register(app)
    clientside.register(app)
    _serve_bootstrap(app)
    _answer_unknown_paths(app, pages)
    guard(app, access, settings.title)
    deliver(app, services.queries)
    believe_proxies(app.server, settings.trusted_proxies)
    return app


def _index(app: Dash) -> str:
    bootstrap = (
        f"{app.config.requests_pathname_prefix}vendor/bootstrap.min.css?v={version('bootstrap-flask')}"
    )
    return (
        _INDEX.replace("__THEME__", _asset_url(app, "theme_boot.js"))
        .replace("__FAVICON__", _asset_url(app, "favicon.svg"))
        .replace("__BOOTSTRAP__", bootstrap)
        .replace("__PLOTLY__", f"{app.config.requests_pathname_prefix}{_PLOTLY}")
    )


def _asset_url(app: Dash, name: str) -> str:
    """The address of an asset that Dash does not list: it changes with the content."""
    content = (Path(app.config.assets_folder) / name).read_bytes()
    return f"{app.get_asset_url(name)}?m={sha256(content).hexdigest()[:12]}"


def _serve_bootstrap(app: Dash) -> None:
    def bootstrap() -> Response:
        return send_from_directory(str(_BOOTSTRAP), "bootstrap.min.css", max_age=31_536_000)

    app.server.add_url_rule(
        f"{app.config.routes_pathname_prefix}vendor/bootstrap.min.css", "bootstrap", bootstrap
    )


def _answer_unknown_paths(app: Dash, pages: Sequence[Page]) -> None:
    server: Flask = app.server
    known = {page.path for page in pages}

    @server.after_request
    def mark(response: Response) -> Response:
        """Say 404 with the page that tells a person so."""
        path = (request.view_args or {}).get("path")
        is_index = response.status_code == HTTPStatus.OK and response.mimetype == "text/html"
        if is_index and path is not None and path.strip("/") not in known:
            response.status_code = HTTPStatus.NOT_FOUND
        return response
