"""The lake: an Iceberg table in S3 Tables, and the stream that fills it.

The table is declared through Cloud Control, because the provider's own table takes no partitions. Nothing of
it is ever updated by the program: it is made once, and `bedrock-analytics migrate` adds columns.
Access is by IAM alone: the catalog is made without Lake Formation, and only where there is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, cast

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import as_json, service_trust
from components.lake_schema import UNIQUE_KEY, table_state
from components.naming import CATALOG, DELIVERY_ERRORS_PREFIX, NAMESPACE, TABLE, HubNames
from components.resource_options import data_options
from components.setting_kinds import LakeMode

TABLE_TYPE: Final = "AWS::S3Tables::Table"
RETRY_SECONDS: Final = 300
"""How long the stream retries a delivery; the lake's readers allow for it."""
BUFFER_MEGABYTES: Final = 64
ERRORS_FOLDER: Final = f"{DELIVERY_ERRORS_PREFIX}!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/"
MARGIN_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLakeArgs:
    """Arguments of the lake."""

    names: HubNames
    error_bucket: str
    """Bucket that keeps, under `DELIVERY_ERRORS_PREFIX`, the rows that could not be delivered."""
    error_kms_key_arns: tuple[str, ...] = ()
    mode: LakeMode = LakeMode.UPSERT
    buffer_seconds: int = 60
    manage_catalog: bool = True
    """Whether to make `s3tablescatalog`, of which an account and Region has one."""
    bucket_accounts: bool = False
    """Whether to partition by hash of the account, for more than some fifty accounts."""
    log_days: int = 30
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before the stream, such as the bucket of its errors."""
    meanwhile: tuple[pulumi.Resource, ...] = ()
    """What is made between namespace and table: S3 Tables does not know a new namespace for some seconds,
    and Cloud Control does not try again."""
    protect: bool = True
    retain: bool = True
    """Whether what holds data stays in AWS when it leaves the stack."""


def arrival_overlap_seconds(*, parse_timeout_seconds: int, buffer_seconds: int) -> int:
    """How long before its watermark L2 must look again: the longest way of a row from stamp to commit."""
    return parse_timeout_seconds + buffer_seconds + RETRY_SECONDS + MARGIN_SECONDS


class EventLake(pulumi.ComponentResource):
    """Table and stream. `table_bucket`, `stream`, `table` and `catalog` (None where it is not managed)."""

    def __init__(self, name: str, args: EventLakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:EventLake", name, None, opts)
        self.table_bucket = aws.s3tables.TableBucket(
            f"{name}-bucket",
            name=args.names.table_bucket,
            opts=data_options(self, protect=args.protect, retain=args.retain),
        )
        self.catalog = self._declare_catalog(name, args) if args.manage_catalog else None
        self.namespace = aws.s3tables.Namespace(
            f"{name}-namespace",
            namespace=NAMESPACE,
            table_bucket_arn=self.table_bucket.arn,
            opts=data_options(self, protect=args.protect, retain=args.retain),
        )
        self.table = self._declare_table(name, args)
        self.stream = self._declare_stream(name, args)
        self.register_outputs({"table_bucket_arn": self.table_bucket.arn, "stream_name": self.stream.name})

    def _declare_catalog(self, name: str, args: EventLakeArgs) -> aws.glue.Catalog:
        """The catalog as AWS makes it by default: whoever IAM lets in, gets in.

        It comes after the table bucket, by which the next run knows it again if this one fails half-way.
        """
        anyone: list[Any] = [
            {
                "permissions": ["ALL"],
                "principal": {"data_lake_principal_identifier": "IAM_ALLOWED_PRINCIPALS"},
            }
        ]
        return aws.glue.Catalog(
            f"{name}-catalog",
            name=CATALOG,
            federated_catalog={
                "identifier": args.names.arn("s3tables", "bucket/*"),
                "connection_name": "aws:s3tables",
            },
            create_database_default_permissions=anyone,
            create_table_default_permissions=anyone,
            allow_full_table_external_data_access="True",
            # Glue cannot update a federated catalog: any difference would replace it, for everybody.
            opts=data_options(
                self,
                protect=args.protect,
                depends_on=[self.table_bucket],
                ignore_changes=[
                    "federated_catalog",
                    "create_database_default_permissions",
                    "create_table_default_permissions",
                    "allow_full_table_external_data_access",
                    "catalog_properties",
                    "description",
                    "parameters",
                    "tags",
                    "tags_all",
                ],
            ),
        )

    def _declare_table(self, name: str, args: EventLakeArgs) -> aws.cloudcontrol.Resource:
        """The table. Its state is known before its bucket is there, so that a preview checks it, too."""
        state = table_state(bucket_accounts=args.bucket_accounts)
        known = [self.catalog] if self.catalog else []
        return aws.cloudcontrol.Resource(
            f"{name}-table",
            type_name=TABLE_TYPE,
            desired_state=json.dumps({"TableBucketARN": args.names.table_bucket_arn, **state}),
            opts=data_options(
                self,
                protect=args.protect,
                retain=args.retain,
                depends_on=[self.table_bucket, self.namespace, *known, *args.meanwhile],
                ignore_changes=["desired_state"],
            ),
        )

    def _declare_stream(self, name: str, args: EventLakeArgs) -> aws.kinesis.FirehoseDeliveryStream:
        names = args.names
        child = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-stream-logs", name=names.stream_log_group, retention_in_days=args.log_days, opts=child
        )
        log_stream = aws.cloudwatch.LogStream(
            f"{name}-stream-log", name=policies.DELIVERY_LOG_STREAM, log_group_name=log_group.name, opts=child
        )
        role = aws.iam.Role(
            f"{name}-stream-role",
            name=names.stream_role,
            description=f"Writes {names.stream} to the lake",
            assume_role_policy=as_json(service_trust("firehose.amazonaws.com", names.account)),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-stream-policy",
            name="delivery",
            role=role.name,
            policy=as_json(policies.firehose(names, args.error_bucket, args.error_kms_key_arns)),
            opts=child,
        )
        needed = [policy, self.table, log_stream, *([self.catalog] if self.catalog else []), *args.after]
        return aws.kinesis.FirehoseDeliveryStream(
            f"{name}-stream",
            name=names.stream,
            destination="iceberg",
            iceberg_configuration=_iceberg_configuration(args, role),
            server_side_encryption={"enabled": True, "key_type": "AWS_OWNED_CMK"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=needed),
        )


def _iceberg_configuration(
    args: EventLakeArgs, role: aws.iam.Role
) -> aws.kinesis.FirehoseDeliveryStreamIcebergConfigurationArgsDict:
    names = args.names
    destination: dict[str, Any] = {"database_name": NAMESPACE, "table_name": TABLE}
    configuration: dict[str, Any] = {
        "catalog_arn": names.catalog_arn,
        "role_arn": role.arn,
        "buffering_interval": args.buffer_seconds,
        "buffering_size": BUFFER_MEGABYTES,
        "retry_duration": RETRY_SECONDS,
        "s3_backup_mode": "FailedDataOnly",
        "s3_configuration": {
            "bucket_arn": names.bucket_arn(args.error_bucket),
            "role_arn": role.arn,
            "error_output_prefix": ERRORS_FOLDER,
            "compression_format": "GZIP",
        },
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": names.stream_log_group,
            "log_stream_name": policies.DELIVERY_LOG_STREAM,
        },
        "destination_table_configurations": [destination],
    }
    if args.mode is LakeMode.APPEND:
        configuration["append_only"] = True
    else:
        destination["unique_keys"] = list(UNIQUE_KEY)
        configuration["processing_configuration"] = {"enabled": True, "processors": [_upserts()]}
    return cast("aws.kinesis.FirehoseDeliveryStreamIcebergConfigurationArgsDict", configuration)


def _upserts() -> dict[str, Any]:
    """Marks each record as an update: by unique keys alone Firehose still inserts."""
    marks = {"destinationDatabaseName": NAMESPACE, "destinationTableName": TABLE, "operation": "update"}
    query = ",".join(f"{key}:{json.dumps(value)}" for key, value in marks.items())
    parameters = {"JsonParsingEngine": "JQ-1.6", "MetadataExtractionQuery": f"{{{query}}}"}
    return {
        "type": "MetadataExtraction",
        "parameters": [
            {"parameter_name": name, "parameter_value": value} for name, value in parameters.items()
        ],
    }
