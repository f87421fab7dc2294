"""The declared resources work together: a log object becomes a number, by what is declared alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from bedrock_analytics.cli.aws_deployment import AwsDeployment
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.cli.hub_settings import hub_settings
from bedrock_analytics.domain.dimensions import ACCOUNT, PROFILE
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.usage_filter import Breakdown, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from components.alarms import METRICS
from components.naming import FunctionName
from tests.deployed.conftest import CALLS_OF_HUB, CALLS_OF_SPOKE, Deployment
from tests.deployed.iam import Request
from tests.deployed.lambda_service import FUNCTION, POLLER, QUEUE, environment
from tests.deployed.log_service import bedrock_logs, events_reach_queues, object_name, zipped
from tests.deployed.programs import Program

CALLS = CALLS_OF_HUB + CALLS_OF_SPOKE


def queue_depth(deployment: Deployment, program: Program, url: str) -> int:
    sqs = deployment.session(program).client("sqs")
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def names_as_seen_by(session: boto3.Session, region: str) -> AwsNames:
    """A hub's names, found as the command line finds them: by Region and credentials alone."""
    with environment(session, region):
        bare = AwsNames(region=region)
        return bare.over(hub_settings(bare))


def usage_seen_by(session: boto3.Session, region: str, dimension: str) -> Breakdown:
    """Usage of the last two hours."""
    now = datetime.now(UTC)
    names = names_as_seen_by(session, region)
    asked = UsageFilter(start=now - timedelta(hours=2), end=now, zone=ZoneInfo("UTC"))
    with environment(session, region):
        reader = UsageReader(AwsDeployment(names).usage_table(), lambda: now)
        return reader.breakdown(asked, dimension)


@pytest.fixture
def viewer(deployment: Deployment) -> boto3.Session:
    """A person with the hub's reader policy and nothing else."""
    hub = deployment.hub
    policy = hub.deployed.exports["reader_policy"]
    return deployment.cloud.person(hub.account, hub.region, policy)


def test_events_of_log_objects_reach_the_queue_of_their_account(deployment: Deployment) -> None:
    assert deployment.answers["polled"] == [1, 1]
    for program in deployment.programs:
        assert events_reach_queues(deployment.cloud, program)


def test_the_calls_of_both_accounts_are_in_the_hubs_lake(deployment: Deployment) -> None:
    assert deployment.answers["delivered"] == CALLS + 2  # and a rejected line each
    lake = deployment.cloud.wire.athena.events
    counts = {
        program.account: sum(event.account_id == program.account for event in lake)
        for program in deployment.programs
    }
    assert counts == {deployment.hub.account: CALLS_OF_HUB + 1, deployment.spoke.account: CALLS_OF_SPOKE + 1}


def test_a_person_with_the_reader_policy_sees_the_calls_priced(
    deployment: Deployment, viewer: boto3.Session
) -> None:
    found = usage_seen_by(viewer, deployment.hub.region, ACCOUNT)
    assert {account: stats.invocations for (account, _), stats in found.rows.items()} == {
        deployment.hub.account: CALLS_OF_HUB,
        deployment.spoke.account: CALLS_OF_SPOKE,
    }
    assert found.total.total_list_cost_usd > 0
    assert found.total.unpriced_invocations == {}


def test_a_profile_is_resolved_in_the_account_of_its_calls(
    deployment: Deployment, viewer: boto3.Session
) -> None:
    profiles = usage_seen_by(viewer, deployment.hub.region, PROFILE).rows
    named = [key for key in profiles if "search" in key]
    assert sum(profiles[key].invocations or 0 for key in named) == 2


def test_explores_role_runs_a_query_on_the_lake(deployment: Deployment, viewer: boto3.Session) -> None:
    hub = deployment.hub
    names = names_as_seen_by(viewer, hub.region)
    asks = Request(
        action="sts:AssumeRole",
        resource=hub.deployed.exports["lake_reader_role"],
        principal=f"arn:aws:iam::{hub.account}:role/somebody",
    )
    reader = deployment.cloud.assume(asks.resource, hub.region, asks)
    with environment(reader, hub.region):
        answer = (
            AwsDeployment(names)
            .lake()
            .query("select account_id, count(*) as calls from calls group by 1 order by 2 desc", max_rows=10)
        )
    assert answer.rows == ((hub.account, CALLS_OF_HUB), (deployment.spoke.account, CALLS_OF_SPOKE))


def test_nobody_of_another_account_becomes_explores_role(deployment: Deployment) -> None:
    role = deployment.hub.deployed.exports["lake_reader_role"]
    stranger = f"arn:aws:iam::{deployment.spoke.account}:role/somebody"
    asks = Request(action="sts:AssumeRole", resource=role, principal=stranger)
    with pytest.raises(AssertionError, match="does not trust"):
        deployment.cloud.assume(role, deployment.hub.region, asks)


