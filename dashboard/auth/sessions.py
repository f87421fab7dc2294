"""Sessions of people who signed in with a password: a signed cookie, and nothing on the server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from dashboard.auth.passwords import PasswordBook
from dashboard.auth.people import Person
from dashboard.config import User

COOKIE: Final = "bedrock_analytics"
_WHO, _SINCE, _KEY = "who", "since", "key"


class SignedCookies(SecureCookieSessionInterface):
    """Flask's signed cookies, with SHA-256, and sent over https alone where that is how they came."""

    salt = "bedrock-analytics-session"
    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the browser may send the cookie over https only."""
        return request.is_secure


def keep_sessions(server: Flask, secret: str, lifetime: timedelta, path: str) -> None:
    """Have a server keep signed sessions, which scripts cannot read and other sites cannot send."""
    server.secret_key = secret
    server.session_interface = SignedCookies()
    server.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH=path,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=lifetime,
    )


class Sessions:
    """Who a session belongs to, for as long as config.yaml has that user unchanged."""

    def __init__(
        self, book: PasswordBook, secret: str, lifetime: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._secret = secret.encode()
        self._lifetime = lifetime
        self._now = now

    def begin(self, session: MutableMapping[str, Any], user: User) -> None:
        """Make it the user's session; nothing of what it held before stays."""
        session.clear()
        session[_WHO] = user.name
        session[_SINCE] = int(self._now().timestamp())
        session[_KEY] = self._fingerprint(user)

    def person(self, session: MutableMapping[str, Any]) -> Person | None:
        """Whose session it is; nobody's where it has ended, or where the user was changed or removed."""
        name, since, key = session.get(_WHO), session.get(_SINCE), session.get(_KEY)
        if not isinstance(name, str) or not isinstance(since, int) or not isinstance(key, str):
            return None
        user = self._book.user(name)
        age = self._now().timestamp() - since
        if user is None or age >= self._lifetime.total_seconds():
            return None
        if not hmac.compare_digest(key.encode(), self._fingerprint(user).encode()):
            return None
        return Person(name=user.name, role=user.role, signed_in=True)

    def _fingerprint(self, user: User) -> str:
        """Changes with the user's password and role."""
        said = f"session\0{user.name}\0{user.role.value}\0{user.password_hash}"
        return hmac.digest(self._secret, said.encode(), hashlib.sha256).hex()[:32]
