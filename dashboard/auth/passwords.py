"""Passwords: hashed with scrypt, and checked in the same time whether or not there is such a user."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from werkzeug.security import check_password_hash, generate_password_hash

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard.config import User

METHOD: Final = "scrypt:32768:8:3"
"""N=2^15, r=8, p=3: 32 MiB and about 0.2 s. Source: OWASP Password Storage Cheat Sheet, scrypt."""
MAX_PASSWORD_LENGTH: Final = 1024
MIN_PASSWORD_LENGTH: Final = 12
_AT_ONCE: Final = 3
"""Sign-ins at once in a process: each takes a core and 32 MiB, and the other threads are for the pages."""


class TooManyAtOnce(BedrockAnalyticsError):
    """Too many people sign in at this moment."""


def hash_password(password: str) -> str:
    """What config.yaml keeps of a password; no two calls give the same."""
    return generate_password_hash(password, METHOD)


class PasswordBook:
    """The users of config.yaml and their passwords."""

    def __init__(self, users: Sequence[User], secret: str) -> None:
        self._users = {user.name: user for user in users}
        self._hashes = sorted(user.password_hash for user in users)
        self._secret = secret.encode()
        self._desk = BoundedSemaphore(_AT_ONCE)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A place for one sign-in; TooManyAtOnce, at once, where none is free."""
        if not self._desk.acquire(blocking=False):
            raise TooManyAtOnce("too many sign-ins at once")
        try:
            yield
        finally:
            self._desk.release()

    def user(self, name: str) -> User | None:
        """The user of that name."""
        return self._users.get(name)

    def checked(self, name: str, password: str) -> User | None:
        """The user whose name and password these are.

        A name that nobody has costs as much time as one that somebody has: its password is checked against
        the hash of a user chosen by the name, always the same one, and then refused.
        """
        user = self._users.get(name)
        password_hash = self._stand_in(name) if user is None else user.password_hash
        fits = check_password_hash(password_hash, password[:MAX_PASSWORD_LENGTH])
        return user if fits and len(password) <= MAX_PASSWORD_LENGTH else None

    def _stand_in(self, name: str) -> str:
        digest = hmac.digest(self._secret, b"stand-in\0" + name.encode("utf-8", "replace"), hashlib.sha256)
        return self._hashes[int.from_bytes(digest[:4], "big") % len(self._hashes)]
