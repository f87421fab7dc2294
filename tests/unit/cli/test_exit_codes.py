"""Errors become one line on standard error and a documented exit code."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from bedrock_analytics.cli.exit_codes import CommandGroup, ExitCode, Failure
from bedrock_analytics.domain import errors


def run_raising(error: BaseException) -> tuple[int, str]:
    @click.group(cls=CommandGroup)
    def group() -> None:
        pass

    @group.command()
    def work() -> None:
        raise error

    result = CliRunner().invoke(group, ["work"])
    assert result.stdout == ""
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BedrockAnalyticsError("m"), ExitCode.FAILED),
        (errors.PageError("m"), ExitCode.FAILED),
        (errors.LakeError("m"), ExitCode.FAILED),
        (errors.ConfigurationError("m"), ExitCode.WRONG_USAGE),
        (errors.QueryRefused("m"), ExitCode.WRONG_USAGE),
        (errors.DataDirectoryError("m"), ExitCode.FAILED),
        (errors.DataDirectoryBusy("m"), ExitCode.BUSY),
        (errors.LeaseHeld("m"), ExitCode.TRY_AGAIN),
        (errors.LakeUnavailable("m"), ExitCode.TRY_AGAIN),
        (errors.TableUnavailable("m"), ExitCode.TRY_AGAIN),
        (Failure("m", ExitCode.BUSY), ExitCode.BUSY),
    ],
)
def test_each_kind_of_error_has_its_code(error: errors.BedrockAnalyticsError, code: ExitCode) -> None:
    assert run_raising(error) == (code, "Error: m\n")


def test_a_message_of_several_lines_becomes_one() -> None:
    assert run_raising(errors.LakeError("first\n  second")) == (1, "Error: first second\n")


def test_ctrl_c_ends_without_a_traceback() -> None:
    assert run_raising(KeyboardInterrupt()) == (130, "Stopped.\n")


def test_wrong_options_have_clicks_code() -> None:
    @click.group(cls=CommandGroup)
    def group() -> None:
        pass

    assert CliRunner().invoke(group, ["--nonsense"]).exit_code == ExitCode.WRONG_USAGE
