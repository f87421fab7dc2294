"""`connect-bucket`: what an existing log bucket needs, added to what it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.cli.bucket_connection import BucketPlan


@click.command("connect-bucket", short_help="Add to an existing log bucket what the pipeline needs.")
@click.option("--stack", default="hub", show_default=True, help="Stack whose file names the bucket.")
@click.option("--profile", help="AWS profile of the bucket's account; the stack's if not given.")
@click.option("--apply", "applied", is_flag=True, help="Make the change, after asking.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def connect_bucket(ctx: click.Context, stack: str, profile: str | None, applied: bool, yes: bool) -> None:
    """Show what the existing log bucket of a stack lacks, and with --apply add it.

    Needed are one statement of its policy, by which Bedrock may write, and announcements to EventBridge.
    Everything else that the bucket has stays. Exit code 1 where something is missing and was not added.
    """
    from bedrock_analytics.cli.aws_session import aws_faults
    from bedrock_analytics.cli.bucket_connection import BucketConnection
    from bedrock_analytics.cli.log_site import site_of_stack
    from bedrock_analytics.cli.stack_files import StackFiles

    files = StackFiles()
    if files.settings(stack).logs.existing_bucket is None:
        raise ConfigurationError(
            f"{files.path(stack)} names no existingLogBucket: `make up STACK={stack}` makes a bucket itself"
        )
    site = site_of_stack(files, stack, profile)
    connection = BucketConnection(site)
    with aws_faults():
        plan = connection.plan(connection.state())
    click.echo(plan_text(plan, site.bucket))
    if plan.is_connected:
        return
    if not applied or not (yes or click.confirm(f"Change s3://{site.bucket}?", err=True)):
        click.echo("Nothing was changed; --apply makes the change.", err=True)
        ctx.exit(ExitCode.FAILED)
    connection.apply(plan)
    with aws_faults():
        after = connection.plan(connection.state())
    click.echo(f"s3://{site.bucket} is connected." if after.is_connected else plan_text(after, site.bucket))
    ctx.exit(ExitCode.DONE if after.is_connected else ExitCode.FAILED)


def plan_text(plan: BucketPlan, bucket: str) -> str:
    """The difference, for people."""
    lines = [f"s3://{bucket} has all that the pipeline needs." if plan.is_connected else f"s3://{bucket}"]
    if plan.statement is not None:
        statement = json.dumps(plan.statement, indent=2, sort_keys=True)
        lines += ["+ policy statement", *(f"+   {line}" for line in statement.splitlines())]
    if plan.announce:
        lines.append("+ EventBridge is told of new objects")
    return "\n".join([*lines, *plan.notes])
