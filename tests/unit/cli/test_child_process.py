"""How processes of one command end, and what ends with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from bedrock_analytics.cli.child_process import ChildProcess, StopSignal

WAITING = """
import sys, time
from datetime import timedelta
from pathlib import Path
from bedrock_analytics.cli.child_process import StopSignal, end_with_parent
with StopSignal() as stop:
    end_with_parent(int(sys.argv[1]))
    Path(sys.argv[2]).write_text("ready")
    print(stop.wait(timedelta(seconds=60)), flush=True)
"""


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


def start(parent: int, ready: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, str(parent), str(ready)], stdout=subprocess.PIPE, text=True
    )
    wait_for(ready)
    return process


def test_a_signal_asks_for_an_orderly_end(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start(os.getpid(), tmp_path / str(number))
        process.send_signal(number)

        assert process.communicate()[0] == "True\n"
        assert process.returncode == 0


def test_the_same_wish_twice_in_a_moment_is_one_wish(tmp_path: Path) -> None:
    process = start(os.getpid(), tmp_path / "ready")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)

    assert process.communicate()[0] == "True\n"
    assert process.returncode == 0


def test_a_process_whose_parent_is_gone_stops(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    process = start(gone.pid, tmp_path / "ready")

    assert process.communicate()[0] == "True\n"


def test_signals_do_again_what_they_did_before() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with StopSignal() as stop:
        assert signal.getsignal(signal.SIGTERM) != before
        assert not stop.wait(timedelta(0))

    assert signal.getsignal(signal.SIGTERM) == before


def test_any_thread_may_ask_for_the_end() -> None:
    with StopSignal() as stop:
        threading.Thread(target=stop.set).start()

        assert stop.wait(timedelta(seconds=60))


def test_a_child_that_ends_by_itself_is_noticed_with_its_exit_code() -> None:
    died = threading.Event()

    child = ChildProcess(["no-such-command"], on_death=died.set)
    died.wait()
    child.stop()

    assert child.exit_code == 2


def test_a_child_that_is_stopped_is_no_death() -> None:
    died = threading.Event()

    child = ChildProcess(["run-plan", "{}"], on_death=died.set)
    child.stop()

    assert not died.is_set()
    assert child.exit_code is not None
