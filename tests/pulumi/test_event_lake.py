from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bedrock_analytics.domain.usage_event import COLUMNS
from components.event_lake import RETRY_SECONDS, EventLake, EventLakeArgs, arrival_overlap_seconds
from components.lake_schema import UNIQUE_KEY, partition_fields
from components.naming import HubNames
from components.setting_kinds import LakeMode
from tests.pulumi.documents import allowed_actions, resources_of, trust
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy
from tests.pulumi.stacks import deployed

NAMES = HubNames(account=ACCOUNT, region=REGION)
ARGS = EventLakeArgs(names=NAMES, error_bucket=NAMES.log_bucket)
BUCKET, NAMESPACE = "aws:s3tables/tableBucket:TableBucket", "aws:s3tables/namespace:Namespace"
TABLE = "aws:cloudcontrol/resource:Resource"
CATALOG = "aws:glue/catalog:Catalog"
STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def declared(args: EventLakeArgs = ARGS) -> Deployed:
    return deploy(lambda: EventLake("lake", args))


def iceberg(args: EventLakeArgs = ARGS) -> dict[str, Any]:
    configuration = declared(args).only(STREAM).inputs["icebergConfiguration"]
    assert isinstance(configuration, dict)
    return configuration


def table_state(args: EventLakeArgs = ARGS) -> dict[str, Any]:
    state = json.loads(declared(args).only(TABLE).inputs["desiredState"])
    assert isinstance(state, dict)
    return state


def test_the_table_has_every_column_with_its_own_field_id() -> None:
    fields = table_state()["IcebergMetadata"]["IcebergSchema"]["SchemaFieldList"]
    assert {field["Name"]: (field["Id"], field["Type"], field["Required"]) for field in fields} == {
        column.name: (column.field_id, column.type.value, column.required) for column in COLUMNS
    }
    assert [field["Id"] for field in fields] == sorted({field["Id"] for field in fields})


def test_the_table_is_in_the_declared_bucket_and_namespace() -> None:
    found = declared()
    state = json.loads(found.only(TABLE).inputs["desiredState"])
    assert found.only(TABLE).inputs["typeName"] == "AWS::S3Tables::Table"
    assert state["TableBucketARN"] == found.only(BUCKET).outputs["arn"] == NAMES.table_bucket_arn
    assert state["Namespace"] == found.only(NAMESPACE).inputs["namespace"] == "bedrock_analytics"
    assert (state["TableName"], state["OpenTableFormat"]) == ("usage_events", "ICEBERG")
    assert found.only(NAMESPACE).urn in found.only(TABLE).depends_on


def test_partitions_are_account_and_day_and_never_two_times() -> None:
    spec = table_state()["IcebergMetadata"]["IcebergPartitionSpec"]["Fields"]
    assert [(field["SourceId"], field["Transform"]) for field in spec] == [(1, "identity"), (4, "day")]


def test_many_accounts_are_partitioned_by_hash() -> None:
    account, day = partition_fields(bucket_accounts=True)
    assert (account["SourceId"], account["Transform"]) == (1, "bucket[16]")
    assert day == partition_fields()[1]


@pytest.mark.parametrize("protect", [True, False])
def test_the_lake_outlives_the_stack_and_its_table_is_never_replaced(*, protect: bool) -> None:
    found = declared(replace(ARGS, protect=protect))
    for type_ in (BUCKET, NAMESPACE, TABLE, CATALOG):
        assert (found.only(type_).protect, found.only(type_).retain_on_delete) == (protect, True)
    assert found.only(TABLE).ignore_changes == ("desiredState",)


