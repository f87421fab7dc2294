"""What a command's exit code says, and how an error of this project becomes one line and a code."""

from __future__ import annotations

import signal
from enum import IntEnum
from typing import Any

import click

from bedrock_analytics.domain.errors import (
    BedrockAnalyticsError,
    ConfigurationError,
    DataDirectoryBusy,
    LakeUnavailable,
    LeaseHeld,
    PriceRefused,
    QueryRefused,
    TableUnavailable,
)


class ExitCode(IntEnum):
    """Exit codes of every command; `docs/cli.md` explains them to people."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    """An option, an argument, a setting or a query is wrong; the same command will fail again."""
    BUSY = 3
    """Another process writes the data directory, or listens on the port."""
    TRY_AGAIN = 4
    """Something cannot answer for the moment; the same command may succeed later."""
    STOPPED = 128 + signal.SIGINT
    """Stopped by Ctrl-C."""


_CODES: dict[type[BedrockAnalyticsError], ExitCode] = {
    ConfigurationError: ExitCode.WRONG_USAGE,
    QueryRefused: ExitCode.WRONG_USAGE,
    PriceRefused: ExitCode.WRONG_USAGE,
    DataDirectoryBusy: ExitCode.BUSY,
    LeaseHeld: ExitCode.TRY_AGAIN,
    LakeUnavailable: ExitCode.TRY_AGAIN,
    TableUnavailable: ExitCode.TRY_AGAIN,
}


class Failure(BedrockAnalyticsError):
    """A command failed for a reason that has an exit code of its own."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def exit_code(error: BedrockAnalyticsError) -> ExitCode:
    """The code of the error's nearest listed kind."""
    if isinstance(error, Failure):
        return error.code
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), ExitCode.FAILED)


class CommandGroup(click.Group):
    """A group whose commands may raise this project's errors."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors and Ctrl-C end it with one line and their exit code."""
        try:
            return super().invoke(ctx)
        except BedrockAnalyticsError as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(ExitCode.STOPPED)
