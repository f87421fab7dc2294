"""What a proxy in front says about a person, in a header that it signs for each request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard.auth.people import Person
from dashboard.auth.signing_keys import SigningKeys, UnknownKey
from dashboard.config import Proxy, Role

MAX_HEADER_LENGTH: Final = 16_384
CLOCK_SKEW: Final = timedelta(seconds=60)
LOAD_BALANCER_ALGORITHMS: Final = ("ES256",)
PROXY_ALGORITHMS: Final = (
    "ES256",
    "ES384",
    "ES512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
)
"""Signatures by a private key alone: nobody who knows the public key can make one."""


class HeaderRefused(BedrockAnalyticsError):
    """A header is not, or not any more, what the proxy signed."""


class SignedHeader:
    """Reads a proxy's header. `keys` are its public keys, `now` is the clock."""

    def __init__(self, proxy: Proxy, keys: SigningKeys, now: Callable[[], datetime]) -> None:
        self._proxy = proxy
        self._keys = keys
        self._now = now
        self._editors = {name.casefold() for name in proxy.editors}

    @property
    def name(self) -> str:
        """The header's name."""
        return self._proxy.header

    def person(self, value: str) -> Person:
        """Who the header is about; HeaderRefused where it is not believed, KeyUnavailable without its key."""
        claims = self._claims(value.removeprefix("Bearer ").strip())
        name = claims.get(self._proxy.claim)
        if not isinstance(name, str) or not name or _is_unverified(self._proxy.claim, claims):
            return Person(name=_subject(claims), role=Role.VIEWER, signed_in=True)
        is_editor = name.casefold() in self._editors
        return Person(name=name, role=Role.EDITOR if is_editor else Role.VIEWER, signed_in=True)

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_HEADER_LENGTH:
            raise HeaderRefused("the header is too long")
        try:
            header = jwt.get_unverified_header(token)
            self._check_header(header)
            claims = self._verified(token, self._keys.key(str(header.get("kid"))))
        except UnknownKey as error:
            raise HeaderRefused(str(error)) from error
        except jwt.PyJWTError as error:
            raise HeaderRefused(f"the header is not what the proxy signed: {error}") from error
        # an AWS load balancer says the end of the signature in the token's head
        self._check_times(header if self._proxy.signer and "exp" in header else claims)
        return claims

    def _check_header(self, header: Mapping[str, Any]) -> None:
        """Refuse another signer before any key is fetched."""
        if self._proxy.signer is None:
            return
        if header.get("signer") != self._proxy.signer:
            raise HeaderRefused("another load balancer signed the header")
        if self._proxy.client is not None and header.get("client") != self._proxy.client:
            raise HeaderRefused("the header is for another client of the identity provider")

    def _verified(self, token: str, key: Any) -> dict[str, Any]:
        of_load_balancer = self._proxy.signer is not None
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(LOAD_BALANCER_ALGORITHMS if of_load_balancer else PROXY_ALGORITHMS),
            issuer=self._proxy.issuer,
            audience=self._proxy.audience,
            options={
                "verify_aud": not of_load_balancer,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        return claims

    def _check_times(self, stated: Mapping[str, Any]) -> None:
        """Refuse what has ended or not begun, by our own clock."""
        now = self._now().timestamp()
        skew = CLOCK_SKEW.total_seconds()
        ends, begins = _seconds(stated, "exp", None), _seconds(stated, "nbf", 0)
        if now >= ends + skew or now < begins - skew:
            raise HeaderRefused("the header has expired or does not hold yet")


def _seconds(stated: Mapping[str, Any], name: str, absent: float | None) -> float:
    value = stated.get(name, absent)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise HeaderRefused(f"the header's {name} is no time")
    return value


def _is_unverified(claim: str, claims: Mapping[str, Any]) -> bool:
    """Whether the identity provider says that nobody proved the e-mail address."""
    return claim == "email" and str(claims.get("email_verified", True)).casefold() == "false"


def _subject(claims: Mapping[str, Any]) -> str:
    """A name for a person whose own one is not known."""
    return str(claims.get("sub") or "signed in")[:80]
