"""Reading log objects into the lake: batches, faults and crashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import DeliveryError, LogObjectError
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.ingest import BatchLimits, Ingest, IngestReport, RowBuffer
from bedrock_analytics.embedded.ingest_ledger import (
    MAX_ATTEMPTS,
    FoundObject,
    IngestLedger,
    LedgerTotals,
    ObjectCounts,
)
from bedrock_analytics.storage.lake import EventSink

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def event(request_id: str) -> UsageEvent:
    return UsageEvent(
        account_id="111122223333", region="us-east-1", request_id=request_id, ts=NOW, parsed_at=NOW
    )


class Crash(Exception):
    """The process ends here."""


@dataclass
class FakeLake:
    """Commits in memory; crashes when told to, before or after it has taken the rows."""

    commits: list[list[str]] = field(default_factory=list)
    crash_before: set[int] = field(default_factory=set)
    crash_after: set[int] = field(default_factory=set)
    calls: int = 0

    def put(self, events: Iterable[UsageEvent]) -> int:
        self.calls += 1
        if self.calls in self.crash_before:
            raise Crash
        self.commits.append([row.request_id for row in events])
        if self.calls in self.crash_after:
            raise Crash
        return len(self.commits[-1])

    @property
    def distinct(self) -> set[str]:
        return {request_id for commit in self.commits for request_id in commit}


@dataclass
class FakeSource:
    """Objects that hold request ids; those in `broken` fail after their rows were handed over."""

    objects: dict[str, Sequence[str]]
    broken: set[str] = field(default_factory=set)
    read_keys: list[str] = field(default_factory=list)
    missed_keys: list[str] = field(default_factory=list)

    def missed(self, items: Sequence[FoundObject]) -> None:
        self.missed_keys += [item.key for item in items]

    def found(self) -> list[FoundObject]:
        return [FoundObject(key=key, size=len(rows), stamp="1") for key, rows in self.objects.items()]

    def read(self, item: FoundObject, sink: EventSink) -> ObjectCounts:
        self.read_keys.append(item.key)
        rows = self.objects[item.key]
        sink.put(map(event, rows))
        if item.key in self.broken:
            raise LogObjectError("truncated")
        return ObjectCounts(lines=len(rows) + 1, events=len(rows), rejections=0, skipped=1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[IngestLedger]:
    with IngestLedger(tmp_path / "ingested.sqlite") as opened:
        yield opened


def run(
    source: FakeSource, lake: FakeLake, ledger: IngestLedger, limits: BatchLimits | None = None
) -> IngestReport:
    ingest = Ingest(source, lake, ledger, now=lambda: NOW, limits=limits)
    return ingest.run(lambda _: None, lambda: False)


def test_small_objects_share_a_commit(ledger: IngestLedger) -> None:
    lake = FakeLake()

    report = run(FakeSource({"a": ["1", "2"], "b": ["3"]}), lake, ledger)

    assert lake.commits == [["1", "2", "3"]]
    assert (report.wanted, report.read, report.rows, report.commits) == (2, 2, 3, 1)
    assert ledger.totals() == LedgerTotals(objects=2, lines=5, events=3, skipped=2)


def test_only_new_objects_are_read_by_the_next_pass(ledger: IngestLedger) -> None:
    source = FakeSource({"a": ["1"]})
    run(source, FakeLake(), ledger)
    source.objects["b"] = ["2"]

    run(source, FakeLake(), ledger)

    assert source.read_keys == ["a", "b"]


def test_nothing_new_commits_nothing(ledger: IngestLedger) -> None:
    lake = FakeLake()

    report = run(FakeSource({}), lake, ledger)

    assert (lake.calls, report.commits) == (0, 0)


def test_an_object_without_a_row_is_entered_without_a_commit_of_the_lake(ledger: IngestLedger) -> None:
    lake = FakeLake()

    run(FakeSource({"a": []}), lake, ledger)

    assert lake.calls == 0
    assert ledger.totals() == LedgerTotals(objects=1, lines=1, skipped=1)


@pytest.mark.parametrize(
    ("limits", "commits"),
    [
        (BatchLimits(rows=4), [["1", "2"], ["3", "4"], ["5"]]),
        (BatchLimits(objects=2), [["1", "2"], ["3", "4"], ["5"]]),
        (BatchLimits(age=timedelta(0)), [["1"], ["2"], ["3"], ["4"], ["5"]]),
    ],
)
def test_a_full_batch_is_committed(
    ledger: IngestLedger, limits: BatchLimits, commits: list[list[str]]
) -> None:
    lake = FakeLake()

    run(FakeSource({key: [key] for key in "12345"}), lake, ledger, limits)

    assert lake.commits == commits


def test_an_object_larger_than_the_buffer_is_committed_in_parts(ledger: IngestLedger) -> None:
    lake = FakeLake()

    run(FakeSource({"a": list("12345")}), lake, ledger, BatchLimits(rows=2))

    assert lake.commits == [["1", "2"], ["3", "4"], ["5"]]
    assert ledger.totals().events == 5


def test_a_broken_object_leaves_nothing_behind_and_stops_nothing(ledger: IngestLedger) -> None:
    lake = FakeLake()
    source = FakeSource({"a": ["1"], "bad": ["2"], "c": ["3"]}, broken={"bad"})

    report = run(source, lake, ledger)

    assert lake.commits == [["1", "3"]]
    assert report.faults == [("bad", "truncated")]
    assert source.missed_keys == ["bad"]
    assert ledger.totals() == LedgerTotals(objects=2, lines=4, events=2, skipped=2, retrying=1)


def test_a_broken_object_is_given_up_in_the_end_and_read_once_it_is_mended(ledger: IngestLedger) -> None:
    source, lake = FakeSource({"bad": ["1"]}, broken={"bad"}), FakeLake()
    for _ in range(MAX_ATTEMPTS + 3):
        run(source, lake, ledger)
    assert source.read_keys == ["bad"] * MAX_ATTEMPTS
    assert ledger.totals().failed == 1

    source.broken.clear()
    source.objects["bad"] = ["1", "2"]
    run(source, lake, ledger)

    assert lake.commits == [["1", "2"]]
    assert ledger.totals() == LedgerTotals(objects=1, lines=3, events=2, skipped=1)


def test_a_stopped_pass_commits_what_it_has_read(ledger: IngestLedger) -> None:
    source, lake = FakeSource({key: [key] for key in "123"}), FakeLake()
    ingest = Ingest(source, lake, ledger, now=lambda: NOW)

    ingest.run(lambda _: None, lambda: len(source.read_keys) == 2)

    assert lake.commits == [["1", "2"]]
    assert ledger.totals().objects == 2
    assert source.missed_keys == ["3"]


def test_what_the_lake_did_not_take_is_not_entered(ledger: IngestLedger) -> None:
    class RefusingLake(FakeLake):
        def put(self, events: Iterable[UsageEvent]) -> int:
            raise DeliveryError("disk full")

    source = FakeSource({"a": ["1"]})
    with pytest.raises(DeliveryError):
        run(source, RefusingLake(), ledger)

    assert source.missed_keys == ["a"]
    assert ledger.totals() == LedgerTotals()


def test_a_mark_before_a_flush_forgets_only_what_came_after_the_flush() -> None:
    lake = FakeLake()
    buffer = RowBuffer(lake, max_rows=3)
    buffer.put(map(event, "12"))
    mark = buffer.mark()
    buffer.put(map(event, "345"))

    buffer.return_to(mark)
    buffer.flush()

    assert lake.commits == [["1", "2", "3"]]


@given(
    objects=st.lists(st.lists(st.integers(0, 30).map(str), max_size=6), max_size=12),
    before=st.sets(st.integers(1, 12), max_size=4),
    after=st.sets(st.integers(1, 12), max_size=4),
    rows=st.integers(1, 12),
)
def test_after_any_crashes_every_row_is_in_the_lake_and_every_line_is_counted_once(
    tmp_path_factory: pytest.TempPathFactory,
    objects: list[list[str]],
    before: set[int],
    after: set[int],
    rows: int,
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ingested.sqlite"
    source = FakeSource({f"{number:02}": held for number, held in enumerate(objects)})
    lake = FakeLake(crash_before=before, crash_after=after)
    finished = False
    while not finished:
        with IngestLedger(path) as ledger:
            try:
                run(source, lake, ledger, BatchLimits(rows=rows, objects=3))
                finished = True
            except Crash:
                continue

    with IngestLedger(path) as ledger:
        totals = ledger.totals()
    lines = sum(len(held) + 1 for held in objects)
    assert lake.distinct == {request_id for held in objects for request_id in held}
    assert (totals.objects, totals.lines) == (len(objects), lines)
    assert totals.lines == totals.events + totals.rejections + totals.skipped
