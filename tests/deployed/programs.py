"""The project's own program, run for the committed stacks: a hub, and its spoke in another account."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from runpy import run_path
from typing import Final

import pulumi

from components.naming import FunctionName
from components.settings import PROJECT, HubSettings, SpokeSettings, parse, project_config
from tests.pulumi.engine import Deployed, deploy
from tests.pulumi.stack_files import ROOT, stack_config

HUB_STACK: Final = "hub"
SPOKE_STACK: Final = "spoke-lab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a stack declares, and where."""

    settings: HubSettings | SpokeSettings
    deployed: Deployed

    @property
    def account(self) -> str:
        return self.settings.target.account_id

    @property
    def region(self) -> str:
        return self.settings.target.region


def committed_stacks(
    hub: Mapping[str, str] | None = None, spoke: Mapping[str, str] | None = None
) -> tuple[Program, Program]:
    """Hub and spoke as committed, with an external id that both know and further settings of each."""
    external_id = {"externalId": secrets.token_hex(16)}
    of_spoke = {**stack_config(SPOKE_STACK), **_full({**external_id, **(spoke or {})})}
    known = {name: of_spoke[f"{PROJECT}:{name}"] for name in ("accountId", "region", "externalId")}
    entry = {"name": of_spoke[f"{PROJECT}:spokeName"], **known}
    of_hub = {**stack_config(HUB_STACK), **_full({"spokes": json.dumps([entry]), **(hub or {})})}
    return run(of_hub), run(of_spoke)


def run(config: Mapping[str, str]) -> Program:
    """Run the program with a stack's configuration."""
    settings = parse(project_config(config))
    declare = run_path(str(ROOT / "__main__.py"), run_name="program")["declare"]
    nothing = pulumi.AssetArchive({"nothing.py": pulumi.StringAsset("")})
    code = dict.fromkeys(FunctionName, nothing)

    def program() -> None:
        for name, value in declare(settings, code).items():
            pulumi.export(name, value)

    place = (settings.target.account_id, settings.target.region)
    return Program(settings=settings, deployed=deploy(program, config=config, place=place))


def _full(config: Mapping[str, str]) -> dict[str, str]:
    return {f"{PROJECT}:{name}": value for name, value in config.items()}
