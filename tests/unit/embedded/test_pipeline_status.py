"""The status file and how often it is written."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import DataDirectoryError
from bedrock_analytics.embedded.ingest_ledger import LedgerTotals
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, Stage, StatusBoard, read_status

START = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "status.json"
    board = StatusBoard(path, now=clock, show=lambda _: None)

    board.update(
        stage=Stage.READING,
        done=3,
        total=9,
        totals=LedgerTotals(objects=3, lines=10, events=10),
        faults=(("a.gz", "truncated"),),
    )

    assert read_status(path) == board.status
    assert board.status.pid == os.getpid()


def test_steps_within_a_second_are_shown_but_not_written(tmp_path: Path) -> None:
    clock, path, shown = Clock(), tmp_path / "status.json", list[PipelineStatus]()
    board = StatusBoard(path, now=clock, show=shown.append)
    for step in range(1, 4):
        clock.now = START + timedelta(milliseconds=300 * step)
        board.update(done=step)
    written = read_status(path)

    clock.now = START + timedelta(seconds=1)
    board.update(done=4)
    later = read_status(path)

    assert [status.done for status in shown] == [0, 1, 2, 3, 4]
    assert written is not None
    assert later is not None
    assert (written.done, later.done) == (0, 4)


def test_a_new_stage_is_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    StatusBoard(path, now=Clock(), show=lambda _: None).update(stage=Stage.FINISHED)

    status = read_status(path)

    assert status is not None
    assert status.stage is Stage.FINISHED


def test_before_the_first_writer_there_is_no_status(tmp_path: Path) -> None:
    assert read_status(tmp_path / "status.json") is None


def test_a_damaged_status_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    path.write_text("{")

    with pytest.raises(DataDirectoryError, match=r"status\.json cannot be read"):
        read_status(path)
