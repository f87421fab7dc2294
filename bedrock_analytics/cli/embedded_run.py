"""Running an embedded deployment: once to the end, or live with its page."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bedrock_analytics.cli.exit_codes import ExitCode, Failure

if TYPE_CHECKING:
    from bedrock_analytics.cli.runner_process import StopSignal
    from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
    from bedrock_analytics.embedded.directory_settings import DirectorySettings
    from bedrock_analytics.embedded.pipeline_status import PipelineStatus
    from bedrock_analytics.embedded.runner import RunnerPlan
    from dashboard.settings import DashboardSettings

RUN_PLAN: Final = "run-plan"
"""Name of the hidden command of the runner's own process."""

_ORDERLY: Final = frozenset({None, ExitCode.DONE, ExitCode.STOPPED, 128 + signal.SIGTERM})
"""Exit codes of a runner that was asked to stop, as Ctrl-C asks every process of a terminal."""


@click.command(RUN_PLAN, hidden=True)
@click.argument("plan_json")
@click.option("--parent", type=int, required=True)
def run_plan_command(plan_json: str, parent: int) -> None:
    """The runner's own process: does a plan under the lock that its parent holds."""
    import msgspec

    from bedrock_analytics.cli.runner_process import StopSignal
    from bedrock_analytics.embedded.runner import RunnerPlan

    run_plan(msgspec.json.decode(plan_json, type=RunnerPlan), StopSignal(parent=parent))


def run_plan(plan: RunnerPlan, stop: StopSignal) -> PipelineStatus:
    """Run a plan whose directory's lock is held, and return the last status."""
    from bedrock_analytics.cli.progress import ProgressLine
    from bedrock_analytics.embedded.runner import open_pipeline

    with (
        ProgressLine(quiet=plan.quiet) as line,
        open_pipeline(plan, show=line.show, wait=stop.wait) as pipeline,
    ):
        if plan.is_live:
            pipeline.run_live()
        else:
            pipeline.catch_up()
        return pipeline.status


def run_to_the_end(plan: RunnerPlan) -> PipelineStatus:
    """Read and compute what there is, in this process; KeyboardInterrupt where it was stopped."""
    from datetime import timedelta

    from bedrock_analytics.cli.runner_process import StopSignal
    from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock

    with WriterLock(DataDirectory.create(Path(plan.data_dir))):
        with StopSignal() as stop:
            status = run_plan(plan, stop)
        if stop.wait(timedelta(0)):
            raise KeyboardInterrupt
    return status


def run_live(plan: RunnerPlan, host: str, port: int, config: Path | None, next_step: str) -> None:
    """Run a plan in a process of its own and serve its page in this one, until Ctrl-C.

    Failure where the address is taken, or where the runner ends by itself, with its exit code.
    """
    from bedrock_analytics.cli.serving import check_address, page_address

    check_address(host, port)
    from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock

    directory = DataDirectory.create(Path(plan.data_dir))
    with WriterLock(directory) as lock:
        click.echo(f"Dashboard  {page_address(host, port)}  (Ctrl-C stops)", err=True)
        click.echo(f"Data       {plan.data_dir}", err=True)
        click.echo(next_step, err=True)
        _serve_beside_runner(plan, directory, lock, host, port, config)


def _serve_beside_runner(
    plan: RunnerPlan, directory: DataDirectory, lock: WriterLock, host: str, port: int, config: Path | None
) -> None:
    import msgspec

    from bedrock_analytics.cli.runner_process import RunnerProcess
    from bedrock_analytics.cli.serving import serve_deployment
    from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
    from bedrock_analytics.embedded.runner import prepare

    settings = prepare(plan, directory)
    # A writer's tables, because the page may be opened before the runner has made them.
    with closing(EmbeddedDeployment(directory, is_writer=True)) as deployment:
        arguments = [RUN_PLAN, msgspec.json.encode(plan).decode(), "--parent", str(os.getpid())]
        runner = RunnerProcess(arguments, lock.descriptor, on_death=_interrupt)
        try:
            serve_deployment(deployment, presentation(settings), host, port, config)
        except KeyboardInterrupt:
            pass  # how a server is told to stop; why, is seen below
        finally:
            code = runner.exit_code
            runner.stop()
    if code not in _ORDERLY:
        raise Failure(
            f"the process that reads the logs ended with exit code {code}",
            ExitCode(code) if code in set(ExitCode) else ExitCode.FAILED,
        )
    raise KeyboardInterrupt


def presentation(settings: DirectorySettings) -> DashboardSettings:
    """How an embedded deployment's page looks."""
    from datetime import timedelta

    from dashboard.settings import DashboardSettings

    return DashboardSettings(
        account_names=settings.account_names,
        compute_interval=timedelta(minutes=1),
        next_step=f"Waiting for the first calls from {settings.log_source or 'the logs'}. "
        "They appear here as soon as they are read and computed.",
    )


def _interrupt() -> None:
    """End this process's server, from another thread."""
    os.kill(os.getpid(), signal.SIGINT)
