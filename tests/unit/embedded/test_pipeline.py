"""The order of the runner's work, when it waits, and when it stops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable, LogObjectError
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.ingest import Ingest
from bedrock_analytics.embedded.ingest_ledger import FoundObject, IngestLedger, ObjectCounts
from bedrock_analytics.embedded.pipeline import RECONCILED, Intervals, Pipeline
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, Stage, StatusBoard
from bedrock_analytics.jobs.compute_cost import ComputeReport
from bedrock_analytics.storage.lake import EventSink

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
ONE_LINE = ObjectCounts(lines=1, events=1, rejections=0, skipped=0)


@dataclass
class World:
    """Everything around the runner, with one list of what happened. Time passes by waiting only."""

    now: datetime = START
    stop_after: timedelta = timedelta(0)
    objects: list[str] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    remaining: list[int] = field(default_factory=list)
    """What the next runs of L2 leave over; 0 once the list is empty."""
    errors: list[Exception] = field(default_factory=list)
    """What the next runs of L2 raise."""
    listing_errors: list[Exception] = field(default_factory=list)
    """What the next looks at the log objects raise."""
    allowed: list[timedelta] = field(default_factory=list)
    """How long each run of L2 was allowed to take."""
    arriving: dict[datetime, str] = field(default_factory=dict)

    def clock(self) -> datetime:
        return self.now

    def wait(self, duration: timedelta) -> bool:
        if duration:
            self.happened.append("wait")
            self.now += duration
            for moment in [moment for moment in self.arriving if moment <= self.now]:
                self.objects.append(self.arriving.pop(moment))
        return self.now >= START + self.stop_after

    # LogSource

    def found(self) -> list[FoundObject]:
        if self.listing_errors:
            raise self.listing_errors.pop(0)
        return [FoundObject(key=key, size=1, stamp="1") for key in self.objects]

    def read(self, item: FoundObject, sink: EventSink) -> ObjectCounts:
        self.happened.append(f"read {item.key}")
        sink.put(
            [UsageEvent(account_id="1", region="r", request_id=item.key, ts=self.now, parsed_at=self.now)]
        )
        return ONE_LINE

    def missed(self, items: Sequence[FoundObject]) -> None:
        pass

    # EventSink

    def put(self, events: Sequence[UsageEvent]) -> int:
        self.happened.append(f"commit {len(events)}")
        return len(events)

    # Computation

    def run(self, deadline: datetime) -> ComputeReport:
        self.happened.append("compute")
        self.allowed.append(deadline - self.now)
        if self.errors:
            raise self.errors.pop(0)
        return ComputeReport(remaining=self.remaining.pop(0) if self.remaining else 0, parked=["2026-11-01"])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[IngestLedger]:
    with IngestLedger(tmp_path / "ingested.sqlite") as opened:
        yield opened


def pipeline(
    world: World,
    ledger: IngestLedger,
    tmp_path: Path,
    shown: list[PipelineStatus] | None = None,
    pass_: timedelta = timedelta(seconds=5),
) -> Pipeline:
    show = (lambda _: None) if shown is None else shown.append
    return Pipeline(
        ingest=Ingest(world, world, ledger, now=world.clock),  # type: ignore[arg-type]
        ledger=ledger,
        computation=world,
        tidy=lambda: world.happened.append("tidy"),
        reconcile=lambda: world.happened.append("reconcile"),
        board=StatusBoard(tmp_path / "status.json", now=world.clock, show=show),
        now=world.clock,
        wait=world.wait,
        intervals=Intervals(
            pass_=pass_,
            compute=timedelta(seconds=60),
            tidy=timedelta(hours=1),
            slice_=timedelta(seconds=5),
        ),
    )


def test_catching_up_reads_commits_computes_and_ends(ledger: IngestLedger, tmp_path: Path) -> None:
    world = World(objects=["a", "b"], stop_after=timedelta(days=1))
    runner = pipeline(world, ledger, tmp_path)

    runner.catch_up()

    assert world.happened == [
        *("read a", "read b", "commit 2", "compute"),
        *("compute", "tidy", "reconcile", "compute"),
    ]
    assert runner.status.stage is Stage.FINISHED
    assert runner.status.totals.events == 2
    assert runner.status.periods_parked == ("2026-11-01",)


def test_catching_up_computes_until_nothing_is_left_and_allows_ever_more_time(
    ledger: IngestLedger, tmp_path: Path
) -> None:
    world = World(remaining=[9, 4, 0], stop_after=timedelta(days=1))

    pipeline(world, ledger, tmp_path).catch_up()

    assert [allowed.total_seconds() for allowed in world.allowed] == [5, 10, 20, 5]


def test_catching_up_does_not_hide_a_lake_that_does_not_answer(ledger: IngestLedger, tmp_path: Path) -> None:
    world = World(errors=[LakeUnavailable("locked")], stop_after=timedelta(days=1))

    with pytest.raises(LakeUnavailable):
        pipeline(world, ledger, tmp_path).catch_up()


def test_a_stopped_catch_up_keeps_no_house(ledger: IngestLedger, tmp_path: Path) -> None:
    world = World(objects=["a"])

    pipeline(world, ledger, tmp_path).catch_up()

    assert world.happened == ["compute"]


def test_live_a_new_object_is_computed_at_the_next_look(ledger: IngestLedger, tmp_path: Path) -> None:
    ledger.put_note(RECONCILED, date(2026, 11, 24))
    world = World(stop_after=timedelta(seconds=15), arriving={START + timedelta(seconds=10): "a"})

    pipeline(world, ledger, tmp_path).run_live()

    assert world.happened == [
        *("compute", "tidy", "wait"),
        "wait",
        *("read a", "commit 1", "compute", "wait"),
    ]


def test_live_without_anything_new_l2_still_looks_once_a_minute(ledger: IngestLedger, tmp_path: Path) -> None:
    ledger.put_note(RECONCILED, date(2026, 11, 24))
    world = World(stop_after=timedelta(seconds=185))

    pipeline(world, ledger, tmp_path).run_live()

    assert world.happened.count("compute") == 4
    assert world.happened.count("wait") == 37


def test_live_what_is_left_to_compute_does_not_wait(ledger: IngestLedger, tmp_path: Path) -> None:
    ledger.put_note(RECONCILED, date(2026, 11, 24))
    world = World(remaining=[3, 2, 1], stop_after=timedelta(seconds=5))

    pipeline(world, ledger, tmp_path).run_live()

    assert world.happened == ["compute", "tidy", "compute", "compute", "compute", "wait"]


def test_live_a_lake_that_does_not_answer_is_shown_and_asked_again(
    ledger: IngestLedger, tmp_path: Path
) -> None:
    ledger.put_note(RECONCILED, date(2026, 11, 24))
    shown: list[PipelineStatus] = []
    world = World(errors=[LakeUnavailable("locked")], stop_after=timedelta(seconds=10))

    pipeline(world, ledger, tmp_path, shown).run_live()

    assert world.happened == ["compute", "wait", "compute", "tidy", "wait"]
    assert "locked" in {status.last_error for status in shown}
    assert shown[-1].last_error is None


def test_live_a_broken_lake_ends_the_runner(ledger: IngestLedger, tmp_path: Path) -> None:
    world = World(errors=[LakeError("damaged")], stop_after=timedelta(days=1))

    with pytest.raises(LakeError, match="damaged"):
        pipeline(world, ledger, tmp_path).run_live()


def test_live_logs_that_cannot_be_listed_at_first_end_the_runner(
    ledger: IngestLedger, tmp_path: Path
) -> None:
    world = World(listing_errors=[LogObjectError("no such bucket")], stop_after=timedelta(days=1))

    with pytest.raises(LogObjectError, match="no such bucket"):
        pipeline(world, ledger, tmp_path).run_live()


def test_live_logs_that_cannot_be_listed_later_are_looked_for_again(
    ledger: IngestLedger, tmp_path: Path
) -> None:
    shown: list[PipelineStatus] = []
    world = World(stop_after=timedelta(seconds=15))
    runner = pipeline(world, ledger, tmp_path, shown)
    runner._read()
    world.listing_errors = [LogObjectError("slow down")]
    world.objects = ["a"]

    runner.run_live()

    assert "slow down" in {status.last_error for status in shown}
    assert ledger.totals().events == 1


def test_the_reconciliation_runs_once_a_utc_day_whatever_restarts(
    ledger: IngestLedger, tmp_path: Path
) -> None:
    world = World(stop_after=timedelta(days=2))
    for _ in range(3):
        pipeline(world, ledger, tmp_path, pass_=timedelta(hours=1)).run_live()
        world.stop_after += timedelta(hours=1)

    assert world.happened.count("reconcile") == 3  # on the 24th, 25th and 26th


def test_maintenance_runs_once_an_hour(ledger: IngestLedger, tmp_path: Path) -> None:
    world = World(stop_after=timedelta(hours=3))

    pipeline(world, ledger, tmp_path, pass_=timedelta(minutes=10)).run_live()

    assert world.happened.count("tidy") == 3
