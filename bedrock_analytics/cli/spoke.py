"""`spoke add`: another account or Region for a hub, in its stack files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.cli.stack_files import StackFiles
    from components.settings import HubSettings

_SHARED = ("namePrefix", "spokeTrust", "callerDetail", "logModalities", "tags")
"""What a spoke takes over from its hub's file, where the hub says it."""


@click.group()
def spoke() -> None:
    """Spokes of a hub: other accounts and Regions."""


@spoke.command("add", short_help="Write the stack file of a new spoke, and the hub's entry.")
@click.argument("name")
@click.option("--account", "account_id", required=True, help="The spoke's AWS account id.")
@click.option("--region", required=True, help="The spoke's Region.")
@click.option("--external-id", help="What the spoke says to be let in; a random one if not given.")
@click.option("--profile", help="AWS profile that deploys the spoke.")
@click.option("--hub-stack", default="hub", show_default=True, help="The hub's stack.")
def add(
    name: str, account_id: str, region: str, external_id: str | None, profile: str | None, hub_stack: str
) -> None:
    """Write Pulumi.spoke-NAME.yaml, and the hub's entry into its own stack file.

    Both are checked before either is written. The files hold an external id, which is no secret: it lets
    nobody in who is not the spoke's own role.
    """
    from bedrock_analytics.cli.stack_files import StackFiles

    files = StackFiles()
    new = NewSpoke(name=name, account_id=account_id, region=region, external_id=external_id, profile=profile)
    written = add_spoke(files, hub_stack, new)
    click.echo(f"Wrote {written[0]}\nWrote {written[1]}")
    if "pseudonymKey" in files.config(hub_stack):
        click.echo(
            "Give the spoke the hub's key of pseudonyms: "
            f"pulumi config set --secret pseudonymKey --stack {new.stack}"
        )
    click.echo(f"Next: make up STACK={hub_stack} && make up STACK={new.stack}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSpoke:
    """A spoke to be added."""

    name: str
    account_id: str
    region: str
    external_id: str | None = None
    profile: str | None = None

    @property
    def stack(self) -> str:
        """Name of its stack."""
        return f"spoke-{self.name}"


def add_spoke(files: StackFiles, hub_stack: str, spoke: NewSpoke) -> tuple[Path, Path]:
    """Write both files and return their paths; ConfigurationError, and no file, where one would be wrong."""
    from bedrock_analytics.cli.stack_files import config_of, stack_text
    from components.settings import parse, project_config

    hub, path = files.hub(hub_stack), files.path(spoke.stack)
    if path.exists():
        raise ConfigurationError(f"{path} is there already: choose another name, or delete it first")
    external = spoke.external_id or hub.external_id or secrets.token_urlsafe(24)
    entry = {"name": spoke.name, "accountId": spoke.account_id, "region": spoke.region}
    if hub.external_id is None:
        entry["externalId"] = external
    hub_text = files.with_spoke(hub_stack, entry)
    parse(project_config(config_of(hub_text, files.path(hub_stack))))
    config = _spoke_config(hub, files.config(hub_stack), spoke, external)
    parse(config | _secrets(files.config(hub_stack)))
    about = [f"A spoke of {hub_stack}, written by `bedrock-analytics spoke add`."]
    path.write_text(stack_text(config, about), "utf-8")
    files.path(hub_stack).write_text(hub_text, "utf-8")
    return path, files.path(hub_stack)


def _spoke_config(
    hub: HubSettings, hub_config: Mapping[str, object], spoke: NewSpoke, external_id: str
) -> dict[str, object]:
    """The keys of a spoke's file; what hub and spoke must share is taken over."""
    config: dict[str, object] = {"role": "spoke", "accountId": spoke.account_id, "region": spoke.region}
    if spoke.profile:
        config["awsProfile"] = spoke.profile
    config |= {
        "spokeName": spoke.name,
        "externalId": external_id,
        "hubAccountId": hub.target.account_id,
        "hubRegion": hub.target.region,
    }
    return config | {key: hub_config[key] for key in _SHARED if key in hub_config}


def _secrets(hub_config: Mapping[str, object]) -> dict[str, object]:
    """The secret that the spoke's file gets later, so that the rest can be checked now."""
    return {"pseudonymKey": {"secure": "later"}} if "pseudonymKey" in hub_config else {}
