"""The bundle of the health page, over written pages and probes that answer or do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bedrock_analytics.domain.errors import CredentialsExpired, MetricsUnavailable
from bedrock_analytics.domain.periods import hour_of
from bedrock_analytics.reporting.metrics import FreshnessState
from bedrock_analytics.reporting.pipeline_health import (
    HealthProbes,
    JobOutcome,
    PipelineHealth,
    PipelineHealthReader,
    RunnerHealth,
)
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.lake_size import LakeSize
from bedrock_analytics.storage.pipeline_metrics import FunctionReading, PlaceReading, QueueReading
from bedrock_analytics.storage.price_meta import ListInfo, PriceMeta
from bedrock_analytics.storage.usage_table import DirtyRow
from tests.exactly_once.events import call
from tests.exactly_once.world import START, World
from tests.unit.reporting.lake_world import REJECTED

SIZE = LakeSize(rows=3, files=1, size_bytes=99, snapshots=1, changed_at=None)
META = PriceMeta(
    version="1",
    reprices=(),
    price_list=ListInfo(date="2026-10-21", origin="bundled", checked_at=datetime(2026, 3, 9, tzinfo=UTC)),
    sync_report=None,
    wanted_models=(),
    tried_models=(),
    unfinished=False,
)


class _Probes:
    def __init__(self, *places: PlaceReading, lake: LakeSize | Exception = SIZE) -> None:
        self._places = places
        self._lake = lake

    def lake_size(self) -> LakeSize:
        if isinstance(self._lake, Exception):
            raise self._lake
        return self._lake

    def places(self) -> tuple[PlaceReading, ...]:
        return self._places

    def runner(self) -> RunnerHealth | None:
        return None


class _Prices:
    def __init__(self, meta: PriceMeta) -> None:
        self._meta = meta

    def load_meta(self) -> PriceMeta:
        return self._meta


@pytest.fixture(scope="module")
def world() -> World:
    found = World()
    found.deliver(
        call(1),
        call(2, START - timedelta(hours=3)),
        call(3, region="eu-west-1"),
        call(4, START, None, **REJECTED),
    )
    found.settle()
    return found


def _health(world: World, probes: HealthProbes | None = None, meta: PriceMeta = META) -> PipelineHealth:
    table = world.table()
    return PipelineHealthReader(
        table,
        _Prices(meta),
        UsageReader(table, lambda: world.now),
        probes or _Probes(),
        lambda: world.now,
        interval=timedelta(minutes=5),
        max_attempts=3,
    ).read()


def _function(**changes: Any) -> FunctionReading:
    fields: dict[str, Any] = {
        "title": "parse-log",
        "name": "spoke-parse-log",
        "runs": 10,
        "errors": 0,
        "last_run_at": START,
        "last_error_at": None,
        "average_seconds": 1.5,
    }
    return FunctionReading(**fields | changes)


def _place(*functions: FunctionReading, messages: int | None = 0, failure: str | None = None) -> PlaceReading:
    queue = QueueReading(title="log objects", name="q", messages=messages, oldest_seconds=0)
    return PlaceReading(
        account_id="999988887777", region="us-west-2", queues=(queue,), functions=functions, failure=failure
    )


def test_each_account_and_region_tells_its_newest_hour_and_rejected_lines(world: World) -> None:
    found = {(scope.account_id, scope.region): scope for scope in _health(world).scopes}
    east = found["111122223333", "us-east-1"]
    assert (east.newest_hour, east.calls, east.rejected_lines) == (hour_of(START), 2, {"not_json": 1})
    assert found["111122223333", "eu-west-1"].rejected_lines == {}


def test_freshness_and_the_latest_run_come_from_the_checkpoint(world: World) -> None:
    found = _health(world)
    assert found.freshness.state is FreshnessState.FRESH
    compute, prices = found.jobs
    assert (compute.job, compute.outcome, compute.at) == (
        "compute",
        JobOutcome.OK,
        found.checkpoint.checked_at,
    )
    assert (prices.job, prices.outcome, prices.detail) == ("prices", JobOutcome.OK, "List of 2026-10-21.")


def test_an_empty_deployment_has_run_nothing() -> None:
    empty = replace(META, price_list=None)
    found = _health(World(), meta=empty)
    assert [job.outcome for job in found.jobs] == [JobOutcome.NEVER, JobOutcome.NEVER]
    assert found.scopes == ()
    assert found.freshness.state is FreshnessState.NEVER


def test_a_failed_sync_is_told_though_a_list_is_in_force(world: World) -> None:
    report = {"error": "the list is truncated", "at": "2026-03-10T19:00:00Z"}
    _, prices = _health(world, meta=replace(META, sync_report=report)).jobs
    assert (prices.outcome, prices.detail) == (JobOutcome.FAILED, "the list is truncated")
    assert prices.at == datetime(2026, 3, 10, 19, tzinfo=UTC)


def test_a_failed_run_tells_its_error() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    table = world.table()
    failed = replace(table.checkpoint(), last_error="Athena is gone", last_error_at=START)
    table.put_checkpoint(failed)
    compute, _ = _health(world).jobs
    assert (compute.outcome, compute.at, compute.detail) == (JobOutcome.FAILED, START, "Athena is gone")


def test_periods_that_wait_and_those_that_failed_too_often_are_told_apart() -> None:
    world = World()
    table = world.table()
    rows = [
        DirtyRow(what=DirtyPeriod.of_hour(START), generation="1", reason="late"),
        DirtyRow(what=DirtyPeriod.of_day(START.date()), generation="2", reason="x", attempts=3, error="boom"),
    ]
    table.mark_dirty(rows)
    found = _health(world)
    assert [row.what for row in found.waiting] == [DirtyPeriod.of_hour(START)]
    assert [row.error for row in found.parked] == ["boom"]


def test_runs_of_functions_are_counted_and_the_latest_failure_shows(world: World) -> None:
    failing = _function(errors=2, last_error_at=START)
    recovered = _function(errors=2, last_error_at=START - timedelta(hours=1))
    idle = _function(runs=0, last_run_at=None)
    *_, first, second, third = _health(world, _Probes(_place(failing, recovered, idle))).jobs
    assert [job.outcome for job in (first, second, third)] == [
        JobOutcome.FAILED,
        JobOutcome.OK,
        JobOutcome.NEVER,
    ]
    assert first.detail == "10 runs within 24 hours, 2 of them failed."


@pytest.mark.parametrize(
    ("place", "step"),
    [
        (_place(failure="refused"), "metrics cannot be read"),
        (_place(_function(errors=1)), "cannot be parsed"),
        (_place(_function()), "hold no calls yet"),
        (_place(_function(runs=0), messages=4), "wait in the queue"),
        (_place(_function(runs=0)), "turn on Bedrock's invocation logging"),
    ],
)
def test_an_account_without_calls_names_the_step_that_is_missing(
    world: World, place: PlaceReading, step: str
) -> None:
    (found,) = _health(world, _Probes(place)).empty
    assert (found.account_id, found.region) == ("999988887777", "us-west-2")
    assert step in found.missing_step


def test_an_account_with_calls_is_not_empty(world: World) -> None:
    place = replace(_place(_function()), account_id="111122223333", region="eu-west-1")
    assert _health(world, _Probes(place)).empty == ()


def test_a_probe_that_does_not_answer_leaves_a_note_and_the_rest(world: World) -> None:
    found = _health(world, _Probes(_place(failure="no metrics"), lake=MetricsUnavailable("S3 is away")))
    assert found.lake is None
    assert found.notes == ("S3 is away", "no metrics")
    assert found.scopes


def test_expired_credentials_are_no_note(world: World) -> None:
    with pytest.raises(CredentialsExpired):
        _health(world, _Probes(lake=CredentialsExpired("run aws sso login")))
