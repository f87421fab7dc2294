"""The runner as a process of its own, so that the page stays responsive while it works.

The process shares the writer lock that its parent took, ends when its parent is gone, and takes its
parent with it when it fails.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Self

PARENT_CHECK: Final = timedelta(seconds=1)
STOP_GRACE: Final = timedelta(seconds=10)
"""How long a process may take to stop in order; what it has not committed by then is read again later."""

ASKED_AGAIN_SECONDS: Final = 1.0
"""A second signal so soon is the same wish: a terminal's Ctrl-C reaches parent and child."""


class RunnerProcess:
    """A runner process, started by its parent."""

    def __init__(self, arguments: Sequence[str], inherited: int, on_death: Callable[[], None]) -> None:
        """Start it; `inherited` is the lock's descriptor. `on_death` is called if it ends by itself."""
        command = [sys.executable, "-m", "bedrock_analytics.cli.main", *arguments]
        self._process = subprocess.Popen(command, pass_fds=[inherited])  # noqa: S603 - our own command
        self._is_stopping = threading.Event()
        self._on_death = on_death
        self._watch = threading.Thread(target=self._wait, name="runner watch", daemon=True)
        self._watch.start()

    def _wait(self) -> None:
        self._process.wait()
        if not self._is_stopping.is_set():
            self._on_death()

    @property
    def exit_code(self) -> int | None:
        """Its exit code, as a shell counts it; None while it runs."""
        code = self._process.poll()
        return 128 - code if code is not None and code < 0 else code

    def stop(self) -> None:
        """Ask it to stop, and kill it if it does not in time."""
        self._is_stopping.set()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_GRACE.total_seconds())
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._watch.join()


class StopSignal:
    """Becomes set by Ctrl-C, by SIGTERM, or when the parent process is gone.

    A pipe wakes up who waits, whichever thread the system hands the signal to; locks, as events have
    them, must not be taken in a signal handler.
    """

    def __init__(self, *, parent: int | None = None) -> None:
        """Listen to signals; given its process id, watch the parent too."""
        self._is_set = False
        self._has_parent = parent is not None
        self._asked_at: float | None = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        if parent is not None:
            threading.Thread(target=self._watch, args=(parent,), name="parent watch", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let signals do what they did before."""
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if not self._has_parent:  # else the watching thread still writes
            os.close(self._writer)
            os.close(self._reader)

    def wait(self, duration: timedelta) -> bool:
        """Sleep, at most for a duration; whether to stop."""
        if not self._is_set:
            woken, _, _ = select.select([self._reader], [], [], duration.total_seconds())
            self._is_set = bool(woken)
        return self._is_set

    def _on_signal(self, number: int, _: object) -> None:
        """Stop in order; asked again a moment later, at once."""
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at > ASKED_AGAIN_SECONDS:
            os._exit(128 + number)
        self._asked_at = self._asked_at or now

    def _watch(self, parent: int) -> None:
        """Stop when the parent is gone; what is not done in time is done by the next run."""
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK.total_seconds())
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes up, too
            os.write(self._writer, b".")
        time.sleep(STOP_GRACE.total_seconds())
        os._exit(1)
