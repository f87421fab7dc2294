"""`local`: a person's own invocation logs, from a folder, a file or an S3 prefix, with their page."""

from __future__ import annotations

from pathlib import Path

import click

from bedrock_analytics.cli.deployment_options import DATA_DIR_VARIABLE, LOCAL_DIRECTORY
from bedrock_analytics.cli.serving import address_options


@click.command(short_help="Show the usage in your own invocation logs.")
@click.argument("path")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=LOCAL_DIRECTORY,
    envvar=DATA_DIR_VARIABLE,
    show_default=True,
    help="Where what was read and computed is kept.",
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="KEY",
    help="Request metadata key to keep usage by; repeatable. Remembered, and computed for the past too.",
)
@click.option("--no-serve", is_flag=True, help="Read and compute what there is, and exit.")
@click.option("--json", "as_json", is_flag=True, help="With --no-serve: print the final status as JSON.")
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--profile", help="AWS profile to read s3://… with; the AWS SDK's own choice if not given.")
@click.option("--region", help="AWS Region of the bucket; the SDK's own choice if not given.")
@address_options
def local(
    path: str,
    data_dir: Path,
    tags: tuple[str, ...],
    no_serve: bool,
    as_json: bool,
    quiet: bool,
    profile: str | None,
    region: str | None,
    host: str,
    port: int,
    config: Path | None,
    allow_open: bool,
) -> None:
    """Show the usage in your own invocation logs: PATH is a folder, a file, or s3://bucket/prefix.

    Files may be compressed or not, in Bedrock's own layout or any other. Only new and changed ones are
    read; without --no-serve the page is served and new files are read as they come.
    """
    from bedrock_analytics.cli.embedded_run import page_arguments, run_live, run_to_the_end
    from bedrock_analytics.cli.progress import summary
    from bedrock_analytics.embedded.log_address import is_s3_address, require_logs
    from bedrock_analytics.embedded.runner_plan import RunnerPlan

    require_logs(path)
    plan = RunnerPlan(
        data_dir=str(data_dir),
        logs=path if is_s3_address(path) else str(Path(path).expanduser().absolute()),
        profile=profile,
        region=region,
        metadata_keys=tuple(dict.fromkeys(tags)) or None,
        is_live=not no_serve,
        quiet=quiet or as_json,
    )
    if plan.is_live:
        page = page_arguments(config, allow_open=allow_open)
        run_live(plan, page, host, port, f"Reading {path}; the page fills as its log objects are read.")
        return
    status = run_to_the_end(plan)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(status).decode())
    else:
        click.echo(summary(status), err=True)
