"""`query`: one read-only SELECT on the event lake."""

from __future__ import annotations

import sys

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options


@click.command(short_help="Ask the event lake with one SELECT.")
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--max-rows",
    type=click.IntRange(1, 100_000),
    default=1_000,
    show_default=True,
    help="Most rows to print.",
)
@deployment_options
def query(sql: str, form: str, as_json: bool, max_rows: int, choice: DeploymentChoice) -> None:
    """Ask the event lake with one SELECT, in Athena's SQL; `-` reads it from standard input.

    `calls` has each call once; `usage_events` is the table as it is, with repeated deliveries and rejected
    lines. Only SELECT is allowed, and no function that reads files or the network. The columns stand in
    docs/data-model.md. If there were more rows than --max-rows, a line on standard error says so.
    """
    from bedrock_analytics.cli.row_output import print_rows

    text = sys.stdin.read() if sql == "-" else sql
    with open_deployment(choice) as deployment:
        result = deployment.lake().query(text, max_rows=max_rows)
    print_rows(result.columns, result.rows, "json" if as_json else form)
    if result.truncated:
        click.echo(f"Only the first {max_rows:,} rows are shown; --max-rows allows more.", err=True)
