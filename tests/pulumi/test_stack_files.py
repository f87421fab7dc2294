"""The committed stack files, merged as the Pulumi command line does, are right and belong together."""

from __future__ import annotations

import json
import tomllib

import pytest

from components.setting_list import SETTINGS
from components.settings import HubSettings, SpokeSettings, parse, project_config
from tests.pulumi.stack_files import ROOT, merged, project, stack_config

STACKS = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))


def parsed(stack: str) -> HubSettings | SpokeSettings:
    return parse(project_config(stack_config(stack)))


def test_a_hub_and_a_spoke_are_committed() -> None:
    assert STACKS == ["hub", "spoke-lab"]
    assert isinstance(parsed("hub"), HubSettings)
    assert isinstance(parsed("spoke-lab"), SpokeSettings)


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_leaks_to_credentials_other_than_the_stacks(stack: str) -> None:
    assert json.loads(stack_config(stack)["pulumi:disable-default-providers"]) == ["*"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_names_no_real_account(stack: str) -> None:
    examples = {"111122223333", "444455556666"}
    config = stack_config(stack)
    assert {value for key, value in config.items() if key.endswith("ccountId")} <= examples


def test_the_spoke_belongs_to_the_hub() -> None:
    hub, spoke = parsed("hub"), parsed("spoke-lab")
    assert isinstance(spoke, SpokeSettings)
    assert spoke.hub == hub.names


def test_the_project_declares_the_shared_scalars_with_the_defaults_of_the_settings_and_nothing_else() -> None:
    expected = {
        setting.key: {"type": setting.kind.schema, "default": setting.default}
        for setting in SETTINGS
        if setting.declared
    }
    assert project()["config"] == expected
    assert {"namePrefix", "tracing", "logRetentionDays"} <= expected.keys()


@pytest.mark.parametrize("stack", STACKS)
def test_the_projects_defaults_change_nothing(stack: str) -> None:
    alone = {key: value for key, value in stack_config(stack).items() if key in _own(stack)}
    assert parse(project_config(alone)) == parsed(stack)


def _own(stack: str) -> set[str]:
    text = (ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8")
    return {line.strip().rpartition(": ")[0].strip('"') for line in text.splitlines() if ": " in line}


def test_a_stacks_value_beats_the_projects_and_must_be_of_its_type() -> None:
    config = {"bedrock-analytics:tracing": True}
    assert merged(project(), config)["bedrock-analytics:tracing"] == "true"
    with pytest.raises(ValueError, match="'tracing' must be of type boolean"):
        merged(project(), {"bedrock-analytics:tracing": "on"})
    with pytest.raises(ValueError, match="'logRetentionDays' must be of type integer"):
        merged(project(), {"bedrock-analytics:logRetentionDays": "a year"})


def test_the_program_runs_in_the_environment_that_the_project_makes() -> None:
    runtime = project()["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert "-r requirements/deploy.lock" in (ROOT / "requirements.txt").read_text("utf-8").splitlines()


def test_the_project_is_named_as_its_package() -> None:
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    assert project()["name"] == package
