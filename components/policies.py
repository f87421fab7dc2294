"""What each role may do: pure functions from names to IAM documents.

Sources: Amazon Data Firehose developer guide, "Controlling access"; Amazon S3 user guide, "Integrating
Amazon S3 Tables with AWS analytics services"; Athena user guide, "Fine-grained access". The end-to-end test
compares them with the calls that the functions make, both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.iam_documents import (
    ANY_RESOURCE,
    Document,
    Statement,
    allow,
    allow_service,
    deny_plain_text,
    document,
)
from components.naming import (
    CATALOG,
    DELIVERY_ERRORS_PREFIX,
    NAMESPACE,
    REJECTED_PREFIX,
    TABLE,
    DeploymentNames,
    FunctionName,
    HubNames,
)

DELIVERY_LOG_STREAM: Final = "IcebergDelivery"
"""Where the stream writes why a delivery failed."""

_READ_ITEMS: Final = ("dynamodb:GetItem", "dynamodb:Query")
_WRITE_ITEMS: Final = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem")
_QUERY: Final = (
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
_TAKE_MESSAGES: Final = (
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
)
_READ_LAKE: Final = (
    "s3tables:GetNamespace",
    "s3tables:GetTable",
    "s3tables:GetTableBucket",
    "s3tables:GetTableData",
    "s3tables:GetTableMetadataLocation",
)
_READ_CATALOG: Final = (
    "glue:GetCatalog",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetTable",
    "glue:GetTables",
)
COLUMNS_PARTITION: Final = "SCHEMA"
"""The one partition of the usage table that spokes may read: which columns the lake has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAccess:
    """The log bucket as `parse_log` uses it."""

    bucket: str
    records_prefix: str
    """What the keys of log objects begin with."""
    kms_key_arns: tuple[str, ...] = ()
    """Keys that an existing bucket's objects are encrypted with."""
    keep_rejected: bool = True


def parse_log(names: DeploymentNames, logs: LogAccess, writes: Sequence[Statement]) -> Document:
    """`parse_log`; `writes` is `write_events` in a hub and `act_as_writer` in a spoke."""
    bucket = names.bucket_arn(logs.bucket)
    statements = [
        allow("ReadLogs", ["s3:GetObject"], [f"{bucket}/{logs.records_prefix}*"]),
        allow("TakeMessages", _TAKE_MESSAGES, [names.queue_arn(names.log_queue)]),
        allow(
            "ResolveProfiles",
            ["bedrock:GetInferenceProfile"],
            [names.arn("bedrock", "application-inference-profile/*")],
        ),
    ]
    if logs.keep_rejected:
        statements.append(allow("KeepRejectedLines", ["s3:PutObject"], [f"{bucket}/{REJECTED_PREFIX}*"]))
    if logs.kms_key_arns:
        statements.append(allow("UseLogKeys", ["kms:Decrypt", "kms:GenerateDataKey"], logs.kms_key_arns))
    return document(*statements, *writes)


