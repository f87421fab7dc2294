"""The Pulumi command line, as the commands of this project run it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bedrock_analytics.domain.errors import ConfigurationError

INSTALL: Final = (
    "the Pulumi command line is not installed: on macOS `brew install pulumi/tap/pulumi`, on Linux "
    "`curl -fsSL https://get.pulumi.com | sh`, else https://www.pulumi.com/docs/install/; then "
    "`pulumi login` (docs/deploy.md)"
)
PROJECT_FILE: Final = Path("Pulumi.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptResource:
    """A resource that a destroyed stack still holds."""

    type: str
    id: str


class Pulumi:
    """Runs Pulumi in this folder; ConfigurationError where it is not installed, or here is no project."""

    def __init__(self) -> None:
        found = shutil.which("pulumi")
        if found is None:
            raise ConfigurationError(INSTALL)
        if not PROJECT_FILE.is_file():
            raise ConfigurationError("here is no Pulumi.yaml: run in the folder of this project")
        self._program = found

    def select(self, stack: str) -> bool:
        """Make the stack in the backend if it is not there; tell whether that went well."""
        return self._run("stack", "select", "--create", "--stack", stack)

    def preview(self, stack: str) -> bool:
        """Show what `up` would do."""
        return self._run("preview", "--stack", stack, "--diff")

    def up(self, stack: str, *, yes: bool) -> bool:
        """Deploy the stack, after asking."""
        return self._run("up", "--stack", stack, *_confirmed(yes))

    def destroy(self, stack: str, *, yes: bool) -> bool:
        """Remove what is not protected, after asking."""
        return self._run("destroy", "--stack", stack, "--exclude-protected", *_confirmed(yes))

    def kept(self, stack: str) -> list[KeptResource]:
        """What the stack still holds in AWS."""
        answer = subprocess.run(  # noqa: S603 - the stack's name is one argument, not shell text
            [self._program, "stack", "export", "--stack", stack], capture_output=True, text=True, check=False
        )
        if answer.returncode:
            reason = (answer.stderr.strip() or "no reason given").splitlines()[-1]
            raise ConfigurationError(f"pulumi cannot export stack {stack}: {reason}")
        return _kept(json.loads(answer.stdout))

    def _run(self, *arguments: str) -> bool:
        """Run Pulumi at this terminal, in whose words it asks and answers."""
        return subprocess.run([self._program, *arguments], check=False).returncode == 0  # noqa: S603


def _confirmed(yes: bool) -> Sequence[str]:
    return ("--yes",) if yes else ()


def _kept(state: Any) -> list[KeptResource]:
    resources = (state.get("deployment") or {}).get("resources") or []
    return [
        KeptResource(type=str(one["type"]), id=str(one["id"]))
        for one in resources
        if one.get("custom") and one.get("id") and not str(one["type"]).startswith("pulumi:")
    ]
