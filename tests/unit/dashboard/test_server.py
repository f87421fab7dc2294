"""Serving: who may reach it, a port that is taken, and a graceful stop."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.config import LoginMode
from dashboard.server import require_guarded
from tests.processes import free_port

PROGRAM = """
import sys
from dashboard.app import create_app
from dashboard.queries import Queries
from dashboard.server import serve
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.answers import WrittenAnswers

settings = DashboardSettings()
serve(lambda: create_app(Queries(WrittenAnswers(), settings), settings), "127.0.0.1", int(sys.argv[1]),
      on_ready=lambda: print("ready", flush=True))
"""


def test_an_open_dashboard_faces_no_network_unless_told_to() -> None:
    require_guarded("127.0.0.1", LoginMode.NONE, allow_open=False)
    require_guarded("10.0.0.1", LoginMode.USERS, allow_open=False)
    require_guarded("10.0.0.1", LoginMode.NONE, allow_open=True)
    with pytest.raises(ConfigurationError, match=r"would be open to everybody who reaches 10\.0\.0\.1"):
        require_guarded("10.0.0.1", LoginMode.NONE, allow_open=False)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_told_to_stop_and_ends_well(stop: signal.Signals) -> None:
    port = free_port()
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/healthz")
        assert json.loads(connection.getresponse().read())["status"] == "ok"
        connection.close()
        process.send_signal(stop)
        assert process.wait(timeout=30) == 0
