"""Request and response bodies of Converse and ConverseStream, which are logged alike."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import texts
from bedrock_analytics.embedded.simulator.calls import Guardrail, Outcome, SimulatedCall
from bedrock_analytics.embedded.simulator.json_types import JsonObject

_GUARDRAIL_ID = "s1mulatedgrd"


def request(call: SimulatedCall) -> JsonObject:
    """The request as the caller sent it."""
    body: JsonObject = {
        "messages": [{"role": "user", "content": [{"text": texts.question(call.request_id)}]}],
        "inferenceConfig": {"maxTokens": call.kind.max_tokens, "temperature": 0.2},
    }
    if call.kind.cache:
        body["system"] = [{"text": texts.SYSTEM_PROMPT}, {"cachePoint": _cache_point(call)}]
    if call.kind.guarded:
        body["guardrailConfig"] = {
            "guardrailIdentifier": _GUARDRAIL_ID,
            "guardrailVersion": "1",
            "trace": "enabled",
        }
    return body


def _cache_point(call: SimulatedCall) -> JsonObject:
    return {"type": "default", "ttl": "1h"} if call.tokens.cache_write_1h else {"type": "default"}


def response(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    """The response, of a stream as Bedrock joined it together."""
    body: JsonObject = {
        "output": {"message": {"role": "assistant", "content": [_content(call, outcome)]}},
        "stopReason": outcome.stop_reason,
        "metrics": {"latencyMs": outcome.latency_ms},
        "usage": _usage(call, outcome),
    }
    if outcome.guardrail:
        body["trace"] = {"guardrail": _trace(call, outcome.guardrail)}
    return body


def _content(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    if outcome.guardrail:
        return {"text": texts.BLOCKED}
    if outcome.stop_reason == "tool_use":
        return {
            "toolUse": {"toolUseId": f"tooluse_{call.request_id[:8]}", "name": "look_up", "input": {"n": 1}}
        }
    return {"text": texts.answer(call.request_id)}


def _usage(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    tokens = outcome.tokens
    usage: JsonObject = {"inputTokens": tokens.input}
    if call.kind.cache:
        usage["cacheReadInputTokens"] = tokens.cache_read
        usage["cacheWriteInputTokens"] = tokens.cache_write
    usage["outputTokens"] = tokens.output
    usage["totalTokens"] = tokens.input + tokens.output + tokens.cache_read + tokens.cache_write
    if outcome.form.cache_details:
        written = (("5m", tokens.cache_write_5m), ("1h", tokens.cache_write_1h))
        usage["cacheDetails"] = [{"ttl": ttl, "inputTokens": count} for ttl, count in written if count]
    return usage


def _trace(call: SimulatedCall, guardrail: Guardrail) -> JsonObject:
    assessment: JsonObject = {
        "topicPolicy": {"topics": [{"name": "Simulated topic", "type": "DENY", "action": "BLOCKED"}]},
        "invocationMetrics": {
            "guardrailProcessingLatency": 180 + texts.number(call.request_id) % 200,
            "usage": {
                "topicPolicyUnits": 1,
                "contentPolicyUnits": 1,
                "wordPolicyUnits": 0,
                "sensitiveInformationPolicyUnits": 0,
                "sensitiveInformationPolicyFreeUnits": 0,
                "contextualGroundingPolicyUnits": 0,
            },
            "guardrailCoverage": {"textCharacters": {"guarded": 44, "total": 44}},
        },
    }
    if guardrail is Guardrail.INPUT:
        return {"inputAssessment": {_GUARDRAIL_ID: assessment}}
    return {"outputAssessments": [{_GUARDRAIL_ID: assessment}], "modelOutput": [texts.BLOCKED]}
