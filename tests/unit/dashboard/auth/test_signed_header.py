"""The header of a proxy: who it is about, and every way in which it must not be believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from dashboard.auth.people import Person
from dashboard.auth.signed_header import CLOCK_SKEW, HeaderRefused, SignedHeader
from dashboard.auth.signing_keys import KeySet, KeyUnavailable, LoadBalancerKeys
from dashboard.config import Proxy, Role
from tests.unit.dashboard.auth.doors import NOON, SIGNER, Clock, SigningProxy, padded

ALICE = {"sub": "123", "email": "Alice@example.com", "email_verified": "true"}
PROXY = Proxy(signer=SIGNER, editors=("alice@example.com",))
ADDRESS = "https://keys.example/"


def reader(signing: SigningProxy, proxy: Proxy = PROXY, clock: Clock | None = None) -> SignedHeader:
    keys = LoadBalancerKeys(ADDRESS, signing.fetch, clock or Clock())
    return SignedHeader(proxy, keys, clock or Clock())


def test_a_load_balancers_header_with_its_padding_is_read() -> None:
    signing = SigningProxy()
    header = signing.header(ALICE)
    assert "=" in header
    assert reader(signing).person(header) == Person(
        name="Alice@example.com", role=Role.EDITOR, signed_in=True
    )


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"sub": "1", "email": "bob@example.com"}, "bob@example.com"),
        ({"sub": "1"}, "1"),
        ({"sub": "1", "email": ""}, "1"),
        ({"sub": "1", "email": ["alice@example.com"]}, "1"),
        ({"sub": "1", "email": "alice@example.com", "email_verified": False}, "1"),
        ({"sub": "1", "email": "alice@example.com", "email_verified": "false"}, "1"),
        ({}, "signed in"),
    ],
)
def test_everybody_else_is_a_viewer_and_so_is_an_address_that_nobody_proved(
    claims: dict[str, Any], name: str
) -> None:
    signing = SigningProxy()
    assert reader(signing).person(signing.header(claims)) == Person(
        name=name, role=Role.VIEWER, signed_in=True
    )


def test_what_another_load_balancer_signed_is_refused_before_any_key_is_fetched() -> None:
    signing = SigningProxy()
    other = SIGNER.replace("analytics", "evil")
    for head in ({"signer": other}, {"signer": None}, {"signer": [SIGNER]}):
        with pytest.raises(HeaderRefused, match="another load balancer"):
            reader(signing).person(signing.header(ALICE, **head))
    assert signing.fetched == []


def test_another_clients_header_is_refused_where_a_client_is_named() -> None:
    signing = SigningProxy()
    proxy = PROXY.model_copy(update={"client": "ours"})
    assert reader(signing, proxy).person(signing.header(ALICE, client="ours")).may_edit
    with pytest.raises(HeaderRefused, match="another client"):
        reader(signing, proxy).person(signing.header(ALICE, client="theirs"))


def test_a_header_holds_until_its_time_and_a_little_for_the_clocks() -> None:
    signing, clock = SigningProxy(), Clock()
    header = signing.header(ALICE)
    clock.time = NOON + timedelta(minutes=2) + CLOCK_SKEW - timedelta(seconds=1)
    assert reader(signing, clock=clock).person(header).signed_in
    clock.turn(seconds=1)
    with pytest.raises(HeaderRefused, match="expired"):
        reader(signing, clock=clock).person(header)


@pytest.mark.parametrize("exp", [None, "soon", True, "9999999999"])
def test_a_header_that_does_not_say_when_it_ends_is_refused(exp: Any) -> None:
    signing = SigningProxy()
    with pytest.raises(HeaderRefused, match="exp is no time"):
        reader(signing).person(signing.header(ALICE, exp=exp))


def test_what_was_changed_after_it_was_signed_is_refused() -> None:
    signing = SigningProxy()
    head, _, signature = signing.header({"email": "bob@example.com"}).split(".")
    with pytest.raises(HeaderRefused, match="not what the proxy signed"):
        reader(signing).person(f"{head}.{padded(ALICE)}.{signature}")


def test_another_key_under_the_same_id_is_refused() -> None:
    ours, theirs = SigningProxy(), SigningProxy()
    with pytest.raises(HeaderRefused, match="not what the proxy signed"):
        reader(ours).person(theirs.header(ALICE))


def test_no_signature_and_one_made_with_the_public_key_are_refused() -> None:
    signing = SigningProxy()
    head, claims, _ = signing.header(ALICE, alg="none").split(".")
    with pytest.raises(HeaderRefused):
        reader(signing).person(f"{head}.{claims}.")
    public = signing.fetch(ADDRESS + signing.key_id)
    head, claims, _ = signing.header(ALICE, alg="HS256").split(".")
    mac = hmac.digest(public, f"{head}.{claims}".encode(), hashlib.sha256)
    with pytest.raises(HeaderRefused):
        reader(signing).person(f"{head}.{claims}.{jwt.utils.base64url_encode(mac).decode()}")


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "..", "ü.ü.ü", "a" * 20_000, "[].{}.x", "e30.e30.e30"])
def test_what_is_no_token_is_refused(value: str) -> None:
    with pytest.raises(HeaderRefused):
        reader(SigningProxy()).person(value)


def test_two_headers_that_came_as_one_are_refused() -> None:
    signing = SigningProxy()
    with pytest.raises(HeaderRefused):
        reader(signing).person(f"{signing.header(ALICE)},{signing.header(ALICE)}")


def test_an_unknown_key_is_refused_and_an_unreachable_one_is_something_else() -> None:
    signing = SigningProxy()
    with pytest.raises(HeaderRefused):
        reader(signing).person(signing.header(ALICE, kid="invented"))
    with pytest.raises(HeaderRefused, match="no id of a key"):
        reader(signing).person(signing.header(ALICE, kid="../../x"))
    signing.down = True
    with pytest.raises(KeyUnavailable):
        reader(signing).person(signing.header(ALICE))


class OidcProxy:
    """Another proxy, which signs with RSA and publishes a key set."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.config = Proxy(
            issuer="https://access.example",
            audience="dashboard",
            keys="https://access.example/jwks",
            header="cf-access-jwt-assertion",
            editors=("alice@example.com",),
        )

    def reader(self) -> SignedHeader:
        return SignedHeader(self.config, KeySet(str(self.config.keys), self._publish, Clock()), Clock())

    def _publish(self, _address: str) -> bytes:
        key = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        return json.dumps({"keys": [{**key, "kid": "1", "alg": "RS256"}]}).encode()

    def header(self, **claims: Any) -> str:
        whole = {
            "iss": "https://access.example",
            "aud": ["dashboard"],
            "exp": int((NOON + timedelta(minutes=5)).timestamp()),
            "email": "alice@example.com",
            **claims,
        }
        pem = self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return jwt.encode(whole, pem, algorithm="RS256", headers={"kid": "1"})


@pytest.fixture(scope="module")
def oidc() -> OidcProxy:
    return OidcProxy()


def test_another_proxys_token_is_read_with_or_without_bearer(oidc: OidcProxy) -> None:
    assert oidc.reader().name == "cf-access-jwt-assertion"
    assert oidc.reader().person(oidc.header()).may_edit
    assert oidc.reader().person(f"Bearer {oidc.header()}").may_edit


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": ["another application"]},
        {"aud": None},
        {"exp": int((NOON - timedelta(hours=1)).timestamp())},
        {"exp": "tomorrow"},
        {"nbf": int((NOON + timedelta(hours=1)).timestamp())},
    ],
)
def test_a_token_for_others_or_another_time_is_refused(oidc: OidcProxy, claims: dict[str, Any]) -> None:
    with pytest.raises(HeaderRefused):
        oidc.reader().person(oidc.header(**claims))
