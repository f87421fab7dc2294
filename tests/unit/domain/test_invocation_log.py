from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.event_json import encode_event
from bedrock_analytics.domain.invocation_log import parse_line, with_profile
from bedrock_analytics.domain.log_record import LogRecord
from bedrock_analytics.domain.model_id import ResolvedProfile
from bedrock_analytics.domain.rejection import Rejection, SkipRule, rejection_id
from bedrock_analytics.domain.usage_event import UsageEvent
from tests.fakes.log_lines import NOW, SOURCE, context, line, record, with_request, with_response

STAMP = datetime(2026, 11, 20, 10, 5, 0, 123000, tzinfo=UTC)
PROFILE_ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3"


def call(log_record: dict[str, Any]) -> UsageEvent:
    row = parse_line(line(log_record), 1, context())
    assert isinstance(row, UsageEvent)
    assert row.rejection is None
    return row


def rejected(text: bytes, number: int = 1) -> UsageEvent:
    row = parse_line(text, number, context())
    assert isinstance(row, UsageEvent)
    assert row.rejection is not None
    return row


# --- response bodies --------------------------------------------------------------------------------


def test_converse_usage_stands_in_for_an_envelope_without_counts() -> None:
    usage = {
        "inputTokens": 10,
        "outputTokens": 5,
        "totalTokens": 145,
        "cacheReadInputTokens": 100,
        "cacheWriteInputTokens": 30,
        "cacheDetails": [{"ttl": "1h", "inputTokens": 20}, {"ttl": "5m", "inputTokens": 10}],
    }
    row = call(with_response({"usage": usage, "metrics": {"latencyMs": 12}, "stopReason": "end_turn"}))
    assert (row.input_tokens, row.output_tokens, row.cache_read_tokens) == (10, 5, 100)
    assert (row.cache_write_5m_tokens, row.cache_write_1h_tokens, row.cache_write_total_tokens) == (
        10,
        20,
        30,
    )
    assert (row.token_source, row.cache_ttl_known, row.latency_ms) == ("body", True, 12)


def test_spellings_of_one_count_are_never_added() -> None:
    usage = {
        "inputTokens": 1,
        "cacheReadInputTokens": 7,
        "cacheReadInputTokenCount": 7,
        "cacheWriteInputTokens": 9,
        "cacheWriteInputTokenCount": 9,
    }
    row = call(with_response({"usage": usage}))
    assert (row.cache_read_tokens, row.cache_write_total_tokens) == (7, 9)
    only_counts = {"cacheReadInputTokenCount": 7, "cacheWriteInputTokenCount": 9}
    row = call(with_response({"usage": only_counts}))
    assert (row.cache_read_tokens, row.cache_write_total_tokens) == (7, 9)


def test_an_unknown_lifetime_is_kept_by_its_name() -> None:
    usage = {"cache_creation_input_tokens": 50, "cache_creation": {"ephemeral_30m_input_tokens": 50}}
    row = call(with_response({"usage": usage}))
    assert (row.cache_write_5m_tokens, row.cache_write_other_tokens) == (0, 50)
    assert (row.cache_write_other_ttl, row.cache_ttl_known) == ("30m", True)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 70}},
        {"input_tokens": 100, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 70}},
    ],
)
def test_openai_counts_lose_the_cached_tokens_that_they_include(usage: dict[str, Any]) -> None:
    row = call(with_response({"usage": usage, "model": "gpt"}))
    assert (row.input_tokens, row.cache_read_tokens, row.output_tokens) == (30, 70, 5)
    inclusive = call(with_response({"usage": usage}, counts={"inputTokenCount": 100, "outputTokenCount": 5}))
    assert (inclusive.input_tokens, inclusive.cache_read_tokens) == (30, 70)
    exclusive = call(with_response({"usage": usage}, counts={"inputTokenCount": 30}))
    assert exclusive.input_tokens == 30


