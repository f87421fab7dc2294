"""The embedded runner: log objects -> lake -> usage pages, once or for ever.

The same jobs as on AWS, one after the other in one process that holds the directory's writer lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from bedrock_analytics.domain.errors import LakeUnavailable, LogObjectError, TableUnavailable
from bedrock_analytics.domain.periods import DAY, day_of
from bedrock_analytics.embedded.demo_traffic import DemoTraffic
from bedrock_analytics.embedded.ingest import Ingest, IngestReport
from bedrock_analytics.embedded.ingest_ledger import IngestLedger
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, Stage, StatusBoard
from bedrock_analytics.jobs.compute_cost import ComputeReport

SHOWN_FAULTS: Final = 20
RECONCILED: Final = "reconciled"
"""Name of the ledger's note of the last UTC day that was reconciled."""


class Computation(Protocol):
    """L2, as `jobs.compute_cost.ComputeCost` does it."""

    def run(self, deadline: datetime) -> ComputeReport: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """How often the runner does what.

    `pass_` lies between two looks at the log objects; `compute` is the longest time between two runs of
    L2, which otherwise follow each commit; `tidy` lies between two maintenance runs of the lake. A run
    of L2 begins nothing new after `slice_`, so that the status stays fresh.
    """

    pass_: timedelta = timedelta(seconds=5)
    compute: timedelta = timedelta(seconds=60)
    tidy: timedelta = timedelta(hours=1)
    slice_: timedelta = timedelta(seconds=5)


class Pipeline:
    """One data directory's runner. `wait` sleeps for a time, and says whether to stop."""

    def __init__(
        self,
        *,
        ingest: Ingest,
        ledger: IngestLedger,
        computation: Computation,
        tidy: Callable[[], object],
        reconcile: Callable[[], object],
        board: StatusBoard,
        now: Callable[[], datetime],
        wait: Callable[[timedelta], bool],
        traffic: DemoTraffic | None = None,
        intervals: Intervals | None = None,
    ) -> None:
        self._ingest = ingest
        self._ledger = ledger
        self._computation = computation
        self._tidy = tidy
        self._reconcile = reconcile
        self._board = board
        self._now = now
        self._wait = wait
        self._traffic = traffic
        self._intervals = intervals or Intervals()
        self._has_looked = False
        self._rows_read = 0
        self._waiting = 0
        self._computed_at: datetime | None = None
        self._tidied_at: datetime | None = None

    @property
    def status(self) -> PipelineStatus:
        """What it does at the moment."""
        return self._board.status

    def catch_up(self) -> None:
        """Read and compute until nothing is left that can be; LakeUnavailable and the like are raised."""
        while True:
            wrote = self._simulate()
            report = self._read()
            self._compute(until_done=True)
            if self._is_stopped() or not (wrote or report.read):
                break
        self._keep_house()
        self._show_totals(stage=self.status.stage if self._is_stopped() else Stage.FINISHED)

    def run_live(self) -> None:
        """Catch up, then go on until told to stop. Passing faults are shown, and tried again."""
        while not self._is_stopped():
            with self._retrying():
                self._simulate()
                report = self._read()
                is_due = self._is_due(self._computed_at, self._intervals.compute)
                if report.commits or self._waiting or is_due:
                    self._compute(until_done=False)
                self._keep_house()
                self._show_totals(stage=Stage.LIVE)
            if not self._waiting and self._wait(self._intervals.pass_):
                return

    def _is_stopped(self) -> bool:
        return self._wait(timedelta(0))

    def _is_due(self, last: datetime | None, interval: timedelta) -> bool:
        return last is None or self._now() - last >= interval

    def _simulate(self) -> bool:
        """Write the simulated traffic up to now; whether there was any."""
        traffic, now = self._traffic, self._now()
        if traffic is None:
            return False
        start, days = traffic.simulation.until, traffic.gap(now) // DAY

        def on_object(moment: datetime) -> None:
            if days:
                self._board.update(stage=Stage.SIMULATING, done=(moment - start) // DAY, total=days)

        return traffic.write_until(now, self._is_stopped, on_object) > 0

    def _read(self) -> IngestReport:
        def on_step(report: IngestReport) -> None:
            self._board.update(
                stage=Stage.READING,
                done=report.read + len(report.faults),
                total=report.wanted,
                rows_read=self._rows_read + report.rows,
            )

        report = self._ingest.run(on_step, self._is_stopped)
        self._rows_read += report.rows
        self._has_looked = True
        if report.wanted:
            self._show_totals(stage=Stage.READING)
        return report

    def _compute(self, *, until_done: bool) -> None:
        """Run L2; until nothing is left to compute, each time allowing it twice as long."""
        allowed, first = self._intervals.slice_, True
        while first or (until_done and not self._is_stopped()):
            self._board.update(stage=Stage.COMPUTING, done=0, total=0)
            report = self._computation.run(self._now() + allowed)
            self._computed_at, self._waiting = self._now(), report.remaining
            self._board.update(
                periods_waiting=report.remaining,
                periods_parked=tuple(report.parked),
                last_error=report.failed[0] if report.failed else None,
            )
            if not report.remaining:
                return
            allowed, first = allowed * 2, False

    def _keep_house(self) -> None:
        """Once an hour the lake's maintenance, once a UTC day the reconciliation."""
        if self._is_stopped():
            return
        if self._is_due(self._tidied_at, self._intervals.tidy):
            self._board.update(stage=Stage.TIDYING)
            self._tidy()
            self._tidied_at = self._now()
        today, last = day_of(self._now()), self._ledger.note(RECONCILED)
        if last is None or last < today:
            self._board.update(stage=Stage.TIDYING)
            self._reconcile()
            self._ledger.put_note(RECONCILED, today)
            self._compute(until_done=False)

    def _show_totals(self, *, stage: Stage) -> None:
        self._board.update(
            stage=stage,
            done=0,
            total=0,
            totals=self._ledger.totals(),
            faults=tuple(self._ledger.faults(SHOWN_FAULTS)),
        )

    @contextmanager
    def _retrying(self) -> Iterator[None]:
        try:
            yield
        except (LakeUnavailable, TableUnavailable) as error:
            self._board.update(stage=Stage.LIVE, last_error=str(error))
        except LogObjectError as error:
            if not self._has_looked:  # a wrong address or missing right, not a passing fault
                raise
            self._board.update(stage=Stage.LIVE, last_error=str(error))