def test_times_to_the_first_token_of_both_accounts_are_on_one_chart(
    deployment: Deployment, viewer: boto3.Session
) -> None:
    now = datetime.now(UTC)
    for number, program in enumerate(deployment.programs, 1):
        deployment.cloud.wire.metrics.milliseconds[program.account] = 640.0 * number
    names = names_as_seen_by(viewer, deployment.hub.region)
    with environment(viewer, deployment.hub.region):
        first_tokens = AwsDeployment(names).signals().first_tokens
        assert first_tokens is not None
        reading = first_tokens.read(Span(now - timedelta(hours=1), now))
    assert reading.failed == ()
    assert {series.account_id: series.average_ms for series in reading.series} == {
        deployment.hub.account: 640.0,
        deployment.spoke.account: 1280.0,
    }


def test_rejected_lines_are_kept_in_the_bucket_of_their_account(deployment: Deployment) -> None:
    for program in deployment.programs:
        s3 = deployment.session(program).client("s3")
        bucket = program.settings.log_bucket
        found = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        [kept] = [key for key in found if key.endswith(".rejected.gz")]
        body = s3.get_object(Bucket=bucket, Key=kept)["Body"].read()
        assert json.loads(gzip.decompress(body))["line"] == "no record"


def test_the_nightly_run_finds_nothing_that_the_pages_do_not_show(deployment: Deployment) -> None:
    [compute] = deployment.answers["compute"]
    assert compute["computed"]["HOUR"] >= 1
    assert (compute["failed"], compute["remaining"]) == ([], 0)
    assert deployment.answers["nightly"] == [{"marked": []}]


def test_each_run_logs_json_into_the_functions_own_group(deployment: Deployment) -> None:
    for function in deployment.cloud.resources(FUNCTION):
        region = function.outputs["arn"].split(":")[3]
        [program] = [one for one in deployment.programs if one.region == region]
        logs = deployment.session(program).client("logs")
        group = function.inputs["loggingConfig"]["logGroup"]
        events = logs.filter_log_events(logGroupName=group)["events"]
        services = {json.loads(event["message"])["service"] for event in events}
        assert services == {function.inputs["environment"]["variables"]["POWERTOOLS_SERVICE_NAME"]}


def test_only_the_listed_metrics_are_emitted(deployment: Deployment) -> None:
    emitted: dict[str, set[str]] = {}
    for printed in deployment.lambdas.printed:
        for entry in map(json.loads, filter(None, printed.splitlines())):
            for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
                assert directive["Dimensions"] == [["service"]]
                emitted.setdefault(entry["service"], set()).update(
                    one["Name"] for one in directive["Metrics"]
                )
    listed = {function.replace("-", "_"): set(names) for function, names in METRICS.items()}
    assert {name: names - emitted[name] for name, names in listed.items() if names != emitted[name]} == {
        "compute_cost": {"MonthCostForecast"}  # until two days are over
    }


def test_a_run_that_fails_is_kept(deployment: Deployment) -> None:
    url = deployment.hub.deployed.exports["failed_runs"]
    asynchronous = [name for name in FunctionName if name is not FunctionName.PARSE_LOG]
    assert queue_depth(deployment, deployment.hub, url) == len(asynchronous)


def test_an_object_that_cannot_be_read_is_dead_lettered_at_last(deployment: Deployment) -> None:
    spoke = deployment.spoke
    bedrock_logs(deployment.cloud, spoke, b"\x1f\x8b broken", object_name())
    deliveries = 0
    while deployment.lambdas.poll(spoke):
        deliveries += 1
    assert deliveries == deliveries_before_dead_letters(spoke)
    assert queue_depth(deployment, spoke, spoke.deployed.exports["log_dead_letters"]) == 1


def deliveries_before_dead_letters(program: Program) -> int:
    [poller] = program.deployed.of(POLLER)
    [queue] = [
        one for one in program.deployed.of(QUEUE) if one.outputs["arn"] == poller.inputs["eventSourceArn"]
    ]
    policy: Mapping[str, Any] = json.loads(queue.inputs["redrivePolicy"])
    return int(policy["maxReceiveCount"])


def test_bodies_that_bedrock_moves_out_of_records_are_not_announced(deployment: Deployment) -> None:
    for name in (
        "data/0a1b2c3d-0000-4000-8000-000000000000_output.json.gz",
        "amazon-bedrock-logs-permission-check",
    ):
        bedrock_logs(deployment.cloud, deployment.hub, zipped([b"{}"]), name)
    assert deployment.lambdas.poll(deployment.hub) == 0


def test_a_log_object_that_comes_twice_counts_once(deployment: Deployment, viewer: boto3.Session) -> None:
    before = usage_seen_by(viewer, deployment.hub.region, ACCOUNT)
    deployment.log(deployment.hub, CALLS_OF_HUB)
    assert deployment.lambdas.poll(deployment.hub) == 1
    assert deployment.lake.deliver() == CALLS_OF_HUB + 1
    deployment.lambdas.tick(deployment.hub, "compute")
    after = usage_seen_by(viewer, deployment.hub.region, ACCOUNT)
    assert after.total.invocations == before.total.invocations == CALLS