@pytest.mark.parametrize(
    ("body", "tokens", "stop"),
    [
        ({"prompt_token_count": 15, "generation_token_count": 12, "stop_reason": "stop"}, (15, 12), "stop"),
        (
            {"inputTextTokenCount": 3, "results": [{"tokenCount": 4, "completionReason": "FINISH"}]},
            (3, 4),
            "FINISH",
        ),
        ({"embedding": [0.1], "inputTextTokenCount": 8}, (8, None), None),
        ({"choices": [{"finish_reason": "stop"}], "usage": {"prompt_tokens": 2}}, (2, None), "stop"),
        ({"generations": [{"finish_reason": "COMPLETE"}]}, (None, None), "COMPLETE"),
        ({"outputs": [{"text": "x", "stop_reason": "length"}]}, (None, None), "length"),
        ({"meta": {"billed_units": {"input_tokens": 6, "output_tokens": 7}}}, (6, 7), None),
    ],
)
def test_models_with_bodies_of_their_own_are_read(
    body: dict[str, Any], tokens: tuple[int | None, int | None], stop: str | None
) -> None:
    row = call(with_response(body, operation="InvokeModel"))
    assert ((row.input_tokens, row.output_tokens), row.stop_reason) == (tokens, stop)
    assert row.latency_ms is None


def _claude_stream(*more: Any) -> list[Any]:
    start = {
        "model": "claude-sonnet-4-6",
        "usage": {
            "input_tokens": 10,
            "cache_creation_input_tokens": 100,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 60},
            "output_tokens": 1,
        },
    }
    text = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "secret"}}
    return [{"type": "message_start", "message": start}, text, text, *more]


METRICS = {"invocationLatency": 3848, "firstByteLatency": 509.4}
DELTA = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 281}}


def test_a_stream_keeps_its_lifetime_split_and_its_last_output_count() -> None:
    early = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 7}}
    body = _claude_stream(
        early, "[DONE]", None, 3, ["x"], DELTA, {"amazon-bedrock-invocationMetrics": METRICS}
    )
    row = call(with_response(body, operation="InvokeModelWithResponseStream"))
    assert (row.input_tokens, row.output_tokens, row.token_source) == (10, 281, "body")
    assert (row.cache_write_5m_tokens, row.cache_write_1h_tokens, row.cache_ttl_known) == (40, 60, True)
    assert (row.latency_ms, row.time_to_first_token_ms) == (3848, 509)
    assert (row.stop_reason, row.response_model_id) == ("end_turn", "claude-sonnet-4-6")


def test_the_provisional_output_count_of_a_streams_start_is_never_used() -> None:
    row = call(with_response(_claude_stream()))
    assert (row.input_tokens, row.output_tokens) == (10, None)


def test_the_metrics_are_found_on_whichever_chunk_comes_last() -> None:
    first = {"amazon-bedrock-invocationMetrics": {"invocationLatency": 1}}
    counts = {"inputTokenCount": 2, "outputTokenCount": 3, "cacheReadInputTokenCount": 4}
    last = {"outputText": "", "amazon-bedrock-invocationMetrics": METRICS | counts}
    row = call(with_response([first, last, {"type": "ping"}]))
    assert (row.input_tokens, row.output_tokens, row.cache_read_tokens) == (2, 3, 4)
    assert row.latency_ms == 3848


