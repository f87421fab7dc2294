from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import DeliveryError, LogObjectError
from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.domain.model_id import ResolvedProfile
from bedrock_analytics.jobs.parse_object import ParseOptions, ParseSummary, ParseTools, parse_object
from bedrock_analytics.storage.log_objects import LogObject, s3_object
from tests.fakes.log_lines import KEY, NOW, line, record
from tests.fakes.memory_logs import MemoryLogs, MemorySink

PROFILE_ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3"
FOLDER = KEY.rpartition("/")[0]
OUTPUT_KEY, INPUT_KEY = f"{FOLDER}/data/r-1_output.json.gz", f"{FOLDER}/data/r-1_input.json.gz"


class FakeProfiles:
    def __init__(self, known: dict[str, ResolvedProfile]) -> None:
        self._known = known

    def resolve(self, arn: str) -> ResolvedProfile | None:
        return self._known.get(arn)


def the_object(key: str = KEY) -> LogObject:
    return s3_object("logs", key, datetime(2026, 11, 20, 10, 5, 30, tzinfo=UTC))


def parse(
    *lines: bytes,
    logs: MemoryLogs | None = None,
    sink: MemorySink | None = None,
    options: ParseOptions | None = None,
    profiles: dict[str, ResolvedProfile] | None = None,
) -> tuple[ParseSummary, MemorySink, MemoryLogs]:
    logs, sink = logs or MemoryLogs(), sink or MemorySink()
    logs.objects[KEY] = gzip.compress(b"\n".join(lines))
    tools = ParseTools(
        store=logs,
        now=lambda: NOW,
        profiles=FakeProfiles(profiles or {}),
        options=options or ParseOptions(),
    )
    return parse_object(the_object(), sink, tools), sink, logs


def accounted(summary: ParseSummary) -> bool:
    return summary.lines == summary.events + summary.rejected + summary.left_out


OTHER = line({"schemaType": "SomethingElse"})


def test_every_line_is_an_event_a_rejection_or_left_out_by_rule() -> None:
    summary, sink, _ = parse(line(record()), b"broken", b"", OTHER, line(record(requestId="r-2")), b"[1]")
    assert (summary.lines, summary.events) == (5, 2)
    assert summary.rejections == {"not_json": 2}
    assert summary.skipped == {"other_log_type": 1}
    assert accounted(summary)
    assert [event.rejection for event in sink.events] == [None, "not_json", None, "not_json"]
    assert {event.source_s3_key for event in sink.events} == {f"s3://logs/{KEY}"}


def test_records_side_by_side_count_as_lines_of_their_own() -> None:
    summary, sink, _ = parse(line(record()) + line(record(requestId="r-2")), b"broken}", b"{broken}")
    assert [event.request_id for event in sink.events[:2]] == ["r-1", "r-2"]
    assert (summary.lines, summary.events, summary.rejected) == (4, 2, 2)


def test_a_rejected_neighbour_on_the_same_line_costs_no_call() -> None:
    summary, sink, logs = parse(line(record()) + b'{"requestId": }' + OTHER + line(record(requestId="r-2")))
    assert [event.rejection for event in sink.events] == [None, "not_json", None]
    assert (summary.lines, summary.events, summary.rejected, summary.left_out) == (4, 2, 1, 1)
    assert json.loads(logs.kept[KEY])["line"] == '{"requestId": }'


def test_a_record_above_the_limit_is_a_rejection() -> None:
    long = record(requestId="r-2", padding="x" * 5000)
    options = ParseOptions(max_record_bytes=2000)
    summary, sink, logs = parse(line(record()), line(long), line(record(requestId="r-3")), options=options)
    assert [event.rejection for event in sink.events] == [None, "too_large", None]
    assert summary.rejected_lines_dropped == 1
    assert json.loads(logs.kept[KEY]) == {"number": 2, "reason": "too_large"}


def test_rejected_lines_are_kept_apart_unless_told_otherwise() -> None:
    summary, _, logs = parse(line(record()), b"broken")
    assert summary.rejected_lines_at == f"kept/{KEY}"
    assert json.loads(logs.kept[KEY]) == {"number": 2, "reason": "not_json", "line": "broken"}
    summary, _, logs = parse(b"broken", options=ParseOptions(keep_rejected_lines=False))
    assert (summary.rejected_lines_at, logs.kept) == (None, {})
    summary, _, logs = parse(line(record()))
    assert (summary.rejected_lines_at, logs.kept) == (None, {})


