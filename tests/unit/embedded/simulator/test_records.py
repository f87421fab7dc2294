from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest

from bedrock_analytics.embedded.simulator import SimulatedCall
from bedrock_analytics.embedded.simulator.calls import Guardrail
from bedrock_analytics.embedded.simulator.models import Family
from bedrock_analytics.embedded.simulator.records import offloaded_bodies, record_line
from bedrock_analytics.embedded.simulator.world import Operation
from tests.unit.embedded.simulator.spans import calls_of_two_weeks

_ENVELOPE = {
    "timestamp",
    "accountId",
    "region",
    "requestId",
    "operation",
    "modelId",
    "identity",
    "schemaType",
    "schemaVersion",
}
_SPLIT = {"5m": "ephemeral_5m_input_tokens", "1h": "ephemeral_1h_input_tokens"}


def _sample() -> list[tuple[SimulatedCall, dict[str, Any]]]:
    return [(call, _record(call)) for call in calls_of_two_weeks()[::9]]


def _record(call: SimulatedCall) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(record_line(call))
    return record


def _where(
    condition: Callable[[SimulatedCall], bool],
) -> Iterator[tuple[SimulatedCall, dict[str, Any]]]:
    """Up to a thousand calls that meet a condition, with their records; at least one."""
    found = list(islice(filter(condition, calls_of_two_weeks()), 1_000))
    assert found
    return ((call, _record(call)) for call in found)


def _inline(call: SimulatedCall) -> bool:
    """Succeeded, not blocked, and its response body is in the record."""
    return bool(
        call.outcome
        and call.app.source.bodies
        and not call.outcome.form.output_offloaded
        and not call.outcome.guardrail
    )


def test_every_record_has_the_envelope_and_tells_its_call() -> None:
    for call, record in _sample():
        assert record.keys() >= _ENVELOPE
        assert record["timestamp"] == call.ts.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert (record["accountId"], record["region"]) == (call.account_id, call.region)
        assert (record["requestId"], record["operation"]) == (call.request_id, call.operation.value)
        assert record["modelId"] == call.logged_model_id
        assert record["identity"] == {"arn": call.identity_arn}
        assert record["schemaType"] == "ModelInvocationLog"


def test_failures_have_a_code_and_neither_input_nor_output() -> None:
    for call, record in _where(lambda call: call.error_code is not None):
        assert record.keys() - {"requestMetadata"} == {*_ENVELOPE, "errorCode"}
        assert record["errorCode"] == call.error_code


def test_keys_come_in_the_order_of_2024_and_of_2026() -> None:
    first = {next(iter(record)) for _, record in _sample()}
    last = {list(record)[-1] for _, record in _sample()}

    assert first == {"schemaType", "timestamp"}
    assert "schemaVersion" in last


def test_a_serving_region_is_named_only_where_it_differs() -> None:
    served = [record for _, record in _sample() if "inferenceRegion" in record]

    assert served
    assert all(record["inferenceRegion"] != record["region"] for record in served)


def test_the_source_without_bodies_logs_counts_alone() -> None:
    for call, record in _where(lambda call: bool(call.outcome and not call.app.source.bodies)):
        assert "inputBodyJson" not in record["input"]
        assert "outputBodyJson" not in record["output"]
        assert record["input"]["inputTokenCount"] == call.tokens.input
        assert record["output"]["outputTokenCount"] == call.tokens.output


def test_cache_counts_of_the_envelope_are_present_or_absent_but_never_lost() -> None:
    written = list(_where(lambda call: call.tokens.cache_write > 0))
    told = ["cacheWriteInputTokenCount" in record["input"] for _, record in written]

    assert 0.5 < sum(told) / len(told) < 1
    for call, record in written:
        if "cacheWriteInputTokenCount" in record["input"]:
            assert record["input"]["cacheReadInputTokenCount"] == call.tokens.cache_read
            assert record["input"]["cacheWriteInputTokenCount"] == call.tokens.cache_write
        else:
            assert "outputBodyJson" in record["output"]


@pytest.mark.parametrize("operation", [Operation.CONVERSE, Operation.CONVERSE_STREAM])
def test_converse_is_logged_as_one_object(operation: Operation) -> None:
    details = set()
    for call, record in _where(lambda call: call.operation is operation and _inline(call)):
        body, tokens = record["output"]["outputBodyJson"], call.tokens
        assert call.outcome
        assert body["metrics"] == {"latencyMs": call.outcome.latency_ms}
        assert body["stopReason"] == call.outcome.stop_reason
        assert body["usage"]["totalTokens"] == (
            tokens.input + tokens.output + tokens.cache_read + tokens.cache_write
        )
        split = {item["ttl"]: item["inputTokens"] for item in body["usage"].get("cacheDetails", [])}
        assert not tokens.cache_write_1h or split["1h"] == tokens.cache_write_1h
        assert not split or sum(split.values()) == tokens.cache_write
        details.add(bool(split))
    assert details == {True, False}


def test_claude_messages_split_cache_writes_by_lifetime() -> None:
    lifetimes = set()
    for call, record in _where(
        lambda call: (
            call.operation is Operation.INVOKE
            and call.kind.target.model.family is Family.CLAUDE
            and not call.app.legacy_log
            and _inline(call)
        )
    ):
        body = record["output"]["outputBodyJson"]
        assert body["model"] == call.kind.target.model.name
        written = {ttl: body["usage"]["cache_creation"][name] for ttl, name in _SPLIT.items()}
        assert written == {"5m": call.tokens.cache_write_5m, "1h": call.tokens.cache_write_1h}
        lifetimes |= {ttl for ttl, count in written.items() if count}
    assert lifetimes == {"5m", "1h"}


