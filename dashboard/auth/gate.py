"""The gate in front of every page, callback and download."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from dash import Dash
from flask import Flask, Response, g, request

from bedrock_analytics.domain.errors import NotAllowed
from dashboard.auth.access import Access
from dashboard.auth.pages import AuthPages
from dashboard.auth.people import ANYBODY
from dashboard.auth.same_origin import is_from_here
from dashboard.auth.sign_in import add_sign_in
from dashboard.auth.signing_keys import KeyUnavailable
from dashboard.config import LoginMode

_LOG = logging.getLogger(__name__)

SESSION_HEADER: Final = "X-Session"
SESSION_ENDED: Final = "ended"
SIGN_IN_HEADER: Final = "X-Sign-In"
_OPEN_FOLDERS: Final = ("_dash-component-suites/", "assets/", "vendor/")
_OPEN_RULES: Final = frozenset({"_favicon.ico", "healthz", "livez", "login", "logout"})
"""What shows no data: static files, health, and signing in and out."""


def guard(app: Dash, access: Access, title: str) -> None:
    """Let nobody pass whom the access does not recognise; to be called once, before anything is served.

    The person is `people.current_person()` from then on. A callback without a session is answered 204, so
    that the page keeps what it shows, with the header X-Session: ended and the way back in X-Sign-In.
    """
    server: Flask = app.server
    prefix: str = app.config.routes_pathname_prefix
    pages = AuthPages(app, title)
    access.install(server, prefix)
    add_sign_in(server, prefix, access, pages)

    @server.errorhandler(NotAllowed)
    def not_allowed(error: NotAllowed) -> Response:
        return _refused(HTTPStatus.FORBIDDEN, str(error))

    @server.before_request
    def let_pass() -> Response | None:
        if not access.serves(request):
            return _refused(HTTPStatus.MISDIRECTED_REQUEST, "Open this dashboard by http://localhost.")
        if not is_from_here(request):
            return _refused(HTTPStatus.FORBIDDEN, "This request comes from another site.")
        if _is_open(prefix):
            g.person = ANYBODY if access.mode is LoginMode.NONE else None
            return None
        return _recognised(access, prefix, pages)


def _recognised(access: Access, prefix: str, pages: AuthPages) -> Response | None:
    """Note who asks; an answer in place of the page's where that is not known."""
    try:
        g.person = access.person(request)
    except KeyUnavailable as error:
        _LOG.error("nobody can be recognised: %s", error)
        told = "Who you are cannot be checked just now. Try again shortly."
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, told)
    return None if g.person is not None else _signed_out(access, prefix, pages)


def _is_open(prefix: str) -> bool:
    rule = request.url_rule
    if rule is None:
        return False
    path = rule.rule.removeprefix(prefix)
    return path in _OPEN_RULES or path.startswith(_OPEN_FOLDERS)


def _signed_out(access: Access, prefix: str, pages: AuthPages) -> Response:
    """Tell that nobody is signed in: a page to a person, a header to a page."""
    sign_in = f"{prefix}login" if access.mode is LoginMode.USERS else prefix
    if request.method == "GET" and _is_navigation():
        if access.mode is LoginMode.USERS:
            wish = quote(request.full_path.rstrip("?"), safe="")
            to_form = Response(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{sign_in}?next={wish}"})
            return _marked(to_form, sign_in)
        return _marked(pages.not_recognised(), sign_in)
    is_callback = request.path == f"{prefix}_dash-update-component"
    status = HTTPStatus.NO_CONTENT if is_callback else HTTPStatus.UNAUTHORIZED
    return _marked(Response(status=status), sign_in)


def _is_navigation() -> bool:
    """Whether a person opens an address, rather than a page asking for a part of itself."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _marked(response: Response, sign_in: str) -> Response:
    response.headers[SESSION_HEADER] = SESSION_ENDED
    response.headers[SIGN_IN_HEADER] = sign_in
    return response


def _refused(status: HTTPStatus, told: str) -> Response:
    return Response(told + "\n", status, content_type="text/plain; charset=utf-8")
