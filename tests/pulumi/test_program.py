"""Whatever a stack is configured to be, what it declares keeps the rules of the design."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest

from components.iam_documents import ANY_RESOURCE
from components.naming import FunctionName
from lambdas.settings import (
    ComputeSettings,
    ComputeVariable,
    ParseLogSettings,
    ParseLogVariable,
    SyncPricingSettings,
    SyncPricingVariable,
)
from tests.pulumi.engine import UNKNOWN, Deployed, Resource
from tests.pulumi.stacks import (
    HUBS,
    SPOKES,
    VARIANTS,
    config_of,
    deployed,
    documents,
    environment,
    settings_of,
)

every_variant = pytest.mark.parametrize("variant", VARIANTS)
every_hub = pytest.mark.parametrize("variant", HUBS)
every_spoke = pytest.mark.parametrize("variant", SPOKES)

PHYSICAL_NAMES: Final = {
    "aws:athena/workgroup:Workgroup": "name",
    "aws:cloudwatch/eventRule:EventRule": "name",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:dynamodb/table:Table": "name",
    "aws:iam/policy:Policy": "name",
    "aws:iam/role:Role": "name",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "name",
    "aws:lambda/function:Function": "name",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3tables/tableBucket:TableBucket": "name",
    "aws:scheduler/schedule:Schedule": "name",
    "aws:secretsmanager/secret:Secret": "name",
    "aws:sns/topic:Topic": "name",
    "aws:sqs/queue:Queue": "name",
    "aws:ssm/parameter:Parameter": "name",
}
DATA: Final = {
    "aws:cloudcontrol/resource:Resource",
    "aws:dynamodb/table:Table",
    "aws:s3/bucket:Bucket",
    "aws:s3tables/namespace:Namespace",
    "aws:s3tables/tableBucket:TableBucket",
}
NO_NARROWER_RESOURCE: Final = {
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "lakeformation:GetDataAccess",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that IAM knows no resource for:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


def texts(value: Any) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (*texts(key), *texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def ancestors(stack: Deployed, resource: Resource) -> list[str]:
    """Types of what a resource lies in, from the inside out."""
    found, urn = [], resource.parent
    while "pulumi:pulumi:Stack::" not in urn.split("$")[-1]:
        parent = stack.at(urn)
        found.append(parent.type)
        urn = parent.parent
    return found


def physical_name(resource: Resource) -> str:
    return str(resource.inputs[PHYSICAL_NAMES[resource.type]])


@every_variant
def test_every_resource_uses_the_provider_of_the_stack_and_nothing_is_asked_of_another(variant: str) -> None:
    stack = deployed(variant)
    provider = stack.only("pulumi:providers:aws")
    assert {one.provider for one in stack.aws} == {f"{provider.urn}::{provider.id}"}
    assert {one.provider for one in stack.invokes} <= {f"{provider.urn}::{provider.id}"}


@every_variant
def test_the_provider_is_bound_to_the_account_and_region_of_the_stack(variant: str) -> None:
    target = settings_of(variant).target
    inputs = deployed(variant).only("pulumi:providers:aws").inputs
    assert json.loads(inputs["allowedAccountIds"]) == [target.account_id]
    assert inputs["region"] == target.region
    tags = json.loads(inputs["defaultTags"])["tags"]
    assert tags["application"] == settings_of(variant).name_prefix
    assert tags["deployment"] in {"hub", "spoke"}


def test_profile_role_and_tags_of_the_settings_reach_the_provider() -> None:
    inputs = deployed("hub with everything").only("pulumi:providers:aws").inputs
    assert inputs["profile"] == "hub-admin"
    [role] = json.loads(inputs["assumeRoles"])
    assert role["roleArn"] == "arn:aws:iam::111122223333:role/deployer"
    assert json.loads(inputs["defaultTags"])["tags"] == {
        "application": "acme-usage",
        "deployment": "hub",
        "cost-center": "42",
    }
    assert "profile" not in deployed("hub").only("pulumi:providers:aws").inputs


@every_variant
def test_everything_lies_in_the_one_component_of_the_stack(variant: str) -> None:
    stack = deployed(variant)
    top = "bedrock-analytics:index:" + ("HubPipeline" if variant in HUBS else "SpokeForwarder")
    stack.only(top)
    for resource in stack.aws:
        around = ancestors(stack, resource)
        assert around[-1] == top
        assert len(around) >= 2, f"{resource.name}: a composition declares no resources of its own"
        assert all(type_.startswith("bedrock-analytics:index:") for type_ in around)


@every_variant
def test_names_of_children_begin_with_their_parents(variant: str) -> None:
    stack = deployed(variant)
    urns = {one.urn for one in stack.resources}
    for resource in (one for one in stack.resources if one.parent in urns):
        assert resource.name.startswith(f"{stack.at(resource.parent).name}-"), resource.name


@every_variant
def test_a_preview_shows_just_what_is_then_made(variant: str) -> None:
    before, after = deployed(variant, preview=True), deployed(variant)
    assert [one.urn for one in before.resources] == [one.urn for one in after.resources]


@every_variant
def test_every_physical_name_is_given_and_known_at_preview(variant: str) -> None:
    for resource in deployed(variant, preview=True).aws:
        if resource.type in PHYSICAL_NAMES:
            assert physical_name(resource) != UNKNOWN, resource.name


@every_variant
def test_a_preview_shows_every_policy_and_every_outputs_value(variant: str) -> None:
    stack = deployed(variant, preview=True)
    for resource in stack.of("aws:iam/rolePolicy:RolePolicy") + stack.of("aws:iam/role:Role"):
        assert UNKNOWN not in texts(resource.inputs), resource.name
    assert UNKNOWN not in texts(stack.exports)


@every_variant
def test_every_physical_name_holds_the_region_and_is_used_once(variant: str) -> None:
    region = settings_of(variant).target.region
    named = [one for one in deployed(variant).aws if one.type in PHYSICAL_NAMES]
    assert all(region in physical_name(one) for one in named)
    assert max(Counter((one.type, physical_name(one)) for one in named).values()) == 1


@every_variant
@pytest.mark.parametrize("preview", [False, True])
def test_no_text_is_the_representation_of_an_object(variant: str, preview: bool) -> None:
    signs = re.compile(r"<[\w.]+ object|pulumi\.|Calling __str__|Output\[|\bNone\b|Input\[")
    for resource in deployed(variant, preview=preview).resources:
        for text in (resource.name, *texts(resource.inputs)):
            assert not signs.search(text), f"{resource.name}: {text}"


@pytest.mark.parametrize(
    "variant",
    ["hub with everything", "hub with spokes", "hub on an existing bucket", "spoke of an organization"],
)
def test_running_the_program_again_declares_the_same_to_the_byte(variant: str) -> None:
    first, second = deployed(variant), deployed.__wrapped__(variant)
    assert first is not second
    assert json.dumps([one.inputs for one in first.resources], sort_keys=True) == json.dumps(
        [one.inputs for one in second.resources], sort_keys=True
    )
    assert first.resources == second.resources
    assert first.exports == second.exports


@every_variant
def test_data_is_protected_and_kept_unless_the_settings_let_it_go(variant: str) -> None:
    operation = settings_of(variant).operation
    for resource in deployed(variant).aws:
        if resource.type in DATA:
            assert resource.protect is operation.protect_data, resource.name
            assert resource.retain_on_delete is operation.retain_data, resource.name
    for table in deployed(variant).of("aws:dynamodb/table:Table"):
        assert table.inputs["deletionProtectionEnabled"] is operation.protect_data


@every_hub
def test_the_catalog_of_the_account_is_never_removed(variant: str) -> None:
    assert all(one.retain_on_delete for one in deployed(variant).of("aws:glue/catalog:Catalog"))


@every_variant
def test_no_policy_allows_a_wildcard_action(variant: str) -> None:
    for name, document in documents(deployed(variant)).items():
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                assert not [one for one in _several(statement["Action"]) if "*" in one], name


@every_variant
def test_a_policy_allows_every_resource_only_where_iam_knows_no_narrower_one(variant: str) -> None:
    for name, document in documents(deployed(variant)).items():
        for statement in document["Statement"]:
            if ANY_RESOURCE in _several(statement.get("Resource", [])) and statement["Effect"] == "Allow":
                assert set(_several(statement["Action"])) <= NO_NARROWER_RESOURCE, name


@every_variant
def test_every_trust_says_on_whose_behalf(variant: str) -> None:
    """A service acts for this account, a stranger needs an external id; Lambda alone passes no source."""
    own = settings_of(variant).target.account_id
    for name, document in documents(deployed(variant)).items():
        if not name.endswith(".assumeRolePolicy"):
            continue
        [statement] = document["Statement"]
        conditions = {key for pairs in statement.get("Condition", {}).values() for key in pairs}
        principal = statement["Principal"]
        if "Service" in principal:
            assert "aws:SourceAccount" in conditions or principal["Service"] == "lambda.amazonaws.com", name
        elif f"::{own}:" not in principal["AWS"]:
            assert "sts:ExternalId" in conditions, name


@every_variant
def test_every_asynchronous_edge_ends_in_a_queue_that_has_an_alarm(variant: str) -> None:
    stack = deployed(variant)
    targets = stack.of("aws:cloudwatch/eventTarget:EventTarget")
    edges = [one.inputs["deadLetterConfig"]["arn"] for one in targets]
    edges += [
        one.inputs["target"]["deadLetterConfig"]["arn"] for one in stack.of("aws:scheduler/schedule:Schedule")
    ]
    edges += [
        one.inputs["destinationConfig"]["onFailure"]["destination"]
        for one in stack.of("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
    ]
    redriven = [one for one in stack.of("aws:sqs/queue:Queue") if "redrivePolicy" in one.inputs]
    edges += [json.loads(one.inputs["redrivePolicy"])["deadLetterTargetArn"] for one in redriven]
    ends = {one.outputs["arn"]: one.inputs["name"] for one in stack.of("aws:sqs/queue:Queue")}
    watched = {
        one.inputs["dimensions"].get("QueueName")
        for one in stack.of("aws:cloudwatch/metricAlarm:MetricAlarm")
        if one.inputs["metricName"] == "ApproximateNumberOfMessagesVisible"
    }
    assert len(edges) >= (9 if variant in HUBS else 2)
    assert {ends[edge] for edge in edges} == watched
    for function in _started_asynchronously(stack):
        assert function in {
            one.inputs["functionName"]
            for one in stack.of("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
        }


def _started_asynchronously(stack: Deployed) -> set[str]:
    return {
        one.inputs["target"]["arn"].rpartition(":")[2] for one in stack.of("aws:scheduler/schedule:Schedule")
    }


@every_variant
def test_a_function_finds_every_setting_that_it_reads_and_no_other(variant: str) -> None:
    stack = deployed(variant)
    assert ParseLogSettings.from_environment(environment(stack, FunctionName.PARSE_LOG)).stream_name
    known = {FunctionName.PARSE_LOG: set(ParseLogVariable)}
    if variant in HUBS:
        for function in (FunctionName.COMPUTE_COST, FunctionName.AGGREGATE_STATS):
            assert ComputeSettings.from_environment(environment(stack, function)).usage_table
            known[function] = set(ComputeVariable)
        assert SyncPricingSettings.from_environment(environment(stack, FunctionName.SYNC_PRICING)).price_table
        known[FunctionName.SYNC_PRICING] = set(SyncPricingVariable)
    assert len(stack.of("aws:lambda/function:Function")) == len(known)
    for function, variables in known.items():
        own = {name for name in environment(stack, function) if not name.startswith("POWERTOOLS_")}
        assert own <= {str(variable) for variable in variables}


@every_variant
def test_no_environment_outgrows_what_lambda_takes(variant: str) -> None:
    for function in deployed(variant).of("aws:lambda/function:Function"):
        variables = function.inputs["environment"]["variables"]
        assert sum(len(key) + len(value) for key, value in variables.items()) < 4096


@every_variant
def test_the_settings_of_a_stack_are_in_the_parsers_environment(variant: str) -> None:
    settings = settings_of(variant)
    read = ParseLogSettings.from_environment(environment(deployed(variant), FunctionName.PARSE_LOG))
    assert read.log_prefix == settings.logs.prefix
    assert read.caller_detail is settings.parser.caller_detail
    assert read.keep_rejected_lines is settings.parser.keep_rejected_lines
    assert read.follow_offloaded is settings.parser.follow_offloaded
    assert (read.write_role is None) is (variant in HUBS)


@pytest.mark.parametrize("variant", ["hub with everything", "spoke of an organization"])
def test_the_key_of_pseudonyms_is_a_secret_in_one_place_and_nowhere_else(variant: str) -> None:
    stack, config = deployed(variant), config_of(variant)
    key = config["bedrock-analytics:pseudonymKey"]
    holders = [one for one in stack.resources if any(key in text for text in texts(one.inputs))]
    version = stack.only("aws:secretsmanager/secretVersion:SecretVersion")
    assert [one.urn for one in holders] == [version.urn]
    assert version.secrets == {"secretString"}
    assert not any(key in text for text in texts(stack.exports))
    secret = stack.only("aws:secretsmanager/secret:Secret")
    read = environment(stack, FunctionName.PARSE_LOG)
    assert read[ParseLogVariable.PSEUDONYM_SECRET] == secret.inputs["name"]


def test_without_pseudonyms_there_is_no_secret() -> None:
    assert not deployed("hub").of("aws:secretsmanager/secret:Secret")


@pytest.mark.parametrize("variant", [one for one in VARIANTS if "existing bucket" in one])
def test_of_a_bucket_that_was_there_nothing_is_declared(variant: str) -> None:
    assert [one.type for one in deployed(variant).aws if one.type.startswith("aws:s3/")] == []


@every_variant
def test_logging_and_the_catalog_are_declared_only_where_the_settings_say_so(variant: str) -> None:
    stack, settings = deployed(variant), settings_of(variant)
    logging = stack.of("aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration")
    assert len(logging) == settings.logs.manage_bedrock_logging
    catalogs = stack.of("aws:glue/catalog:Catalog")
    assert len(catalogs) == (variant in HUBS and variant != "hub on an existing catalog")


@every_variant
def test_bedrock_logs_only_once_every_object_will_be_read(variant: str) -> None:
    stack = deployed(variant)
    target = stack.only("aws:cloudwatch/eventTarget:EventTarget")
    poller = stack.only("aws:lambda/eventSourceMapping:EventSourceMapping")
    for one in stack.of("aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration"):
        assert {target.urn, poller.urn} <= one.depends_on
        policies = stack.of("aws:s3/bucketPolicy:BucketPolicy")
        assert {policy.urn for policy in policies} <= one.depends_on


@every_hub
def test_the_first_run_waits_for_lake_tables_and_workgroup(variant: str) -> None:
    stack = deployed(variant)
    needed = {
        stack.only("aws:cloudcontrol/resource:Resource").urn,
        *(one.urn for one in stack.of("aws:dynamodb/table:Table")),
        *(one.urn for one in stack.of("aws:athena/workgroup:Workgroup")),
    }
    for schedule in stack.of("aws:scheduler/schedule:Schedule"):
        assert needed <= schedule.depends_on, schedule.name


@every_hub
def test_the_stream_waits_for_its_errors_bucket(variant: str) -> None:
    stack = deployed(variant)
    stream = stack.only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    assert {one.urn for one in stack.of("aws:s3/bucketPolicy:BucketPolicy")} <= stream.depends_on


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
