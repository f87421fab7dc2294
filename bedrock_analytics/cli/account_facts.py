"""What an account and Region has already, as far as a stack cares. Read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_analytics.cli.aws_session import AwsSession, error_code
from components.account_check import ExistingLogging, is_no_catalog
from components.naming import CATALOG, DeploymentNames, FunctionName, HubNames

_ABSENT: Final = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "EntityNotFoundException",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "ParameterNotFound",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
ANY_PRINCIPAL: Final = "IAM_ALLOWED_PRINCIPALS"
"""Lake Formation's word for: IAM alone decides."""


@dataclass(frozen=True, kw_only=True)
class SeenAccount:
    """An account as `components.account_check` judges it."""

    account_id: str
    seen_logging: ExistingLogging | None = None
    catalog: bool = False
    table_bucket: bool = False

    def logging(self) -> ExistingLogging | None:
        return self.seen_logging

    def has_catalog(self) -> bool:
        return self.catalog

    def has_table_bucket(self, arn: str) -> bool:
        return self.table_bucket


class AccountFacts:
    """Looks into the account of a session. Methods raise botocore's errors where they may not look."""

    def __init__(self, session: AwsSession) -> None:
        self._session = session

    def logging(self) -> ExistingLogging | None:
        """Bedrock's logging configuration."""
        return ExistingLogging.of(
            self._session.client("bedrock").get_model_invocation_logging_configuration()
        )

    def catalog(self) -> dict[str, Any] | None:
        """The catalog `s3tablescatalog`, None where there is none."""
        try:
            return dict(self._session.client("glue").get_catalog(CatalogId=CATALOG)["Catalog"])
        except ClientError as error:
            if is_no_catalog(error):
                return None
            raise

    def table_buckets(self) -> list[str]:
        """ARNs of the S3 table buckets."""
        client, buckets, token = self._session.client("s3tables"), list[str](), None
        while True:
            answer = client.list_table_buckets(**({"continuationToken": token} if token else {}))
            buckets += [bucket["arn"] for bucket in answer["tableBuckets"]]
            token = answer.get("continuationToken")
            if not token:
                return buckets

    def concurrency(self) -> int:
        """How many functions may run at once, besides those with a reserve."""
        limits = self._session.client("lambda").get_account_settings()["AccountLimit"]
        return int(limits["UnreservedConcurrentExecutions"])

    def taken_names(self, names: DeploymentNames, bucket: str | None) -> list[str]:
        """Names of the deployment that something has already; `bucket` is the one that it would make."""
        return [name for name, is_there in self._probes(names, bucket) if is_there() is not None]

    def _probes(
        self, names: DeploymentNames, bucket: str | None
    ) -> Iterator[tuple[str, Callable[[], object | None]]]:
        client = self._session.client
        if bucket is not None:
            yield f"bucket {bucket}", lambda: _bucket(client("s3"), bucket)
        queue, rule, function = names.log_queue, names.log_rule, names.function(FunctionName.PARSE_LOG)
        yield f"queue {queue}", lambda: found(lambda: client("sqs").get_queue_url(QueueName=queue))
        yield f"rule {rule}", lambda: found(lambda: client("events").describe_rule(Name=rule))
        yield (
            f"function {function}",
            lambda: found(lambda: client("lambda").get_function(FunctionName=function)),
        )
        role = names.iam_role(FunctionName.PARSE_LOG)
        yield f"role {role}", lambda: found(lambda: client("iam").get_role(RoleName=role))
        if isinstance(names, HubNames):
            yield from self._hub_probes(names)

    def _hub_probes(self, names: HubNames) -> Iterator[tuple[str, Callable[[], object | None]]]:
        client = self._session.client
        for table in (names.usage_table, names.price_table):
            yield f"table {table}", partial(_table, client("dynamodb"), table)
        stream, lake = names.stream, names.table_bucket_arn
        yield (
            f"stream {stream}",
            lambda: found(lambda: client("firehose").describe_delivery_stream(DeliveryStreamName=stream)),
        )
        yield (
            f"table bucket {names.table_bucket}",
            lambda: found(lambda: client("s3tables").get_table_bucket(tableBucketARN=lake)),
        )


def found(ask: Callable[[], Any]) -> Any | None:
    """The answer, None where AWS says that there is no such thing."""
    try:
        return ask()
    except ClientError as error:
        if error_code(error) in _ABSENT:
            return None
        raise


def _table(client: Any, name: str) -> object | None:
    return found(lambda: client.describe_table(TableName=name))


def _bucket(client: Any, name: str) -> object | None:
    """A bucket's name is taken by whoever has it, in any account."""
    try:
        return found(lambda: client.head_bucket(Bucket=name))
    except ClientError as error:
        if error_code(error) in {"403", "301"}:
            return name
        raise


def is_iam_mode(catalog: dict[str, Any]) -> bool:
    """Whether IAM alone decides who reads tables of the catalog, and no grant of Lake Formation is needed."""
    permissions = catalog.get("CreateTableDefaultPermissions") or []
    return any(
        entry.get("Principal", {}).get("DataLakePrincipalIdentifier") == ANY_PRINCIPAL
        for entry in permissions
    )
