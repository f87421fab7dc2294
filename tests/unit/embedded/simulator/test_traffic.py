from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from bedrock_analytics.embedded.simulator import calls_of_minute, minutes_of_hour
from bedrock_analytics.embedded.simulator.demand import demand_of_hour
from bedrock_analytics.embedded.simulator.models import MODELS, UNPRICED
from bedrock_analytics.embedded.simulator.world import SOURCES, Operation
from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.price_list import read_price_list
from tests.unit.embedded.simulator.spans import (
    MONDAY,
    SEED,
    calls_of_hours,
    calls_of_two_weeks,
    hours_from,
)


def test_a_minute_alone_is_the_same_as_within_its_hour() -> None:
    for minute, calls in minutes_of_hour(SEED, MONDAY):
        assert calls_of_minute(SEED, minute) == calls


def test_another_seed_is_another_world() -> None:
    assert calls_of_minute(SEED, MONDAY) != calls_of_minute(SEED + 1, MONDAY)


def test_calls_begin_in_their_minute_at_whole_seconds() -> None:
    for minute, calls in minutes_of_hour(SEED, MONDAY):
        for call in calls:
            assert minute <= call.ts < minute + timedelta(minutes=1)
            assert call.ts.microsecond == 0


def test_request_ids_never_repeat() -> None:
    ids = [call.request_id for call in calls_of_two_weeks()]

    assert len(set(ids)) == len(ids)


def test_every_source_model_and_operation_is_used() -> None:
    calls = calls_of_two_weeks()

    assert {call.app.source for call in calls} == set(SOURCES)
    assert {call.model_id for call in calls} == {model.id for model in MODELS}
    assert {call.operation for call in calls} == set(Operation)
    assert {call.route for call in calls} == {"global", "us", "eu", "jp", "apac", "regional"}
    assert len({call.region for call in calls}) == 4
    assert len({call.account_id for call in calls}) == 4


@pytest.mark.parametrize(
    "arn",
    [
        r"arn:aws:iam::\d{12}:user/student-one",
        r"arn:aws:iam::\d{12}:user/.+@example\.com",
        r"arn:aws:iam::\d{12}:user/BedrockAPIKey-\w+",
        r"arn:aws:iam::\d{12}:root",
        r"arn:aws:sts::\d{12}:assumed-role/Engineer/.+@example\.com",
        r"arn:aws:sts::\d{12}:assumed-role/support-chat-role/support-chat",
        r"arn:aws:sts::\d{12}:assumed-role/AWSReservedSSO_Developer_[0-9a-f]{16}/.+@example\.com",
        r"arn:aws:sts::\d{12}:assumed-role/invoice-worker/i-[0-9a-f]{17}",
        r"arn:aws:sts::\d{12}:assumed-role/evaluation-job/[0-9a-f-]{36}",
        r"arn:aws:sts::\d{12}:assumed-role/BedrockAgentCore-ops-execution-role/BedrockAgentCore-[0-9a-f-]{36}",
        r"arn:aws:sts::\d{12}:federated-user/visitor",
    ],
)
def test_every_kind_of_principal_calls(arn: str) -> None:
    assert any(re.fullmatch(arn, call.identity_arn) for call in calls_of_two_weeks())


def test_principals_belong_to_the_account_that_is_called() -> None:
    for call in calls_of_two_weeks():
        assert call.identity_arn.split(":")[4] == call.account_id
        assert "{" not in call.identity_arn


@pytest.mark.parametrize(
    ("form", "operations"),
    [
        (r"(global|us|eu|jp|apac)\.[a-z]+\..+", {Operation.CONVERSE, Operation.CONVERSE_STREAM}),
        (
            r"arn:aws:bedrock:[a-z0-9-]+:\d{12}:inference-profile/(global|us|eu)\.[a-z]+\..+",
            {Operation.INVOKE, Operation.INVOKE_STREAM},
        ),
        (
            r"arn:aws:bedrock:[a-z0-9-]+:\d{12}:application-inference-profile/[a-z0-9]{12}",
            {Operation.INVOKE, Operation.INVOKE_STREAM},
        ),
        (
            r"(amazon|anthropic|mistral)\..+",
            {Operation.CONVERSE, Operation.INVOKE, Operation.INVOKE_STREAM},
        ),
    ],
)
def test_model_ids_are_logged_in_the_form_of_their_operation(form: str, operations: set[Operation]) -> None:
    found = {call.operation for call in calls_of_two_weeks() if re.fullmatch(form, call.logged_model_id)}

    assert found == operations


