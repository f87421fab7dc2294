"""Signing in and out, as a browser does it, and as nobody should."""

from __future__ import annotations

from typing import Any

import pytest

from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.storage.item_table import Key, Value
from dashboard.config import Role
from tests.fakes.memory_table import MemoryTable
from tests.unit.dashboard.auth.doors import ALICE, BOB, Door, cheap_hash, small_app


def test_a_person_without_a_session_is_led_to_the_form_and_back_to_what_was_asked() -> None:
    door = Door()
    first = door.client.get("/?range=7d&model=a%2Fb", headers={"Accept": "text/html"})
    assert first.status_code == 303
    assert first.location == "/login?next=%2F%3Frange%3D7d%26model%3Da%252Fb"
    page = door.client.get(first.location).get_data(as_text=True)
    assert 'value="/?range=7d&amp;model=a%2Fb"' in page
    answer = door.sign_in("alice", "alice's password", wish="/?range=7d")
    assert (answer.status_code, answer.location) == (303, "/?range=7d")
    assert door.client.get("/", headers={"Accept": "text/html"}).status_code == 200
    assert door.client.get("/login?next=/cost").location == "/cost"


def test_name_or_password_is_wrong_without_saying_which() -> None:
    door = Door()
    wrong, unknown = door.sign_in("alice", "no"), door.sign_in("nobody", "no")
    assert wrong.status_code == unknown.status_code == 401
    for answer in (wrong, unknown):
        assert "Name or password is wrong." in answer.get_data(as_text=True)
        assert 'role="alert"' in answer.get_data(as_text=True)
    assert door.callback().status_code == 204


def test_a_session_belongs_to_scripts_and_other_sites_not_at_all() -> None:
    door = Door()
    plain = door.sign_in("alice", "alice's password").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Path=/" in plain
    assert "Secure" not in plain
    secure = door.client.get("/login", base_url="https://dash.example").headers["Set-Cookie"]
    assert "Secure" in secure


def test_a_session_ends_hours_after_the_sign_in_even_while_it_is_used() -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    door.clock.turn(hours=11, minutes=59)
    assert door.callback().status_code == 200
    door.clock.turn(minutes=1)
    assert door.callback().status_code == 204


def test_signing_out_ends_the_session_and_is_nothing_that_a_link_can_do() -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    door.client.get("/logout")
    assert door.callback().status_code == 200
    assert door.client.post("/logout").location == "/login"
    assert door.callback().status_code == 204


@pytest.mark.parametrize(
    "users",
    [
        (BOB,),
        (ALICE.model_copy(update={"password_hash": cheap_hash("another")}), BOB),
        (ALICE.model_copy(update={"role": Role.VIEWER}), BOB),
    ],
)
def test_a_user_who_was_changed_or_removed_has_no_session_any_more(users: Any) -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    assert door.restarted((ALICE, BOB)).callback().status_code == 200
    assert door.restarted(users).callback().status_code == 204


def test_another_secret_ends_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    monkeypatch.setattr("tests.unit.dashboard.auth.doors.SECRET", "another-secret-with-at-least-32-letters")
    assert door.restarted((ALICE, BOB)).callback().status_code == 204


def test_a_cookie_that_was_tampered_with_is_no_session() -> None:
    door = Door()
    door.sign_in("bob", "bob's password")
    cookie = door.client.get_cookie("bedrock_analytics")
    assert cookie is not None
    for value in (cookie.value[:-2] + "xx", cookie.value.swapcase(), "", "{}", "e30.a.b", "\x00"):
        door.client.set_cookie("bedrock_analytics", value)
        assert door.callback().status_code == 204


@pytest.mark.parametrize(
    "held",
    [
        {"who": 1, "since": 1, "key": "k"},
        {"who": "alice", "since": "1", "key": "k"},
        {"who": "alice", "since": 1},
        {"who": "alice", "since": 99999999999, "key": "ü"},
    ],
)
def test_a_signed_session_of_another_shape_is_nobodys(held: dict[str, Any]) -> None:
    door = Door()
    with door.client.session_transaction() as session:
        session.update(held)
    assert door.callback().status_code == 204


