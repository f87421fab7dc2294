"""The outputs of a Pulumi stack, asked of the Pulumi command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

from bedrock_analytics.domain.errors import ConfigurationError

TIMEOUT_SECONDS: Final = 120


def stack_outputs(stack: str) -> Mapping[str, object]:
    """Outputs of the stack by name.

    ConfigurationError where Pulumi is not installed, or does not know the stack; it says what to do.
    """
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise ConfigurationError(
            "--stack needs the Pulumi command line, which is not installed: install it, or give "
            "--usage-table, --price-table and --workgroup instead"
        )
    command = [pulumi, "stack", "output", "--json", "--non-interactive", "--stack", stack]
    try:
        answer = subprocess.run(  # noqa: S603 - the stack's name is one argument, not shell text
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(f"pulumi did not answer within {TIMEOUT_SECONDS} seconds") from error
    if answer.returncode:
        reason = (answer.stderr.strip() or "no reason given").splitlines()[-1]
        raise ConfigurationError(f"pulumi cannot read the outputs of stack {stack}: {reason}")
    return _parsed(answer.stdout, stack)


def _parsed(text: str, stack: str) -> Mapping[str, object]:
    try:
        outputs = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"the outputs of stack {stack} are no JSON: {error}") from error
    if not isinstance(outputs, dict) or not outputs:
        raise ConfigurationError(f"stack {stack} has no outputs: deploy it first with `pulumi up`")
    return outputs