@pytest.mark.parametrize(
    ("chunks", "tokens", "stop"),
    [
        (
            [
                {"generation": "a", "prompt_token_count": 15, "generation_token_count": 1},
                {"generation": "b", "generation_token_count": 12, "stop_reason": "stop"},
            ],
            (15, 12),
            "stop",
        ),
        (
            [
                {"outputText": "a", "inputTextTokenCount": 3},
                {"outputText": "b", "totalOutputTextTokenCount": 9, "completionReason": "FINISH"},
            ],
            (3, 9),
            "FINISH",
        ),
        (
            [
                {"messageStart": {"role": "assistant"}},
                {"messageStop": {"stopReason": "end_turn"}},
                {"metadata": {"usage": {"inputTokens": 4, "outputTokens": 6}}},
            ],
            (4, 6),
            "end_turn",
        ),
        (
            [
                {"choices": [{"delta": {"content": "a"}, "finish_reason": None}], "model": "m"},
                {"choices": [{"finish_reason": "stop"}], "model": "m"},
                {"choices": [], "usage": {"prompt_tokens": 8, "completion_tokens": 2}},
            ],
            (8, 2),
            "stop",
        ),
        (
            [
                {"type": "response.output_text.delta", "delta": "a"},
                {
                    "type": "response.completed",
                    "response": {"status": "completed", "usage": {"input_tokens": 8, "output_tokens": 2}},
                },
            ],
            (8, 2),
            "completed",
        ),
    ],
)
def test_streams_of_other_vendors_are_read(chunks: list[Any], tokens: tuple[int, int], stop: str) -> None:
    row = call(with_response(chunks))
    assert ((row.input_tokens, row.output_tokens), row.stop_reason) == (tokens, stop)


@pytest.mark.parametrize("body", ["... streaming chunks ...", 3, True, None, [], {}, ["x"]])
def test_a_body_of_an_unexpected_type_leaves_the_envelope_counts(body: Any) -> None:
    row = call(with_response(body, counts={"inputTokenCount": 10, "outputTokenCount": 5}))
    assert (row.input_tokens, row.output_tokens, row.token_source) == (10, 5, "envelope")


def test_a_field_of_an_unexpected_type_costs_that_field_only() -> None:
    body = {"usage": {"inputTokens": "x"}, "metrics": [1], "stopReason": "end_turn", "trace": 5, "model": {}}
    changed = with_response(
        body,
        counts={"inputTokenCount": 10.0, "outputTokenCount": 5},  # type: ignore[dict-item]
        requestMetadata={"team": "a", "build": 7},
        identity="nobody",
        errorCode=4,
    )
    row = call(changed)
    assert (row.input_tokens, row.output_tokens, row.stop_reason) == (10, 5, "end_turn")
    assert row.request_metadata == '{"team":"a"}'
    assert (row.caller, row.caller_type, row.error_code) == (None, "unknown", None)


@pytest.mark.parametrize(
    "bent",
    [
        b'{"content":[{"text":"\xff\xfe"}],"usage":{"inputTokens":3}}',
        b'{"content":[{"text":"\\ud800"}],"usage":{"inputTokens":3}}',
        b'{"content":[NaN, 1e999, -Infinity],"usage":{"inputTokens":3}}',
        b'{"content":"a\tb","usage":{"inputTokens":3}}',
    ],
)
def test_bent_json_in_a_body_does_not_lose_the_call(bent: bytes) -> None:
    text = line(record(output={"outputBodyJson": "BODY"}, input=None)).replace(b'"BODY"', bent)
    row = parse_line(text, 1, context())
    assert isinstance(row, UsageEvent)
    assert (row.rejection, row.input_tokens) == (None, 3)


def test_metadata_that_is_too_long_is_left_out_pair_by_pair() -> None:
    metadata = {"team": "a", "x" * 600: "b", "essay": "x" * 600} | {f"k{n}": "v" for n in range(100)}
    kept = json.loads(call(record(requestMetadata=metadata)).request_metadata or "")
    assert kept["team"] == "a"
    assert len(kept) <= 64
    assert all(len(key) + len(value) < 600 for key, value in kept.items())