@pytest.mark.parametrize("token", [None, "", "guessed", "ü"])
def test_a_form_without_its_token_is_refused_and_costs_no_attempt(token: str | None) -> None:
    door = Door()
    door.form()
    data = {"name": "alice", "password": "alice's password"} | ({} if token is None else {"token": token})
    answer = door.client.post("/login", data=data)
    assert answer.status_code == 400
    assert "open too long" in answer.get_data(as_text=True)
    assert door.table.items == {}


def test_another_site_cannot_sign_anybody_in_or_out() -> None:
    door = Door()
    data = {**door.form(), "name": "bob", "password": "bob's password"}
    for path in ("/login", "/logout"):
        answer = door.client.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


@pytest.mark.parametrize("wish", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_away_after_signing_in(wish: str) -> None:
    door = Door()
    assert door.sign_in("alice", "alice's password", wish=wish).location == "/"
    assert door.client.get("/login", query_string={"next": wish}).location == "/"


def test_after_five_wrong_passwords_the_right_one_must_wait_too() -> None:
    door = Door()
    for _ in range(5):
        assert door.sign_in("alice", "wrong").status_code == 401
    answer = door.sign_in("alice", "alice's password")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert "Too many attempts. Try again in 1 second." in answer.get_data(as_text=True)
    door.clock.turn(seconds=1)
    assert door.sign_in("alice", "alice's password").status_code == 303


def test_long_waits_are_told_in_minutes() -> None:
    door = Door()
    for _ in range(14):
        door.clock.turn(minutes=5)
        assert door.sign_in("alice", "wrong").status_code == 401
    assert "Try again in 5 minutes." in door.sign_in("alice", "wrong").get_data(as_text=True)


class SilentTable(MemoryTable):
    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        raise TableUnavailable("switched off by the test")


def test_nobody_signs_in_while_attempts_cannot_be_counted() -> None:
    answer = Door(table=SilentTable()).sign_in("alice", "alice's password")
    assert answer.status_code == 503
    assert "Nobody can sign in for the moment" in answer.get_data(as_text=True)


def test_a_flood_of_sign_ins_leaves_threads_for_the_pages_and_counts_against_nobody() -> None:
    access = Door().access()
    door = Door()
    door.app = small_app(access)
    door.client = door.app.server.test_client()
    with access.book.admitted(), access.book.admitted(), access.book.admitted():
        answer = door.sign_in("alice", "alice's password")
    assert answer.status_code == 503
    assert "Too many people sign in at this moment." in answer.get_data(as_text=True)
    assert door.sign_in("alice", "alice's password").status_code == 303


def test_what_was_typed_is_shown_as_text() -> None:
    page = Door().sign_in('"><script>alert(1)</script>', "x").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_password_is_never_sent_back_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    page = door.sign_in("alice", "hunter2-hunter2").get_data(as_text=True)
    assert "hunter2" not in page + caplog.text
    assert "alice" not in caplog.text


def test_a_form_that_is_too_large_is_refused() -> None:
    door = Door()
    answer = door.client.post("/login", data={**door.form(), "name": "a", "password": "x" * 20_000})
    assert answer.status_code == 413


def test_the_page_needs_no_other_host_and_no_script_but_the_themes() -> None:
    page = Door().client.get("/login").get_data(as_text=True)
    assert page.count("<script") == 1
    assert 'src="/assets/theme_boot.js' in page
    assert "http" not in page
    assert " style=" not in page
    assert '<html lang="en">' in page


def test_everything_lies_under_the_base_path() -> None:
    door = Door(base_path="/usage/")
    first = door.client.get("/usage/", headers={"Accept": "text/html"})
    assert first.location == "/usage/login?next=%2Fusage%2F"
    answer = door.sign_in("alice", "alice's password", wish="/usage/?range=7d")
    assert answer.location == "/usage/?range=7d"
    assert "Path=/usage/" in answer.headers["Set-Cookie"]
    assert door.callback().status_code == 200


def test_a_session_begins_anew_with_each_sign_in() -> None:
    door = Door()
    door.sign_in("alice", "alice's password")
    door.clock.turn(hours=11)
    door.client.post("/logout")
    door.sign_in("alice", "alice's password")
    door.clock.turn(hours=11)
    assert door.callback().get_json()["response"]["out"]["children"] == "alice sees cost"
