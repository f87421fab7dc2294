"""`verify`: one marked log object through the whole chain."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.cli.site_options import SiteChoice, site_options

if TYPE_CHECKING:
    from bedrock_analytics.cli.verification import Verification


@click.command(short_help="Send a marked log object through the pipeline and say where it gets to.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 60),
    default=10,
    show_default=True,
    help="Minutes to wait for each step.",
)
@click.option("--hub-profile", help="AWS profile of the hub, where --stack is a spoke's.")
@click.option("--json", "as_json", is_flag=True, help="Print the steps as one JSON array.")
@site_options
@click.pass_context
def verify(
    ctx: click.Context, timeout: int, hub_profile: str | None, as_json: bool, place: SiteChoice
) -> None:
    """Send one marked log object from the log bucket to the numbers, and name the step where it stopped.

    No number includes the mark. The object is deleted in the end; its row stays in the lake, where nothing
    counts it. Exit code 1 where it stopped.
    """
    from bedrock_analytics.cli.aws_session import aws_faults

    steps = []
    with aws_faults():
        for step in _verification(place, hub_profile, timedelta(minutes=timeout)).steps():
            steps.append(step)
            if not as_json:
                click.echo(f"{'ok  ' if step.passed else 'STOP'} {step.name:<9} {step.told}")
    if as_json:
        click.echo(json.dumps([asdict(step) for step in steps]))
    ctx.exit(ExitCode.DONE if steps[-1].passed else ExitCode.FAILED)


def _verification(place: SiteChoice, hub_profile: str | None, timeout: timedelta) -> Verification:
    from bedrock_analytics.cli.aws_deployment import AwsDeployment
    from bedrock_analytics.cli.chain_diagnosis import ChainDiagnosis
    from bedrock_analytics.cli.hub_settings import hub_settings
    from bedrock_analytics.cli.verification import HubView, Verification, new_mark

    site = place.site()
    hub_session = site.hub_session(hub_profile)
    names = AwsNames(region=site.hub.region, prefix=site.hub.prefix)
    settings = hub_settings(names, hub_session)
    deployment = AwsDeployment(names.over(settings), hub_session)
    now = datetime.now(UTC)
    return Verification(
        site=site,
        hub=HubView(queries=deployment.queries(), usage=deployment.usage_table()),
        diagnosis=ChainDiagnosis(
            site=site,
            hub=site.hub,
            hub_session=hub_session,
            errors_bucket=str(settings.get("errors_bucket") or settings.get("log_bucket")),
        ),
        mark=new_mark(site, secrets.token_hex(8), now),
        timeout=timeout,
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
    )
