from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable, QueryRefused
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import COLUMNS, UsageEvent
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries, QueryState
from bedrock_analytics.storage.lake import UsageQuery
from tests.contract.lakes import Clock, athena_lake
from tests.fakes.athena import (
    BUCKET_ARN,
    CATALOG,
    NAMESPACE,
    Failure,
    FakeAthena,
    FakeS3Tables,
    client_error,
)

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)


class World:
    def __init__(self) -> None:
        self.clock = Clock()
        self.athena = FakeAthena(self.clock)
        self.s3tables = FakeS3Tables(self.athena)
        self.athena.events.append(
            UsageEvent(account_id="1", region="r", request_id="a", ts=TEN, parsed_at=TEN)
        )
        self.lake = athena_lake(self.athena, self.s3tables, self.clock)

    def requests(self) -> list[dict[str, Any]]:
        return [execution.request for execution in self.athena.executions.values()]


@pytest.fixture
def world() -> World:
    return World()


def test_the_pipelines_queries_run_in_its_workgroup_with_bound_parameters(world: World) -> None:
    query = UsageQuery(spans=(Span.of_hour(TEN),), context_thresholds=(200_000,), metadata_keys=("it's",))
    list(world.lake.usage(query))
    (request,) = world.requests()
    assert request["WorkGroup"] == "pipeline"
    assert request["QueryExecutionContext"] == {"Catalog": CATALOG, "Database": NAMESPACE}
    assert '"s3tablescatalog/usage-lake"."bedrock_analytics"."usage_events"' in request["QueryString"]
    assert request["ExecutionParameters"] == [
        "'2026-11-02T10:00:00.000Z'",
        "'2026-11-02T11:00:00.000Z'",
        "200000",
        "'$[\"it''s\"]'",
    ]


def test_a_statement_without_parameters_sends_none(world: World) -> None:
    world.lake.days()
    (request,) = world.requests()
    assert "ExecutionParameters" not in request


def test_peoples_queries_run_in_their_own_workgroup(world: World) -> None:
    world.lake.query("select count(*) as n from usage_events", max_rows=1)
    (request,) = world.requests()
    assert request["WorkGroup"] == "people"


def test_a_repeated_question_at_one_version_joins_the_first_execution(world: World) -> None:
    assert world.lake.days() == world.lake.days()
    assert len(world.athena.executions) == 1


def test_a_question_after_a_commit_is_a_new_execution(world: World) -> None:
    first = world.lake.arrivals(None)
    world.athena.events.append(world.athena.events[0])
    second = world.lake.arrivals(None)
    assert (sum(first.counts.values()), sum(second.counts.values())) == (1, 2)
    tokens = [request["ClientRequestToken"] for request in world.requests()]
    assert len(set(tokens)) == 2
    assert all(32 <= len(token) <= 128 for token in tokens)


def test_other_parameters_are_another_execution(world: World) -> None:
    world.lake.arrivals(TEN)
    world.lake.arrivals(TEN - timedelta(hours=1))
    assert len(world.athena.executions) == 2


def test_results_that_may_be_gone_are_asked_for_anew(world: World) -> None:
    world.lake.days()
    world.clock.now += timedelta(hours=13)
    assert world.lake.days() == [TEN.date()]
    assert len(world.athena.executions) == 2


def test_a_retryable_failure_is_submitted_again(world: World) -> None:
    world.athena.failures = [Failure("exhausted resources", retryable=True)] * 2
    assert world.lake.days() == [TEN.date()]
    assert len({request["ClientRequestToken"] for request in world.requests()}) == 3


def test_failures_that_go_on_leave_the_lake_unavailable(world: World) -> None:
    world.athena.failures = [Failure("exhausted resources", retryable=True)] * 3
    with pytest.raises(LakeUnavailable, match="exhausted resources"):
        world.lake.days()


def test_a_later_run_passes_over_the_failures_of_an_earlier_one(world: World) -> None:
    world.athena.failures = [Failure("exhausted resources", retryable=True)] * 3
    with pytest.raises(LakeUnavailable):
        world.lake.days()
    world.clock.now += timedelta(minutes=5)
    assert world.lake.days() == [TEN.date()]
    assert len(world.athena.executions) == 4


def test_a_broken_query_fails_at_once_with_its_reason(world: World) -> None:
    world.athena.failures = [Failure("SYNTAX_ERROR: line 1:8")]
    with pytest.raises(LakeError, match="SYNTAX_ERROR: line 1:8") as caught:
        world.lake.days()
    assert not isinstance(caught.value, LakeUnavailable)
    assert len(world.athena.executions) == 1


def test_a_query_that_somebody_cancelled_may_be_asked_again_later(world: World) -> None:
    world.athena.failures = [Failure("Query cancelled by user", state="CANCELLED")]
    with pytest.raises(LakeUnavailable, match="cancelled"):
        world.lake.days()


def test_throttled_calls_are_repeated_after_growing_pauses(world: World) -> None:
    world.athena.errors = [client_error("StartQueryExecution", "TooManyRequestsException")] * 4
    begun = world.clock.now
    assert world.lake.days() == [TEN.date()]
    assert world.clock.now - begun >= timedelta(seconds=0.5 + 1 + 2 + 4)


