"""Native bodies of Claude: a message for InvokeModel, a list of decoded chunks for its stream."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import texts
from bedrock_analytics.embedded.simulator.calls import Outcome, SimulatedCall
from bedrock_analytics.embedded.simulator.json_types import JsonObject

_PROVISIONAL_OUTPUT_TOKENS = 1


def request(call: SimulatedCall) -> JsonObject:
    """The request of Anthropic's Messages API, as Bedrock takes it."""
    body: JsonObject = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": call.kind.max_tokens,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": texts.question(call.request_id)}]}
        ],
    }
    if call.kind.cache:
        control: JsonObject = {"type": "ephemeral"}
        if call.tokens.cache_write_1h:
            control["ttl"] = "1h"
        body["system"] = [{"type": "text", "text": texts.SYSTEM_PROMPT, "cache_control": control}]
    return body


def response(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    """The whole message of InvokeModel."""
    body: JsonObject = {
        **_message_head(call),
        "content": [_content(call, outcome)],
        **_stop(call, outcome),
        "usage": _usage(call, outcome, outcome.tokens.output),
    }
    if call.kind.guarded:
        body["amazon-bedrock-guardrailAction"] = "INTERVENED" if outcome.guardrail else "NONE"
    return body


def chunks(call: SimulatedCall, outcome: Outcome) -> list[JsonObject]:
    """The chunks of a stream; the last one carries Bedrock's own metrics."""
    start: JsonObject = {
        **_message_head(call),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(call, outcome, _PROVISIONAL_OUTPUT_TOKENS),
    }
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": texts.answer(call.request_id)},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": _stop(call, outcome),
            "usage": _final_usage(call, outcome),
        },
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": invocation_metrics(call, outcome)},
    ]


def invocation_metrics(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    """What Bedrock adds to the last chunk of any model's stream."""
    metrics: JsonObject = {
        "inputTokenCount": outcome.tokens.input,
        "outputTokenCount": outcome.tokens.output,
        "invocationLatency": outcome.latency_ms,
        "firstByteLatency": outcome.first_byte_ms,
    }
    if call.kind.cache:
        metrics["cacheReadInputTokenCount"] = outcome.tokens.cache_read
        metrics["cacheWriteInputTokenCount"] = outcome.tokens.cache_write
    return metrics


def _message_head(call: SimulatedCall) -> JsonObject:
    return {
        "model": call.kind.target.model.name,
        "id": f"msg_bdrk_{call.request_id[:8]}",
        "type": "message",
        "role": "assistant",
    }


def _content(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    text = texts.BLOCKED if outcome.guardrail else texts.answer(call.request_id)
    return {"type": "text", "text": text}


def _stop(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    stop: JsonObject = {"stop_reason": outcome.stop_reason, "stop_sequence": None}
    if not call.app.legacy_log:
        stop["stop_details"] = None
    return stop


def _usage(call: SimulatedCall, outcome: Outcome, output_tokens: int) -> JsonObject:
    tokens = outcome.tokens
    if call.app.legacy_log:
        return {"input_tokens": tokens.input, "output_tokens": output_tokens}
    return {
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": output_tokens,
    }


def _final_usage(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    """The usage of message_delta: final counts, without the split of cache writes by lifetime."""
    tokens = outcome.tokens
    if call.app.legacy_log:
        return {"output_tokens": tokens.output}
    return {
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
        "output_tokens": tokens.output,
    }
