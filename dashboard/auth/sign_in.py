"""Signing in and out."""

from __future__ import annotations

import hmac
import logging
import secrets
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request, session

from bedrock_analytics.domain.errors import TableError
from dashboard.auth.access import Access, PasswordAccess, ProxyAccess
from dashboard.auth.pages import AuthPages, SignInForm
from dashboard.auth.passwords import TooManyAtOnce
from dashboard.auth.same_origin import local_path

_LOG = logging.getLogger(__name__)
_FORM: Final = "form"
_MAX_FORM_BYTES: Final = 16 * 1024
_MAX_NAME_LENGTH: Final = 200
_LOAD_BALANCER_COOKIES: Final = tuple(f"AWSELBAuthSessionCookie-{part}" for part in range(4))
"""An AWS load balancer keeps its session in these, and forgets the person when they are gone."""


def add_sign_in(server: Flask, prefix: str, access: Access, pages: AuthPages) -> None:
    """Give a server the addresses `login` and `logout`, as far as the access knows them."""
    if isinstance(access, PasswordAccess):
        _SignIn(prefix, access, pages).add_to(server)
    elif isinstance(access, ProxyAccess):
        _add_proxy_sign_out(server, prefix, access, pages)


class _SignIn:
    def __init__(self, prefix: str, access: PasswordAccess, pages: AuthPages) -> None:
        self._prefix = prefix
        self._access = access
        self._pages = pages

    def add_to(self, server: Flask) -> None:
        server.add_url_rule(f"{self._prefix}login", "login", self.show)
        server.add_url_rule(f"{self._prefix}login", "try_login", self.attempt, methods=["POST"])
        server.add_url_rule(f"{self._prefix}logout", "logout", self.end, methods=["POST"])

    def show(self) -> Response:
        """The form; whoever is signed in goes straight on."""
        wish = local_path(request.args.get("next"), self._prefix)
        if self._access.sessions.person(session) is not None:
            return _go(wish)
        return self._form(wish, HTTPStatus.OK)

    def attempt(self) -> Response:
        """Check a name and a password."""
        request.max_content_length = _MAX_FORM_BYTES
        wish = local_path(request.form.get("next"), self._prefix)
        name = request.form.get("name", "").strip()[:_MAX_NAME_LENGTH]
        if not _is_our_form():
            return self._form(
                wish, HTTPStatus.BAD_REQUEST, "The form was open too long. Sign in again.", name
            )
        try:
            with self._access.book.admitted():
                return self._checked(wish, name, request.form.get("password", ""))
        except TooManyAtOnce:
            told = "Too many people sign in at this moment. Try again in a few seconds."
            return self._form(wish, HTTPStatus.SERVICE_UNAVAILABLE, told, name)
        except TableError as error:
            _LOG.error("sign-in attempts cannot be counted: %s", error)
            told = "Nobody can sign in for the moment: the tables do not answer. Try again shortly."
            return self._form(wish, HTTPStatus.SERVICE_UNAVAILABLE, told, name)

    def _checked(self, wish: str, name: str, password: str) -> Response:
        address = request.remote_addr or ""
        wait = self._access.attempts.begin(name, address)
        if wait:
            told = f"Too many attempts. Try again in {_in_words(wait)}."
            answer = self._form(wish, HTTPStatus.TOO_MANY_REQUESTS, told, name)
            answer.headers["Retry-After"] = str(int(wait.total_seconds()))
            return answer
        user = self._access.book.checked(name, password)
        if user is None:
            _LOG.warning("a sign-in from %s failed", address)
            return self._form(wish, HTTPStatus.UNAUTHORIZED, "Name or password is wrong.", name)
        self._access.attempts.succeeded(name, address)
        self._access.sessions.begin(session, user)
        session.permanent = True
        return _go(wish)

    def end(self) -> Response:
        """Sign out."""
        session.clear()
        return _go(f"{self._prefix}login")

    def _form(self, wish: str, status: HTTPStatus, told: str = "", name: str = "") -> Response:
        token = session.setdefault(_FORM, secrets.token_urlsafe(16))
        form = SignInForm(action=f"{self._prefix}login", wish=wish, token=token, told=told, name=name)
        return self._pages.sign_in(form, status)


def _add_proxy_sign_out(server: Flask, prefix: str, access: ProxyAccess, pages: AuthPages) -> None:
    @server.post(f"{prefix}logout")
    def logout() -> Response:
        """Forget the load balancer's session, and point to the identity provider's own sign-out."""
        answer = pages.signed_out(access.sign_out)
        for name in _LOAD_BALANCER_COOKIES:
            if name in request.cookies:
                answer.delete_cookie(name, path="/", secure=request.is_secure, httponly=True)
        return answer


def _is_our_form() -> bool:
    """Whether the form carries the token of the session that it was shown to."""
    known, sent = session.get(_FORM), request.form.get("token", "")
    return isinstance(known, str) and hmac.compare_digest(known.encode(), sent.encode("utf-8", "replace"))


def _go(path: str) -> Response:
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})


def _in_words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