@pytest.mark.parametrize(
    "error",
    [
        client_error("StartQueryExecution", "TooManyRequestsException", "slow down"),
        client_error("StartQueryExecution", "InternalServerException", "slow down"),
        EndpointConnectionError(endpoint_url="slow down"),
    ],
)
def test_faults_that_do_not_pass_in_six_attempts_leave_the_lake_unavailable(
    world: World, error: Exception
) -> None:
    world.athena.errors = [error] * 6
    with pytest.raises(LakeUnavailable, match="slow down"):
        world.lake.days()
    assert world.athena.errors == []


def test_a_denied_call_is_not_repeated(world: World) -> None:
    world.athena.errors = [client_error("StartQueryExecution", "AccessDeniedException", "not authorized")] * 2
    with pytest.raises(LakeError, match="not authorized") as caught:
        world.lake.days()
    assert not isinstance(caught.value, LakeUnavailable)
    assert len(world.athena.errors) == 1


def test_a_query_past_its_time_is_cancelled() -> None:
    world = World()
    world.athena.polls_until_finished = 10_000
    lake = athena_lake(world.athena, world.s3tables, world.clock, timeout=timedelta(minutes=1))
    with pytest.raises(LakeUnavailable, match="did not finish"):
        lake.days()
    (execution,) = world.athena.executions.values()
    assert execution.cancelled


def test_the_version_costs_one_metadata_call_and_no_query(world: World) -> None:
    assert world.lake.version() == "s3://warehouse/metadata/00001.metadata.json"
    assert (world.s3tables.calls, world.athena.executions) == (1, {})


def test_a_missing_table_is_an_error_with_its_reason(world: World) -> None:
    world.s3tables.errors = [client_error("GetTableMetadataLocation", "NotFoundException", "no such table")]
    with pytest.raises(LakeError, match="no such table"):
        world.lake.version()


def test_a_page_of_a_query_can_be_fetched_by_its_id_alone(world: World) -> None:
    world.athena.events = [
        UsageEvent(account_id="1", region="r", request_id=f"{number:04}", ts=TEN, parsed_at=TEN)
        for number in range(1500)
    ]
    queries = AthenaQueries(
        cast(Any, world.athena),
        workgroup="people",
        catalog=CATALOG,
        database=NAMESPACE,
        sleep=world.clock.sleep,
    )
    query_id = queries.start("select request_id from usage_events order by 1")
    states = [queries.status(query_id).state for _ in range(3)]
    assert states == [QueryState.QUEUED, QueryState.RUNNING, QueryState.SUCCEEDED]
    assert queries.status(query_id).scanned_bytes == 10_485_760
    first = queries.page(query_id)
    second = queries.page(query_id, first.next_cursor)
    assert (len(first.rows), first.rows[0], first.columns) == (999, ("0000",), ("request_id",))
    assert (len(second.rows), second.rows[-1], second.next_cursor) == (501, ("1499",), None)


def test_people_get_no_more_rows_than_they_asked_for_over_pages(world: World) -> None:
    world.athena.events = [
        UsageEvent(account_id="1", region="r", request_id=f"{number:04}", ts=TEN, parsed_at=TEN)
        for number in range(2500)
    ]
    result = world.lake.query("select request_id from usage_events order by 1", max_rows=1200)
    assert (len(result.rows), result.rows[-1], result.truncated) == (1200, ("1199",), True)
    assert world.requests()[0]["QueryString"].endswith("LIMIT 1201")


def test_a_query_longer_than_athena_takes_is_not_sent(world: World) -> None:
    queries = AthenaQueries(cast(Any, world.athena), workgroup="people", catalog=CATALOG, database=NAMESPACE)
    with pytest.raises(LakeError, match="262,144"):
        queries.start("select '" + "x" * 262_144 + "'")


def test_without_a_workgroup_for_people_their_queries_fail_clearly(world: World) -> None:
    queries = AthenaQueries(
        cast(Any, world.athena), workgroup="pipeline", catalog=CATALOG, database=NAMESPACE
    )
    table = LakeTable(bucket_arn=BUCKET_ARN, namespace=NAMESPACE)
    lake = AthenaLake(queries, cast(Any, world.s3tables), table)
    with pytest.raises(LakeError, match="no Athena workgroup"):
        lake.query("select 1", max_rows=1)


def test_a_refused_query_reaches_no_service(world: World) -> None:
    with pytest.raises(QueryRefused):
        world.lake.query("drop table usage_events", max_rows=1)
    assert world.athena.executions == {}


NEW = ("service_tier", "query_units", "latency_optimized")
LATER = tuple(column for column in COLUMNS if column.name in NEW)


def test_columns_that_the_lake_lacks_are_read_as_null(world: World) -> None:
    full = world.lake
    lacking = athena_lake(world.athena, world.s3tables, world.clock, missing=lambda: LATER)
    ten = Span.of_hour(TEN)
    query = UsageQuery(spans=(ten,))
    text = "select count(*) as n, count(service_tier) as tiers from calls"
    expected = (
        list(full.usage(query)),
        full.arrivals(None),
        full.fingerprints(ten),
        full.query(text, max_rows=1),
    )

    world.athena.lacking = set(NEW)

    found = (
        list(lacking.usage(query)),
        lacking.arrivals(None),
        lacking.fingerprints(ten),
        lacking.query(text, max_rows=1),
    )
    assert found == expected
    assert (lacking.hours(ten), lacking.days()) == ([TEN], [TEN.date()])


def test_a_column_that_nobody_knew_to_be_missing_is_named(world: World) -> None:
    world.athena.lacking = {"service_tier"}

    with pytest.raises(LakeError, match="service_tier"):
        list(world.lake.usage(UsageQuery(spans=(Span.of_hour(TEN),))))