def test_the_catalog_lets_in_whom_iam_lets_in_and_never_changes() -> None:
    catalog = declared().only(CATALOG)
    anyone = [
        {"permissions": ["ALL"], "principal": {"dataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}}
    ]
    assert catalog.inputs == {
        "name": "s3tablescatalog",
        "federatedCatalog": {
            "identifier": f"arn:aws:s3tables:{REGION}:{ACCOUNT}:bucket/*",
            "connectionName": "aws:s3tables",
        },
        "createDatabaseDefaultPermissions": anyone,
        "createTableDefaultPermissions": anyone,
        "allowFullTableExternalDataAccess": "True",
    }
    assert set(catalog.ignore_changes) >= catalog.inputs.keys() - {"name"}


def test_the_catalog_comes_after_the_table_bucket_by_which_a_later_run_knows_it() -> None:
    found = declared()
    assert found.only(BUCKET).urn in found.only(CATALOG).depends_on


def test_the_table_waits_for_what_takes_longer_than_a_namespace_takes_to_be_known() -> None:
    """AWS::S3Tables::Table fails with `The specified namespace does not exist` for some seconds."""
    stack = deployed("hub")
    slow = {one.urn for one in stack.of("aws:dynamodb/table:Table")} | {stack.only(CATALOG).urn}
    assert len(slow) == 3
    assert slow <= stack.only(TABLE).depends_on


def test_a_preview_of_the_first_deployment_knows_the_whole_state_of_the_table() -> None:
    found = deploy(lambda: EventLake("lake", ARGS), preview=True)
    assert json.loads(found.only(TABLE).inputs["desiredState"])["TableBucketARN"] == NAMES.table_bucket_arn


def test_a_catalog_that_is_there_is_left_alone() -> None:
    found = declared(replace(ARGS, manage_catalog=False))
    assert found.of(CATALOG) == []
    assert found.only(STREAM).inputs["icebergConfiguration"]["catalogArn"] == NAMES.catalog_arn


def test_nothing_of_lake_formation_is_declared() -> None:
    assert [one for one in declared().aws if "lakeformation" in one.type] == []


def test_the_stream_comes_after_its_rights_its_table_and_the_catalog() -> None:
    found = declared()
    needed = {found.only(type_).urn for type_ in (ROLE_POLICY, TABLE, CATALOG)}
    assert needed <= found.only(STREAM).depends_on


def test_rows_reach_the_lake_within_a_minute_and_failed_ones_are_kept() -> None:
    configuration = iceberg()
    assert configuration["bufferingInterval"] == 60
    assert configuration["retryDuration"] == RETRY_SECONDS
    assert configuration["s3BackupMode"] == "FailedDataOnly"
    kept = configuration["s3Configuration"]
    assert kept["bucketArn"] == NAMES.log_bucket_arn
    assert kept["errorOutputPrefix"].startswith("firehose-errors/!{firehose:error-output-type}/")
    assert configuration["cloudwatchLoggingOptions"] == {
        "enabled": True,
        "logGroupName": NAMES.stream_log_group,
        "logStreamName": "IcebergDelivery",
    }


def test_rows_are_encrypted_while_they_wait() -> None:
    encryption = declared().only(STREAM).inputs["serverSideEncryption"]
    assert encryption == {"enabled": True, "keyType": "AWS_OWNED_CMK"}


def test_a_call_that_is_sent_again_replaces_its_row() -> None:
    configuration = iceberg()
    [destination] = configuration["destinationTableConfigurations"]
    assert destination == {
        "databaseName": "bedrock_analytics",
        "tableName": "usage_events",
        "uniqueKeys": ["account_id", "region", "request_id"],
    }
    [processor] = configuration["processingConfiguration"]["processors"]
    parameters = {one["parameterName"]: one["parameterValue"] for one in processor["parameters"]}
    assert processor["type"] == "MetadataExtraction"
    assert parameters == {
        "JsonParsingEngine": "JQ-1.6",
        "MetadataExtractionQuery": (
            '{destinationDatabaseName:"bedrock_analytics",destinationTableName:"usage_events",operation:"update"}'
        ),
    }
    assert "appendOnly" not in configuration


def test_appending_has_neither_keys_nor_operations() -> None:
    configuration = iceberg(replace(ARGS, mode=LakeMode.APPEND))
    assert configuration["appendOnly"] is True
    assert "processingConfiguration" not in configuration
    assert "uniqueKeys" not in configuration["destinationTableConfigurations"][0]


def test_a_call_is_known_by_required_columns() -> None:
    required = {column.name for column in COLUMNS if column.required}
    assert set(UNIQUE_KEY) <= required


def test_the_streams_role_is_firehoses_for_this_account() -> None:
    found = declared()
    role = trust(found.only("aws:iam/role:Role").inputs["assumeRolePolicy"])
    assert role["Principal"] == {"Service": "firehose.amazonaws.com"}
    assert role["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_streams_role_reaches_its_lake_and_its_errors_only() -> None:
    policy = declared().only(ROLE_POLICY).inputs["policy"]
    lake = NAMES.table_bucket_arn
    inside = f"s3tablescatalog/{NAMES.table_bucket}/bedrock_analytics"
    glue = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    assert resources_of(policy, "s3tables:PutTableData") == {lake, f"{lake}/table/*"}
    assert resources_of(policy, "s3:PutObject") == {f"{NAMES.log_bucket_arn}/firehose-errors/*"}
    assert resources_of(policy, "glue:UpdateTable") == {
        f"{glue}:catalog",
        f"{glue}:catalog/s3tablescatalog",
        f"{glue}:catalog/s3tablescatalog/{NAMES.table_bucket}",
        f"{glue}:database/{inside}",
        f"{glue}:table/{inside}/usage_events",
    }
    assert not [action for action in allowed_actions(policy) if "Delete" in action or "*" in action]


def test_readers_look_back_as_far_as_a_row_may_be_late() -> None:
    assert arrival_overlap_seconds(parse_timeout_seconds=120, buffer_seconds=60) == 120 + 60 + 300 + 600
