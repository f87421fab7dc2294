"""`preview`, `up`, `deploy` and `destroy`: Pulumi for a hub and its spokes; the Makefile calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from bedrock_analytics.cli.pulumi_program import KeptResource
    from bedrock_analytics.cli.stack_deployment import StackDeployment
    from components.settings import HubSettings

_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command(short_help="Show what `up` would change in a stack.")
@click.argument("stack")
@click.pass_context
def preview(ctx: click.Context, stack: str) -> None:
    """Show what `up` would change in AWS, by `pulumi preview`. Changes nothing."""
    ctx.exit(_code(_deployment().preview(stack)))


@click.command(short_help="Deploy one stack.")
@click.argument("stack")
@_YES
@click.pass_context
def up(ctx: click.Context, stack: str, yes: bool) -> None:
    """Deploy one stack by `pulumi up`; of a hub, the lake gets new columns first (`migrate`)."""
    ctx.exit(_code(_deployment(yes=yes).up(stack)))


@click.command(short_help="Deploy a hub, then all its spokes.")
@click.argument("hub", required=False)
@click.option("--spokes-only", is_flag=True, help="Leave the hub as it is.")
@_YES
@click.pass_context
def deploy(ctx: click.Context, hub: str | None, spokes_only: bool, yes: bool) -> None:
    """Deploy the hub's stack, then each spoke that it lists, and print what became of them.

    HUB is the hub's stack; not needed where there is one only. A spoke that fails holds up no other; a hub
    that fails holds up all. Exit code 1 if any failed.
    """
    from bedrock_analytics.cli.stack_deployment import only_hub, summary, went_well
    from bedrock_analytics.cli.stack_files import StackFiles

    deployment = _deployment(yes=yes)
    outcomes = deployment.deploy(hub or only_hub(StackFiles()), hub_too=not spokes_only)
    click.echo(f"\n{summary(outcomes)}" if outcomes else "The hub lists no spokes.")
    ctx.exit(_code(went_well(outcomes)))


@click.command(short_help="Take a stack down; data stays.")
@click.argument("stack")
@_YES
@click.pass_context
def destroy(ctx: click.Context, stack: str, yes: bool) -> None:
    """Remove what a stack made, but for its protected data, and list what stays.

    Logs, lake and tables stay in AWS and in the stack's state, so a later `up` takes them up again.
    docs/deploy.md says how to delete them, too.
    """
    kept = _deployment(yes=yes).destroy(stack)
    if kept is None:
        ctx.exit(ExitCode.FAILED)
    click.echo(_kept_text(stack, kept))


def _deployment(*, yes: bool = False) -> StackDeployment:
    from bedrock_analytics.cli.pulumi_program import Pulumi
    from bedrock_analytics.cli.stack_deployment import StackDeployment
    from bedrock_analytics.cli.stack_files import StackFiles

    return StackDeployment(
        files=StackFiles(),
        program=Pulumi(),
        lake=HubLake(),
        say=lambda text: click.echo(text, err=True),
        yes=yes,
    )


class HubLake:
    """The lake of a hub in AWS."""

    def migrate(self, hub: HubSettings) -> str | None:
        """See `stack_deployment.Lake`."""
        from bedrock_analytics.cli.aws_deployment import AwsDeployment
        from bedrock_analytics.cli.deployment_options import AwsNames
        from bedrock_analytics.cli.hub_settings import find_hub_settings
        from bedrock_analytics.cli.log_site import session_of
        from bedrock_analytics.cli.migrate import done_text

        session = session_of(hub)
        settings = find_hub_settings(session, hub.name_prefix)
        if settings is None:
            return None
        return done_text(AwsDeployment(AwsNames().over(settings), session).migration())


def _code(went_well: bool) -> ExitCode:
    return ExitCode.DONE if went_well else ExitCode.FAILED


def _kept_text(stack: str, kept: list[KeptResource]) -> str:
    if not kept:
        return f"Nothing of {stack} is left."
    lines = [f"  {one.type}  {one.id}" for one in kept]
    return "\n".join(
        [
            f"Of {stack} these {len(kept)} stay in AWS, because they hold data or guard it:",
            *lines,
            f"`make up STACK={stack}` takes them up again. docs/deploy.md says how to delete them.",
        ]
    )
