"""The declared resources work together: a log object becomes a number, by what is declared alone."""

from __future__ import annotations

import json

from bedrock_analytics.domain.dimensions import ACCOUNT, PROFILE
from components.alarms import METRICS
from components.naming import FunctionName
from tests.deployed.cloud import ROLE
from tests.deployed.iam import Request, granted
from tests.deployed.lambda_service import FUNCTION, POLLER, QUEUE
from tests.deployed.log_service import events_reach_queues
from tests.deployed.programs import Program
from tests.deployed.scenario import CALLS, CALLS_OF_HUB, CALLS_OF_SPOKE, Day, Deployment


def test_events_of_log_objects_reach_the_queue_of_their_account(day: Day) -> None:
    assert day.polled == [1, 1]
    for program in day.deployment.programs:
        assert events_reach_queues(day.deployment.cloud, program)


def test_the_calls_of_both_accounts_are_in_the_hubs_lake(day: Day) -> None:
    assert day.delivered == CALLS + 2  # and a rejected line each
    calls = [event for event in day.deployment.cloud.wire.athena.events if event.rejection is None]
    counts = {
        program.account: sum(event.account_id == program.account for event in calls)
        for program in day.deployment.programs
    }
    assert counts == {
        day.deployment.hub.account: CALLS_OF_HUB,
        day.deployment.spoke.account: CALLS_OF_SPOKE,
    }


def test_a_person_with_the_reader_policy_sees_the_calls_priced(day: Day) -> None:
    found = day.usage[ACCOUNT]
    assert {account: stats.invocations for (account, _), stats in found.rows.items()} == {
        day.deployment.hub.account: CALLS_OF_HUB,
        day.deployment.spoke.account: CALLS_OF_SPOKE,
    }
    assert found.total.total_list_cost_usd > 0
    assert found.total.unpriced_invocations == {}


def test_a_profile_is_resolved_in_the_account_of_its_calls(day: Day) -> None:
    profiles = day.usage[PROFILE].rows
    named = [key for key in profiles if "search" in key]
    assert sum(profiles[key].invocations or 0 for key in named) == 2


def test_who_called_stays_in_the_account_that_wants_pseudonyms(day: Day) -> None:
    named = {
        event.account_id: event.caller
        for event in day.deployment.cloud.wire.athena.events
        if event.rejection is None
    }
    assert named[day.deployment.hub.account] == "App/worker"
    assert "worker" not in str(named[day.deployment.spoke.account])


def test_explores_role_runs_a_query_on_the_lake(day: Day) -> None:
    assert (
        day.looked.rows
        == day.explored.rows
        == (
            (day.deployment.hub.account, CALLS_OF_HUB),
            (day.deployment.spoke.account, CALLS_OF_SPOKE),
        )
    )


def test_nobody_of_another_account_becomes_explores_role(deployment: Deployment) -> None:
    role = deployment.hub.deployed.exports["lake_reader_role"]
    stranger = f"arn:aws:iam::{deployment.spoke.account}:role/somebody"
    asks = Request(action="sts:AssumeRole", resource=role, principal=stranger)
    trust = deployment.cloud.with_arn(ROLE, role).inputs["assumeRolePolicy"]
    assert not granted(trust, asks)


def test_times_to_the_first_token_of_both_accounts_are_on_one_chart(day: Day) -> None:
    assert day.first_tokens.failed == ()
    assert {series.account_id: series.average_ms for series in day.first_tokens.series} == {
        day.deployment.hub.account: 640.0,
        day.deployment.spoke.account: 1280.0,
    }


def test_rejected_lines_are_kept_in_the_bucket_of_their_account(day: Day) -> None:
    assert day.rejected.keys() == {program.account for program in day.deployment.programs}
    for lines in day.rejected.values():
        assert set(lines) == {"no record"}


def test_the_nightly_run_finds_nothing_that_the_pages_do_not_show(day: Day) -> None:
    assert day.computed["computed"]["HOUR"] >= 1
    assert (day.computed["failed"], day.computed["remaining"]) == ([], 0)
    assert day.nightly == {"marked": []}


def test_each_run_logs_json_into_the_functions_own_group(day: Day) -> None:
    functions = day.deployment.cloud.resources(FUNCTION)
    assert day.logged == {
        one.inputs["name"]: {one.inputs["environment"]["variables"]["POWERTOOLS_SERVICE_NAME"]}
        for one in functions
    }


def test_only_the_listed_metrics_are_emitted(deployment: Deployment) -> None:
    emitted: dict[str, set[str]] = {}
    for printed in deployment.lambdas.printed:
        for entry in map(json.loads, filter(None, printed.splitlines())):
            for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
                assert directive["Dimensions"] == [["service"]]
                names = {one["Name"] for one in directive["Metrics"]}
                emitted.setdefault(entry["service"], set()).update(names)
    listed = {function.replace("-", "_"): set(names) for function, names in METRICS.items()}
    # a month is foretold once two of its days are over
    assert {name: names - {"MonthCostForecast"} for name, names in listed.items()} == emitted


def test_a_run_that_fails_is_kept(day: Day) -> None:
    assert day.failed_runs == len([name for name in FunctionName if name is not FunctionName.PARSE_LOG])


def test_an_object_that_cannot_be_read_is_dead_lettered_at_last(day: Day) -> None:
    assert day.deliveries_of_broken == _deliveries_before_dead_letters(day.deployment.spoke)
    assert day.dead_letters == 1


def _deliveries_before_dead_letters(program: Program) -> int:
    poller = program.deployed.only(POLLER)
    [queue] = [
        one for one in program.deployed.of(QUEUE) if one.outputs["arn"] == poller.inputs["eventSourceArn"]
    ]
    return int(json.loads(queue.inputs["redrivePolicy"])["maxReceiveCount"])


def test_what_is_no_record_object_is_not_announced(day: Day) -> None:
    assert day.announced == 0


def test_calls_that_are_logged_twice_count_once(day: Day) -> None:
    assert day.usage[ACCOUNT].total.invocations == day.usage_after_repeat.total.invocations == CALLS
