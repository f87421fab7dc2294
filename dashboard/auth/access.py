"""The three ways of recognising people, behind one protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flask import Flask, Request, session

from dashboard.auth.attempts import SignInAttempts
from dashboard.auth.passwords import PasswordBook
from dashboard.auth.people import ANYBODY, Person
from dashboard.auth.same_origin import is_loopback_name
from dashboard.auth.sessions import Sessions, keep_sessions
from dashboard.auth.signed_header import HeaderRefused, SignedHeader
from dashboard.config import LoginMode

_LOG = logging.getLogger(__name__)


class Access(Protocol):
    """How the people behind requests are recognised."""

    @property
    def mode(self) -> LoginMode: ...

    def install(self, server: Flask, base_path: str) -> None:
        """Prepare a server before its first request."""
        ...

    def serves(self, request: Request) -> bool:
        """Whether a request may be answered at all, whoever sent it."""
        ...

    def person(self, request: Request) -> Person | None:
        """Who sent a request; None where that is not known. KeyUnavailable where it cannot be told."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccess:
    """Everybody may do everything; without `to_network`, from this machine only."""

    to_network: bool = False
    mode: LoginMode = LoginMode.NONE

    def install(self, server: Flask, base_path: str) -> None:
        """Nothing to prepare."""

    def serves(self, request: Request) -> bool:
        """Whether it was asked for by a name of this machine."""
        return self.to_network or is_loopback_name(request.host)

    def person(self, request: Request) -> Person | None:
        """Anybody."""
        return ANYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordAccess:
    """The users of config.yaml, who sign in with a password."""

    book: PasswordBook
    sessions: Sessions
    attempts: SignInAttempts
    secret: str
    lifetime: timedelta
    mode: LoginMode = LoginMode.USERS

    @classmethod
    def make(
        cls,
        book: PasswordBook,
        attempts: SignInAttempts,
        secret: str,
        lifetime: timedelta,
        now: Callable[[], datetime],
    ) -> PasswordAccess:
        """The access of these users, whose sessions are signed with the secret."""
        sessions = Sessions(book, secret, lifetime, now)
        return cls(book=book, sessions=sessions, attempts=attempts, secret=secret, lifetime=lifetime)

    def install(self, server: Flask, base_path: str) -> None:
        """Have the server sign session cookies."""
        keep_sessions(server, self.secret, self.lifetime, base_path)

    def serves(self, request: Request) -> bool:
        """Any request."""
        return True

    def person(self, request: Request) -> Person | None:
        """Whose session it is."""
        return self.sessions.person(session)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyAccess:
    """Those whom a proxy in front has signed in."""

    header: SignedHeader
    sign_out: str | None = None
    mode: LoginMode = LoginMode.PROXY

    def install(self, server: Flask, base_path: str) -> None:
        """Nothing to prepare."""

    def serves(self, request: Request) -> bool:
        """Any request."""
        return True

    def person(self, request: Request) -> Person | None:
        """Who the proxy's header is about."""
        value = request.headers.get(self.header.name)
        if not value:
            return None
        try:
            return self.header.person(value)
        except HeaderRefused as error:
            _LOG.warning("a request was refused: %s", error)
            return None


OPEN = OpenAccess()
"""No login, on this machine."""
