"""Roles may do what they did in a day, and nothing that they did not, but for what is explained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import pytest

from tests.deployed.cloud import ROLE
from tests.deployed.iam import Request, allowed, granted
from tests.deployed.needs import Call
from tests.deployed.scenario import Deployment

ATHENA: Final = "Athena asks for it with the rights of whoever queries"
FIREHOSE: Final = "Firehose does it by itself, out of sight of this project"
COLUMNS: Final = "asked once a version has columns that the first did not have"
CONSOLE: Final = "people use it in Athena's console"

_EXPLANATIONS: Final = {
    "QueryLake athena:GetQueryResultsStream": "Athena's drivers and console read managed results by it",
    "QueryLake athena:StopQueryExecution": "a query that takes too long, or is cancelled, is stopped",
    "ReadCatalog glue:GetCatalog GetDatabase GetDatabases GetTable GetTables": ATHENA,
    "ReadLake s3tables:GetNamespace GetTable GetTableBucket GetTableData GetTableMetadataLocation": ATHENA,
    "ReadData lakeformation:GetDataAccess": ATHENA,
    "TakeMessages sqs:GetQueueAttributes": "Lambda's poller asks how many messages wait",
    "ReadColumns dynamodb:GetItem": COLUMNS,
    "MarkPeriods dynamodb:GetItem": COLUMNS,
    "UsePrices dynamodb:BatchWriteItem": "a model that has no price is noted for the sync",
    "UseWorkgroup athena:GetNamedQuery GetWorkGroup ListNamedQueries ListQueryExecutions": CONSOLE,
    "ReadCatalog glue:UpdateTable": FIREHOSE,
    "WriteLake s3tables:GetNamespace GetTable GetTableBucket GetTableData PutTableData": FIREHOSE,
    "WriteData lakeformation:GetDataAccess": FIREHOSE,
    "FindErrorBucket s3:GetBucketLocation ListBucket ListBucketMultipartUploads": FIREHOSE,
    "KeepErrors s3:AbortMultipartUpload GetObject PutObject": FIREHOSE,
    "LogErrors logs:PutLogEvents": FIREHOSE,
}
"""Statement and actions that no call of the day needed, and why they are there."""


def _explained() -> set[tuple[str, str]]:
    found = set()
    for key in _EXPLANATIONS:
        sid, first, *more = key.split()
        service = first.partition(":")[0]
        found |= {(sid, first), *((sid, f"{service}:{verb}") for verb in more)}
    return found


EXPLAINED: Final = _explained()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One action of one statement of a role."""

    role: str
    sid: str
    action: str
    statement: str
    """The statement alone, as a document."""

    def serves(self, role: str, request: Request) -> bool:
        """Whether a role's request needs this grant."""
        return role == self.role and request.action == self.action and allowed([self.statement], request)

    @property
    def alone(self) -> str:
        """The statement with this action only, as a document."""
        [statement] = json.loads(self.statement)["Statement"]
        return json.dumps({"Statement": [{**statement, "Action": [self.action]}]})

    def __str__(self) -> str:
        return f"{self.role.rpartition('/')[2]}: {self.sid} {self.action}"


@pytest.fixture(scope="module")
def grants(deployment: Deployment) -> list[Grant]:
    """Everything that roles are allowed: the declared ones, and people with declared policies."""
    roles = [role.outputs["arn"] for role in deployment.cloud.resources(ROLE)]
    return [
        Grant(
            role=role, sid=statement["Sid"], action=action, statement=json.dumps({"Statement": [statement]})
        )
        for role in (*roles, *sorted(deployment.cloud.people))
        for document in deployment.cloud.policies_of(role)
        for statement in json.loads(document)["Statement"]
        for action in statement["Action"]
    ]


@pytest.fixture(scope="module")
def asked(deployment: Deployment) -> list[tuple[str, Request]]:
    return list(deployment.cloud.asked())


