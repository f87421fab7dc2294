"""A secret is read from Secrets Manager, and what cannot be read is named without being shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.storage.secret_text import secret_text


@pytest.fixture
def secrets() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def test_the_text_of_a_secret_is_read(secrets: Any) -> None:
    secrets.create_secret(Name="pseudonym-key", SecretString="long enough for a key")
    assert secret_text(secrets, "pseudonym-key") == "long enough for a key"


def test_a_secret_that_is_missing_is_named(secrets: Any) -> None:
    with pytest.raises(ConfigurationError, match="the secret pseudonym-key cannot be read"):
        secret_text(secrets, "pseudonym-key")


def test_a_secret_of_bytes_is_refused_without_showing_it(secrets: Any) -> None:
    secrets.create_secret(Name="pseudonym-key", SecretBinary=b"hush")
    with pytest.raises(ConfigurationError) as refused:
        secret_text(secrets, "pseudonym-key")
    assert str(refused.value) == "the secret pseudonym-key holds no text"
