"""The tests' own promise: no AWS, no network."""

from __future__ import annotations

import os
import socket

import boto3
import pytest


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match=r"tried to reach 192\.0\.2\.1:80"):
        client.connect(("192.0.2.1", 80))


def test_this_machine_may_be_reached() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


def test_the_credentials_are_nobodys() -> None:
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.token) == ("testing", None)
    assert "AWS_PROFILE" not in os.environ
