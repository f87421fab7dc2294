"""Processes of one command: children that end with their parent, and signals that end them in order."""

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


class ChildProcess:
    """A process of this command line, started by its parent, which it is told the id of."""

    def __init__(
        self, arguments: Sequence[str], *, on_death: Callable[[], None], inherited: Sequence[int] = ()
    ) -> None:
        """Start it with the given descriptors open. `on_death` is called if it ends by itself."""
        command = [
            sys.executable,
            "-m",
            "bedrock_analytics.cli.main",
            *arguments,
            "--parent",
            str(os.getpid()),
        ]
        self._process = subprocess.Popen(command, pass_fds=inherited)  # noqa: S603 - our own command
        self._is_stopping = threading.Event()
        self._on_death = on_death
        self._watch = threading.Thread(target=self._wait, name="child watch", daemon=True)
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
    """Becomes set by Ctrl-C, by SIGTERM, or by `set`.

    A pipe wakes up who waits, whichever thread the system hands the signal to; locks, as events have
    them, must not be taken in a signal handler.
    """

    def __init__(self) -> None:
        """Listen to signals; to be made in the main thread."""
        self._is_set = False
        self._asked_at: float | None = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let signals do what they did before."""
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._writer)
        os.close(self._reader)

    def set(self) -> None:
        """Ask for the end, from any thread."""
        with contextlib.suppress(OSError):  # full, which wakes up too; or closed, as the work has ended
            os.write(self._writer, b".")

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


def end_with_parent(parent: int) -> None:
    """Have this process sent SIGTERM when its parent is gone, and killed if that does not end it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK.total_seconds())
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_GRACE.total_seconds())
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
