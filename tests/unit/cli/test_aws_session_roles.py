"""Clients that act as a role of another account, which moto plays."""

from __future__ import annotations

import pytest
from moto import mock_aws

from bedrock_analytics.cli.aws_session import AwsSession


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def test_a_client_of_a_role_works_in_the_role_s_account_and_region() -> None:
    with mock_aws():
        session = AwsSession(region="eu-central-1")
        role = "arn:aws:iam::444455556666:role/metrics-reader"
        names = {"external_id": "between-us", "session_name": "dashboard", "region": "us-west-2"}
        client = session.client_as(role, "sts", **names)
        assert client.meta.region_name == "us-west-2"
        assert client.get_caller_identity()["Account"] == "444455556666"
        assert session.client("sts").get_caller_identity()["Account"] == "123456789012"
