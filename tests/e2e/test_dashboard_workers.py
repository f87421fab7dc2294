"""Several workers of one dashboard on AWS: they share the tables, and so the limit on sign-ins."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import urllib3
from moto.server import ThreadedMotoServer

from bedrock_analytics.storage.secret_parameter import secret_parameter
from tests.processes import free_port
from tests.unit.dashboard.auth.doors import cheap_hash

CONFIG = """
login:
  mode: users
  users:
    - {{name: alice, password_hash: "{hash}"}}
"""


@dataclass(slots=True)
class Browser:
    """A browser that opens a new connection each time, so that any worker may answer."""

    address: str
    cookie: str = ""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        headers = {"Cookie": self.cookie, "Accept": "text/html", "Connection": "close"}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if fields is None else urlencode(fields)
        http = urllib3.PoolManager(retries=False)
        answer = http.request(method, f"{self.address}{path}", body=body, headers=headers, redirect=False)
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def sign_in(self, password: str) -> int:
        page = self.ask("GET", "/login").data.decode()
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        return self.ask("POST", "/login", {**fields, "name": "alice", "password": password}).status


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The environment of a process that finds an AWS with two empty tables."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    found = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    client = _client(found, "dynamodb")
    for table in ("usage", "prices"):
        client.create_table(
            TableName=table,
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
            BillingMode="PAY_PER_REQUEST",
        )
    yield found
    server.stop()


def _client(environment: dict[str, str], service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def browser(aws: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "config.yaml").write_text(CONFIG.format(hash=cheap_hash("alice's password")))
    port = free_port()
    command = [
        *(sys.executable, "-m", "bedrock_analytics.cli.main", "dashboard", "--usage-table", "usage"),
        *("--price-table", "prices", "--port", str(port), "--workers", "2"),
    ]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **aws, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert "Dashboard" in process.stderr.readline()
        yield Browser(f"http://127.0.0.1:{port}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_a_session_holds_in_every_worker_and_is_signed_with_one_secret_in_ssm(
    browser: Browser, aws: dict[str, str]
) -> None:
    assert browser.ask("GET", "/").status == 303
    assert browser.sign_in("alice's password") == 303
    assert {browser.ask("GET", "/").status for _ in range(12)} == {200}
    secret = secret_parameter(
        _client(aws, "ssm"), "/bedrock-analytics/usage/session-secret", lambda: "made anew"
    )
    assert len(secret) >= 32


def test_the_workers_count_attempts_together(browser: Browser) -> None:
    stranger = Browser(browser.address)
    statuses = [stranger.sign_in("wrong") for _ in range(8)]
    assert statuses[:5] == [401] * 5
    assert 429 in statuses[5:]
