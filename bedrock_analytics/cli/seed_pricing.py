"""`seed-pricing`: fill a deployment's price table from the bundled price list, or from a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options


@click.command("seed-pricing", short_help="Enter the list prices of this version.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@deployment_options
def seed_pricing(as_json: bool, choice: DeploymentChoice) -> None:
    """Enter the list prices that come with this version; prices entered by hand are kept.

    Doing it again changes nothing. What changed is priced again by the next computation.
    """
    from bedrock_analytics.jobs.sync_prices import seed_prices

    with open_deployment(choice) as deployment:
        report = seed_prices(deployment.price_table(), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(report.row(), indent=2))
        return
    click.echo(
        f"{report.cards:,} rate cards of the list of {report.list_date}: {len(report.added):,} added, "
        f"{len(report.changed):,} changed, {len(report.held):,} held for review."
    )
