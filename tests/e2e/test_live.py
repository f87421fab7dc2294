"""The live commands as processes: page and runner side by side, and how they end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import DataDirectoryBusy
from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, Stage, read_status
from bedrock_analytics.embedded.simulator import SimulatedObject
from tests.e2e.embedded_logs import hours, lines_of, objects_of, write_objects
from tests.processes import free_port, until


class Live:
    """A live command over a folder."""

    def __init__(self, folder: Path) -> None:
        self.data, self.port = folder / "data", free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bedrock_analytics.cli.main", "local", str(folder / "logs")),
                *("--data-dir", str(self.data), "--port", str(self.port)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def status(self) -> PipelineStatus | None:
        return read_status(self.data / "status.json")

    def is_live(self) -> bool:
        status = self.status()
        return status is not None and status.stage is Stage.LIVE

    def page(self) -> int | None:
        """HTTP status of the page; None where nothing listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except ConnectionError:
            return None
        finally:
            connection.close()

    def is_free(self) -> bool:
        """Nobody writes the directory, and nobody listens."""
        try:
            WriterLock(DataDirectory.open(self.data)).release()
        except DataDirectoryBusy:
            return False
        return self.page() is None


@pytest.fixture(scope="module")
def objects() -> list[SimulatedObject]:
    return objects_of(hours()[-2:])


@pytest.fixture
def live(tmp_path: Path, objects: list[SimulatedObject]) -> Iterator[Live]:
    write_objects(tmp_path / "logs", objects[:50])
    running = Live(tmp_path)
    yield running
    if running.process.poll() is None:
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    assert running.process.stderr is not None
    running.process.stderr.close()


def test_new_log_objects_are_read_while_the_page_is_served(
    live: Live, tmp_path: Path, objects: list[SimulatedObject]
) -> None:
    until(lambda: live.page() == 200)
    until(live.is_live)
    write_objects(tmp_path / "logs", objects)

    until(lambda: (status := live.status()) is not None and status.totals.lines == lines_of(objects).lines)

    assert live.page() == 200


def test_ctrl_c_stops_both_processes_without_a_traceback(live: Live) -> None:
    until(live.is_live)
    until(lambda: live.page() == 200)

    os.killpg(live.process.pid, signal.SIGINT)

    _, told = live.process.communicate()
    assert live.process.returncode == 130
    assert "Traceback" not in told
    assert told.splitlines()[-1] == "Stopped."
    assert live.is_free()


def test_a_runner_that_is_killed_ends_the_command_with_a_sentence(live: Live) -> None:
    until(live.is_live)
    status = live.status()
    assert status is not None

    os.kill(status.pid, signal.SIGKILL)

    _, told = live.process.communicate()
    assert live.process.returncode == 1
    assert told.splitlines()[-1] == "Error: the runner ended with exit code 137"
    assert live.is_free()


def test_page_and_runner_end_when_the_command_is_killed(live: Live) -> None:
    until(live.is_live)
    until(lambda: live.page() == 200)

    live.process.kill()
    live.process.wait()

    until(lambda: live.page() is None)


def test_a_busy_port_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        command = [sys.executable, "-m", "bedrock_analytics.cli.main", "local", str(tmp_path / "logs")]

        ended = subprocess.run(
            [*command, "--data-dir", str(tmp_path / "data"), "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 3
    assert ended.stderr.startswith(f"Error: cannot serve on 127.0.0.1:{port}: address already in use; choose")
    assert not (tmp_path / "data").exists()
