"""Passwords: their hashes, and that a check tells nothing about who exists."""

from __future__ import annotations

import pytest

from dashboard.auth import passwords
from dashboard.auth.passwords import PasswordBook, hash_password
from dashboard.config import User, parse_config
from tests.unit.dashboard.auth.doors import ALICE, BOB, SECRET, cheap_hash


def book(*users: User) -> PasswordBook:
    return PasswordBook(users or (ALICE, BOB), SECRET)


def test_a_hash_is_one_that_the_configuration_accepts_and_another_one_each_time() -> None:
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first != second
    config = parse_config(f"login:\n  users:\n    - name: a\n      password_hash: '{first}'\n")
    assert PasswordBook(config.login.users, SECRET).checked("a", "correct horse battery") is not None


def test_a_user_is_known_by_name_and_password_together() -> None:
    assert book().checked("alice", "alice's password") == ALICE
    assert book().checked("alice", "bob's password") is None
    assert book().checked("Alice", "alice's password") is None
    assert book().checked("alice", "") is None


def test_a_name_that_nobody_has_is_checked_as_long_and_refused_even_with_somebodys_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []

    def noted(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return True

    monkeypatch.setattr(passwords, "check_password_hash", noted)
    assert book().checked("nobody", "alice's password") is None
    assert book().checked("nobody", "another") is None
    assert len(checked) == 2
    assert checked[0] == checked[1], "the same name always costs the same"
    assert checked[0] in {ALICE.password_hash, BOB.password_hash}


def test_a_password_without_end_is_refused_without_hashing_all_of_it() -> None:
    long = "x" * passwords.MAX_PASSWORD_LENGTH
    user = User(name="long", password_hash=cheap_hash(long))
    assert book(user).checked("long", long) == user
    assert book(user).checked("long", long + "x") is None
