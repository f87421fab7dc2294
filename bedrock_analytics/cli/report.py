"""`report`: the numbers of the dashboard, for a terminal or a script."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import Deployment, open_deployment, resolved
from bedrock_analytics.cli.deployment_options import AwsChoice, DeploymentChoice, deployment_options
from bedrock_analytics.cli.price_steps import refresh_advice
from bedrock_analytics.cli.terminal import table_console
from bedrock_analytics.cli.time_options import half_hour_after, parse_moment, parse_zone
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.domain.periods import HALF_HOUR, day_start, half_hour_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from bedrock_analytics.reporting.usage_filter import UsageFilter
    from bedrock_analytics.reporting.usage_report import UsageReport
    from bedrock_analytics.storage.usage_table import Checkpoint


@click.command(short_help="Print usage and cost as table, JSON or CSV.")
@click.option(
    "--by",
    default="model",
    show_default=True,
    help="model, caller, account, region, operation, route, day, hour, month or tag:KEY.",
)
@click.option(
    "--since", help="First moment: 2026-11-24, 2026-11-24T10:30, 7d or 24h ago; all there is if not given."
)
@click.option("--until", help="End, not included; now if not given.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone that days and months are cut in.")
@click.option("--model", "models", multiple=True, help="Only this model (id without geography); repeatable.")
@click.option("--caller", "callers", multiple=True, help="Only this caller; repeatable.")
@click.option("--account", "accounts", multiple=True, help="Only this account id; repeatable.")
@click.option("--region", "regions", multiple=True, help="Only this Region that was called; repeatable.")
@click.option(
    "--route", "routes", multiple=True, help="Only this route (global, us, regional, …); repeatable."
)
@click.option("--operation", "operations", multiple=True, help="Only this operation; repeatable.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@deployment_options(region_means_aws=False)
def report(
    by: str,
    since: str | None,
    until: str | None,
    zone: str,
    form: str,
    as_json: bool,
    choice: DeploymentChoice,
    **sets: tuple[str, ...],
) -> None:
    """Usage and estimated cost by model, caller, account, day, …: the numbers that the dashboard shows."""
    from bedrock_analytics.reporting.usage_reader import UsageReader
    from bedrock_analytics.reporting.usage_report import make_report

    now = datetime.now(UTC)
    choice = resolved(choice)
    with open_deployment(choice) as deployment:
        reader = UsageReader(deployment.usage_table(), lambda: now)
        wanted = _filter(since, until, parse_zone(zone), sets, now, reader.checkpoint())
        found = make_report(reader, by, wanted)
        notes = (*found.notes, *price_list_notes(deployment, choice, now))
        _print(replace(found, notes=notes), "json" if as_json else form)


def price_list_notes(deployment: Deployment, choice: DeploymentChoice, now: datetime) -> tuple[str, ...]:
    """Which price list the costs are from and how old it is; nothing where no price table is named."""
    from bedrock_analytics.reporting.price_reader import PriceReader
    from bedrock_analytics.reporting.price_words import list_sentence

    if isinstance(choice, AwsChoice) and choice.names.price_table is None:
        return ()
    state = PriceReader(deployment.price_table()).list_state(now)
    return (list_sentence(state, refresh=refresh_advice(choice)),)


def _filter(
    since: str | None,
    until: str | None,
    zone: ZoneInfo,
    sets: Mapping[str, tuple[str, ...]],
    now: datetime,
    checkpoint: Checkpoint,
) -> UsageFilter:
    from bedrock_analytics.reporting.usage_filter import UsageFilter

    end = half_hour_after(now if until is None else parse_moment(until, zone, now, "--until"))
    if since is not None:
        start = half_hour_of(parse_moment(since, zone, now, "--since"))
    elif checkpoint.first_day is not None:
        start = min(day_start(checkpoint.first_day), end - HALF_HOUR)
    else:
        start = end - HALF_HOUR
    if start >= end:
        raise ConfigurationError(f"--since {since} does not lie before --until {until or 'now'}")
    return UsageFilter(
        start=start,
        end=end,
        zone=zone,
        accounts=frozenset(sets["accounts"]),
        regions=frozenset(sets["regions"]),
        models=frozenset(sets["models"]),
        routes=frozenset(sets["routes"]),
        callers=frozenset(sets["callers"]),
        operations=frozenset(sets["operations"]),
    )


def _print(found: UsageReport, form: str) -> None:
    from bedrock_analytics.reporting.report_formats import csv_text, json_text, report_table

    if form == "json":
        click.echo(json_text(found))
    elif form == "csv":
        click.echo(csv_text(found), nl=False)
    else:
        table_console().print(report_table(found))
    if form == "csv":
        for note in found.notes:
            click.echo(note, err=True)
