"""A hub's settings, kept in one SSM parameter: found by profile and Region alone, without Pulumi."""

from __future__ import annotations

import json
from collections.abc import Mapping

from botocore.exceptions import ClientError

from bedrock_analytics.cli.aws_session import AwsSession, aws_faults, error_code
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.domain.errors import ConfigurationError
from components.naming import DEFAULT_PREFIX, settings_parameter


def hub_settings(names: AwsNames, session: AwsSession | None = None) -> Mapping[str, object]:
    """Settings of the hub in the names' account and Region, by the names of a stack's outputs.

    ConfigurationError where there is no hub, or its settings may not be read; it says what to do.
    """
    session = session or AwsSession(names.profile, names.region)
    found = find_hub_settings(session, names.prefix)
    if found is None:
        raise ConfigurationError(
            f"account {session.account} has no hub in {session.region}"
            f"{f' under the prefix {names.prefix}' if names.prefix else ''}: give the hub's --profile and "
            "Region (and --prefix, where its stack sets one), or --stack"
        )
    return found


def find_hub_settings(session: AwsSession, prefix: str | None = None) -> Mapping[str, object] | None:
    """The same, None where there is no hub."""
    name = settings_parameter(session.region, prefix or DEFAULT_PREFIX)
    try:
        with aws_faults():
            answer = _parameter(session, name)
    except PermissionError as error:
        raise ConfigurationError(
            f"{session.identity} may not read the parameter {name}: ask for the hub's reader policy"
        ) from error
    return None if answer is None else _parsed(answer, name)


def _parameter(session: AwsSession, name: str) -> str | None:
    try:
        return str(session.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        code = error_code(error)
        if code == "ParameterNotFound":
            return None
        if code.startswith("AccessDenied"):
            raise PermissionError(name) from error
        raise


def _parsed(text: str, name: str) -> Mapping[str, object]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(
            f"the parameter {name} is no JSON: run `make up` for the hub again"
        ) from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"the parameter {name} is no JSON object: run `make up` for the hub again")
    return found
