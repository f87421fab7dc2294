"""`docs/cli.md` explains every command and every option, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bedrock_analytics.cli import deployment_options
from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.cli.main import main

TEXT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\S[^\n]*)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
DEPLOYMENT = SECTIONS["Which deployment"]
VISIBLE = {name: command for name, command in main.commands.items() if not command.hidden}


def options(command: click.Command) -> set[str]:
    """The long names of a command's options; of a group, those of its commands."""
    if isinstance(command, click.Group):
        return {name for part in command.commands.values() for name in options(part)}
    return {
        name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in parameter.opts
        if name.startswith("--")
    }


def documented(section: str) -> set[str]:
    return set(re.findall(r"`(--[a-z0-9-]+)", section))


@pytest.mark.parametrize("name", sorted(VISIBLE))
def test_every_option_of_a_command_is_explained_in_its_section(name: str) -> None:
    command = VISIBLE[name]
    general = documented(DEPLOYMENT) | {"--host", "--port", "--config"}
    missing = options(command) - documented(SECTIONS[name])
    if "(#which-deployment)" in SECTIONS[name]:
        missing -= general
    assert missing == set()


@pytest.mark.parametrize("name", sorted(VISIBLE))
def test_no_section_explains_an_option_that_does_not_exist(name: str) -> None:
    rows = "\n".join(line for line in SECTIONS[name].splitlines() if line.startswith("| `"))
    first_cells = "\n".join(row.split("|")[1] for row in rows.splitlines())

    assert documented(first_cells) <= options(VISIBLE[name])


def test_every_section_about_a_command_is_about_one_that_exists() -> None:
    assert set(SECTIONS) - set(VISIBLE) == {"Exit codes", "Which deployment"}
    assert set(VISIBLE) <= set(SECTIONS)


def test_every_environment_variable_is_explained() -> None:
    names = {value for name, value in vars(deployment_options).items() if name.endswith("_VARIABLE")}

    assert names == set(re.findall(r"BEDROCK_ANALYTICS_[A-Z_]+", DEPLOYMENT))


def test_every_exit_code_is_explained() -> None:
    codes = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", SECTIONS["Exit codes"], re.MULTILINE)}

    assert codes == set(ExitCode)


@pytest.mark.parametrize("name", ["", *sorted(VISIBLE)])
def test_help_is_printed(name: str) -> None:
    result = CliRunner().invoke(main, [*name.split(), "--help"])

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


def test_the_version_is_printed() -> None:
    result = CliRunner().invoke(main, ["--version"])

    assert result.exit_code == 0
    assert result.stdout.startswith("bedrock-analytics ")