def test_the_longest_row_that_a_record_can_make_fits_into_firehose() -> None:
    text = "\x01" * 2048
    split = {f"ephemeral_{'x' * 2000}{n}_input_tokens": 1 for n in range(50)}
    body = {
        "model": text,
        "stop_reason": text,
        "usage": {"cache_creation_input_tokens": 50, "cache_creation": split},
        "amazon-bedrock-guardrailAction": text,
    }
    texts: dict[str, Any] = dict.fromkeys(
        ["inferenceRegion", "operation", "modelId", "requestId", "errorCode", "serviceTier"], text
    )
    metadata = {f"{n:03}" + "\x01" * 509: "\x01" * 512 for n in range(64)}
    row = call(with_response(body, identity={"arn": text}, requestMetadata=metadata, **texts))
    assert row.request_metadata is not None
    assert row.cache_write_other_tokens == 50
    assert len(encode_event(row)) < 1000 * 1024


# --- guardrails, errors, tiers, limits --------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ({"stopReason": "guardrail_intervened"}, "INTERVENED"),
        ({"stopReason": "end_turn", "trace": {"guardrail": {"inputAssessment": {"g": {}}}}}, "NONE"),
        ({"amazon-bedrock-guardrailAction": "INTERVENED", "usage": {}}, "INTERVENED"),
        ({"amazon-bedrock-guardrailAction": "NONE"}, "NONE"),
        (
            [{"amazon-bedrock-guardrailAction": "INTERVENED"}, {"amazon-bedrock-guardrailAction": "NONE"}],
            "INTERVENED",
        ),
        ({"stopReason": "end_turn"}, None),
    ],
)
def test_what_a_guardrail_did_is_kept(body: Any, action: str | None) -> None:
    assert call(with_response(body)).guardrail_action == action


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ({"amazon-bedrock-guardrailAction": "INTERVENED"}, "guardrail"),
        ({"amazon-bedrock-guardrailAction": "NONE"}, "none"),
        ({}, "none"),
    ],
)
def test_a_call_without_counts_is_unmeasured_unless_a_guardrail_stopped_it(body: Any, source: str) -> None:
    row = call(record(operation="InvokeModel", input={}, output={"outputBodyJson": body}))
    assert (row.input_tokens, row.output_tokens, row.token_source) == (None, None, source)


def test_an_error_has_no_tokens_and_keeps_its_code() -> None:
    row = call(record(errorCode="ThrottlingException", input=None, output=None))
    assert (row.error_code, row.input_tokens, row.output_tokens) == ("ThrottlingException", None, None)


def test_an_error_after_partial_output_keeps_both() -> None:
    row = call(with_response(_claude_stream(DELTA), errorCode="ModelStreamErrorException"))
    assert (row.error_code, row.output_tokens) == ("ModelStreamErrorException", 281)


@pytest.mark.parametrize(
    ("changes", "tier"),
    [
        ({"input": {"inputBodyJson": {"serviceTier": {"type": "priority"}}}}, "priority"),
        ({"input": {"inputBodyJson": {"service_tier": "flex"}}}, "flex"),
        ({"input": {"inputBodyJson": {"serviceTier": {"type": "default"}}}}, "standard"),
        ({"input": {"inputBodyJson": {"service_tier": "auto"}}}, None),
        ({"serviceTier": {"type": "reserved"}}, "reserved"),
        (
            {"output": {"outputBodyJson": {"serviceTier": {"type": "flex"}}}, "serviceTier": "priority"},
            "flex",
        ),
        ({"output": {"outputBodyJson": {"usage": {"service_tier": "standard"}}}}, "standard"),
        ({}, None),
    ],
)
def test_the_tier_that_was_served_goes_before_the_one_asked_for(
    changes: dict[str, Any], tier: str | None
) -> None:
    assert call(record(**changes)).service_tier == tier


@pytest.mark.parametrize(
    ("changes", "optimized"),
    [
        ({"performanceConfig": {"latency": "optimized"}}, True),
        ({"input": {"inputBodyJson": {"performanceConfig": {"latency": "optimized"}}}}, True),
        ({"output": {"outputBodyJson": {"performanceConfig": {"latency": "standard"}}}}, False),
        ({}, None),
    ],
)
def test_latency_optimised_inference_is_seen_wherever_it_is_logged(
    changes: dict[str, Any], optimized: bool | None
) -> None:
    assert call(record(**changes)).latency_optimized is optimized


