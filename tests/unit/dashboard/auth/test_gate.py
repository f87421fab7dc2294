"""The gate: what is open, what is answered to whom, and that nothing of the dashboard lies beside it."""

from __future__ import annotations

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.auth.access import OPEN, OpenAccess, ProxyAccess
from dashboard.auth.signed_header import SignedHeader
from dashboard.auth.signing_keys import LoadBalancerKeys
from dashboard.config import Proxy
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.answers import WrittenAnswers
from tests.unit.dashboard.auth.doors import (
    SIGNER,
    Clock,
    Door,
    SigningProxy,
    call_back,
    small_app,
)

OPEN_RULES = {
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_favicon.ico",
    "/assets/<path:filename>",
    "/healthz",
    "/livez",
    "/login",
    "/vendor/bootstrap.min.css",
}
"""What anybody may ask for. Whoever adds an address here shows it to the world."""


def whole_dashboard() -> Dash:
    settings = DashboardSettings()
    services = Services(settings=settings, queries=Queries(WrittenAnswers(), settings))
    return create_app(services, Door().access())


def test_nothing_of_the_whole_dashboard_is_answered_to_a_stranger_but_what_is_known_to_be_open() -> None:
    app = whole_dashboard()
    client = app.server.test_client()
    closed = 0
    for rule in app.server.url_map.iter_rules():
        if rule.rule in OPEN_RULES or rule.rule == "/logout":
            continue
        path = rule.rule.replace("<path:path>", "cost").replace("<", "").replace(">", "")
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer = client.open(path, method=method)
            assert answer.status_code in {204, 303, 401}, rule
            assert answer.headers["X-Session"] == "ended"
            assert b"bedrock" not in answer.data.lower()
            closed += 1
    assert closed >= 5


def test_static_files_and_health_are_open() -> None:
    client = whole_dashboard().server.test_client()
    for path in ("/livez", "/healthz", "/assets/dashboard.css", "/vendor/bootstrap.min.css"):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../_dash-layout",
        "/assets/%2e%2e/_dash-layout",
        "/assets//_dash-layout",
        "//_dash-layout",
        "/_dash-layout;/assets/x",
        "/_dash-layout?/assets/x",
        "/livez/../_dash-layout",
        "/nowhere",
    ],
)
def test_no_spelling_of_a_path_leads_around_the_gate(path: str) -> None:
    answer = Door().client.get(path)
    assert answer.status_code in {303, 308, 401, 404}
    assert b"props" not in answer.data


def test_a_callback_without_a_session_leaves_the_page_as_it_is_and_says_so() -> None:
    door = Door()
    answer = door.callback()
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-Session"] == "ended"
    assert answer.headers["X-Sign-In"] == "/login"
    door.sign_in("bob", "bob's password")
    answer = door.callback()
    assert answer.get_json()["response"]["out"]["children"] == "bob sees cost"
    assert "X-Session" not in answer.headers


def test_a_download_by_the_page_is_refused_and_by_a_person_leads_to_the_form() -> None:
    door = Door()
    assert door.client.get("/download").status_code == 401
    asked_by_script = {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}
    assert door.client.get("/download", headers=asked_by_script).status_code == 401
    navigated = door.client.get("/download", headers={"Sec-Fetch-Mode": "navigate"})
    assert (navigated.status_code, navigated.location) == (303, "/login?next=%2Fdownload")
    door.sign_in("bob", "bob's password")
    assert door.client.get("/download").data == b"usage for bob"


def test_only_editors_do_what_only_editors_may() -> None:
    door = Door()
    door.sign_in("bob", "bob's password")
    answer = door.callback("edited")
    assert answer.status_code == 403
    assert "Only editors may do this" in answer.get_data(as_text=True)
    door.sign_in("alice", "alice's password")
    door.client.post("/logout")
    door.sign_in("alice", "alice's password")
    assert door.callback("edited").get_json()["response"]["edited"]["children"] == "alice changed cost"


