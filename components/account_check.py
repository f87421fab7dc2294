"""What an account has already that a stack would replace: looked at before anything is declared.

Bedrock's logging configuration and the catalog of S3 Tables exist once in an account and Region. The provider
has no question that tells whether logging is configured, so AWS is asked directly, as the provider would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import ConfigurationError
from components.naming import CATALOG
from components.settings import PROJECT, HubSettings, StackSettings, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingLogging:
    """Where Bedrock logs already; None where it does not log to S3, or to CloudWatch."""

    bucket: str | None = None
    prefix: str = ""
    """Empty, or ending in a slash."""
    log_group: str | None = None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> ExistingLogging | None:
        """From the answer of GetModelInvocationLoggingConfiguration; None where nothing is configured."""
        config: Mapping[str, Any] = answer.get("loggingConfig") or {}
        if not config:
            return None
        s3, cloudwatch = config.get("s3Config") or {}, config.get("cloudWatchConfig") or {}
        prefix = str(s3.get("keyPrefix") or "").rstrip("/")
        return cls(
            bucket=s3.get("bucketName"),
            prefix=f"{prefix}/" if prefix else "",
            log_group=cloudwatch.get("logGroupName"),
        )


class Account(Protocol):
    """What can be seen of the stack's account and Region."""

    @property
    def account_id(self) -> str:
        """The account that the credentials belong to."""
        ...

    def logging(self) -> ExistingLogging | None:
        """Bedrock's logging configuration, None where there is none."""
        ...

    def has_catalog(self) -> bool:
        """Whether `s3tablescatalog` is there."""
        ...

    def has_table_bucket(self, arn: str) -> bool:
        """Whether an S3 table bucket is there."""
        ...


def check_account(settings: StackSettings, account: Account) -> None:
    """ConfigurationError where the account is another, or has what the stack would replace."""
    expected = settings.target.account_id
    if account.account_id != expected:
        raise ConfigurationError(
            f"the AWS credentials are of account {account.account_id}, and this stack is for {expected}:"
            " sign in to that account, set awsProfile, or correct accountId"
        )
    if settings.logs.manage_bedrock_logging:
        _check_logging(settings, account.logging())
    if isinstance(settings, HubSettings) and settings.manage_catalog:
        _check_catalog(settings, account)


def _check_logging(settings: StackSettings, found: ExistingLogging | None) -> None:
    """Logging to the stack's own bucket, or just as it is declared, is the stack's own."""
    if found is None:
        return
    own = found.bucket == settings.names.log_bucket
    same = (found.bucket, found.prefix) == (settings.log_bucket, settings.logs.prefix)
    if found.log_group is None and (own or same):
        return
    places = [f"s3://{found.bucket}/{found.prefix}"] if found.bucket else []
    places += [f"the log group {found.log_group}"] if found.log_group else []
    keep = "`pulumi config set bedrockLogging leave`"
    if found.bucket:
        keep += (
            f", `pulumi config set existingLogBucket {found.bucket}` and"
            f' `pulumi config set logPrefix "{found.prefix}"`, then run `bedrock-analytics connect-bucket`'
        )
    else:
        keep = "logs are read from S3 only: add a bucket to that configuration, then " + keep
    raise ConfigurationError(
        f"Bedrock already logs to {' and '.join(places) or 'nowhere that can be told'}, and this stack would"
        f" replace that. To keep it: {keep}. To have it replaced: switch it off first"
    )


def _check_catalog(hub: HubSettings, account: Account) -> None:
    """A catalog that is there before the hub's own table bucket was made by somebody else."""
    if account.has_catalog() and not account.has_table_bucket(hub.names.table_bucket_arn):
        raise ConfigurationError(
            f"the catalog {CATALOG} is there already, and an account and Region has one:"
            " use it with `pulumi config set s3TablesCatalog existing`;"
            " `bedrock-analytics preflight` says whether its mode fits"
        )


class AwsAccount:
    """The account as AWS shows it to whoever deploys the stack."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @property
    def account_id(self) -> str:
        with _explained("sts:GetCallerIdentity"):
            return str(self.client("sts").get_caller_identity()["Account"])

    def logging(self) -> ExistingLogging | None:
        with _explained("bedrock:GetModelInvocationLoggingConfiguration"):
            return ExistingLogging.of(self.client("bedrock").get_model_invocation_logging_configuration())

    def has_catalog(self) -> bool:
        with _explained("glue:GetCatalog"):
            return _found(lambda: self.client("glue").get_catalog(CatalogId=CATALOG), is_no_catalog)

    def has_table_bucket(self, arn: str) -> bool:
        with _explained("s3tables:GetTableBucket"):
            return _found(
                lambda: self.client("s3tables").get_table_bucket(tableBucketARN=arn),
                lambda error: _code(error) == "NotFoundException",
            )

    def client(self, service: str) -> Any:
        """A client as whoever deploys the stack."""
        return self._session.client(service)  # type: ignore[call-overload]

    @cached_property
    def _session(self) -> boto3.Session:
        target = self._target
        session = boto3.Session(profile_name=target.profile, region_name=target.region)
        if target.deploy_role_arn is None:
            return session
        answer = session.client("sts").assume_role(RoleArn=target.deploy_role_arn, RoleSessionName=PROJECT)
        keys = answer["Credentials"]
        return boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=target.region,
        )


def is_no_catalog(error: ClientError) -> bool:
    """Whether Glue says that a catalog is not there.

    Where Lake Formation governs, it says so by refusing (terraform-provider-aws, glue/catalog.go).
    """
    told = str(error.response.get("Error", {}).get("Message", ""))
    refused = _code(error) == "AccessDeniedException" and "Lake Formation permission" in told
    return refused or _code(error) == "EntityNotFoundException"


def _found(ask: Callable[[], object], is_missing: Callable[[ClientError], bool]) -> bool:
    try:
        ask()
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return True


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _explained(action: str) -> Iterator[None]:
    """Turn what AWS and its SDK report into an error that says what to do."""
    try:
        yield
    except ClientError as error:
        raise ConfigurationError(
            f"the account cannot be looked at: {error}; whoever deploys needs {action} (docs/deploy.md)"
        ) from error
    except BotoCoreError as error:
        raise ConfigurationError(
            f"AWS cannot be reached: {error}; sign in, or set awsProfile in the stack"
        ) from error
