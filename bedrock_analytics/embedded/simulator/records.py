"""Log records in the format in which Bedrock writes them, one for each simulated call.

Key order, absent fields and body shapes follow records of 2024 to 2026: failures have neither input nor
output, Converse streams are logged as one object, streams of InvokeModel as a list, accounts without
body delivery keep the counts only, and bodies that are too large lie beside the log.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bedrock_analytics.embedded.simulator import converse_bodies, native_bodies, texts
from bedrock_analytics.embedded.simulator.calls import Guardrail, Outcome, SimulatedCall
from bedrock_analytics.embedded.simulator.json_types import JsonObject, JsonValue
from bedrock_analytics.embedded.simulator.models import Family
from bedrock_analytics.embedded.simulator.names import body_key, bucket_of
from bedrock_analytics.embedded.simulator.world import LogSource, Operation

_encode = msgspec.json.Encoder().encode
_JSON = "application/json"
_SCHEMA: JsonObject = {"schemaType": "ModelInvocationLog", "schemaVersion": "1.0"}


def record_line(call: SimulatedCall) -> bytes:
    """The record of a call as one line of JSON, without its line break."""
    return _encode(record(call))


def record(call: SimulatedCall) -> JsonObject:
    """The record of a call."""
    facts: JsonObject = {
        "timestamp": f"{call.ts:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": call.account_id,
        "region": call.region,
        "requestId": call.request_id,
        "operation": call.operation.value,
        "modelId": call.logged_model_id,
    }
    if call.outcome:
        facts["input"] = _input(call, call.outcome)
        facts["output"] = _output(call, call.outcome)
    facts["identity"] = {"arn": call.identity_arn}
    if call.outcome and call.outcome.inference_region:
        facts["inferenceRegion"] = call.outcome.inference_region
    if call.request_metadata:
        facts["requestMetadata"] = call.request_metadata
    if call.error_code:
        facts["errorCode"] = call.error_code
    return {**_SCHEMA, **facts} if call.schema_first else {**facts, **_SCHEMA}


def request_body(call: SimulatedCall) -> JsonObject:
    """The request body, inline or beside the log."""
    return converse_bodies.request(call) if call.operation.is_converse else native_bodies.request(call)


def response_body(call: SimulatedCall, outcome: Outcome) -> JsonValue:
    """The response body, inline or beside the log."""
    if call.operation.is_converse:
        return converse_bodies.response(call, outcome)
    if outcome.guardrail:
        return _blocked(call, outcome)
    return native_bodies.response(call, outcome)


def offloaded_bodies(call: SimulatedCall) -> list[tuple[str, bytes]]:
    """Keys and contents of the bodies that lie beside the log."""
    outcome = call.outcome
    if outcome is None:
        return []
    bodies: list[tuple[str, bytes]] = []
    if outcome.form.input_offloaded:
        bodies.append((body_key(call, "input"), _encode(request_body(call))))
    if outcome.form.output_offloaded:
        bodies.append((body_key(call, "output"), _encode(response_body(call, outcome))))
    return bodies


def foreign_line(source: LogSource, moment: datetime) -> bytes:
    """A record of another schema, which a reader of invocation logs skips."""
    return _encode(
        {
            "schemaType": "SimulatedDeliveryNotice",
            "schemaVersion": "1.0",
            "timestamp": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "accountId": source.account_id,
            "region": source.region,
        }
    )


def _input(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    logged: JsonObject = {"inputContentType": _JSON}
    if outcome.form.input_offloaded:
        logged["inputBodyS3Path"] = f"s3://{bucket_of(call.app.source)}/{body_key(call, 'input')}"
    elif call.app.source.bodies:
        logged["inputBodyJson"] = request_body(call)
    if _is_counted(call, outcome):
        logged["inputTokenCount"] = outcome.tokens.input
        if outcome.form.cache_fields:
            logged["cacheReadInputTokenCount"] = outcome.tokens.cache_read
            logged["cacheWriteInputTokenCount"] = outcome.tokens.cache_write
    return logged


def _output(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    logged: JsonObject = {"outputContentType": _JSON}
    if outcome.form.output_offloaded:
        logged["outputBodyS3Path"] = f"s3://{bucket_of(call.app.source)}/{body_key(call, 'output')}"
    elif call.app.source.bodies:
        logged["outputBodyJson"] = response_body(call, outcome)
    if _is_counted(call, outcome) and call.kind.answer:
        logged["outputTokenCount"] = outcome.tokens.output
    return logged


def _is_counted(call: SimulatedCall, outcome: Outcome) -> bool:
    """Whether the envelope has token counts: not for images, nor for a blocked InvokeModel request."""
    blocked = outcome.guardrail is Guardrail.INPUT and call.operation is Operation.INVOKE
    return call.kind.target.model.family is not Family.CANVAS and not blocked


def _blocked(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    """The native response of a call that a guardrail blocked; a blocked request has no usage."""
    if outcome.guardrail is Guardrail.OUTPUT:
        body = native_bodies.response(call, outcome)
        return body if isinstance(body, dict) else {}
    return {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": texts.BLOCKED}],
        "stop_reason": "end_turn",
        "amazon-bedrock-guardrailAction": "INTERVENED",
    }