def test_all_models_but_the_invented_one_have_a_listed_price() -> None:
    listed = {card.model_id for card in read_price_list(bundled_list().document).cards}

    assert {model.id for model in MODELS} - listed == {UNPRICED.id}


def test_cache_is_written_for_both_lifetimes_and_read_heavily_by_coding_agents() -> None:
    coding = [call.tokens for call in calls_of_two_weeks() if call.app.name == "coding-agent"]

    assert sum(tokens.cache_write_5m for tokens in coding) > 0
    assert sum(tokens.cache_write_1h for tokens in coding) > 0
    assert any(tokens.cache_write_5m and tokens.cache_write_1h for tokens in coding)
    assert sum(tokens.cache_read for tokens in coding) > 50 * sum(tokens.input for tokens in coding)


def test_streams_have_first_bytes_before_their_end_and_others_have_none() -> None:
    for call in calls_of_two_weeks():
        if call.outcome is None:
            continue
        if call.operation in (Operation.CONVERSE_STREAM, Operation.INVOKE_STREAM):
            assert call.outcome.first_byte_ms is not None
            assert 0 < call.outcome.first_byte_ms <= call.outcome.latency_ms
        else:
            assert call.outcome.first_byte_ms is None


def test_models_write_at_their_own_speed() -> None:
    speeds = defaultdict(list)
    for call in calls_of_two_weeks():
        if call.outcome and call.outcome.first_byte_ms and call.tokens.output > 100:
            writing = call.outcome.latency_ms - call.outcome.first_byte_ms
            speeds[call.model_id].append(1000 * call.tokens.output / writing)
    typical = {model: sorted(values)[len(values) // 2] for model, values in speeds.items()}

    for model in MODELS:
        if model.id in typical:
            assert typical[model.id] == pytest.approx(model.tokens_a_second, rel=0.1)
    assert len(typical) >= 6


def test_failed_calls_have_a_code_and_no_outcome() -> None:
    failed = [call for call in calls_of_two_weeks() if call.error_code]

    assert all(call.outcome is None for call in failed)
    assert all(call.outcome is not None for call in calls_of_two_weeks() if not call.error_code)
    assert 0.005 < len(failed) / len(calls_of_two_weeks()) < 0.04
    assert len({call.error_code for call in failed}) >= 8


def test_a_burst_throttles_dozens_of_calls_within_two_minutes() -> None:
    start, burst = next(
        (hour, demand.bursts[0])
        for hour in hours_from(MONDAY, 48)
        if (demand := demand_of_hour(SEED, hour)).bursts
    )
    throttled = Counter(
        call.ts.minute
        for call in calls_of_hours(start, 1)
        if call.app is burst.app and call.error_code == "ThrottlingException"
    )

    assert throttled[burst.minute] + throttled[burst.minute + 1] >= burst.calls
    assert throttled[burst.minute] > throttled[burst.minute + 1] > 0


def test_half_the_calls_of_a_source_fail_in_an_outage() -> None:
    hour, outage = next(
        (hour, demand.outage)
        for hour in hours_from(MONDAY, 18 * 24)
        if (demand := demand_of_hour(SEED, hour)).outage
    )
    assert outage is not None
    during = [
        call
        for call in calls_of_hours(hour, 1)
        if call.app.source is outage.source and outage.first <= call.ts.minute < outage.last
    ]
    unavailable = sum(call.error_code == "ServiceUnavailableException" for call in during)

    assert unavailable >= 1
    assert unavailable < len(during)


def test_a_share_of_the_calls_carries_request_metadata() -> None:
    calls = calls_of_two_weeks()
    tagged = [call for call in calls if call.request_metadata]

    assert 0.3 < len(tagged) / len(calls) < 0.8
    for call in tagged:
        assert call.request_metadata == {
            "team": call.app.team,
            "app": call.app.name,
            "environment": call.app.environment,
        }
