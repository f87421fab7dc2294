from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from components.lake_queries import GIGABYTE, LakeQueries, LakeQueriesArgs
from components.naming import HubNames
from components.people_queries import PeopleQuery, people_queries
from tests.exactly_once.events import call
from tests.fakes.athena import CATALOG, NAMESPACE, TABLE, FakeAthena
from tests.pulumi.documents import allowed_actions, resources_of, trust
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

NAMES = HubNames(account=ACCOUNT, region=REGION)
WORKGROUP = "aws:athena/workgroup:Workgroup"


@pytest.fixture(scope="module")
def declared() -> Deployed:
    return deploy(lambda: LakeQueries("queries", LakeQueriesArgs(names=NAMES, people_limit_bytes=GIGABYTE)))


def test_results_stay_with_athena_and_no_client_overrides_that(declared: Deployed) -> None:
    for workgroup in declared.of(WORKGROUP):
        configuration = workgroup.inputs["configuration"]
        assert configuration["managedQueryResultsConfiguration"] == {"enabled": True}
        assert configuration["enforceWorkgroupConfiguration"] is True
        assert "resultConfiguration" not in configuration


def test_people_may_scan_less_than_the_pipeline(declared: Deployed) -> None:
    limits = {
        one.inputs["name"]: one.inputs["configuration"]["bytesScannedCutoffPerQuery"]
        for one in declared.of(WORKGROUP)
    }
    assert limits == {NAMES.compute_workgroup: 1024 * GIGABYTE, NAMES.people_workgroup: GIGABYTE}


def test_saved_queries_are_in_the_workgroup_for_people(declared: Deployed) -> None:
    saved = declared.of("aws:athena/namedQuery:NamedQuery")
    assert len(saved) == 6
    assert {query.inputs["workgroup"] for query in saved} == {NAMES.people_workgroup}
    for query in saved:
        assert (
            f'"s3tablescatalog/{NAMES.table_bucket}"."bedrock_analytics"."usage_events"'
            in query.inputs["query"]
        )


@pytest.mark.parametrize(
    "query", people_queries(f'"{CATALOG}"."{NAMESPACE}"."{TABLE}"'), ids=lambda one: one.part
)
def test_a_saved_query_runs_as_it_stands(query: PeopleQuery) -> None:
    now = datetime.now(UTC)
    athena = FakeAthena(lambda: now)
    athena.events = [call(1, ts=now - timedelta(hours=1))]
    request = {
        "QueryString": query.sql,
        "QueryExecutionContext": {"Catalog": "AwsDataCatalog", "Database": "default"},
        "WorkGroup": "people",
    }
    execution = athena.executions[athena.start_query_execution(**request)["QueryExecutionId"]]
    assert execution.failure is None
    assert execution.columns


def test_readers_query_in_the_workgroup_for_people_and_nowhere_else(declared: Deployed) -> None:
    policy = declared.only("aws:iam/policy:Policy").inputs["policy"]
    for action in ("athena:StartQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup"):
        assert resources_of(policy, action) == {NAMES.workgroup_arn(NAMES.people_workgroup)}
    assert resources_of(policy, "s3tables:GetTableData") == {
        NAMES.table_bucket_arn,
        f"{NAMES.table_bucket_arn}/table/*",
    }


def test_readers_change_nothing(declared: Deployed) -> None:
    actions = allowed_actions(declared.only("aws:iam/policy:Policy").inputs["policy"])
    verbs = {action.partition(":")[2] for action in actions}
    assert {verb for verb in verbs if not verb.startswith(("Get", "List"))} == {
        "StartQueryExecution",
        "StopQueryExecution",
    }


def test_the_readers_role_has_that_policy_and_is_assumed_in_this_account(declared: Deployed) -> None:
    role = declared.only("aws:iam/role:Role")
    attachment = declared.only("aws:iam/rolePolicyAttachment:RolePolicyAttachment").inputs
    assert trust(role.inputs["assumeRolePolicy"])["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert attachment == {
        "role": role.inputs["name"],
        "policyArn": declared.only("aws:iam/policy:Policy").outputs["arn"],
    }
