"""A small app behind each kind of login, with a clock that the test turns and keys that it signs with."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from dash import Dash, Input, Output, dcc, html
from flask import Response
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from dashboard.auth.access import Access, PasswordAccess
from dashboard.auth.attempts import SignInAttempts
from dashboard.auth.gate import guard
from dashboard.auth.passwords import PasswordBook
from dashboard.auth.people import current_person, require_editor
from dashboard.auth.signing_keys import KeyUnavailable, UnknownKey
from dashboard.config import Role, User
from tests.fakes.memory_table import MemoryTable

SECRET = "a-secret-of-the-tests-with-40-characters"
NOON = datetime.now(UTC).replace(microsecond=0)
"""The real time: Flask dates its cookies by the real clock, too."""
SIGNER = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/analytics/0123456789abcdef"


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is turned."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time

    def turn(self, **by: float) -> None:
        self.time += timedelta(**by)


@cache
def cheap_hash(password: str) -> str:
    return generate_password_hash(password, "scrypt:16384:1:1")


ALICE = User(name="alice", role=Role.EDITOR, password_hash=cheap_hash("alice's password"))
BOB = User(name="bob", role=Role.VIEWER, password_hash=cheap_hash("bob's password"))


def small_app(access: Access, base_path: str = "/") -> Dash:
    """An app with a callback, a download and something that only editors may do."""
    app = Dash(
        __name__,
        title="Test",
        requests_pathname_prefix=base_path,
        routes_pathname_prefix=base_path,
        assets_folder="../../../../dashboard/assets",
    )
    app.layout = html.Div([dcc.Input(id="in"), html.Div(id="out"), html.Div(id="edited")])

    @app.callback(Output("out", "children"), Input("in", "value"))
    def show(value: str | None) -> str:
        return f"{current_person().name} sees {value}"

    @app.callback(Output("edited", "children"), Input("in", "value"))
    def edit(value: str | None) -> str:
        return f"{require_editor().name} changed {value}"

    def download() -> Response:
        return Response(f"usage for {current_person().name}")

    app.server.add_url_rule(f"{base_path}download", "download", download)
    guard(app, access, "Test")
    return app


@dataclass(slots=True)
class Door:
    """An app behind passwords, and a browser in front of it."""

    users: tuple[User, ...] = (ALICE, BOB)
    table: MemoryTable = field(default_factory=MemoryTable)
    clock: Clock = field(default_factory=Clock)
    base_path: str = "/"
    app: Dash = field(init=False)
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.app = small_app(self.access(), self.base_path)
        self.client = self.app.server.test_client()

    def access(self) -> PasswordAccess:
        return PasswordAccess.make(
            PasswordBook(self.users, SECRET),
            SignInAttempts(self.table, SECRET, self.clock),
            SECRET,
            timedelta(hours=12),
            self.clock,
        )

    def restarted(self, users: tuple[User, ...]) -> Door:
        """The app of a changed config.yaml, with the same browser's cookies."""
        other = Door(users=users, table=self.table, clock=self.clock)
        cookie = self.client.get_cookie("bedrock_analytics")
        assert cookie is not None
        other.client.set_cookie("bedrock_analytics", cookie.value)
        return other

    def form(self, wish: str | None = None) -> dict[str, str]:
        """The hidden fields of the sign-in form."""
        page = self.client.get(
            f"{self.base_path}login", query_string={} if wish is None else {"next": wish}
        ).get_data(as_text=True)
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))

    def sign_in(
        self, name: str, password: str, *, wish: str | None = None, address: str = "192.0.2.1"
    ) -> TestResponse:
        return self.client.post(
            f"{self.base_path}login",
            data={**self.form(wish), "name": name, "password": password},
            environ_base={"REMOTE_ADDR": address},
        )

    def callback(self, output: str = "out", **headers: str) -> TestResponse:
        return call_back(self.client, output, self.base_path, headers)


def call_back(
    client: FlaskClient, output: str = "out", base_path: str = "/", headers: dict[str, str] | None = None
) -> TestResponse:
    """What a page sends for a callback."""
    return client.post(
        f"{base_path}_dash-update-component",
        json={
            "output": f"{output}.children",
            "outputs": {"id": output, "property": "children"},
            "changedPropIds": ["in.value"],
            "inputs": [{"id": "in", "property": "value", "value": "cost"}],
        },
        headers=headers,
    )


@dataclass(slots=True)
class SigningProxy:
    """A load balancer's key pair, and the address that publishes the public key."""

    key_id: str = "fe8a9c3b-1111-4222-8333-944455556666"
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    fetched: list[str] = field(default_factory=list)
    down: bool = False

    def fetch(self, address: str) -> bytes:
        self.fetched.append(address)
        if self.down:
            raise KeyUnavailable(f"{address} is down")
        if not address.endswith(f"/{self.key_id}"):
            raise UnknownKey(address)
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def header(self, claims: dict[str, Any], **head: Any) -> str:
        """A token as load balancers write it: base64 with padding, the end of its validity in its head."""
        ends = int((NOON + timedelta(minutes=2)).timestamp())
        whole = {"typ": "JWT", "alg": "ES256", "kid": self.key_id, "signer": SIGNER, "exp": ends, **head}
        stated = f"{padded(whole)}.{padded(claims)}"
        r, s = decode_dss_signature(self.private.sign(stated.encode(), ec.ECDSA(hashes.SHA256())))
        signature = base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"{stated}.{signature.decode()}"


def padded(document: dict[str, Any]) -> str:
    """JSON in URL-safe base64, with its padding."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
