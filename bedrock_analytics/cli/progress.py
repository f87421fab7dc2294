"""Progress of long work on a terminal's standard error; nothing where there is no terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from bedrock_analytics.embedded.pipeline_status import PipelineStatus


class ProgressLine:
    """Shows the runner's status in one line that is replaced in place, until the runner is live.

    Quiet, or without a terminal, it prints nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._is_visible = not quiet and sys.stderr.isatty()
        self._said_faults = 0

    def __enter__(self) -> Self:
        if self._is_visible:
            self._progress = _progress()
            self._task = self._progress.add_task("starting", total=None, told="")
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = self._task = None

    def show(self, status: PipelineStatus) -> None:
        """Replace the line; the first live status ends it with a sentence."""
        if self._progress is None or self._task is None:
            return
        if status.stage in ("live", "finished"):
            self._end()
            click.echo(summary(status), err=True)
            return
        self._progress.update(
            self._task,
            description=status.stage.value,
            completed=status.done,
            total=status.total or None,
            told=_told(status),
        )


def summary(status: PipelineStatus) -> str:
    """What there is, in one sentence."""
    totals = status.totals
    text = f"{totals.events:,} calls from {totals.objects:,} log objects"
    parts = [
        (totals.rejections, "rejected lines"),
        (totals.skipped, "skipped lines"),
        (totals.retrying + totals.failed, "unreadable objects"),
        (len(status.periods_parked), "periods that could not be computed"),
    ]
    return text + "".join(f", {count:,} {name}" for count, name in parts if count) + "."


def _told(status: PipelineStatus) -> str:
    seconds = (status.updated_at - status.started_at).total_seconds()
    rate = f", {status.rows_read / seconds:,.0f}/s" if seconds >= 1 else ""
    waiting = f", {status.periods_waiting:,} periods waiting" if status.periods_waiting else ""
    return f"{status.rows_read:,} calls{rate}{waiting}"


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
