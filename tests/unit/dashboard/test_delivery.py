"""What every answer carries, what is kept by whom, and which proxies are believed."""

from __future__ import annotations

import re
from html import unescape

import brotli  # type: ignore[import-untyped]
import pytest
from dash import Dash, html
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient

from bedrock_analytics.domain.errors import TableUnavailable
from dashboard.delivery import believe_proxies, compress_ahead, deliver
from dashboard.queries import Queries
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.answers import WrittenAnswers


class Silent(WrittenAnswers):
    """Tables that do not answer."""

    def checkpoint(self) -> object:  # type: ignore[override]
        raise TableUnavailable("arn:aws:dynamodb:…:table/usage-stats is throttled")


def client_of(answers: WrittenAnswers, proxies: int = 0) -> FlaskClient:
    server: Flask = app_of(answers, proxies).server
    return server.test_client()


def app_of(answers: WrittenAnswers, proxies: int = 0) -> Dash:
    app = Dash(__name__, assets_folder="../../../dashboard/assets")
    app.layout = html.Div("nothing")

    def who() -> Response:
        return jsonify(address=request.remote_addr, scheme=request.scheme, host=request.host)

    app.server.add_url_rule("/who", "who", who)
    deliver(app, Queries(answers, DashboardSettings()))
    believe_proxies(app.server, proxies)
    return app


@pytest.fixture
def client() -> FlaskClient:
    return client_of(WrittenAnswers())


@pytest.mark.parametrize("path", ["/", "/nowhere", "/who", "/healthz", "/livez", "/assets/dashboard.css"])
def test_every_answer_says_what_a_browser_may_do_with_it(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_only_https_is_asked_to_stay_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    secure = client.get("/", base_url="https://dash.example")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_the_index_names_is_compressed_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_of(WrittenAnswers())
    compress_ahead(app)
    client = app.server.test_client()
    named = re.findall(r'(?:src|href)="(/[^"]+[.]js[^"]*)"', client.get("/").text)
    assert len(named) > 10
    kept = 0
    plain = [client.get(unescape(address)).data for address in named]
    monkeypatch.setattr(brotli, "compress", refuse)
    for address, content in zip(named, plain, strict=True):
        answer = client.get(unescape(address), headers={"Accept-Encoding": "gzip, deflate, br"})
        if answer.headers.get("Content-Encoding") == "br":
            assert brotli.decompress(answer.data) == content
            kept += 1
        else:
            assert answer.data == content  # too small to be worth it
    assert kept > 10
    assert client.get("/assets/dashboard.css?m=new", headers={"Accept-Encoding": "br"}).status_code == 500


def refuse(*_: object, **__: object) -> bytes:
    raise AssertionError("compressed again")


def test_nothing_but_static_files_is_kept_by_anybody(client: FlaskClient) -> None:
    assert client.get("/who").headers["Cache-Control"] == "no-store"
    missing = client.get("/assets/no-such-file.js")
    assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")
    assert client.get("/assets/dashboard.css").headers["Cache-Control"] == "no-cache"
    fingerprinted = client.get("/assets/dashboard.css?m=1.0")
    assert fingerprinted.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_that_the_browser_still_has_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/assets/favicon.svg").headers["ETag"]
    again = client.get("/assets/favicon.svg", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_process_whose_tables_are_silent_lives_but_is_not_ready_and_tells_strangers_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = client_of(Silent())
    assert client.get("/livez").get_json() == {"status": "ok"}
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "unavailable"})
    assert "is throttled" in caplog.text


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;proto=https",
}


def test_what_forwarding_headers_say_is_not_believed(client: FlaskClient) -> None:
    told = client.get("/who", headers=FORGED).get_json()
    assert told == {"address": "127.0.0.1", "scheme": "http", "host": "localhost"}


def test_a_configured_proxy_is_believed_as_far_as_it_can_know() -> None:
    client = client_of(WrittenAnswers(), proxies=1)
    told = client.get("/who", headers=FORGED).get_json()
    assert told == {"address": "203.0.113.9", "scheme": "https", "host": "localhost"}
    chain = FORGED | {"X-Forwarded-For": "10.0.0.1, 198.51.100.7"}
    assert client.get("/who", headers=chain).get_json()["address"] == "198.51.100.7"
