"""Public keys of proxies that sign who a person is: fetched over https, kept by their id."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from http.client import HTTPException
from threading import Lock
from typing import IO, Any, Final, Protocol, TypeAlias

import jwt
from jwt.algorithms import ECAlgorithm

from bedrock_analytics.domain.errors import BedrockAnalyticsError

TIMEOUT_SECONDS: Final = 5
MAX_KEY_BYTES: Final = 256 * 1024
KEPT_KEYS: Final = 16
LOOK_AGAIN_AFTER: Final = timedelta(minutes=1)
"""Time until a key that was not there is asked for again, so that invented ids cause no flood."""
SET_KEPT_FOR: Final = timedelta(hours=1)

_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
Fetch: TypeAlias = Callable[[str], bytes]


class KeyUnavailable(BedrockAnalyticsError):
    """A signing key cannot be fetched for the moment."""


class UnknownKey(BedrockAnalyticsError):
    """There is no signing key of that id."""


class SigningKeys(Protocol):
    """Where a proxy's public keys are looked up."""

    def key(self, key_id: str) -> Any:
        """The key; UnknownKey where there is none, KeyUnavailable where it cannot be fetched."""
        ...


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """A key comes from the address that was asked, or not at all."""


def fetch_https(address: str) -> bytes:
    """What an https address answers; UnknownKey for 403 and 404, else KeyUnavailable."""
    request = urllib.request.Request(address, headers={"User-Agent": "bedrock-analytics"})  # noqa: S310 - https, see config
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as response:
            content: bytes = response.read(MAX_KEY_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in {403, 404}:
                raise UnknownKey(f"{address} has no such key") from error
            raise KeyUnavailable(f"{address} answered {error.code}") from error
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise KeyUnavailable(f"{address} cannot be reached: {error}") from error
    if len(content) > MAX_KEY_BYTES:
        raise KeyUnavailable(f"{address} answered more than {MAX_KEY_BYTES:,} bytes")
    return content


def load_balancer_keys_address(signer: str) -> str:
    """Where an AWS load balancer's public keys lie, without the key's id.

    Source: Elastic Load Balancing user guide, "Authenticate users using an Application Load Balancer",
    verifying the signature; GovCloud keeps them in S3. `signer` is the load balancer's ARN.
    """
    partition, region = signer.split(":")[1], signer.split(":")[3]
    if partition == "aws-us-gov":
        return f"https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}/"
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return f"https://public-keys.auth.elb.{region}.{suffix}/"


class LoadBalancerKeys:
    """An AWS load balancer's keys: one address for each id, whose key never changes."""

    def __init__(self, address: str, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._address = address
        self._fetch = fetch
        self._now = now
        self._lock = Lock()
        self._kept: dict[str, Any] = {}
        self._missing: dict[str, datetime] = {}

    def key(self, key_id: str) -> Any:
        """The elliptic-curve key of an id, fetched once."""
        if not _KEY_ID.fullmatch(key_id):
            raise UnknownKey(f"{key_id[:60]!r} is no id of a key")
        with self._lock:
            if key_id not in self._kept:
                self._look_up(key_id)
            return self._kept[key_id]

    def _look_up(self, key_id: str) -> None:
        missed = self._missing.get(key_id)
        if missed is not None and self._now() < missed + LOOK_AGAIN_AFTER:
            raise UnknownKey(f"the load balancer has no key {key_id}")
        try:
            key = ECAlgorithm(ECAlgorithm.SHA256).prepare_key(self._fetch(self._address + key_id))
        except UnknownKey:
            _keep(self._missing, key_id, self._now())
            raise
        except (ValueError, jwt.InvalidKeyError) as error:
            raise KeyUnavailable(f"what {self._address} answered is no public key") from error
        _keep(self._kept, key_id, key)


class KeySet:
    """The keys that an OIDC proxy publishes together (JWKS), fetched anew when an unknown id appears."""

    def __init__(self, address: str, fetch: Fetch, now: Callable[[], datetime]) -> None:
        self._address = address
        self._fetch = fetch
        self._now = now
        self._lock = Lock()
        self._keys: dict[str, Any] = {}
        self._fetched_at: datetime | None = None

    def key(self, key_id: str) -> Any:
        """The key of an id; a set older than an hour is fetched anew, so that withdrawn keys end."""
        with self._lock:
            age = None if self._fetched_at is None else self._now() - self._fetched_at
            wanted = key_id not in self._keys
            if age is None or age >= SET_KEPT_FOR or (wanted and age >= LOOK_AGAIN_AFTER):
                self._fetch_set()
            if key_id not in self._keys:
                raise UnknownKey(f"{self._address} lists no key {key_id[:60]!r}")
            return self._keys[key_id]

    def _fetch_set(self) -> None:
        try:
            document = json.loads(self._fetch(self._address))
            listed = document.get("keys") if isinstance(document, dict) else None
            keys = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
            found = jwt.PyJWKSet(keys)
        except UnknownKey as error:
            raise KeyUnavailable(f"{self._address} lists no keys") from error
        except (ValueError, jwt.PyJWTError) as error:
            raise KeyUnavailable(f"what {self._address} answered is no set of public keys") from error
        self._keys = {key.key_id: key.key for key in found.keys if key.key_id}
        self._fetched_at = self._now()


def _keep(kept: dict[str, Any], key_id: str, value: Any) -> None:
    """Keep an entry; of too many the oldest goes."""
    if len(kept) >= KEPT_KEYS:
        kept.pop(next(iter(kept)))
    kept[key_id] = value
