"""`seed-pricing`: fill a deployment's price table from the bundled price list, from the network or a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.exit_codes import ExitCode, Failure
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.jobs.sync_report import SyncReport
    from bedrock_analytics.storage.price_table import PriceTable


@click.command("seed-pricing", short_help="Enter the list prices of this version, or current ones.")
@click.option("--fetch", is_flag=True, help="Fetch the current list from LiteLLM's repository instead.")
@click.option("--url", "place", help="Read this list instead: an https address of a mirror, or a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@deployment_options
def seed_pricing(fetch: bool, place: str | None, as_json: bool, choice: DeploymentChoice) -> None:
    """Enter the list prices that come with this version; prices entered by hand are kept.

    Nothing is fetched unless you ask for it. Doing it again changes nothing. What changed is priced again
    by the next computation. A list that is broken or absurd changes nothing.
    """
    if fetch and place is not None:
        raise ConfigurationError("give either --fetch or --url")
    with open_deployment(choice) as deployment:
        report = _enter(deployment.price_table(), fetch=fetch, place=place)
    if as_json:
        click.echo(json.dumps(report.row(), indent=2))
    if report.error is not None:
        raise Failure(f"no price was changed: {report.error}", ExitCode.FAILED)
    if not as_json:
        click.echo(_sentence(report))


def _enter(table: PriceTable, *, fetch: bool, place: str | None) -> SyncReport:
    from bedrock_analytics.jobs.sync_prices import seed_prices, sync_prices

    now = datetime.now(UTC)
    if not fetch and place is None:
        return seed_prices(table, now)
    from bedrock_analytics.storage.price_source import DEFAULT_URL, PriceSource

    return sync_prices(table, PriceSource(place or DEFAULT_URL, lambda: now).read, now)


def _sentence(report: SyncReport) -> str:
    from bedrock_analytics.jobs.sync_report import SyncStatus

    if report.status is SyncStatus.OLDER:
        return f"The list of {report.list_date} is older than the one in force: nothing is changed."
    return (
        f"{report.cards:,} rate cards of the list of {report.list_date}: {len(report.added):,} added, "
        f"{len(report.changed):,} changed, {len(report.held):,} held for review."
    )
