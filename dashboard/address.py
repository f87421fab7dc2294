"""Where the dashboard is served. Imports nothing heavy: commands ask before they load the dashboard."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from bedrock_analytics.domain.errors import ConfigurationError

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8060


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_free(host: str, port: int) -> None:
    """ConfigurationError where the address cannot be served on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # as the server does, so that a connection that has just ended is no obstacle
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ConfigurationError(
            f"cannot serve on {host}:{port}: {(error.strerror or str(error)).lower()}; "
            "choose another port with --port or PORT, or stop what listens there"
        ) from error
