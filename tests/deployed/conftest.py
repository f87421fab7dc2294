"""One run of a whole deployment, which the tests look at from several sides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import partial
from typing import Any

import boto3
import pytest

from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.price_source import PriceSource
from lambdas import price_wiring
from tests.deployed.cloud import Cloud, cloud_of
from tests.deployed.lake_service import LakeService
from tests.deployed.lambda_service import FUNCTION, RUNS, LambdaService, RunFailed
from tests.deployed.log_service import bedrock_logs, object_name, zipped
from tests.deployed.programs import Program, committed_stacks
from tests.fakes.athena import FakeAthena
from tests.fakes.log_lines import line, record

CALLS_OF_HUB, CALLS_OF_SPOKE = 3, 2


@dataclass
class Deployment:
    """A hub and its spoke, and what happened in them."""

    hub: Program
    spoke: Program
    cloud: Cloud
    lambdas: LambdaService
    lake: LakeService
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def programs(self) -> tuple[Program, Program]:
        return self.hub, self.spoke

    def session(self, program: Program) -> boto3.Session:
        """The harness's own session in a program's account and Region."""
        return self.cloud.session(program.account, program.region)

    def log(self, program: Program, count: int) -> str:
        """Calls of five minutes ago, one of them through a profile, and a line that is none."""
        at = f"{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
        common = {"timestamp": at, "accountId": program.account, "region": program.region}
        profile = f"arn:aws:bedrock:{program.region}:{program.account}:application-inference-profile/a1b2c3"
        calls = [record(**common, requestId=f"{program.account}-{number}") for number in range(count - 1)]
        calls.append(record(**common, requestId=f"{program.account}-p", modelId=profile))
        body = zipped([*map(line, calls), b"no record"])
        return bedrock_logs(self.cloud, program, body, object_name())


class Download:
    """The price list as a web server gives it."""

    headers = Message()

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *unused: object) -> None:
        pass

    def read(self, amount: int, /) -> bytes:
        return bundled_list().document[:amount]


@pytest.fixture(scope="module")
def stacks() -> tuple[Program, Program]:
    return committed_stacks()


@pytest.fixture(scope="module")
def deployment(stacks: tuple[Program, Program]) -> Iterator[Deployment]:
    """Prices, calls of two accounts from log object to page, a nightly run, and runs that fail."""
    hub, spoke = stacks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(price_wiring, "PriceSource", partial(PriceSource, open_address=lambda _: Download()))
        with cloud_of(stacks, athena_of(hub)) as cloud:
            lambdas = LambdaService(cloud)
            found = Deployment(hub, spoke, cloud, lambdas, LakeService(cloud, hub))
            found.answers["sync"] = lambdas.tick(hub, "sync-prices")
            found.log(hub, CALLS_OF_HUB)
            found.log(spoke, CALLS_OF_SPOKE)
            found.answers["polled"] = [lambdas.poll(program) for program in stacks]
            found.answers["delivered"] = found.lake.deliver()
            found.answers["compute"] = lambdas.tick(hub, "compute")
            found.answers["nightly"] = lambdas.tick(hub, "reconcile-nightly")
            found.answers["monthly"] = lambdas.tick(hub, "close-month")
            _fail_every_function(found)
            yield found


def athena_of(hub: Program) -> FakeAthena:
    """Athena with the workgroups and the catalog that a hub declares."""
    workgroups = [one.inputs["name"] for one in hub.deployed.of("aws:athena/workgroup:Workgroup")]
    [table] = hub.deployed.of("aws:cloudcontrol/resource:Resource")
    bucket = json.loads(table.inputs["desiredState"])["TableBucketARN"].rpartition("/")[2]
    [catalog] = hub.deployed.of("aws:glue/catalog:Catalog")
    name = f"{catalog.inputs['name']}/{bucket}"
    athena = FakeAthena(lambda: datetime.now(UTC), workgroups=workgroups, catalog=name)
    athena.polls_until_finished = 0
    return athena


def _fail_every_function(deployment: Deployment) -> None:
    """Each function that nobody waits for is killed once, as one that runs out of memory is."""

    def killed() -> None:
        raise RunFailed("out of memory")

    named = {one.inputs["functionName"] for one in deployment.cloud.resources(RUNS)}
    for function in deployment.cloud.resources(FUNCTION):
        if function.inputs["name"] in named:
            deployment.lambdas.run_later(function, deployment.hub.region, killed)
