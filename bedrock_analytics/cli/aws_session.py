"""AWS with a person's own credentials: a profile and a Region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from bedrock_analytics.cli.exit_codes import ExitCode, Failure
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.storage.assumed_role import assumed_role_session

CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 6})

SESSION_NAME: Final = "bedrock-analytics"
ADVICE: Final = "give --profile and --aws-region, or sign in"


class AwsSession:
    """Clients of one profile in one Region; None leaves the choice to the AWS SDK.

    With `role_arn` they act as that role, which the profile may assume.
    """

    def __init__(
        self, profile: str | None = None, region: str | None = None, role_arn: str | None = None
    ) -> None:
        self.profile = profile
        self._region = region
        self._role_arn = role_arn

    @cached_property
    def _session(self) -> boto3.Session:
        with aws_faults():
            own = boto3.Session(profile_name=self.profile, region_name=self._region)
            return own if self._role_arn is None else _acting_as(own, self._role_arn)

    def client(self, service: str) -> Any:
        """A client; ConfigurationError without profile, Region or credentials."""
        with aws_faults():
            return self._session.client(service, config=CONFIG)  # type: ignore[call-overload]

    def client_as(
        self, role_arn: str, service: str, *, external_id: str, session_name: str, region: str
    ) -> Any:
        """A client that acts as a role, which is assumed when first needed."""
        with aws_faults():
            session = assumed_role_session(
                self._session._session,  # noqa: SLF001 - boto3 tells its botocore session nowhere else
                role_arn,
                external_id=external_id,
                session_name=session_name,
                region=region,
            )
            return session.client(service, config=CONFIG)  # type: ignore[call-overload]

    @cached_property
    def region(self) -> str:
        """The Region; ConfigurationError where none is known."""
        found = self._session.region_name
        if not found:
            raise ConfigurationError("the AWS Region is unknown: give --region or set AWS_REGION")
        return str(found)

    @cached_property
    def account(self) -> str:
        """The account that the credentials belong to."""
        return str(self._identity["Account"])

    @cached_property
    def identity(self) -> str:
        """ARN of whom the credentials belong to."""
        return str(self._identity["Arn"])

    @cached_property
    def _identity(self) -> Any:
        with aws_faults():
            return self.client("sts").get_caller_identity()


def _acting_as(session: boto3.Session, role_arn: str) -> boto3.Session:
    answer = session.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME)
    keys = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=session.region_name,
    )


@contextmanager
def aws_faults() -> Iterator[None]:
    """Turn what AWS and its SDK report into errors that say what to do."""
    try:
        yield
    except EndpointConnectionError as error:
        raise Failure(f"AWS cannot be reached: {error}", ExitCode.TRY_AGAIN) from error
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS cannot be reached: {error}; {ADVICE}") from error
    except ClientError as error:
        raise Failure(f"AWS refused: {error}", ExitCode.FAILED) from error


def error_code(error: ClientError) -> str:
    """AWS's code of an error, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", ""))
