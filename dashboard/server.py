"""Serving the dashboard: worker processes with threads, started after the fork.

DuckDB and Arrow do not survive a fork, so the app is built in the worker, never before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash
from gunicorn.app.base import BaseApplication

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.address import DEFAULT_HOST, DEFAULT_PORT, is_loopback, require_free
from dashboard.config import LoginMode
from dashboard.delivery import compress_ahead
from dashboard.garbage import collect_seldom

THREADS = 8


def serve(
    make_app: Callable[[], Dash],
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    login: LoginMode = LoginMode.NONE,
    allow_open: bool = False,
    workers: int = 1,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, letting open requests end. `on_ready` is called once it listens.

    `make_app` is called in each worker. ConfigurationError where the port is taken, or where an open
    dashboard would face a network unasked.
    """
    require_guarded(host, login, allow_open=allow_open)
    require_free(host, port)
    _Server(make_app, host, port, workers, on_ready).run()


def require_guarded(host: str, login: LoginMode, *, allow_open: bool) -> None:
    """Refuse to show usage without login to anything but this machine, unless told to."""
    if login is LoginMode.NONE and not allow_open and not is_loopback(host):
        raise ConfigurationError(
            f"the dashboard has no login and would be open to everybody who reaches {host}; "
            "serve it on 127.0.0.1, set a login in config.yaml, or insist with --allow-open"
        )


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Gunicorn, told everything by its caller: no file, no environment, no command line."""

    def __init__(
        self, make_app: Callable[[], Dash], host: str, port: int, workers: int, on_ready: Callable[[], None]
    ) -> None:
        self._make_app = make_app
        self._on_ready = on_ready
        self._options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "worker_class": "gthread",
            "workers": workers,
            "threads": THREADS,
            "preload_app": False,
            "graceful_timeout": 10,
            "timeout": 120,
            "keepalive": 15,
            "limit_request_line": 8190,  # the most: an address holds every filter
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "bedrock-analytics",
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # config.yaml says which proxies are believed, and how far
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("when_ready", lambda _arbiter: self._on_ready())

    def load(self) -> Any:
        app = self._make_app()
        compress_ahead(app)
        collect_seldom()
        return app.server