def test_a_redelivery_gives_the_same_rows() -> None:
    lines = [line(record()), b"broken", line(record(timestamp="<timestamp>"))]
    first, second = parse(*lines)[1].events, parse(*lines)[1].events
    assert first == second
    assert len({event.request_id for event in first}) == 3


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (OUTPUT_KEY, ObjectKind.OFFLOADED_BODY),
        (f"{FOLDER}/amazon-bedrock-logs-permission-check", ObjectKind.PERMISSION_CHECK),
        (f"{FOLDER}/notes.txt", ObjectKind.OTHER),
    ],
)
def test_an_object_without_records_is_not_even_opened(key: str, kind: ObjectKind) -> None:
    summary = parse_object(the_object(key), MemorySink(), ParseTools(store=MemoryLogs(), now=lambda: NOW))
    assert (summary.passed_over, summary.lines) == (kind, 0)


def test_an_object_that_is_cut_off_is_a_fault_after_the_rows_that_could_be_read() -> None:
    logs, sink = MemoryLogs(), MemorySink()
    logs.objects[KEY] = gzip.compress(line(record()) + b"\n" * 3) + gzip.compress(line(record()))[:-20]
    with pytest.raises(LogObjectError, match=KEY):
        parse_object(the_object(), sink, ParseTools(store=logs, now=lambda: NOW))


def test_rows_that_the_sink_did_not_accept_are_an_error() -> None:
    with pytest.raises(DeliveryError, match="1 of 2 rows"):
        parse(line(record()), line(record(requestId="r-2")), sink=MemorySink(short_by=1))


# --- moved-out bodies -------------------------------------------------------------------------------

