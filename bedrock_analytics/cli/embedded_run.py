"""Running an embedded deployment: once to the end, or live with its page."""

from __future__ import annotations

import signal
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bedrock_analytics.cli.child_process import ChildProcess, StopSignal, end_with_parent
from bedrock_analytics.cli.exit_codes import ExitCode, Failure
from bedrock_analytics.cli.serving import check_address

if TYPE_CHECKING:
    from bedrock_analytics.embedded.pipeline_status import PipelineStatus
    from bedrock_analytics.embedded.runner_plan import RunnerPlan

RUN_PLAN: Final = "run-plan"
"""Name of the hidden command of the runner's own process."""

_ORDERLY: Final = frozenset({None, ExitCode.DONE, ExitCode.STOPPED, 128 + signal.SIGTERM})
"""Exit codes of a process that was asked to stop, as Ctrl-C asks every process of a terminal."""


@click.command(RUN_PLAN, hidden=True)
@click.argument("plan_json")
@click.option("--parent", type=int, required=True)
def run_plan_command(plan_json: str, parent: int) -> None:
    """The runner's own process: does a plan under the lock that its parent holds."""
    import msgspec

    from bedrock_analytics.embedded.runner_plan import RunnerPlan

    with StopSignal() as stop:
        end_with_parent(parent)
        run_plan(msgspec.json.decode(plan_json, type=RunnerPlan), stop)


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
    from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock

    with WriterLock(DataDirectory.create(Path(plan.data_dir))), StopSignal() as stop:
        status = run_plan(plan, stop)
        if stop.wait(timedelta(0)):
            raise KeyboardInterrupt
    return status


def run_live(plan: RunnerPlan, page: list[str], host: str, port: int, next_step: str) -> None:
    """Run a plan and serve its page, each in a process of its own, until Ctrl-C.

    Two processes, because the page must answer while the runner works. `page` are more arguments of
    `dashboard`. Failure where the address is taken, or where a process ends by itself, with its code.
    """
    check_address(host, port)
    from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
    from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
    from bedrock_analytics.embedded.runner_plan import prepare

    directory = DataDirectory.create(Path(plan.data_dir))
    with WriterLock(directory) as lock, StopSignal() as stop:
        prepare(plan, directory)
        with closing(EmbeddedDeployment(directory, is_writer=True)) as deployment:
            deployment.usage_table()  # the page may be ready before the runner is
        click.echo(f"Data       {plan.data_dir}", err=True)
        click.echo(next_step, err=True)
        serving = ["dashboard", "--data-dir", str(directory.path), "--host", host, "--port", str(port), *page]
        children = {
            "the page": ChildProcess(serving, on_death=stop.set),
            "the runner": ChildProcess(
                [RUN_PLAN, _encoded(plan)], on_death=stop.set, inherited=[lock.descriptor]
            ),
        }
        try:
            while not stop.wait(timedelta(hours=1)):
                pass
            ended = {name: child.exit_code for name, child in children.items()}
        finally:
            for child in children.values():
                child.stop()
    for name, code in ended.items():
        if code not in _ORDERLY:
            raise Failure(f"{name} ended with exit code {code}", _known(code))
    raise KeyboardInterrupt


def page_arguments(config: Path | None, *, allow_open: bool) -> list[str]:
    """Arguments of `dashboard` that say what was said to this command."""
    named = [] if config is None else ["--config", str(config)]
    return [*named, *(["--allow-open"] if allow_open else [])]


def _encoded(plan: RunnerPlan) -> str:
    import msgspec

    return msgspec.json.encode(plan).decode()


def _known(code: int | None) -> ExitCode:
    return ExitCode(code) if code in set(ExitCode) else ExitCode.FAILED
