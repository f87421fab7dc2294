"""`demo`: simulated traffic of an invented organisation, through the whole pipeline, with its page."""

from __future__ import annotations

from pathlib import Path

import click

from bedrock_analytics.cli.deployment_options import DATA_DIR_VARIABLE, DEMO_DIRECTORY
from bedrock_analytics.cli.serving import address_options


@click.command(short_help="Watch an invented organisation's live usage.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEMO_DIRECTORY,
    envvar=DATA_DIR_VARIABLE,
    show_default=True,
    help="Where the demo's data lies.",
)
@click.option(
    "--days", type=click.IntRange(1, 400), help="Days of past traffic to begin with; 35 if not given."
)
@click.option("--seed", type=int, help="Another invented organisation's traffic.")
@click.option("--no-serve", is_flag=True, help="Only make and compute the data, without the page.")
@click.option("--once", is_flag=True, help="The same as --no-serve.")
@click.option("--quiet", is_flag=True, help="No progress.")
@address_options
def demo(
    data_dir: Path,
    days: int | None,
    seed: int | None,
    no_serve: bool,
    once: bool,
    quiet: bool,
    host: str,
    port: int,
    config: Path | None,
    allow_open: bool,
) -> None:
    """Watch live, priced usage of an invented organisation: several accounts, models, teams and faults.

    Weeks of past traffic are made first (the page is open meanwhile), then it goes on live. A restart
    fills the gap. The same seed gives the same traffic.
    """
    from bedrock_analytics.cli.embedded_run import page_arguments, run_live, run_to_the_end
    from bedrock_analytics.cli.progress import summary
    from bedrock_analytics.embedded.runner_plan import RunnerPlan

    plan = RunnerPlan(
        data_dir=str(data_dir), seed=seed, days=days, is_live=not (no_serve or once), quiet=quiet
    )
    if plan.is_live:
        # Its traffic is invented, so the page may be open to whoever can reach it.
        page = ["--allow-open", *page_arguments(config, allow_open=allow_open)]
        run_live(plan, page, host, port, "Weeks of traffic are being made; the page fills within a minute.")
    else:
        click.echo(summary(run_to_the_end(plan)), err=True)