USAGE = {"cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 8}}
STREAM = [{"type": "message_start", "message": {"model": "m", "usage": USAGE}}]


def moved_out(**changes: Any) -> bytes:
    given = {"inputTokenCount": 1, "cacheWriteInputTokenCount": 9}
    made = {"outputBodyS3Path": f"s3://logs/{OUTPUT_KEY}", "outputTokenCount": 2}
    return line(record(operation="InvokeModelWithResponseStream", input=given, output=made) | changes)


def stored(**bodies: Any) -> MemoryLogs:
    names = {"output": OUTPUT_KEY, "input": INPUT_KEY}
    return MemoryLogs(
        {names[name]: gzip.compress(json.dumps(body).encode()) for name, body in bodies.items()}
    )


def test_the_lifetime_of_a_cache_write_is_read_from_a_moved_out_response() -> None:
    for body in (STREAM, {"usage": USAGE}):
        summary, sink, _ = parse(moved_out(), logs=stored(output=body))
        [event] = sink.events
        assert (event.cache_write_5m_tokens, event.cache_write_1h_tokens) == (1, 8)
        assert (event.cache_ttl_known, event.output_tokens) == (True, 2)
        assert (summary.offloaded_followed, summary.offloaded_missing) == (1, 0)


def test_a_moved_out_stream_of_another_vendor_is_read_too() -> None:
    usage = {"inputTokens": 1, "cacheWriteInputTokens": 9, "cacheDetails": [{"ttl": "1h", "inputTokens": 9}]}
    chunks = [
        {"messageStart": {}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {"usage": usage}},
    ]
    _, sink, _ = parse(moved_out(modelId="amazon.nova-pro-v1:0"), logs=stored(output=chunks))
    assert (sink.events[0].cache_write_1h_tokens, sink.events[0].stop_reason) == (9, "end_turn")


@pytest.mark.parametrize("logs", [MemoryLogs(), MemoryLogs({OUTPUT_KEY: b"no json"})])
def test_a_moved_out_response_that_cannot_be_had_is_counted_and_the_lifetime_marked(logs: MemoryLogs) -> None:
    summary, sink, _ = parse(moved_out(), logs=logs)
    [event] = sink.events
    assert (event.cache_write_5m_tokens, event.cache_ttl_known) == (9, False)
    assert (summary.offloaded_followed, summary.offloaded_missing) == (0, 1)


def test_a_moved_out_response_is_followed_only_where_cache_was_written() -> None:
    unwritten = {"inputTokenCount": 1, "cacheWriteInputTokenCount": 0}
    _, _, logs = parse(moved_out(input=unwritten), logs=stored(output=STREAM))
    assert logs.bodies_read == []
    _, _, logs = parse(moved_out(input={"inputTokenCount": 1}), logs=stored(output=STREAM))
    assert logs.bodies_read == [OUTPUT_KEY]


def test_the_tier_of_a_converse_call_is_read_from_its_moved_out_request() -> None:
    given = {"inputTokenCount": 1, "inputBodyS3Path": f"s3://logs/{INPUT_KEY}"}
    request = {"serviceTier": {"type": "flex"}, "inferenceConfig": {"maxTokens": 7}}
    for operation in ("Converse", "ConverseStream"):
        _, sink, _ = parse(line(record(operation=operation, input=given)), logs=stored(input=request))
        assert (sink.events[0].service_tier, sink.events[0].max_tokens) == ("flex", 7)
    _, _, logs = parse(line(record(operation="InvokeModel", input=given)), logs=stored(input=request))
    assert logs.bodies_read == []


def test_a_moved_out_request_that_is_no_object_is_counted_as_missing() -> None:
    given = {"inputTokenCount": 1, "inputBodyS3Path": f"s3://logs/{INPUT_KEY}"}
    summary, sink, _ = parse(line(record(input=given)), logs=stored(input=["no", "request"]))
    assert (summary.offloaded_followed, summary.offloaded_missing) == (0, 1)
    assert sink.events[0].input_tokens == 1


def test_the_images_of_an_image_model_are_read_from_its_moved_out_request() -> None:
    given = {"inputBodyS3Path": f"s3://logs/{INPUT_KEY}"}
    request = {"imageGenerationConfig": {"numberOfImages": 2, "width": 512, "height": 512}}
    logged = record(operation="InvokeModel", modelId="amazon.nova-canvas-v1:0", input=given, output={})
    _, sink, _ = parse(line(logged), logs=stored(input=request))
    assert (sink.events[0].output_images, sink.events[0].image_size) == (2, "512x512")


def test_bodies_are_not_followed_where_that_is_switched_off_or_they_are_too_long() -> None:
    off = ParseOptions(follow_offloaded=False)
    summary, _, logs = parse(moved_out(), logs=stored(output=STREAM), options=off)
    assert (logs.bodies_read, summary.offloaded_missing) == ([], 0)
    short = ParseOptions(max_body_bytes=10)
    summary, _, _ = parse(moved_out(), logs=stored(output=STREAM), options=short)
    assert summary.offloaded_missing == 1


# --- application inference profiles -----------------------------------------------------------------


def test_an_application_profile_is_resolved_to_its_model() -> None:
    found = ResolvedProfile(name="team-a", profile_model_id="global.anthropic.claude-opus-5")
    summary, sink, _ = parse(line(record(modelId=PROFILE_ARN)), profiles={PROFILE_ARN: found})
    [event] = sink.events
    assert (event.model_id, event.route) == ("anthropic.claude-opus-5", "global")
    assert (event.inference_profile_name, event.inference_profile_arn) == ("team-a", PROFILE_ARN)
    assert summary.profiles_unresolved == 0


def test_a_profile_that_cannot_be_resolved_is_counted_and_its_call_kept() -> None:
    summary, sink, _ = parse(line(record(modelId=PROFILE_ARN)))
    assert sink.events[0].model_id == PROFILE_ARN
    assert (summary.events, summary.profiles_unresolved) == (1, 1)


# --- properties -------------------------------------------------------------------------------------

LINES = st.lists(
    st.sampled_from(
        [line(record()), line(record()) * 2, OTHER, b"", b"{", b"}", b"[", b"{}", b'{"a": "', b"x"]
    )
    | st.binary(max_size=30),
    max_size=12,
)


@given(LINES, st.integers(60, 2000))
def test_whatever_an_object_holds_every_line_is_accounted_for(lines: list[bytes], limit: int) -> None:
    options = ParseOptions(max_record_bytes=limit)
    summary, sink, _ = parse(*lines, options=options)
    assert accounted(summary)
    assert len(sink.events) == summary.events + summary.rejected
    assert len({event.request_id for event in sink.events if event.rejection}) == summary.rejected


def test_a_marked_record_is_a_row_that_no_count_includes() -> None:
    marked = line(record(requestId="bedrock-analytics-verification-1"))
    summary, sink, logs = parse(line(record()), marked)

    assert [event.rejection for event in sink.events] == [None, "verification"]
    assert sink.events[1].request_id == "bedrock-analytics-verification-1"
    assert (sink.events[1].model_id, sink.events[1].input_tokens) == (None, None)
    assert list(logs.objects) == [KEY]  # it is no fault, so no line is kept
    assert (summary.lines, summary.events, summary.rejected, summary.left_out) == (2, 1, 0, 1)
