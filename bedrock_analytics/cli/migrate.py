"""`migrate`: the lake gets the columns that this version brings, before the functions change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import resolved_names
from bedrock_analytics.cli.deployment_options import DeploymentChoice, EmbeddedChoice, deployment_options
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.storage.lake_migration import LakeMigration


@click.command(short_help="Add the columns that this version brings to the lake.")
@click.option("--plan", is_flag=True, help="Only say what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@deployment_options
def migrate(plan: bool, as_json: bool, choice: DeploymentChoice) -> None:
    """Add the columns that the hub's lake lacks, and confirm them, so that they are sent from then on.

    `make up STACK=hub` does it by itself before the functions change. Doing it again changes nothing.
    """
    if isinstance(choice, EmbeddedChoice):
        raise ConfigurationError("migrate is for a hub on AWS: give --profile and --region, or --stack")
    from bedrock_analytics.cli.aws_deployment import AwsDeployment

    migration = AwsDeployment(resolved_names(choice)).migration()
    if plan:
        missing = [column.name for column in migration.missing()]
        click.echo(json.dumps({"missing": missing}) if as_json else _plan_text(missing))
        return
    click.echo(done_text(migration, as_json=as_json))


def done_text(migration: LakeMigration, *, as_json: bool = False) -> str:
    """Migrate, and say what was done."""
    done = migration.run()
    if as_json:
        return json.dumps({"present": list(done.present), "added": list(done.added)})
    if not done.added:
        return f"The lake has all {len(done.present)} columns; nothing was added."
    return f"Added to the lake: {', '.join(done.added)}."


def _plan_text(missing: list[str]) -> str:
    if not missing:
        return "The lake has every column of this version."
    return f"The lake lacks {', '.join(missing)}: run `bedrock-analytics migrate` without --plan."
