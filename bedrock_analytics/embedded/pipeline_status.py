"""What the writer of a data directory is doing, for people, scripts and the page."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from bedrock_analytics.domain.errors import DataDirectoryError
from bedrock_analytics.embedded.data_directory import replace_text
from bedrock_analytics.embedded.ingest_ledger import LedgerTotals

WRITE_INTERVAL: Final = timedelta(seconds=1)


class Stage(StrEnum):
    """What the writer does at the moment."""

    STARTING = "starting"
    SIMULATING = "simulating"
    READING = "reading"
    COMPUTING = "computing"
    TIDYING = "tidying"
    LIVE = "live"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStatus:
    """`done` of `total` steps of the stage are done (0 of 0 where it has none).

    `totals` are sums over all time, with lines = events + rejections + skipped. `faults` are keys and
    errors of objects that are not in the lake, the first few of them.
    """

    pid: int
    started_at: datetime
    updated_at: datetime
    stage: Stage = Stage.STARTING
    done: int = 0
    total: int = 0
    rows_read: int = 0
    """Rows read by this process."""
    totals: LedgerTotals = field(default_factory=LedgerTotals)
    periods_waiting: int = 0
    periods_parked: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()
    last_error: str | None = None


class StatusBoard:
    """Keeps the status, shows it, and writes it to a file at most once a second and on each new stage."""

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], show: Callable[[PipelineStatus], None]
    ) -> None:
        started = now()
        self._path = path
        self._now = now
        self._show = show
        self._written_at: datetime | None = None
        self.status = PipelineStatus(pid=os.getpid(), started_at=started, updated_at=started)
        self._publish(force=True)

    def update(self, **changes: object) -> None:
        """Change fields of the status."""
        before, now = self.status, self._now()
        self.status = replace(before, updated_at=now, **changes)  # type: ignore[arg-type]
        self._publish(force=self.status.stage is not before.stage)

    def _publish(self, *, force: bool) -> None:
        moment = self.status.updated_at
        if force or self._written_at is None or moment - self._written_at >= WRITE_INTERVAL:
            replace_text(self._path, msgspec.json.encode(self.status).decode() + "\n")
            self._written_at = moment
        self._show(self.status)


def read_status(path: Path) -> PipelineStatus | None:
    """The status in a file; None where no writer has run yet."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=PipelineStatus)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise DataDirectoryError(f"{path} cannot be read: {error}") from error
