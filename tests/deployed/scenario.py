"""What happens in a deployment in a day: calls of two accounts, broken objects, people who look."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import partial
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import boto3

from bedrock_analytics.cli.aws_deployment import AwsDeployment
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.cli.hub_settings import hub_settings
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.usage_filter import Breakdown, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.cloudwatch import FirstTokenReading
from bedrock_analytics.storage.lake import QueryResult
from bedrock_analytics.storage.price_source import PriceSource
from lambdas import price_wiring
from tests.deployed.cloud import Cloud, cloud_of
from tests.deployed.iam import Request
from tests.deployed.lake_service import LakeService
from tests.deployed.lambda_service import FUNCTION, RUNS, LambdaService, RunFailed, environment
from tests.deployed.log_service import bedrock_logs, object_name, zipped
from tests.deployed.programs import Program
from tests.fakes.athena import FakeAthena
from tests.fakes.log_lines import line, record

CALLS_OF_HUB, CALLS_OF_SPOKE = 3, 2
CALLS = CALLS_OF_HUB + CALLS_OF_SPOKE
NO_RECORDS = (
    "data/0a1b2c3d-0000-4000-8000-000000000000_output.json.gz",
    "amazon-bedrock-logs-permission-check",
)
EXPLORED = "select account_id, count(*) as calls from calls group by 1 order by 2 desc"


@dataclass
class Deployment:
    """A hub and its spoke, and what AWS does in them."""

    hub: Program
    spoke: Program
    cloud: Cloud
    lambdas: LambdaService
    lake: LakeService

    @property
    def programs(self) -> tuple[Program, Program]:
        return self.hub, self.spoke

    def session(self, program: Program) -> boto3.Session:
        """The harness's own session in a program's account and Region."""
        return self.cloud.session(program.account, program.region)

    def log(self, program: Program, count: int) -> str:
        """Calls of five minutes ago, the last of them through a profile, and a line that is none."""
        at = f"{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
        common = {"timestamp": at, "accountId": program.account, "region": program.region}
        profile = f"arn:aws:bedrock:{program.region}:{program.account}:application-inference-profile/a1b2c3"
        calls = [record(**common, requestId=f"{program.account}-{number}") for number in range(count - 1)]
        calls.append(record(**common, requestId=f"{program.account}-p", modelId=profile))
        body = zipped([*map(line, calls), b"no record"])
        return bedrock_logs(self.cloud, program, body, object_name())

    def queue_depth(self, program: Program, url: str) -> int:
        """How many messages a queue has."""
        sqs = self.session(program).client("sqs")
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def viewer(self) -> boto3.Session:
        """A person with the hub's reader policy and nothing else."""
        policy = self.hub.deployed.exports["reader_policy"]
        return self.cloud.person(self.hub.account, self.hub.region, policy)

    def names(self, session: boto3.Session) -> AwsNames:
        """The hub's names, found as the command line finds them: by Region and credentials alone."""
        with environment(session, self.hub.region):
            bare = AwsNames(region=self.hub.region)
            return bare.over(hub_settings(bare))

    def usage(self, dimension: str) -> Breakdown:
        """Usage of the last two hours, as a viewer sees it."""
        now = datetime.now(UTC)
        asked = UsageFilter(start=now - timedelta(hours=2), end=now, zone=ZoneInfo("UTC"))
        viewer = self.viewer()
        names = self.names(viewer)
        with environment(viewer, self.hub.region):
            return UsageReader(AwsDeployment(names).usage_table(), lambda: now).breakdown(asked, dimension)

    def looked(self) -> QueryResult:
        """A query of the lake by a viewer, counted as the dashboard counts it."""
        viewer, today = self.viewer(), datetime.now(UTC).date()
        names = self.names(viewer)
        with environment(viewer, self.hub.region):
            deployment = AwsDeployment(names)
            budget = deployment.signals().scan_budget
            assert budget is not None
            budget.reserve("one", today)
            deployment.lake_desk()
            return deployment.lake().query(EXPLORED, max_rows=10)

    def explored(self) -> QueryResult:
        """A query of the lake by somebody who became Explore's role."""
        names = self.names(self.viewer())
        role = self.hub.deployed.exports["lake_reader_role"]
        somebody = f"arn:aws:iam::{self.hub.account}:role/somebody"
        ask = Request(action="sts:AssumeRole", resource=role, principal=somebody)
        with environment(self.cloud.assume(role, self.hub.region, ask), self.hub.region):
            return AwsDeployment(names).lake().query(EXPLORED, max_rows=10)

    def first_tokens(self) -> FirstTokenReading:
        """Times to the first token of the last hour, as a viewer sees them."""
        for number, program in enumerate(self.programs, 1):
            self.cloud.wire.metrics.milliseconds[program.account] = 640.0 * number
        viewer, now = self.viewer(), datetime.now(UTC)
        names = self.names(viewer)
        with environment(viewer, self.hub.region):
            source = AwsDeployment(names).signals().first_tokens
            assert source is not None
            return source.read(Span(now - timedelta(hours=1), now))

    def break_object(self, program: Program) -> int:
        """An object that cannot be read is logged; returns how often it was delivered."""
        bedrock_logs(self.cloud, program, b"\x1f\x8b broken", object_name())
        deliveries = 0
        while self.lambdas.poll(program):
            deliveries += 1
        return deliveries

    def log_no_records(self, program: Program) -> int:
        """Bedrock writes what is no object with records; returns how much of it was announced."""
        for name in NO_RECORDS:
            bedrock_logs(self.cloud, program, zipped([b"{}"]), name)
        return self.lambdas.poll(program)

    def kept_lines(self, program: Program) -> list[str]:
        """Lines that were rejected and kept in a program's log bucket."""
        s3, bucket = self.session(program).client("s3"), program.settings.log_bucket
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        bodies = [
            s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in keys
            if key.endswith(".rejected.gz")
        ]
        return [json.loads(line)["line"] for body in bodies for line in gzip.decompress(body).splitlines()]

    def logged(self) -> dict[str, set[str]]:
        """Services that wrote to each function's log group."""
        found = {}
        for program in self.programs:
            logs = self.session(program).client("logs")
            for function in program.deployed.of(FUNCTION):
                group = function.inputs["loggingConfig"]["logGroup"]
                events = logs.filter_log_events(logGroupName=group)["events"]
                found[function.inputs["name"]] = {json.loads(one["message"])["service"] for one in events}
        return found

    def kill_every_function(self) -> None:
        """Each function that nobody waits for is killed once, as one that runs out of memory is."""

        def killed() -> None:
            raise RunFailed("out of memory")

        named = {one.inputs["functionName"] for one in self.cloud.resources(RUNS)}
        for function in self.cloud.resources(FUNCTION):
            if function.inputs["name"] in named:
                self.lambdas.run_later(function, self.hub.region, killed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What came of a day. AWS is gone by then: this is all that is left of it."""

    deployment: Deployment
    polled: list[int]
    """Messages by program."""
    delivered: int
    computed: Any
    nightly: Any
    looked: QueryResult
    explored: QueryResult
    first_tokens: FirstTokenReading
    deliveries_of_broken: int
    dead_letters: int
    failed_runs: int
    announced: int
    """How many of the objects that are no records were announced."""
    rejected: dict[str, list[str]]
    """Lines that were kept, by account."""
    logged: dict[str, set[str]]
    """Services that wrote to a function's log group, by the function's name."""
    usage: dict[str, Breakdown]
    usage_after_repeat: Breakdown


class _Download:
    """The price list as a web server gives it."""

    headers = Message()

    def __enter__(self) -> _Download:
        return self

    def __exit__(self, *unused: object) -> None:
        pass

    def read(self, amount: int, /) -> bytes:
        return bundled_list().document[:amount]


def day_of(stacks: tuple[Program, Program], *dimensions: str) -> Day:
    """A day in a hub and its spoke; `dimensions` are what a viewer breaks usage down by."""
    source = partial(PriceSource, open_address=lambda _: _Download())
    with (
        mock.patch.object(price_wiring, "PriceSource", source),
        cloud_of(stacks, _athena_of(stacks[0])) as cloud,
    ):
        deployment = Deployment(*stacks, cloud, LambdaService(cloud), LakeService(cloud, stacks[0]))
        return _day(deployment, dimensions)


def _day(deployment: Deployment, dimensions: Sequence[str]) -> Day:
    hub, spoke, lambdas = deployment.hub, deployment.spoke, deployment.lambdas
    lambdas.tick(hub, "sync-prices")
    deployment.log(hub, CALLS_OF_HUB)
    deployment.log(spoke, CALLS_OF_SPOKE)
    polled = [lambdas.poll(program) for program in deployment.programs]
    delivered = deployment.lake.deliver()
    [computed] = lambdas.tick(hub, "compute")
    [nightly] = lambdas.tick(hub, "reconcile-nightly")
    lambdas.tick(hub, "close-month")
    deployment.kill_every_function()
    return Day(
        deployment=deployment,
        polled=polled,
        delivered=delivered,
        computed=computed,
        nightly=nightly,
        looked=deployment.looked(),
        explored=deployment.explored(),
        first_tokens=deployment.first_tokens(),
        deliveries_of_broken=deployment.break_object(spoke),
        dead_letters=deployment.queue_depth(spoke, spoke.deployed.exports["log_dead_letters"]),
        failed_runs=deployment.queue_depth(hub, hub.deployed.exports["failed_runs"]),
        announced=deployment.log_no_records(hub),
        rejected={program.account: deployment.kept_lines(program) for program in deployment.programs},
        logged=deployment.logged(),
        usage={dimension: deployment.usage(dimension) for dimension in dimensions},
        usage_after_repeat=_repeated(deployment, dimensions[0]),
    )


def _repeated(deployment: Deployment, dimension: str) -> Breakdown:
    """Usage after the hub's calls were logged once more."""
    deployment.log(deployment.hub, CALLS_OF_HUB)
    deployment.lambdas.poll(deployment.hub)
    deployment.lake.deliver()
    deployment.lambdas.tick(deployment.hub, "compute")
    return deployment.usage(dimension)


def _athena_of(hub: Program) -> FakeAthena:
    """Athena with the workgroups and the catalog that a hub declares."""
    workgroups = [one.inputs["name"] for one in hub.deployed.of("aws:athena/workgroup:Workgroup")]
    table = hub.deployed.only("aws:cloudcontrol/resource:Resource")
    bucket = json.loads(table.inputs["desiredState"])["TableBucketARN"].rpartition("/")[2]
    catalog = hub.deployed.only("aws:glue/catalog:Catalog").inputs["name"]
    athena = FakeAthena(lambda: datetime.now(UTC), workgroups=workgroups, catalog=f"{catalog}/{bucket}")
    athena.polls_until_finished = 0
    return athena
