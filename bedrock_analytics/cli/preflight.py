"""`preflight`: what is there, which stack file fits, and what `up` will create."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.cli.preflight_report import PreflightReport
    from components.settings import StackSettings


@click.command(short_help="Look at the account before a deployment; changes nothing.")
@click.option("--stack", default="hub", show_default=True, help="The stack; it needs no file yet.")
@click.option("--profile", help="AWS profile; the stack's if not given.")
@click.option("--region", help="Region of a hub that has no stack file yet.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.pass_context
def preflight(ctx: click.Context, stack: str, profile: str | None, region: str | None, as_json: bool) -> None:
    """Say what the account has already, which stack file fits, and what `up` will create. Read-only.

    Without a stack file it looks as for a hub, and prints one to begin with. Exit code 1: `up` would fail,
    or replace what is there.
    """
    from bedrock_analytics.cli.aws_session import aws_faults

    with aws_faults():
        report = make_report(stack, profile, region)
    click.echo(report.as_json() if as_json else report.text())
    ctx.exit(ExitCode.FAILED if report.has_problems else ExitCode.DONE)


def make_report(stack: str, profile: str | None, region: str | None) -> PreflightReport:
    """The report about a stack, or about a hub that has no file yet."""
    from bedrock_analytics.cli.account_facts import AccountFacts
    from bedrock_analytics.cli.aws_session import AwsSession
    from bedrock_analytics.cli.preflight_checks import Preflight
    from bedrock_analytics.cli.preflight_report import PreflightReport
    from bedrock_analytics.cli.stack_contents import creates
    from bedrock_analytics.cli.stack_files import StackFiles, stack_text
    from components.settings import parse

    files = StackFiles()
    path = files.path(stack)
    new: dict[str, object] | None = None
    if path.exists():
        settings: StackSettings = files.settings(stack)
        if region not in (None, settings.target.region):
            raise ConfigurationError(
                f"{path} says {settings.target.region}: leave --region out, or change it"
            )
        target = settings.target
        session = AwsSession(profile or target.profile, target.region, target.deploy_role_arn)
    else:
        session = AwsSession(profile, region)
        new = {"role": "hub", "accountId": session.account, "region": session.region}
        if profile:
            new["awsProfile"] = profile
        settings = parse(new)
    findings = Preflight(settings=settings, session=session, facts=AccountFacts(session)).findings()
    report = PreflightReport(
        findings=findings, stack_path=str(path), stack_text=None, creates=creates(settings)
    )
    if new is None:
        return report
    fitting = parse(new | report.suggestions)
    return replace(report, stack_text=stack_text(new | report.suggestions, _HEADER), creates=creates(fitting))


_HEADER = ("A hub, as `bedrock-analytics preflight` found the account.",)
