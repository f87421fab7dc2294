"""The command `bedrock-analytics`.

Every command module is light: what is heavy (pyiceberg, duckdb, dash, boto3) is imported by the commands
that need it, when they run.
"""

from __future__ import annotations

import click

from bedrock_analytics.cli.backfill import backfill
from bedrock_analytics.cli.connect_bucket import connect_bucket
from bedrock_analytics.cli.dashboard import dashboard
from bedrock_analytics.cli.demo import demo
from bedrock_analytics.cli.deploy import deploy, destroy, preview, up
from bedrock_analytics.cli.embedded_run import run_plan_command
from bedrock_analytics.cli.exit_codes import CommandGroup
from bedrock_analytics.cli.hash_password import hash_password
from bedrock_analytics.cli.local import local
from bedrock_analytics.cli.migrate import migrate
from bedrock_analytics.cli.parse import parse
from bedrock_analytics.cli.preflight import preflight
from bedrock_analytics.cli.price import price, receipt
from bedrock_analytics.cli.prices import prices
from bedrock_analytics.cli.query import query
from bedrock_analytics.cli.report import report
from bedrock_analytics.cli.reprice import reprice
from bedrock_analytics.cli.seed_pricing import seed_pricing
from bedrock_analytics.cli.spoke import spoke
from bedrock_analytics.cli.verify import verify


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("bedrock-analytics")
    except PackageNotFoundError:
        found = "(not installed)"
    click.echo(f"bedrock-analytics {found}")
    ctx.exit()


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 data directory or port in use, "
    "4 try again later, 130 stopped.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Say the version.",
)
def main() -> None:
    """What Amazon Bedrock is used for, by whom, and what it costs."""


for command in (
    demo,
    local,
    parse,
    dashboard,
    report,
    query,
    price,
    receipt,
    prices,
    reprice,
    seed_pricing,
    hash_password,
    run_plan_command,
    migrate,
    spoke,
    preflight,
    preview,
    up,
    deploy,
    destroy,
    connect_bucket,
    backfill,
    verify,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