@pytest.mark.parametrize(
    "body",
    [
        {"inferenceConfig": {"maxTokens": 77}},
        {"inferenceConfig": {"max_new_tokens": 77}},
        {"max_tokens": 77},
        {"max_tokens_to_sample": 77},
        {"max_gen_len": 77},
        {"maxTokens": 77},
        {"max_completion_tokens": 77},
        {"max_output_tokens": 77},
        {"textGenerationConfig": {"maxTokenCount": 77}},
    ],
)
def test_the_output_limit_is_read_in_every_spelling(body: dict[str, Any]) -> None:
    assert call(with_request(body)).max_tokens == 77


# --- media ------------------------------------------------------------------------------------------


def test_generated_images_are_counted_with_size_quality_and_steps() -> None:
    config = {"numberOfImages": 3, "quality": "premium", "width": 1024, "height": 768}
    asked = with_request(
        {"taskType": "TEXT_IMAGE", "imageGenerationConfig": config}, modelId="amazon.nova-canvas-v1:0"
    )
    row = call(asked)
    assert (row.output_images, row.image_size, row.image_quality) == (3, "1024x768", "premium")
    made = call(asked | {"output": {"outputBodyJson": {"images": ["a", "b"]}}})
    assert made.output_images == 2
    sdxl = with_request(
        {"steps": 40, "width": 512, "height": 512}, modelId="stability.stable-diffusion-xl-v1"
    )
    row = call(sdxl)
    assert (row.output_images, row.image_size, row.image_steps) == (1, "512x512", 40)


def test_images_are_unknown_where_the_request_is_not_logged() -> None:
    row = call(record(modelId="amazon.nova-canvas-v1:0"))
    assert (row.output_images, row.image_size) == (None, None)


def test_a_failed_image_call_made_no_image() -> None:
    failed = with_request(
        {"taskType": "TEXT_IMAGE"}, modelId="amazon.nova-canvas-v1:0", errorCode="X", output=None
    )
    assert call(failed).output_images is None


@pytest.mark.parametrize(
    ("changes", "images"),
    [
        ({"input": {"inputBodyJson": {"inputImage": "base64", "inputText": "x"}}}, 1),
        ({"input": {"inputBodyJson": {"inputText": "x"}}}, None),
        ({"input": {"inputBodyJson": {"inputType": "image", "mediaSource": {}}}}, 1),
        ({"input": {"inputBodyS3Path": "s3://b/k", "inputTokenCount": 0}}, 1),
        ({"input": {"inputBodyS3Path": "s3://b/k", "inputTokenCount": 9}}, None),
        ({"input": {"inputBodyJson": {"images": ["a", "b"]}}}, 2),
        ({"input": {"inputBodyJson": {"singleEmbeddingParams": {"image": {"format": "png"}}}}}, 1),
    ],
)
def test_images_that_are_embedded_are_counted(changes: dict[str, Any], images: int | None) -> None:
    assert call(record(modelId="amazon.titan-embed-image-v1", **changes)).input_images == images


@pytest.mark.parametrize(("documents", "queries"), [(0, 1), (1, 1), (100, 1), (101, 2)])
def test_rerank_queries_are_counted_by_hundred_documents(documents: int, queries: int) -> None:
    body = {"query": "q", "documents": ["d"] * documents}
    assert call(with_request(body, modelId="cohere.rerank-v3-5:0")).query_units == queries


def test_video_is_kept_in_milliseconds() -> None:
    row = call(record(output={"outputVideoDurationSeconds": 6.5}))
    assert row.output_video_ms == 6500


# --- identity ---------------------------------------------------------------------------------------


def test_the_caller_detail_is_applied_to_name_and_arn() -> None:
    logged = record(identity={"arn": "arn:aws:iam::111122223333:user/jo@example.com"})
    row = parse_line(line(logged), 1, context(detail=CallerDetail.ROLE))
    assert isinstance(row, UsageEvent)
    assert (row.caller, row.identity_arn) == ("user/*", "arn:aws:iam::111122223333:user/*")


