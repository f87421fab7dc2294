"""A secret in SSM: made once, whoever comes first, and never replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.storage.secret_parameter import secret_parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient

NAME = "/bedrock-analytics/usage-stats/session-secret"


@pytest.fixture
def ssm() -> Iterator[SSMClient]:
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-central-1")


def test_a_secret_is_made_once_and_encrypted(ssm: SSMClient) -> None:
    assert secret_parameter(ssm, NAME, lambda: "first") == "first"
    assert secret_parameter(ssm, NAME, lambda: "second") == "first"
    assert ssm.get_parameter(Name=NAME)["Parameter"]["Type"] == "SecureString"


def test_of_two_processes_that_find_none_the_first_ones_secret_is_kept(ssm: SSMClient) -> None:
    def while_another_was_faster() -> str:
        ssm.put_parameter(Name=NAME, Value="theirs", Type="SecureString")
        return "ours"

    assert secret_parameter(ssm, NAME, while_another_was_faster) == "theirs"


def test_what_may_not_be_read_is_told_with_what_to_allow() -> None:
    with mock_aws():
        client = boto3.client(
            "ssm", region_name="eu-central-1", config=Config(retries={"total_max_attempts": 1})
        )
        with pytest.raises(ConfigurationError, match="allow ssm:GetParameter and, once, ssm:PutParameter"):
            secret_parameter(client, "aws/reserved/name", lambda: "x")
