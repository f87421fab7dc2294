"""Which log objects are read again, and what the ledger's sums say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import DataDirectoryError
from bedrock_analytics.embedded.ingest_ledger import (
    MAX_ATTEMPTS,
    FoundObject,
    IngestLedger,
    LedgerTotals,
    ObjectCounts,
)

COUNTS = ObjectCounts(lines=10, events=7, rejections=2, skipped=1)


def found(key: str, *, size: int = 5, stamp: str = "1") -> FoundObject:
    return FoundObject(key=key, size=size, stamp=stamp)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[IngestLedger]:
    with IngestLedger(tmp_path / "lake" / "ingested.sqlite") as opened:
        yield opened


def test_an_object_is_wanted_until_it_is_entered(ledger: IngestLedger) -> None:
    ledger.enter([(found("a"), COUNTS)])

    assert ledger.wanted([found("b"), found("a"), found("c")]) == [found("b"), found("c")]


def test_more_objects_than_one_query_takes_are_told_apart(ledger: IngestLedger) -> None:
    objects = [found(f"{number:05}") for number in range(1201)]
    ledger.enter((item, COUNTS) for item in objects[::2])

    assert ledger.wanted(objects) == objects[1::2]


@pytest.mark.parametrize("changed", [found("a", size=6), found("a", stamp="2")])
def test_a_changed_object_is_read_again_and_counted_once(ledger: IngestLedger, changed: FoundObject) -> None:
    ledger.enter([(found("a"), COUNTS)])
    assert ledger.wanted([changed]) == [changed]

    ledger.enter([(changed, ObjectCounts(lines=3, events=3, rejections=0, skipped=0))])

    assert ledger.totals() == LedgerTotals(objects=1, lines=3, events=3)
    assert ledger.wanted([changed]) == []


def test_the_ledger_outlives_its_process(tmp_path: Path) -> None:
    with IngestLedger(tmp_path / "ledger") as first:
        first.enter([(found("a"), COUNTS)])
        first.put_note("reconciled", date(2026, 11, 24))

    with IngestLedger(tmp_path / "ledger") as second:
        assert second.wanted([found("a")]) == []
        assert second.note("reconciled") == date(2026, 11, 24)
        assert second.note("anything else") is None


def test_a_broken_object_is_tried_again_until_it_is_given_up(ledger: IngestLedger) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert ledger.wanted([found("a")]) == [found("a")]
        assert ledger.enter_fault(found("a"), "not gzip") == attempt

    assert ledger.wanted([found("a")]) == []
    assert ledger.totals() == LedgerTotals(failed=1)
    assert ledger.faults(10) == [("a", "not gzip")]


def test_a_given_up_object_that_changes_is_tried_anew(ledger: IngestLedger) -> None:
    for _ in range(MAX_ATTEMPTS):
        ledger.enter_fault(found("a"), "not gzip")

    assert ledger.wanted([found("a", stamp="2")]) == [found("a", stamp="2")]
    assert ledger.enter_fault(found("a", stamp="2"), "still not") == 1
    assert ledger.totals() == LedgerTotals(retrying=1)


def test_a_read_object_is_no_longer_a_fault(ledger: IngestLedger) -> None:
    ledger.enter_fault(found("a"), "truncated")
    ledger.enter([(found("a"), COUNTS)])

    assert ledger.faults(10) == []
    assert ledger.totals() == LedgerTotals(objects=1, lines=10, events=7, rejections=2, skipped=1)


def test_what_an_object_gave_before_it_broke_stays_counted(ledger: IngestLedger) -> None:
    ledger.enter([(found("a"), COUNTS)])
    ledger.enter_fault(found("a", stamp="2"), "truncated")

    assert ledger.totals() == LedgerTotals(lines=10, events=7, rejections=2, skipped=1, retrying=1)


def test_objects_are_entered_all_or_none(ledger: IngestLedger) -> None:
    def read() -> Iterator[tuple[FoundObject, ObjectCounts]]:
        yield found("a"), COUNTS
        yield FoundObject(key="b", size=1, stamp=None), COUNTS  # type: ignore[arg-type]

    with pytest.raises(DataDirectoryError, match="NOT NULL"):
        ledger.enter(read())

    assert ledger.totals() == LedgerTotals()


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_bytes(b"something else entirely, and long enough to be read as a header" * 20)

    with pytest.raises(DataDirectoryError, match=f"ledger {path} failed"):
        IngestLedger(path)


def test_a_failed_statement_leaves_no_open_transaction(ledger: IngestLedger) -> None:
    with pytest.raises(DataDirectoryError) as caught:
        ledger.enter_fault(found("a", stamp=None), "x")  # type: ignore[arg-type]
    assert isinstance(caught.value.__cause__, sqlite3.IntegrityError)

    ledger.enter([(found("a"), COUNTS)])
    assert ledger.totals().objects == 1