def test_an_application_profile_keeps_its_arn_until_it_is_resolved() -> None:
    row = call(with_response({"model": "claude-sonnet-4-6"}, modelId=PROFILE_ARN))
    assert (row.model_id, row.inference_profile_arn, row.route) == (PROFILE_ARN, PROFILE_ARN, None)
    assert row.response_model_id == "claude-sonnet-4-6"
    found = with_profile(
        row, ResolvedProfile(name="team-a", profile_model_id="us.anthropic.claude-sonnet-4-6")
    )
    assert (found.model_id, found.route) == ("anthropic.claude-sonnet-4-6", "us")
    assert (found.inference_profile_name, found.profile_model_id) == (
        "team-a",
        "us.anthropic.claude-sonnet-4-6",
    )
    assert found.logged_model_id == PROFILE_ARN


def test_account_and_region_come_from_the_key_where_the_record_lacks_them() -> None:
    row = call(record(accountId=None, region=None))
    assert (row.account_id, row.region) == ("111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("logged", "ts"),
    [
        ("2026-11-20T10:04:30Z", datetime(2026, 11, 20, 10, 4, 30, tzinfo=UTC)),
        ("2026-11-20T10:04:30.123987Z", datetime(2026, 11, 20, 10, 4, 30, 123000, tzinfo=UTC)),
        ("2026-11-20T15:34:30+05:30", datetime(2026, 11, 20, 10, 4, 30, tzinfo=UTC)),
        ("2026-11-20T10:04:30", datetime(2026, 11, 20, 10, 4, 30, tzinfo=UTC)),
        ("2026-11-20T10:21:00Z", datetime(2026, 11, 20, 10, 21, tzinfo=UTC)),
    ],
)
def test_a_time_is_kept_in_utc_to_the_millisecond(logged: str, ts: datetime) -> None:
    assert call(record(timestamp=logged)).ts == ts


# --- rejections and rules ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"not json", Rejection.NOT_JSON),
        (b'{"timestamp": "2026', Rejection.NOT_JSON),
        (b"\xff\xfe", Rejection.NOT_JSON),
        (b"[" * 100_000, Rejection.NOT_JSON),
        (b"[1]", Rejection.NOT_A_RECORD),
        (b"null", Rejection.NOT_A_RECORD),
        (b"{}", Rejection.NOT_A_RECORD),
        (b'{"messages": [], "system": "body of another record"}', Rejection.NOT_A_RECORD),
        (line(record(requestId=None)), Rejection.MISSING_REQUEST_ID),
        (line(record(requestId="")), Rejection.MISSING_REQUEST_ID),
        (line(record(timestamp=None)), Rejection.MISSING_TIMESTAMP),
        (line(record(timestamp="<timestamp>")), Rejection.BAD_TIMESTAMP),
        (line(record(timestamp="1970-01-01T00:00:00Z")), Rejection.BAD_TIMESTAMP),
        (line(record(timestamp="2026-11-20T10:21:01Z")), Rejection.FROM_THE_FUTURE),
        (line(record(timestamp="9999-12-31T23:59:59Z")), Rejection.FROM_THE_FUTURE),
    ],
)
def test_a_line_that_is_no_call_is_rejected_by_reason(text: bytes, reason: Rejection) -> None:
    row = rejected(text)
    assert (row.rejection, row.operation) == (reason, "Rejected")
    assert (row.account_id, row.region) == ("111122223333", "us-east-1")
    assert (row.input_tokens, row.output_tokens, row.model_id) == (None, None, None)


def test_a_record_that_belongs_to_no_account_or_region_is_rejected() -> None:
    elsewhere = context(source="/tmp/copied.json")
    for changes, reason in (
        ({"accountId": "<accountId>"}, Rejection.MISSING_ACCOUNT),
        ({"region": "<region>"}, Rejection.MISSING_REGION),
    ):
        row = parse_line(line(record(**changes)), 1, elsewhere)
        assert isinstance(row, UsageEvent)
        assert row.rejection == reason


