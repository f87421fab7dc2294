"""Serving: who may reach it, a port that is taken, several workers, and a graceful stop."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.config import LoginMode
from dashboard.server import require_guarded
from tests.processes import free_port

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, sys, time
from dash import Dash, html
from dashboard.server import serve

def make_app():
    app = Dash("served")
    app.layout = html.Div("served")
    @app.server.get("/who")
    def who():
        from flask import request
        return f"{os.getpid()} {request.scheme} {request.remote_addr}"
    @app.server.get("/slow")
    def slow():
        print("begun", flush=True)
        time.sleep(0.5)
        return "done"
    return app

print("parent", os.getpid(), flush=True)
serve(make_app, "127.0.0.1", int(sys.argv[1]), workers=int(sys.argv[2]),
      on_ready=lambda: print("ready", flush=True))
"""


def test_an_open_dashboard_faces_no_network_unless_told_to() -> None:
    require_guarded("127.0.0.1", LoginMode.NONE, allow_open=False)
    require_guarded("10.0.0.1", LoginMode.USERS, allow_open=False)
    require_guarded("10.0.0.1", LoginMode.NONE, allow_open=True)
    with pytest.raises(ConfigurationError, match=r"would be open to everybody who reaches 10\.0\.0\.1"):
        require_guarded("10.0.0.1", LoginMode.NONE, allow_open=False)


@contextmanager
def served(workers: int = 1) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port), str(workers)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FORWARDED_ALLOW_IPS": "*", "WEB_CONCURRENCY": "7"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"parent {process.pid}\n"
        assert process.stdout.readline() == "ready\n"
        try:
            yield process, port
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)


def get(port: int, path: str, headers: dict[str, str] | None = None) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    body = connection.getresponse().read().decode()
    connection.close()
    return body


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_is_being_answered_when_it_is_told_to_stop_is_answered(stop: signal.Signals) -> None:
    answers: list[str] = []
    with served() as (process, port):
        asking = threading.Thread(target=lambda: answers.append(get(port, "/slow")))
        asking.start()
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(stop)
        assert process.wait(timeout=30) == 0
        asking.join()
    assert answers == ["done"]


def test_the_app_is_made_in_each_worker_and_headers_of_strangers_are_not_believed() -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Script_Name": "/evil"}
    with served(workers=2) as (process, port):
        told = {get(port, "/who", forged) for _ in range(40)}
        pids = {line.split()[0] for line in told}
        assert str(process.pid) not in pids
        assert 1 <= len(pids) <= 2
        assert {line.split(" ", 1)[1] for line in told} == {"http 127.0.0.1"}