def test_streams_of_claude_are_lists_that_end_with_the_metrics_of_bedrock() -> None:
    for call, record in _where(
        lambda call: (
            call.operation is Operation.INVOKE_STREAM
            and call.kind.target.model.family is Family.CLAUDE
            and _inline(call)
        )
    ):
        chunks = record["output"]["outputBodyJson"]
        assert call.outcome
        assert chunks[0]["type"] == "message_start"
        assert chunks[0]["message"]["usage"]["output_tokens"] == 1
        assert chunks[-2]["type"] == "message_delta"
        assert chunks[-2]["usage"]["output_tokens"] == call.tokens.output
        assert "cache_creation" not in chunks[-2]["usage"]
        metrics = chunks[-1]["amazon-bedrock-invocationMetrics"]
        assert chunks[-1]["type"] == "message_stop"
        assert metrics["invocationLatency"] == call.outcome.latency_ms
        assert metrics["firstByteLatency"] == call.outcome.first_byte_ms


def test_old_logs_know_no_cache() -> None:
    for _, record in _where(lambda call: call.app.legacy_log and _inline(call)):
        text = json.dumps(record)
        assert next(iter(record)) == "schemaType"
        assert "cache" not in text
        assert "stop_details" not in text


def test_llama_counts_in_its_own_words() -> None:
    for call, record in _where(lambda call: call.kind.target.model.family is Family.LLAMA and _inline(call)):
        body = record["output"]["outputBodyJson"]
        last = body[-1] if isinstance(body, list) else body
        assert isinstance(body, list) == (call.operation is Operation.INVOKE_STREAM)
        assert last["generation_token_count"] == call.tokens.output


def test_embeddings_have_no_output_count() -> None:
    for call, record in _where(
        lambda call: call.kind.target.model.family is Family.TITAN_EMBED and _inline(call)
    ):
        assert record["input"]["inputTokenCount"] == call.tokens.input
        assert "outputTokenCount" not in record["output"]
        assert record["output"]["outputBodyJson"]["inputTextTokenCount"] == call.tokens.input


def test_image_calls_tell_size_and_number_in_the_request_and_have_no_counts() -> None:
    for call, record in _where(lambda call: bool(call.outcome and call.outcome.images)):
        assert call.outcome
        assert call.outcome.images
        asked = record["input"]["inputBodyJson"]["imageGenerationConfig"]
        assert asked["numberOfImages"] == call.outcome.images.count
        assert (asked["width"], asked["height"]) == (1024, 1024)
        assert "inputTokenCount" not in record["input"]
        assert "outputBodyS3Path" in record["output"]


def test_guardrails_block_requests_and_responses_of_converse() -> None:
    seen = set()
    for call, record in _where(
        lambda call: bool(call.outcome and call.outcome.guardrail and call.operation.is_converse)
    ):
        assert call.outcome
        body = record["output"]["outputBodyJson"]
        assert body["stopReason"] == "guardrail_intervened"
        if call.outcome.guardrail is Guardrail.INPUT:
            assert "inputAssessment" in body["trace"]["guardrail"]
            assert record["input"]["inputTokenCount"] == record["output"]["outputTokenCount"] == 0
        else:
            assert isinstance(body["trace"]["guardrail"]["outputAssessments"], list)
            assert record["output"]["outputTokenCount"] > 0
        seen.add(call.outcome.guardrail)
    assert seen == set(Guardrail)


def test_guardrails_of_invoke_model_mark_the_body_and_drop_the_counts_of_blocked_requests() -> None:
    seen = set()
    for call, record in _where(
        lambda call: bool(
            call.outcome
            and call.outcome.guardrail
            and call.operation is Operation.INVOKE
            and not call.outcome.form.output_offloaded
        )
    ):
        assert call.outcome
        assert record["output"]["outputBodyJson"]["amazon-bedrock-guardrailAction"] == "INTERVENED"
        blocked = call.outcome.guardrail is Guardrail.INPUT
        assert ("inputTokenCount" in record["input"]) is not blocked
        assert ("outputTokenCount" in record["output"]) is not blocked
        seen.add(call.outcome.guardrail)
    assert seen == set(Guardrail)


def test_a_body_is_inline_or_beside_the_log_under_the_path_that_the_record_names() -> None:
    sides = set()
    for call, record in _where(lambda call: bool(offloaded_bodies(call))):
        for key, content in offloaded_bodies(call):
            side = "input" if key.endswith("_input.json.gz") else "output"
            path = record[side][f"{side}BodyS3Path"]
            assert path == f"s3://demo-bedrock-logs-{call.account_id}-{call.region}/{key}"
            assert f"{side}BodyJson" not in record[side]
            assert json.loads(content)
            sides.add((side, call.operation.is_converse))
    assert sides == {("input", True), ("input", False), ("output", True), ("output", False)}


def test_records_stay_small() -> None:
    assert max(len(record_line(call)) for call in calls_of_two_weeks()[:5_000]) < 4_096
