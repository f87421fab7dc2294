"""The address that the dashboard is served on."""

from __future__ import annotations

import socket

import pytest

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.address import is_loopback, require_free


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("example.org", False)],  # noqa: S104
)
def test_only_this_machine_reaches_loopback(host: str, own: bool) -> None:
    assert is_loopback(host) is own


def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ConfigurationError, match=rf"cannot serve on 127.0.0.1:{port}: address already in use; .*--port"
        ) as failure:
            require_free("127.0.0.1", port)
    assert "\n" not in str(failure.value)
