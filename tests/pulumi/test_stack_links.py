"""Hub and spoke agree on every name that they share, and people find both by what the hub tells them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from bedrock_analytics.cli.deployment_options import AwsNames
from components.naming import FunctionName
from components.settings import HubSettings
from lambdas.settings import ParseLogVariable
from tests.pulumi.engine import Deployed
from tests.pulumi.stacks import (
    EXTERNAL_ID,
    HUB_ACCOUNT,
    HUBS,
    SPOKE_ACCOUNT,
    VARIANTS,
    deployed,
    environment,
    settings_of,
)

LISTED = ("hub with spokes", "spoke")
ORGANIZATION = ("hub of an organization", "spoke of an organization")
linked = pytest.mark.parametrize(("hub", "spoke"), [LISTED, ORGANIZATION])

WRITE_ROLES = {
    "hub with spokes": "hub-spokes-lab-role",
    "hub of an organization": "hub-spokes-organization-role",
}


def role(stack: Deployed, name: str) -> dict[str, Any]:
    found = stack.only("aws:iam/role:Role", name)
    return {**found.outputs, "trust": json.loads(found.inputs["assumeRolePolicy"])["Statement"][0]}


def statements(stack: Deployed, type_: str, name: str) -> dict[str, dict[str, Any]]:
    policy = json.loads(stack.only(type_, name).inputs["policy"])
    return {one["Sid"]: one for one in policy["Statement"]}


def parser_of(spoke: str) -> dict[str, Any]:
    return role(deployed(spoke), "spoke-logs-parser-parse-log-role")


@linked
def test_a_spoke_assumes_the_role_that_the_hub_has_for_it(hub: str, spoke: str) -> None:
    write_role = role(deployed(hub), WRITE_ROLES[hub])
    told = environment(deployed(spoke), FunctionName.PARSE_LOG)
    assert told[ParseLogVariable.WRITE_ROLE_ARN] == write_role["arn"]
    may = statements(deployed(spoke), "aws:iam/rolePolicy:RolePolicy", "spoke-logs-parser-parse-log-policy")
    assert may["ActAsWriter"]["Action"] == ["sts:AssumeRole"]
    assert may["ActAsWriter"]["Resource"] == [write_role["arn"]]


@linked
def test_the_hub_lets_in_the_forwarders_role_with_its_external_id_and_nobody_else(
    hub: str, spoke: str
) -> None:
    trust = role(deployed(hub), WRITE_ROLES[hub])["trust"]
    told = environment(deployed(spoke), FunctionName.PARSE_LOG)
    conditions = trust["Condition"]
    assert conditions["StringEquals"]["sts:ExternalId"] == told[ParseLogVariable.WRITE_EXTERNAL_ID]
    [pattern] = [pairs["aws:PrincipalArn"] for pairs in conditions.values() if "aws:PrincipalArn" in pairs]
    assert fnmatchcase(parser_of(spoke)["arn"], pattern)
    assert not fnmatchcase(f"arn:aws:iam::{SPOKE_ACCOUNT}:role/admin", pattern)


def test_a_listed_spokes_role_trusts_one_account_and_one_role_of_it() -> None:
    trust = role(deployed("hub with spokes"), WRITE_ROLES["hub with spokes"])["trust"]
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{SPOKE_ACCOUNT}:root"}
    assert trust["Condition"] == {
        "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
        "ArnEquals": {"aws:PrincipalArn": parser_of("spoke")["arn"]},
    }


def test_an_organizations_role_trusts_forwarders_of_that_organization_alone() -> None:
    trust = role(deployed("hub of an organization"), WRITE_ROLES["hub of an organization"])["trust"]
    assert trust["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == "o-a1b2c3d4e5"
    pattern = trust["Condition"]["ArnLike"]["aws:PrincipalArn"]
    assert pattern == "arn:aws:iam::*:role/bedrock-analytics-spoke-*-parse-log"


@pytest.mark.parametrize("hub", WRITE_ROLES)
def test_a_writer_may_put_on_one_stream_and_read_which_columns_the_lake_has(hub: str) -> None:
    name = WRITE_ROLES[hub].replace("-role", "-policy")
    stack = deployed(hub)
    may = statements(stack, "aws:iam/rolePolicy:RolePolicy", name)
    assert {action for one in may.values() for action in one["Action"]} == {
        "firehose:PutRecordBatch",
        "dynamodb:GetItem",
    }
    stream = stack.only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    assert may["PutRecords"]["Resource"] == [stream.outputs["arn"]]


@linked
def test_a_spoke_names_the_hubs_stream_table_and_region(hub: str, spoke: str) -> None:
    told, stack = environment(deployed(spoke), FunctionName.PARSE_LOG), deployed(hub)
    stream = stack.only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    assert told[ParseLogVariable.STREAM_NAME] == stream.inputs["name"]
    assert told[ParseLogVariable.USAGE_TABLE] in {
        one.inputs["name"] for one in stack.of("aws:dynamodb/table:Table")
    }
    assert told[ParseLogVariable.HUB_REGION] == stack.only("pulumi:providers:aws").inputs["region"]


@linked
def test_a_person_with_the_reader_policy_sees_the_spokes_metrics(hub: str, spoke: str) -> None:
    reader = statements(deployed(hub), "aws:iam/policy:Policy", "hub-settings-reader")
    metrics = role(deployed(spoke), "spoke-metrics-role")
    assert any(fnmatchcase(metrics["arn"], one) for one in reader["ReadSpokesMetrics"]["Resource"])
    assert metrics["trust"]["Principal"] == {"AWS": f"arn:aws:iam::{HUB_ACCOUNT}:root"}
    [row] = [
        json.loads(one.inputs["value"])
        for one in deployed(hub).of("aws:ssm/parameter:Parameter")
        if one.inputs["name"].endswith("/lab")
    ]
    assert row["metrics_reader_role"] == metrics["arn"]
    assert row["external_id"] == metrics["trust"]["Condition"]["StringEquals"]["sts:ExternalId"]
    assert (row["name"], row["account"], row["region"]) == ("lab", SPOKE_ACCOUNT, "us-west-2")


def test_a_hub_without_spokes_lets_nobody_in() -> None:
    stack = deployed("hub")
    assert not [one for one in stack.of("aws:iam/role:Role") if one.name.startswith("hub-spokes")]
    assert "ReadSpokesMetrics" not in statements(stack, "aws:iam/policy:Policy", "hub-settings-reader")


@pytest.mark.parametrize("variant", HUBS)
def test_the_outputs_name_what_is_declared(variant: str) -> None:
    stack, outputs = deployed(variant), deployed(variant).exports
    tables = {one.inputs["name"] for one in stack.of("aws:dynamodb/table:Table")}
    assert {outputs["usage_table"], outputs["price_table"]} == tables
    workgroups = {one.inputs["name"] for one in stack.of("aws:athena/workgroup:Workgroup")}
    assert {outputs["workgroup"], outputs["compute_workgroup"]} == workgroups
    assert outputs["table_bucket"] == stack.only("aws:s3tables/tableBucket:TableBucket").outputs["arn"]
    assert outputs["namespace"] == stack.only("aws:s3tables/namespace:Namespace").inputs["namespace"]
    stream = stack.only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    assert (outputs["stream"], outputs["stream_arn"]) == (stream.inputs["name"], stream.outputs["arn"])
    policies = {one.outputs["arn"] for one in stack.of("aws:iam/policy:Policy")}
    assert {outputs["reader_policy"], outputs["editor_policy"], outputs["lake_reader_policy"]} == policies
    assert outputs["lake_reader_role"] == role(stack, "hub-queries-reader")["arn"]
    functions = {one.inputs["name"] for one in stack.of("aws:lambda/function:Function")}
    assert set(outputs["functions"].values()) == functions
    parameters = {one.inputs["name"] for one in stack.of("aws:ssm/parameter:Parameter")}
    assert outputs["settings_parameter"] in parameters


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_outputs_name_the_queues_the_topic_and_the_bucket(variant: str) -> None:
    stack, outputs = deployed(variant), deployed(variant).exports
    queues = {one.outputs["url"] for one in stack.of("aws:sqs/queue:Queue")}
    told = {"log_queue", "log_dead_letters", "event_dead_letters", "failed_runs"} & outputs.keys()
    assert {outputs[name] for name in told} == queues
    topics = [one.outputs["arn"] for one in stack.of("aws:sns/topic:Topic")]
    assert topics in ([], [outputs["alarm_topic"]])
    buckets = [one.inputs["bucket"] for one in stack.of("aws:s3/bucket:Bucket")]
    assert buckets in ([], [outputs["log_bucket"]])
    settings = settings_of(variant)
    assert outputs["account"] == settings.target.account_id
    assert outputs["region"] == settings.target.region


def test_a_hub_is_found_by_its_parameter_only_once_its_lake_is_there() -> None:
    """A deployment that failed half-way is then tried again, and nobody asks a lake that is not there."""
    stack = deployed("hub with spokes")
    kinds = ("cloudcontrol/resource:Resource", "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    asked = (*kinds, "athena/workgroup:Workgroup", "dynamodb/table:Table", "glue/catalog:Catalog")
    needed = {one.urn for kind in asked for one in stack.of(f"aws:{kind}")}
    assert len(needed) == 7
    assert needed <= stack.only("aws:ssm/parameter:Parameter", "hub-settings-parameter").depends_on


@pytest.mark.parametrize("variant", HUBS)
def test_the_command_line_finds_in_the_outputs_and_in_the_parameter_all_that_it_asks_for(
    variant: str,
) -> None:
    stack = deployed(variant)
    parameter = stack.only("aws:ssm/parameter:Parameter", "hub-settings-parameter")
    settings = settings_of(variant)
    assert isinstance(settings, HubSettings)
    assert parameter.inputs["name"] == settings.names.settings_parameter
    told = json.loads(parameter.inputs["value"])
    assert {key: value for key, value in stack.exports.items() if key != "spokes"} == told
    found = AwsNames().over(told)
    for name in ("usage_table", "price_table", "workgroup", "table_bucket", "namespace", "region"):
        assert found.required(name)


def test_a_parameter_has_room_for_any_number_of_spokes() -> None:
    """Each spoke has its own, so the 4 KB of one are enough for a hub with the longest of names."""
    value = deployed("hub with everything").only("aws:ssm/parameter:Parameter").inputs["value"]
    assert len(value.encode()) < 3500
