"""What roles may do, as documents; the end-to-end run compares them with what functions ask for."""

from __future__ import annotations

from typing import Any

import pytest

from bedrock_analytics.storage.lake_schema import PARTITION
from components import policies
from components.iam_documents import Document, account_trust, lambda_trust, service_trust
from components.naming import CATALOG, NAMESPACE, TABLE, FunctionName, HubNames, SpokeNames
from components.policies import LogAccess
from tests.pulumi.engine import ACCOUNT, REGION

HUB = HubNames(account=ACCOUNT, region=REGION)
SPOKE = SpokeNames(account="222222222222", region="eu-west-1")
LOGS = LogAccess(bucket="my-logs", records_prefix="bedrock/AWSLogs/")
WRITE_ROLE = HUB.write_role_arn("lab")

DOCUMENTS = {
    "parse_log of a hub": policies.parse_log(HUB, LOGS, policies.write_events(HUB)),
    "parse_log of a spoke": policies.parse_log(SPOKE, LOGS, policies.act_as_writer(WRITE_ROLE)),
    "compute_cost": policies.compute_cost(HUB),
    "aggregate_stats": policies.aggregate_stats(HUB),
    "sync_pricing": policies.sync_pricing(HUB),
    "lake reader": policies.lake_reader(HUB),
    "firehose": policies.firehose(HUB, "my-logs", ["arn:aws:kms:us-east-1:111111111111:key/1"]),
    "schedules": policies.schedules(HUB, list(FunctionName)),
}
NO_RESOURCES = {"lakeformation:GetDataAccess", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
"""Actions for which IAM knows no resource."""
EVERY_ALLOWED_WILDCARD = {
    "application-inference-profile/*": "profiles that people make",
    f"bucket/{HUB.table_bucket}/table/*": "tables, whose ids S3 makes",
    "my-logs/bedrock/AWSLogs/*": "log objects",
    "my-logs/rejected/*": "rejected lines",
    "my-logs/firehose-errors/*": "rows that failed",
}


def allowed(document: Document) -> list[dict[str, Any]]:
    return [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_action_is_a_wildcard(name: str) -> None:
    actions = [action for statement in allowed(DOCUMENTS[name]) for action in statement["Action"]]
    assert actions
    assert [action for action in actions if "*" in action] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_resource_is_a_wildcard_only_where_no_arn_can_be_known(name: str) -> None:
    for statement in allowed(DOCUMENTS[name]):
        if set(statement["Action"]) <= NO_RESOURCES:
            assert statement["Resource"] == ["*"]
            continue
        for resource in statement["Resource"]:
            open_end = [end for end in EVERY_ALLOWED_WILDCARD if resource.endswith(end)]
            assert "*" not in resource or open_end, resource


@pytest.mark.parametrize("name", DOCUMENTS)
def test_statements_have_names_of_their_own(name: str) -> None:
    sids = [statement["Sid"] for statement in DOCUMENTS[name]["Statement"]]
    assert len(sids) == len(set(sids))


def test_writers_read_one_partition_of_the_usage_table() -> None:
    [read] = [one for one in policies.write_events(HUB) if one["Sid"] == "ReadColumns"]
    assert read["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [PARTITION]},
        "Null": {"dynamodb:LeadingKeys": "false"},  # a set without keys would pass the other condition
    }


def test_a_spoke_can_only_become_its_writer() -> None:
    document = DOCUMENTS["parse_log of a spoke"]
    assert {"sts:AssumeRole"} == {
        action
        for statement in allowed(document)
        for action in statement["Action"]
        if any(ACCOUNT in resource for resource in statement["Resource"])
    }


def test_lines_are_kept_and_keys_are_used_only_where_the_settings_say_so() -> None:
    bare = LogAccess(bucket="my-logs", records_prefix="AWSLogs/", keep_rejected=False)
    keyed = LogAccess(bucket="my-logs", records_prefix="AWSLogs/", kms_key_arns=("arn:key",))
    sids = {one["Sid"] for one in policies.parse_log(HUB, bare, [])["Statement"]}
    assert not sids & {"KeepRejectedLines", "UseLogKeys"}
    [use] = [one for one in policies.parse_log(HUB, keyed, [])["Statement"] if one["Sid"] == "UseLogKeys"]
    assert (use["Action"], use["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], ["arn:key"])


def test_a_query_reads_the_catalog_down_to_its_table() -> None:
    [catalog] = [one for one in policies.compute_cost(HUB)["Statement"] if one["Sid"] == "ReadCatalog"]
    inside = f"{CATALOG}/{HUB.table_bucket}"
    assert {resource.split(":", 5)[5] for resource in catalog["Resource"]} == {
        "catalog",
        f"catalog/{CATALOG}",
        f"catalog/{inside}",
        f"database/{inside}/{NAMESPACE}",
        f"table/{inside}/{NAMESPACE}/{TABLE}",
    }


@pytest.mark.parametrize("name", ["compute_cost", "aggregate_stats", "lake reader"])
def test_a_query_may_find_the_federated_catalog_and_no_other(name: str) -> None:
    [find] = [one for one in DOCUMENTS[name]["Statement"] if "athena:GetDataCatalog" in one["Action"]]
    assert [resource.split(":", 5)[5] for resource in find["Resource"]] == [
        f"datacatalog/{CATALOG}",
        f"datacatalog/{CATALOG}/{HUB.table_bucket}",
    ]


def test_services_act_for_this_account_only() -> None:
    [statement] = service_trust("scheduler.amazonaws.com", ACCOUNT, "arn:group")["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": "arn:group"},
    }


def test_trust_names_one_principal_each() -> None:
    [function] = lambda_trust()["Statement"]
    [people] = account_trust("aws", ACCOUNT)["Statement"]
    assert function["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert people["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert function["Action"] == people["Action"] == "sts:AssumeRole"


def test_the_same_names_give_the_same_document() -> None:
    again = HubNames(account=ACCOUNT, region=REGION)
    assert policies.firehose(HUB, "my-logs") == policies.firehose(again, "my-logs")
