"""`parse`: log files into events, one JSON object a line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.domain.errors import LogObjectError


@click.command(short_help="Print the events in log files.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--allow-rejections", is_flag=True, help="Exit 0 even if lines were rejected.")
@click.option(
    "--summary", "show_summary", is_flag=True, help="Print counts as a JSON line on standard error."
)
@click.pass_context
def parse(ctx: click.Context, files: tuple[str, ...], allow_rejections: bool, show_summary: bool) -> None:
    """Print the events in log files as NDJSON with the lake's column names; `-` reads standard input.

    FILE may be gzipped or plain, one record a line, concatenated or pretty-printed. Rejected lines go to
    standard error as JSON lines, and make the exit code 1. A file that cannot be read does not stop the
    others.
    """
    import msgspec

    from bedrock_analytics.domain.event_json import encode_event
    from bedrock_analytics.embedded.parse_files import ParseFiles
    from bedrock_analytics.jobs.parse_object import ParseSummary

    out, err = sys.stdout.buffer, sys.stderr.buffer
    summary, unreadable = ParseSummary(), 0
    for name in files:
        rows = ParseFiles(
            names=[name], stdin=sys.stdin.buffer, now=lambda: datetime.now(UTC), summary=summary
        )
        try:
            for event in rows:
                (out if event.rejection is None else err).write(encode_event(event) + b"\n")
        except LogObjectError as error:
            unreadable += 1
            click.echo(f"Error: {error}", err=True)
        for passed in rows.passed_over:
            click.echo(f"{passed} holds no records, by its name.", err=True)
    out.flush()
    if show_summary:
        err.write(msgspec.json.encode(summary) + b"\n")
    if unreadable or (summary.rejected and not allow_rejections):
        ctx.exit(ExitCode.FAILED)
