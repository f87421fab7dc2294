"""`hash-password`: a hash that the login accepts, and nothing else on standard output."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from werkzeug.security import check_password_hash

from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.cli.main import main
from dashboard.config import parse_config


@pytest.mark.parametrize("arguments", [["hash-password", "--stdin"], ["hash-password"]])
def test_the_hash_of_standard_input_is_printed(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments, input="correct horse\n")
    assert result.exit_code == 0
    told = result.stdout.strip()
    assert check_password_hash(told, "correct horse")
    parse_config(f"login:\n  users:\n    - {{name: a, password_hash: '{told}'}}\n")


@pytest.mark.parametrize(
    ("password", "message"),
    [("short", "has 5 characters and needs 12"), ("", "needs 12"), ("x" * 1025, "at most 1,024")],
)
def test_a_password_that_is_too_short_or_too_long_is_refused_and_not_repeated(
    password: str, message: str
) -> None:
    result = CliRunner().invoke(main, ["hash-password", "--stdin"], input=password)
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert message in result.stderr
    assert not password or password not in result.output
