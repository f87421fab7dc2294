"""Keys of proxies: fetched once, found again after a rotation, and never asked for without end."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from email.message import Message
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from dashboard.auth import signing_keys
from dashboard.auth.signing_keys import (
    KEPT_KEYS,
    KeySet,
    KeyUnavailable,
    LoadBalancerKeys,
    UnknownKey,
    fetch_https,
    load_balancer_keys_address,
)
from tests.unit.dashboard.auth.doors import SIGNER, Clock, SigningProxy

ADDRESS = "https://public-keys.auth.elb.eu-central-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("signer", "address"),
    [
        (SIGNER, ADDRESS),
        (
            SIGNER.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-central-1", "us-gov-west-1"),
            "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/",
        ),
        (
            SIGNER.replace("arn:aws:", "arn:aws-cn:").replace("eu-central-1", "cn-north-1"),
            "https://public-keys.auth.elb.cn-north-1.amazonaws.com.cn/",
        ),
    ],
)
def test_a_load_balancers_keys_lie_in_its_region(signer: str, address: str) -> None:
    assert load_balancer_keys_address(signer) == address


def test_a_key_is_fetched_once_and_a_new_one_after_a_rotation() -> None:
    proxy = SigningProxy()
    keys = LoadBalancerKeys(ADDRESS, proxy.fetch, Clock())
    assert keys.key(proxy.key_id) is keys.key(proxy.key_id)
    old, proxy.key_id = proxy.key_id, "0a0a0a0a-0000-4000-8000-000000000000"
    keys.key(proxy.key_id)
    keys.key(old)
    assert proxy.fetched == [ADDRESS + old, ADDRESS + proxy.key_id]


@pytest.mark.parametrize("key_id", ["", "../secrets", "a/b", "a?b", "a b", "ü", "x" * 200, ".", "None\n"])
def test_what_cannot_be_an_id_is_never_asked_for(key_id: str) -> None:
    proxy = SigningProxy()
    with pytest.raises(UnknownKey):
        LoadBalancerKeys(ADDRESS, proxy.fetch, Clock()).key(key_id)
    assert proxy.fetched == []


def test_an_unknown_key_is_asked_for_again_only_after_a_while() -> None:
    proxy, clock = SigningProxy(), Clock()
    keys = LoadBalancerKeys(ADDRESS, proxy.fetch, clock)
    for _ in range(5):
        with pytest.raises(UnknownKey):
            keys.key("invented")
    assert len(proxy.fetched) == 1
    clock.turn(minutes=1)
    with pytest.raises(UnknownKey):
        keys.key("invented")
    assert len(proxy.fetched) == 2


def test_only_so_many_keys_are_kept() -> None:
    proxy = SigningProxy()
    keys = LoadBalancerKeys(ADDRESS, lambda _: proxy.fetch(ADDRESS + proxy.key_id), Clock())
    for number in range(KEPT_KEYS + 1):
        keys.key(f"key-{number}")
    keys.key(f"key-{KEPT_KEYS}")
    assert len(proxy.fetched) == KEPT_KEYS + 1
    keys.key("key-0")
    assert len(proxy.fetched) == KEPT_KEYS + 2


def test_an_answer_that_is_no_key_and_an_address_that_is_down_are_no_wrong_signature() -> None:
    with pytest.raises(KeyUnavailable, match="no public key"):
        LoadBalancerKeys(ADDRESS, lambda _: b"<html>", Clock()).key("k")
    proxy = SigningProxy(down=True)
    keys = LoadBalancerKeys(ADDRESS, proxy.fetch, Clock())
    with pytest.raises(KeyUnavailable):
        keys.key(proxy.key_id)
    proxy.down = False
    keys.key(proxy.key_id)


class Published:
    """A key set that may change."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = list(key_ids)
        self.fetches = 0

    def __call__(self, _address: str) -> bytes:
        self.fetches += 1
        keys = [_public_jwk(key_id) for key_id in self.key_ids]
        return json.dumps({"keys": keys}).encode()


def _public_jwk(key_id: str) -> dict[str, Any]:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**ECAlgorithm.to_jwk(public, as_dict=True), "kid": key_id, "alg": "ES256"}


def test_a_key_set_is_fetched_once_an_hour_so_that_withdrawn_keys_end() -> None:
    published, clock = Published("one", "two"), Clock()
    keys = KeySet("https://idp.example/jwks", published, clock)
    keys.key("one")
    keys.key("two")
    assert published.fetches == 1
    published.key_ids = ["two"]
    clock.turn(hours=1)
    with pytest.raises(UnknownKey, match="lists no key 'one'"):
        keys.key("one")
    assert published.fetches == 2


def test_a_new_key_of_a_set_is_found_within_a_minute_without_a_flood() -> None:
    published, clock = Published("old"), Clock()
    keys = KeySet("https://idp.example/jwks", published, clock)
    keys.key("old")
    published.key_ids.append("new")
    for _ in range(5):
        with pytest.raises(UnknownKey):
            keys.key("new")
    assert published.fetches == 1
    clock.turn(minutes=1)
    keys.key("new")
    assert published.fetches == 2


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"keys": []}', b"\xff", b"[1]"])
def test_an_answer_that_is_no_key_set_is_told(answer: bytes) -> None:
    with pytest.raises(KeyUnavailable, match="no set of public keys"):
        KeySet("https://idp.example/jwks", lambda _: answer, Clock()).key("k")


class Opener:
    """What urllib opens."""

    def __init__(self, answer: bytes | Exception) -> None:
        self._answer = answer

    def open(self, request: urllib.request.Request, timeout: float) -> BytesIO:
        assert timeout == signing_keys.TIMEOUT_SECONDS
        if isinstance(self._answer, Exception):
            raise self._answer
        return BytesIO(self._answer)


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (urllib.error.HTTPError("https://x", 404, "gone", Message(), None), UnknownKey, "has no such key"),
        (urllib.error.HTTPError("https://x", 403, "no", Message(), None), UnknownKey, "has no such key"),
        (urllib.error.HTTPError("https://x", 302, "moved", Message(), None), KeyUnavailable, "answered 302"),
        (urllib.error.URLError("no route"), KeyUnavailable, "cannot be reached"),
        (b"x" * (signing_keys.MAX_KEY_BYTES + 1), KeyUnavailable, "more than 262,144 bytes"),
    ],
)
def test_what_can_go_wrong_on_the_way_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | Exception, error: type[Exception], told: str
) -> None:
    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: Opener(answer))
    with pytest.raises(error, match=told):
        fetch_https("https://keys.example/k")


def test_an_answer_is_returned_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "build_opener", lambda *_: Opener(b"key"))
    assert fetch_https("https://keys.example/k") == b"key"
