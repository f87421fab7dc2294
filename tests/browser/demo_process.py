"""A `bedrock-analytics demo` in a process of its own, as its users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bedrock_analytics.embedded.pipeline_status import Stage, read_status
from tests.processes import free_port, until

DAYS = 2


@dataclass(frozen=True)
class Demo:
    """A running demo."""

    data: Path
    address: str

    def report(self, *options: str) -> dict[str, object]:
        """What `report` says of the same data."""
        command = (sys.executable, "-m", "bedrock_analytics.cli.main", "report")
        found = subprocess.run(
            [*command, "--data-dir", str(self.data), "--format", "json", *options],
            check=True,
            capture_output=True,
            text=True,
        )
        answer: dict[str, object] = json.loads(found.stdout)
        return answer


def run_demo(folder: Path) -> Iterator[Demo]:
    """A demo that is live, until it is no longer needed."""
    data, port = folder / "data", free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "bedrock_analytics.cli.main", "demo", "--days", str(DAYS)),
            *("--data-dir", str(data), "--host", "127.0.0.1", "--port", str(port)),
        ],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def is_live() -> bool:
        assert process.poll() is None, "the demo ended"
        status = read_status(data / "status.json")
        return status is not None and status.stage is Stage.LIVE

    try:
        until(is_live)
        yield Demo(data, f"http://127.0.0.1:{port}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
