"""Stack files (`Pulumi.<stack>.yaml`): read as settings, and changed as text, so that comments survive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from bedrock_analytics.domain.errors import ConfigurationError
from components.settings import (
    PROJECT,
    HubSettings,
    SpokeSettings,
    parse,
    project_config,
)

SPOKES_KEY: Final = f"{PROJECT}:spokes"
_STACK: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


class StackFiles:
    """The stack files of a folder."""

    def __init__(self, folder: Path = Path()) -> None:
        self._folder = folder

    def path(self, stack: str) -> Path:
        """Where the file of a stack is."""
        if not _STACK.fullmatch(stack):
            raise ConfigurationError(f"{stack!r} is no name of a stack: use letters, digits and ._-")
        return self._folder / f"Pulumi.{stack}.yaml"

    def stacks(self) -> list[str]:
        """Names of the stacks that have a file, in order."""
        found = (path.name.removeprefix("Pulumi.") for path in self._folder.glob("Pulumi.*.yaml"))
        return sorted(name.removesuffix(".yaml") for name in found)

    def settings(self, stack: str) -> HubSettings | SpokeSettings:
        """The stack's settings; ConfigurationError where the file is missing or wrong."""
        config = config_of(self._text(stack), self.path(stack))
        try:
            return parse(project_config(config))
        except ConfigurationError as error:
            raise ConfigurationError(f"{self.path(stack)}: {error}") from error

    def hub(self, stack: str) -> HubSettings:
        """The settings of a stack that is a hub."""
        found = self.settings(stack)
        if not isinstance(found, HubSettings):
            raise ConfigurationError(f"{self.path(stack)} is a spoke's; name the hub's stack")
        return found

    def config(self, stack: str) -> dict[str, object]:
        """The project's own keys in the stack's file, as they stand there."""
        return project_config(config_of(self._text(stack), self.path(stack)))

    def with_spoke(self, stack: str, entry: Mapping[str, str]) -> str:
        """The text of a hub's file with one more spoke; ConfigurationError where it must be added by hand."""
        text = self._text(stack)
        changed = _added(text, entry)
        before = config_of(text, self.path(stack))
        spokes = before.get(SPOKES_KEY) or []
        wanted = {**before, SPOKES_KEY: [*spokes, dict(entry)]} if isinstance(spokes, list) else {}
        if not _says(changed, wanted):
            raise ConfigurationError(
                f"{self.path(stack)}: {SPOKES_KEY} is written in a way that cannot be added to; "
                f"add this entry by hand: {dict(entry)}"
            )
        return changed

    def _text(self, stack: str) -> str:
        path = self.path(stack)
        try:
            return path.read_text("utf-8")
        except FileNotFoundError as error:
            known = ", ".join(self.stacks()) or "none"
            raise ConfigurationError(
                f"there is no {path} (stacks here: {known}): run in the folder with the stack files, or make "
                "one, see docs/deploy.md"
            ) from error


def config_of(text: str, path: Path) -> dict[str, Any]:
    """The `config` of a stack file."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ConfigurationError(f"{path} has no `config:`")
    return config


def _says(text: str, config: Mapping[str, object]) -> bool:
    """Whether a stack file's text means this configuration."""
    try:
        return config_of(text, Path()) == config
    except ConfigurationError:
        return False


def stack_text(config: Mapping[str, object], about: Sequence[str]) -> str:
    """A new stack file with these keys of the project's, under some lines of comment."""
    lines = [
        *(f"# {line}" for line in about),
        "# docs/configuration.md lists every key.",
        "config:",
        '  pulumi:disable-default-providers: ["*"]',
        *(f"  {PROJECT}:{key}: {_scalar(value)}" for key, value in config.items()),
    ]
    return "\n".join(lines) + "\n"


def _scalar(value: object) -> str:
    """A value in YAML: text in quotes where it would read as something else."""
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", value) and yaml.safe_load(value) == value
        return value if plain else f'"{value}"'
    return str(yaml.safe_dump(value, default_flow_style=True, width=10_000)).removesuffix("...\n").strip()


def _added(text: str, entry: Mapping[str, str]) -> str:
    """The text with an entry after the last spoke, or with a list of its own at the end of `config`."""
    lines = text.splitlines()
    at = next((n for n, line in enumerate(lines) if re.match(rf"\s+{SPOKES_KEY}:", line)), None)
    if at is None:
        end = _end_of_config(lines)
        return "\n".join([*lines[:end], f"  {SPOKES_KEY}:", *_entry(entry, "    "), *lines[end:]]) + "\n"
    key_indent = len(lines[at]) - len(lines[at].lstrip())
    end = _end_of_block(lines, at, key_indent)
    first = next((line for line in lines[at + 1 : end] if line.lstrip().startswith("- ")), None)
    indent = " " * (key_indent + 2 if first is None else len(first) - len(first.lstrip()))
    head = re.sub(r":\s*\[\s*\]", ":", lines[at])
    return "\n".join([*lines[:at], head, *lines[at + 1 : end], *_entry(entry, indent), *lines[end:]]) + "\n"


def _end_of_block(lines: list[str], at: int, key_indent: int) -> int:
    """Index after the last line that belongs to a key's list; comments and blank lines after it do not."""
    end = at + 1
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        if indent < key_indent or (indent == key_indent and not line.lstrip().startswith("- ")):
            break
        end = number + 1
    return end


def _end_of_config(lines: list[str]) -> int:
    start = next((n for n, line in enumerate(lines) if re.match(r"config:\s*(#.*)?$", line)), None)
    return len(lines) if start is None else _end_of_block(lines, start, 1)


def _entry(entry: Mapping[str, str], indent: str) -> list[str]:
    lines = [f"{key}: {_scalar(value)}" for key, value in entry.items()]
    return [f"{indent}{'  ' if number else '- '}{line}" for number, line in enumerate(lines)]