def test_a_callback_that_another_site_sends_is_refused_whoever_is_signed_in() -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    assert call_back(door.client, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert call_back(door.client, headers={"Origin": "http://evil.example"}).status_code == 403
    assert call_back(door.client, headers={"Origin": "http://localhost"}).status_code == 200


def test_without_login_everybody_is_an_editor_on_this_machine() -> None:
    client = small_app(OPEN).server.test_client()
    assert call_back(client, "edited").get_json()["response"]["edited"]["children"] == " changed cost"
    assert client.get("/login").status_code in {200, 404}
    assert client.post("/logout").status_code in {404, 405}


def test_a_foreign_name_for_this_machine_sees_nothing_unless_the_dashboard_is_open_to_the_network() -> None:
    closed = small_app(OPEN).server.test_client()
    rebound = {"Host": "evil.example:8060"}
    assert call_back(closed, headers=rebound).status_code == 421
    assert closed.get("/", headers=rebound).status_code == 421
    opened = small_app(OpenAccess(to_network=True)).server.test_client()
    assert call_back(opened, headers=rebound).status_code == 200


def proxied(signing: SigningProxy, sign_out: str | None = None) -> FlaskClient:
    proxy = Proxy(signer=SIGNER, editors=("alice@example.com",))
    keys = LoadBalancerKeys("https://keys.example/", signing.fetch, Clock())
    access = ProxyAccess(header=SignedHeader(proxy, keys, Clock()), sign_out=sign_out)
    client: FlaskClient = small_app(access).server.test_client()
    return client


def test_behind_a_proxy_people_are_who_it_says_and_nobody_else() -> None:
    signing = SigningProxy()
    client = proxied(signing)
    alice = {"X-Amzn-Oidc-Data": signing.header({"email": "alice@example.com"})}
    bob = {"X-Amzn-Oidc-Data": signing.header({"email": "bob@example.com"})}
    assert call_back(client, "edited", headers=alice).status_code == 200
    assert call_back(client, headers=bob).get_json()["response"]["out"]["children"] == (
        "bob@example.com sees cost"
    )
    assert call_back(client, "edited", headers=bob).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Amzn-Oidc-Identity": "alice@example.com"},
        {"X-Forwarded-User": "alice@example.com"},
        {"Remote-User": "alice@example.com"},
        {"X-Amzn-Oidc-Data": "alice@example.com"},
        {"X_Amzn_Oidc_Data": "alice@example.com"},
    ],
)
def test_a_name_that_nobody_signed_is_believed_in_no_header(headers: dict[str, str]) -> None:
    client = proxied(SigningProxy())
    assert call_back(client, headers=headers).status_code == 204
    page = client.get("/", headers={"Accept": "text/html", **headers})
    assert page.status_code == 401
    assert "You are not signed in" in page.get_data(as_text=True)
    assert page.headers["X-Sign-In"] == "/"


def test_keys_that_cannot_be_had_are_no_reason_to_let_anybody_in() -> None:
    signing = SigningProxy(down=True)
    header = {"X-Amzn-Oidc-Data": signing.header({"email": "alice@example.com"})}
    answer = call_back(proxied(signing), headers=header)
    assert answer.status_code == 503
    assert "cannot be checked just now" in answer.get_data(as_text=True)


def test_signing_out_behind_a_load_balancer_ends_its_session_too() -> None:
    client = proxied(SigningProxy(), "https://idp.example/logout?a=1&b=2")
    client.set_cookie("AWSELBAuthSessionCookie-0", "x")
    client.set_cookie("AWSELBAuthSessionCookie-1", "y")
    answer = client.post("/logout")
    assert 'href="https://idp.example/logout?a=1&amp;b=2"' in answer.get_data(as_text=True)
    ended = [cookie for cookie in answer.headers.getlist("Set-Cookie") if "AWSELBAuthSessionCookie" in cookie]
    assert len(ended) == 2
    assert all("Max-Age=0" in cookie and "Path=/" in cookie for cookie in ended)
    assert "close the browser" in proxied(SigningProxy()).post("/logout").get_data(as_text=True)
