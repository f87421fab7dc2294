"""A secret in AWS Systems Manager Parameter Store, made once where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


def secret_parameter(client: SSMClient, name: str, make: Callable[[], str]) -> str:
    """The value of a SecureString parameter; where there is none, `make` gives it.

    Of several processes that find none, the first one's value is kept and all use it. ConfigurationError
    where the parameter can be neither read nor made.
    """
    try:
        found = _value(client, name)
        if found is None:
            _put_new(client, name, make())
            found = _value(client, name)
    except (ClientError, BotoCoreError) as error:
        raise ConfigurationError(
            f"the SSM parameter {name} with the session secret cannot be read or made: {error}; "
            "allow ssm:GetParameter and, once, ssm:PutParameter on it"
        ) from error
    if found is None:
        raise ConfigurationError(f"the SSM parameter {name} was deleted while it was made; try again")
    return found


def _value(client: SSMClient, name: str) -> str | None:
    try:
        return client.get_parameter(Name=name, WithDecryption=True)["Parameter"].get("Value", "")
    except client.exceptions.ParameterNotFound:
        return None


def _put_new(client: SSMClient, name: str, value: str) -> None:
    try:
        client.put_parameter(
            Name=name,
            Value=value,
            Type="SecureString",
            Overwrite=False,
            Description="Signs the sessions of the Bedrock Analytics dashboard",
        )
    except client.exceptions.ParameterAlreadyExists:
        return
