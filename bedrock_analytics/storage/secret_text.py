"""A secret in AWS Secrets Manager."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import ConfigurationError


def secret_text(client: Any, name: str) -> str:
    """The text of a secret; ConfigurationError where it cannot be read or is no text.

    `client` is boto3's for Secrets Manager. Neither error nor log ever holds the text.
    """
    try:
        text = client.get_secret_value(SecretId=name).get("SecretString")
    except (ClientError, BotoCoreError) as error:
        raise ConfigurationError(f"the secret {name} cannot be read: {error}") from error
    if not text:
        raise ConfigurationError(f"the secret {name} holds no text")
    return str(text)
