"""The session secret: given or made once, however many processes look for it at the same moment."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.auth.secret import MIN_LENGTH, checked_secret, new_secret, secret_made_once, secret_of_file


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    first = secret_made_once(path)
    assert len(first) >= MIN_LENGTH
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret_made_once(path) == first
    assert [each.name for each in tmp_path.iterdir()] == ["session.key"]


def test_processes_that_find_none_at_the_same_moment_agree_on_one(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(secret_made_once, [path] * 32, chunksize=1)
    assert len(set(found)) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["session.key"]


def test_who_comes_second_uses_the_first_ones_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "session.key"
    first = secret_made_once(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert secret_made_once(path) == first


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session.key"
    secret_made_once(path)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others may read the session secret"):
        secret_made_once(path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be made: No such file"):
        secret_made_once(tmp_path / "missing" / "session.key")


def test_a_given_secret_loses_its_line_end_and_must_be_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_text("x" * MIN_LENGTH + "\n")
    assert secret_of_file(path) == "x" * MIN_LENGTH
    path.write_text("hunter2")
    with pytest.raises(ConfigurationError, match=r"has 7 characters and needs 32") as raised:
        secret_of_file(path)
    assert "hunter2" not in str(raised.value)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        secret_of_file(tmp_path / "missing")


def test_no_two_secrets_are_alike() -> None:
    assert new_secret() != new_secret()
    assert checked_secret(new_secret(), "the test")