def write_events(hub: HubNames) -> list[Statement]:
    """What whoever writes events may do, a spoke's role included: put records, ask for the lake's columns."""
    return [
        allow("PutRecords", ["firehose:PutRecordBatch"], [hub.stream_arn]),
        allow(
            "ReadColumns",
            ["dynamodb:GetItem"],
            [hub.table_arn(hub.usage_table)],
            {
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [COLUMNS_PARTITION]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
    ]


def act_as_writer(write_role_arn: str) -> list[Statement]:
    """What `parse_log` of a spoke may do in the hub: what the hub's role for it may."""
    return [allow("ActAsWriter", ["sts:AssumeRole"], [write_role_arn])]


def compute_cost(names: HubNames) -> Document:
    """L2: reads the lake and the prices, writes the usage pages, asks for syncs and learns profiles."""
    return document(
        *query_lake(names, names.compute_workgroup),
        allow("WriteUsage", [*_READ_ITEMS, *_WRITE_ITEMS], [names.table_arn(names.usage_table)]),
        allow("UsePrices", [*_READ_ITEMS, *_WRITE_ITEMS], [names.table_arn(names.price_table)]),
        _report_failures(names),
    )


def aggregate_stats(names: HubNames) -> Document:
    """Reconciliation and backfills: reads the lake, marks periods of the usage table."""
    return document(
        *query_lake(names, names.compute_workgroup),
        allow("MarkPeriods", [*_READ_ITEMS, "dynamodb:BatchWriteItem"], [names.table_arn(names.usage_table)]),
        _report_failures(names),
    )


def sync_pricing(names: HubNames) -> Document:
    """The price sync: reads and writes the price table."""
    return document(
        allow("WritePrices", [*_READ_ITEMS, *_WRITE_ITEMS], [names.table_arn(names.price_table)]),
        _report_failures(names),
    )


def lake_reader(names: HubNames) -> Document:
    """A person's queries of the lake, in the workgroup for people and nowhere else."""
    workgroup = names.workgroup_arn(names.people_workgroup)
    return document(
        *query_lake(names, names.people_workgroup),
        allow(
            "UseWorkgroup",
            [
                "athena:GetNamedQuery",
                "athena:GetWorkGroup",
                "athena:ListNamedQueries",
                "athena:ListQueryExecutions",
            ],
            [workgroup],
        ),
    )


def query_lake(names: HubNames, workgroup: str) -> list[Statement]:
    """Queries in one workgroup. Athena reads catalog and table with the rights of whoever asks.

    Of a catalog that is not the account's own, StartQueryExecution asks for GetDataCatalog, too:
    https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
    """
    return [
        allow("QueryLake", _QUERY, [names.workgroup_arn(workgroup)]),
        allow("FindCatalog", ["athena:GetDataCatalog"], names.athena_catalog_arns),
        allow("ReadCatalog", _READ_CATALOG, _catalog_resources(names)),
        allow("ReadLake", _READ_LAKE, _lake_resources(names)),
        allow("ReadData", ["lakeformation:GetDataAccess"], [ANY_RESOURCE]),
    ]


def firehose(names: HubNames, error_bucket: str, error_kms_keys: Sequence[str] = ()) -> Document:
    """The stream's role: commits to the lake's table, keeps what it could not deliver, logs why."""
    bucket = names.bucket_arn(error_bucket)
    log_group = names.arn("logs", f"log-group:{names.stream_log_group}")
    statements = [
        allow("ReadCatalog", [*_READ_CATALOG, "glue:UpdateTable"], _catalog_resources(names)),
        allow(
            "WriteLake",
            [*_READ_LAKE, "s3tables:PutTableData", "s3tables:UpdateTableMetadataLocation"],
            _lake_resources(names),
        ),
        allow("WriteData", ["lakeformation:GetDataAccess"], [ANY_RESOURCE]),
        allow(
            "FindErrorBucket",
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [bucket],
        ),
        allow(
            "KeepErrors",
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            [f"{bucket}/{DELIVERY_ERRORS_PREFIX}*"],
        ),
        allow("LogErrors", ["logs:PutLogEvents"], [f"{log_group}:log-stream:{DELIVERY_LOG_STREAM}"]),
    ]
    if error_kms_keys:
        statements.append(allow("UseErrorKeys", ["kms:Decrypt", "kms:GenerateDataKey"], error_kms_keys))
    return document(*statements)


def schedules(names: HubNames, functions: Sequence[FunctionName]) -> Document:
    """The scheduler's role: starts these functions, and keeps the runs that it could not start."""
    return document(
        allow("StartFunctions", ["lambda:InvokeFunction"], [names.function_arn(name) for name in functions]),
        _report_failures(names),
    )


def function_logs(log_group_arn: str) -> Statement:
    """A function's own log group, which the program makes."""
    return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{log_group_arn}:*"])


def tracing() -> Statement:
    """X-Ray, which knows no resources."""
    return allow("Trace", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], [ANY_RESOURCE])


def event_queue(queue_arn: str, rule_arn: str) -> Document:
    """A queue that one event rule may put messages in."""
    return document(
        allow_service(
            "events.amazonaws.com",
            "TakeEvents",
            "sqs:SendMessage",
            queue_arn,
            {"ArnEquals": {"aws:SourceArn": rule_arn}},
        ),
        deny_plain_text("sqs:*", [queue_arn]),
    )


def private_queue(queue_arn: str) -> Document:
    """A queue that only roles of the account use."""
    return document(deny_plain_text("sqs:*", [queue_arn]))


def log_bucket(names: DeploymentNames, bucket: str, records_prefix: str) -> Document:
    """A log bucket that Bedrock of this account and Region may write logs to, over TLS alone."""
    arn = names.bucket_arn(bucket)
    return document(
        bedrock_writes(names, bucket, records_prefix),
        deny_plain_text("s3:*", [arn, f"{arn}/*"]),
    )


def bedrock_writes(names: DeploymentNames, bucket: str, records_prefix: str) -> Statement:
    """What a log bucket's policy must hold for Bedrock to write there."""
    folder = f"{records_prefix}{names.account}/BedrockModelInvocationLogs/*"
    return allow_service(
        "bedrock.amazonaws.com",
        "AmazonBedrockLogsWrite",
        "s3:PutObject",
        f"{names.bucket_arn(bucket)}/{folder}",
        {
            "StringEquals": {"aws:SourceAccount": names.account},
            "ArnLike": {"aws:SourceArn": names.arn("bedrock", "*")},
        },
    )


def alarm_topic(topic_arn: str, account: str) -> Document:
    """A topic that alarms of this account publish to."""
    return document(
        allow_service(
            "cloudwatch.amazonaws.com",
            "TakeAlarms",
            "sns:Publish",
            topic_arn,
            {"StringEquals": {"aws:SourceAccount": account}},
        ),
        deny_plain_text("sns:Publish", [topic_arn]),
    )


def _report_failures(names: HubNames) -> Statement:
    return allow("ReportFailures", ["sqs:SendMessage"], [names.queue_arn(names.failed_runs)])


def _catalog_resources(names: HubNames) -> list[str]:
    """The table and everything above it: Glue asks for each."""
    inside = f"{CATALOG}/{names.table_bucket}/{NAMESPACE}"
    paths = ("catalog", f"catalog/{CATALOG}", f"catalog/{CATALOG}/{names.table_bucket}")
    return [
        *(names.arn("glue", path) for path in paths),
        names.arn("glue", f"database/{inside}"),
        names.arn("glue", f"table/{inside}/{TABLE}"),
    ]


def _lake_resources(names: HubNames) -> list[str]:
    """The table bucket and its tables, whose ARNs hold an id that S3 makes."""
    return [names.table_bucket_arn, f"{names.table_bucket_arn}/table/*"]
