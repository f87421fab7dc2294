"""The handlers of L2 and of reconciliation, over a deployment in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, cast

import pytest

from bedrock_analytics.domain.errors import ConfigurationError, LakeUnavailable
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.reporting.usage_reader import UsageReader
from lambdas import aggregate_stats, clients, compute_cost, compute_wiring
from lambdas.settings import ComputeSettings
from tests.exactly_once.events import call
from tests.exactly_once.world import World

ENVIRONMENT = {
    "USAGE_TABLE": "usage-stats",
    "PRICE_TABLE": "model-pricing",
    "WORKGROUP": "l2",
    "TABLE_BUCKET_ARN": "arn:aws:s3tables:us-east-1:111122223333:bucket/lake",
    "METADATA_KEYS": "team, app",
    "OVERLAP_SECONDS": "1320",
}


class Context:
    """What the handlers ask of Lambda's context."""

    function_name = "compute_cost"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def invoke(module: Any, event: dict[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", module.handler(event, Context()))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    found.now += timedelta(minutes=3)

    def computing() -> compute_wiring.Computing:
        return compute_wiring.Computing(
            job=found.job("one"),
            reconciler=Reconciler(
                lake=found.lake,
                table=found.table(),
                settings=found.settings,
                now=lambda: found.now,
                new_generation=lambda: str(next(found.generations)),
            ),
            reader=UsageReader(found.table(), lambda: found.now),
        )

    monkeypatch.setattr(compute_wiring, "computing", computing)
    monkeypatch.setattr(clients, "now", lambda: found.now)
    return found


def test_a_run_says_what_it_computed(world: World) -> None:
    world.deliver(call(1))
    answer = invoke(compute_cost, {})
    assert answer["computed"]["HOUR"] == 1
    assert (answer["failed"], answer["parked"], answer["remaining"]) == ([], [], 0)
    assert answer["closed_through"] == "2026-03-09"


def emitted(printed: str) -> dict[str, float]:
    """The metrics of one invocation."""
    [entry] = [entry for entry in map(json.loads, printed.splitlines()) if "_aws" in entry]
    [directive] = entry["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("BedrockAnalytics", [["service"]])
    return {metric["Name"]: sum(entry[metric["Name"]]) for metric in directive["Metrics"]}


def test_a_run_emits_what_the_alarms_watch(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.deliver(call(1))
    invoke(compute_cost, {})
    found = emitted(capsys.readouterr().out)
    assert found.pop("MonthCost") > 0
    assert found == {"DataAgeSeconds": 0, "ParkedPeriods": 0, "MissingColumns": 0}


def test_an_idle_run_says_that_it_ran_and_reads_no_page(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.deliver(call(1))
    world.settle()
    assert invoke(compute_cost, {})["idle"] is True
    assert emitted(capsys.readouterr().out).keys() == {"DataAgeSeconds", "ParkedPeriods", "MissingColumns"}


def test_a_run_that_does_not_end_emits_no_age(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(job: ComputeCost, deadline: object) -> None:
        raise LakeUnavailable("no answer")

    monkeypatch.setattr(ComputeCost, "run", fail)
    with pytest.raises(LakeUnavailable):
        invoke(compute_cost, {})
    assert emitted(capsys.readouterr().out) == {"ParkedPeriods": 0}


def test_a_run_that_finds_another_at_work_does_nothing(world: World) -> None:
    world.table().acquire_lease("two", world.now, timedelta(minutes=5), None)
    world.deliver(call(1))
    assert invoke(compute_cost, {}) == {"idle": True, "why": "another run writes the usage pages"}


@pytest.mark.parametrize(
    ("event", "marked"),
    [
        ({"day": "2026-02-01"}, ["2026-02-01"]),
        ({"first": "2026-01-30", "last": "2026-02-01"}, ["2026-01-30", "2026-01-31", "2026-02-01"]),
        ({"close_month": True}, ["2026-02"]),
    ],
)
def test_a_backfill_marks_the_days_it_names(world: World, event: dict[str, Any], marked: list[str]) -> None:
    assert invoke(aggregate_stats, event) == {"marked": marked}
    assert sorted(row.what.period for row in world.table().state().dirty) == marked


def test_a_backfill_of_a_month_marks_each_of_its_days(world: World) -> None:
    assert len(invoke(aggregate_stats, {"month": "2026-02"})["marked"]) == 28


def test_a_backfill_of_today_marks_the_hours_that_have_begun(world: World) -> None:
    assert len(invoke(aggregate_stats, {"day": "2026-03-10"})["marked"]) == 21


def test_the_nightly_event_marks_what_the_pages_do_not_show(world: World) -> None:
    world.deliver(call(1))
    assert invoke(aggregate_stats, {"source": "aws.scheduler"}) == {"marked": ["2026-03-10T20"]}
    world.settle()
    assert invoke(aggregate_stats, {}) == {"marked": []}


@pytest.mark.parametrize("event", [{"day": "yesterday"}, {"day": 3}, {"first": "2026-01-01"}, {"month": "x"}])
def test_an_event_that_is_not_understood_is_refused(world: World, event: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        invoke(aggregate_stats, event)


def test_settings_are_read_from_the_environment() -> None:
    settings = ComputeSettings.from_environment(ENVIRONMENT)
    assert settings.metadata_keys == ("team", "app")
    assert (settings.overlap_seconds, settings.daily_days) == (1320, 400)


@pytest.mark.parametrize("value", ["0", "-1", "soon", "1.5"])
def test_a_number_that_is_none_is_named(value: str) -> None:
    with pytest.raises(ConfigurationError, match="OVERLAP_SECONDS"):
        ComputeSettings.from_environment(ENVIRONMENT | {"OVERLAP_SECONDS": value})


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match="WORKGROUP is not set"):
        ComputeSettings.from_environment({**ENVIRONMENT, "WORKGROUP": ""})


def test_the_lambda_is_wired_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    compute_wiring.computing.cache_clear()
    found = compute_wiring.computing()
    assert found.job.settings.metadata_keys == ("team", "app")
    assert found.job.settings.lease == timedelta(seconds=960)
    assert found.reconciler.table is found.job.table
    compute_wiring.computing.cache_clear()
