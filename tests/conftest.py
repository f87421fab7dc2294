"""Every test runs without AWS, without a network and with a known environment."""

from __future__ import annotations

import functools
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import hypothesis
import pytest

# Time is never what a test is about, and machines differ. In CI every run draws the same examples.
hypothesis.settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("project")

SETTLED = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
FORGOTTEN_PREFIXES = ("AWS_", "BEDROCK_ANALYTICS_", "PULUMI_", "POWERTOOLS_")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_configure() -> None:
    """Forget the developer's own deployments before any test module is imported."""
    for name in [name for name in os.environ if name.startswith(FORGOTTEN_PREFIXES)]:
        del os.environ[name]
    os.environ.update(SETTLED)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse connections to other machines: what a test needs, it makes."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to reach {address[0]}:{address[1]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", local_only)
        yield


@pytest.fixture(scope="session", autouse=True)
def services_read_once() -> Iterator[None]:
    """Read AWS's descriptions of its services once for all sessions, which takes most of a session's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.loaders, "create_loader", functools.cache(botocore.loaders.create_loader))
        yield


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(scope="session")
def browser_executable() -> str | None:
    """The Chromium or Chrome for browser tests; None means Playwright's own download.

    Without either the test is skipped, or fails where REQUIRE_BROWSER is set.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if os.environ.get("PLAYWRIGHT_DOWNLOAD") == "1":
        return None
    missing = (
        "no Chromium or Chrome is installed: install one, or run `playwright install chromium` "
        "and set PLAYWRIGHT_DOWNLOAD=1"
    )
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(missing)
    pytest.skip(missing)