def test_a_rejection_is_the_same_row_at_every_delivery() -> None:
    early = parse_line(b"broken", 3, context())
    late = parse_line(b"broken", 3, context(now=NOW + timedelta(days=9)))
    assert isinstance(early, UsageEvent)
    assert isinstance(late, UsageEvent)
    assert (early.request_id, early.ts) == (late.request_id, late.ts) == (rejection_id(SOURCE, 3), STAMP)
    assert rejected(b"broken", 4).request_id != early.request_id


def test_a_rejections_time_is_the_records_else_the_object_names_else_the_objects() -> None:
    readable = rejected(line(record(requestId=None)))
    assert readable.ts == datetime(2026, 11, 20, 10, 4, 30, tzinfo=UTC)
    assert rejected(b"broken").ts == STAMP
    nameless = parse_line(b"broken", 1, context(source="/tmp/copied.json"))
    assert isinstance(nameless, UsageEvent)
    assert nameless.ts == datetime(2026, 11, 20, 10, 5, 30, tzinfo=UTC)


def test_a_time_ahead_of_the_clock_is_no_place_to_count_a_rejection_in() -> None:
    assert rejected(line(record(timestamp="9999-12-31T23:59:59Z"))).ts == STAMP


def test_another_kind_of_log_is_left_out_by_rule() -> None:
    other = {"schemaType": "SomethingElse", "timestamp": "2026-11-20T10:04:30Z"}
    assert parse_line(line(other), 1, context()) is SkipRule.OTHER_LOG_TYPE


def test_a_call_is_a_call_whatever_its_schema_type() -> None:
    assert call(record(schemaType="ModelInvocationLogV2")).request_id == "r-1"
    assert call(record(schemaType=None)).request_id == "r-1"


# --- properties -------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = sorted({*LogRecord.__struct_encode_fields__, "outputBodyJson", "usage", "inputBodyJson"})


@given(st.binary())
def test_any_bytes_become_a_row_or_a_rule(text: bytes) -> None:
    assert isinstance(parse_line(text, 1, context()), (UsageEvent, SkipRule))


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_values_of_known_fields_become_a_row_or_a_rule(values: dict[str, Any]) -> None:
    assert isinstance(parse_line(line(values), 1, context()), (UsageEvent, SkipRule))


def _shaped() -> st.SearchStrategy[Any]:
    """Bodies that resemble real ones, with any value in any place."""
    names = [
        "usage", "message", "delta", "metrics", "trace", "guardrail", "choices", "results", "images",
        "inferenceConfig", "serviceTier", "amazon-bedrock-invocationMetrics", "cache_creation",
        "cacheDetails", "ttl", "inputTokens", "input_tokens", "output_tokens", "type", "latencyMs",
        "prompt_tokens", "prompt_tokens_details", "cached_tokens", "metadata", "response", "meta",
    ]  # fmt: skip
    return st.recursive(
        JSON | st.integers(0, 100),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=20,
    )


@given(_shaped(), _shaped())
def test_no_body_ever_loses_a_call_or_its_envelope_counts(request: Any, response: Any) -> None:
    logged = record(
        input={"inputTokenCount": 10, "cacheWriteInputTokenCount": 3, "inputBodyJson": request},
        output={"outputTokenCount": 5, "outputBodyJson": response},
    )
    row = parse_line(json.dumps(logged).encode(), 1, context())
    assert isinstance(row, UsageEvent)
    assert (row.rejection, row.request_id) == (None, "r-1")
    assert (row.output_tokens, row.cache_write_total_tokens) == (5, 3)
    parts = (row.cache_write_5m_tokens, row.cache_write_1h_tokens, row.cache_write_other_tokens)
    assert sum(part or 0 for part in parts) == 3
