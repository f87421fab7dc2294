"""How pages leave the server: compressed, cached where they may be, under a strict content policy."""

from __future__ import annotations

import logging
import re
from html import unescape
from http import HTTPStatus
from typing import Any

from dash import Dash
from flask import Flask, Request, Response, jsonify, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from bedrock_analytics.domain.errors import TableError
from dashboard.queries import Queries

_LOG = logging.getLogger(__name__)
_YEAR = 31_536_000
_ADDRESSES = re.compile(r'(?:src|href)="(/[^"]+)"')
_OF_BROWSERS = "gzip, deflate, br, zstd"
_STATIC = ("_dash-component-suites/", "assets/", "vendor/")


class StaticCache:
    """Compressed static files; what a callback answers is never kept."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        if not key.endswith(";"):
            self._kept[key] = value


def deliver(app: Dash, queries: Queries) -> None:
    """Set up compression, headers and the health endpoint; call after the last callback is registered."""
    server: Flask = app.server
    prefix = app.config.routes_pathname_prefix
    _compress(server, prefix)
    policy = content_policy(app)

    @server.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
        _set_caching(response, prefix)
        _read_file(response)
        return response

    @server.get(f"{prefix}livez")
    def livez() -> tuple[Response, int]:
        """Whether the process answers; what does not should be started anew."""
        return jsonify(status="ok"), HTTPStatus.OK

    @server.get(f"{prefix}healthz")
    def healthz() -> tuple[Response, int]:
        """Whether the process answers and reaches its tables; what does not should get no requests."""
        try:
            pulse = queries.pulse()
        except TableError as error:
            _LOG.warning("not ready: %s", error)
            return jsonify(status="unavailable"), HTTPStatus.SERVICE_UNAVAILABLE
        up_to = None if pulse.data_up_to is None else pulse.data_up_to.isoformat()
        return jsonify(status="ok", revision=pulse.revision, data_up_to=up_to), HTTPStatus.OK


def compress_ahead(app: Dash) -> None:
    """Compress the static files that the index names, so that the first visitor need not wait for it."""
    server: Flask = app.server
    client = server.test_client()
    client.get(f"{app.config.routes_pathname_prefix}livez")  # the first request makes the app whole
    with server.test_request_context(app.config.routes_pathname_prefix):
        index = app.index()
    for address in _ADDRESSES.findall(index):
        client.get(unescape(address), headers={"Accept-Encoding": _OF_BROWSERS})


def believe_proxies(server: Flask, count: int) -> None:
    """Believe what so many proxies in front say about who asks, and whether over https.

    X-Forwarded-Host is never believed: load balancers pass on what the browser's owner wrote.
    """
    if count:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def _compress(server: Flask, prefix: str) -> None:
    server.config |= {
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_CACHE_BACKEND": StaticCache,
        "COMPRESS_CACHE_KEY": lambda asked: cache_key(asked, prefix),
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "application/javascript",
            "application/json",
            "image/svg+xml",
        ],
    }
    Compress(server)


def content_policy(app: Dash) -> str:
    """Only this server's own scripts run, and nothing is sent anywhere else.

    Plotly and ag-grid write style elements, hence unsafe-inline for styles alone.
    """
    scripts = " ".join(["'self'", *app.csp_hashes()])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def cache_key(asked: Request, prefix: str) -> str:
    """A key for static files, whose addresses change with their content; nothing for all else."""
    path = asked.path.removeprefix(prefix)
    return f"{path}?{asked.query_string.decode()}" if path.startswith(_STATIC) else ""


def _read_file(response: Response) -> None:
    """Read the file that a response would stream, and close it.

    Flask-Compress neither keeps what it streamed compressed nor closes the file that it read, and nobody
    closes the file of an answer that has no body.
    """
    is_whole, is_empty = (
        response.status_code == HTTPStatus.OK,
        response.status_code == HTTPStatus.NOT_MODIFIED,
    )
    if response.direct_passthrough and (is_whole or is_empty):
        file: Any = response.response
        response.response = [b"".join(file)] if is_whole else []
        file.close()
        response.direct_passthrough = False


def _set_caching(response: Response, prefix: str) -> None:
    path = request.path.removeprefix(prefix)
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    if response.status_code == HTTPStatus.OK and path.startswith(_STATIC):
        fingerprinted = path.startswith("_dash-component-suites/") or bool(request.query_string)
        response.headers["Cache-Control"] = (
            f"public, max-age={_YEAR}, immutable" if fingerprinted else "no-cache"
        )
    else:
        response.headers["Cache-Control"] = "no-store"