def test_every_call_is_allowed_to_the_role_that_made_it(
    deployment: Deployment, asked: list[tuple[str, Request]]
) -> None:
    assert len(asked) > 100
    assert [f"{role}: {request}" for role, request in asked if not deployment.cloud.may(role, request)] == []


def test_every_declared_role_did_something(deployment: Deployment, asked: list[tuple[str, Request]]) -> None:
    active = {role for role, _ in asked}
    assert {role.outputs["arn"] for role in deployment.cloud.resources(ROLE)} <= active


def test_every_action_of_every_role_is_used_or_explained(
    grants: list[Grant], asked: list[tuple[str, Request]], deployment: Deployment
) -> None:
    declared = [grant for grant in grants if grant.role not in deployment.cloud.people]
    unused = {
        str(grant)
        for grant in declared
        if (grant.sid, grant.action) not in EXPLAINED
        and not any(grant.serves(role, request) for role, request in asked)
    }
    assert unused == set()


def test_every_action_of_the_viewers_policy_is_used_or_explained(
    grants: list[Grant], asked: list[tuple[str, Request]], deployment: Deployment
) -> None:
    of_people = [grant for grant in grants if grant.role in deployment.cloud.people]
    used = {
        (grant.sid, grant.action)
        for grant in of_people
        for role, request in asked
        if grant.serves(role, request)
    }
    assert {(grant.sid, grant.action) for grant in of_people} - EXPLAINED - used == set()


def test_nothing_is_explained_that_nobody_may_do(grants: list[Grant]) -> None:
    assert {(grant.sid, grant.action) for grant in grants} >= EXPLAINED


def test_an_action_that_is_taken_away_is_missed(
    grants: list[Grant], asked: list[tuple[str, Request]]
) -> None:
    """So no permission is granted twice, and the check above can fail."""
    kept = []
    for grant in grants:
        needing = [request for role, request in asked if grant.serves(role, request)]
        others = [one.alone for one in grants if one.role == grant.role and one != grant]
        if needing and all(allowed(others, request) for request in needing):
            kept.append(str(grant))
    assert kept == []


def _assumptions(deployment: Deployment) -> list[Call]:
    return [call for call in deployment.cloud.wire.calls if call.operation == "AssumeRole"]


def _asks(call: Call, **context: str) -> Request:
    keys = {
        "aws:PrincipalArn": [call.principal],
        "sts:ExternalId": [call.parameters.get("ExternalId", "")],
        **{name.replace("_", ":"): [value] for name, value in context.items()},
    }
    return Request(
        action="sts:AssumeRole", resource=call.parameters["RoleArn"], principal=call.principal, context=keys
    )


def test_every_role_that_was_assumed_trusts_whoever_did(deployment: Deployment) -> None:
    calls = _assumptions(deployment)
    assert {call.principal.split(":")[4] for call in calls} == {one.account for one in deployment.programs}
    for call in calls:
        role = deployment.cloud.with_arn(ROLE, call.parameters["RoleArn"])
        assert granted(role.inputs["assumeRolePolicy"], _asks(call))


def test_no_role_of_another_account_is_assumed_without_the_external_id(deployment: Deployment) -> None:
    for call in _assumptions(deployment):
        role = deployment.cloud.with_arn(ROLE, call.parameters["RoleArn"])
        assert not granted(role.inputs["assumeRolePolicy"], _asks(call, sts_ExternalId="another"))


def test_of_a_spoke_only_its_forwarder_becomes_the_writer(deployment: Deployment) -> None:
    spoke = deployment.spoke
    [call] = [one for one in _assumptions(deployment) if one.principal.split(":")[4] == spoke.account][:1]
    role = deployment.cloud.with_arn(ROLE, call.parameters["RoleArn"])
    other = f"arn:aws:iam::{spoke.account}:role/other"
    assert not granted(role.inputs["assumeRolePolicy"], _asks(call, aws_PrincipalArn=other))
