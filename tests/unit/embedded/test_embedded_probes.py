"""What a data directory tells of its health."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_probes import EmbeddedProbes
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, Stage, StatusBoard
from tests.contract.lakes import event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _ignore(_: PipelineStatus) -> None:
    """Shows nothing."""


def test_the_size_of_the_lake_grows_with_its_rows(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    probes = EmbeddedProbes(directory)
    assert probes.lake_size() is None
    lake = IcebergLake(directory.lake, clock=lambda: NOW)
    lake.put([event("a"), event("b")])
    lake.close()
    found = probes.lake_size()
    assert found is not None
    assert (found.rows, found.files, found.snapshots) == (2, 1, 1)
    assert found.size_bytes > 1_000


def test_the_writer_tells_what_it_has_read_and_whether_it_lives(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    probes = EmbeddedProbes(directory)
    assert probes.runner() is None
    board = StatusBoard(directory.status_file, now=lambda: NOW, show=_ignore)
    board.update(stage=Stage.LIVE, faults=(("a.json.gz", "not gzip"),))
    found = probes.runner()
    assert found is not None
    assert (found.stage, found.is_alive, found.faults) == ("live", True, (("a.json.gz", "not gzip"),))
    board.update(stage=Stage.FINISHED, pid=_free_pid())
    gone = probes.runner()
    assert gone is not None
    assert not gone.is_alive


def _free_pid() -> int:
    """An id that no process has: that of a child that has ended and was waited for."""
    pid = os.posix_spawn("/bin/true", ["true"], os.environ)
    os.waitpid(pid, 0)
    return pid


def test_there_are_no_queues_on_one_machine(tmp_path: Path) -> None:
    assert EmbeddedProbes(DataDirectory.create(tmp_path / "data")).places() == ()
