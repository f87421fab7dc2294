"""Native bodies of InvokeModel and its stream, by family of model."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import claude_bodies, texts
from bedrock_analytics.embedded.simulator.calls import Outcome, SimulatedCall
from bedrock_analytics.embedded.simulator.json_types import JsonObject, JsonValue
from bedrock_analytics.embedded.simulator.models import Family
from bedrock_analytics.embedded.simulator.world import Operation

_NO_IMAGE = "c2ltdWxhdGVkIGltYWdl"
"""Base64 of the words "simulated image"."""


def request(call: SimulatedCall) -> JsonObject:
    """The request in the model's own format."""
    match call.kind.target.model.family:
        case Family.LLAMA:
            return {
                "prompt": texts.question(call.request_id),
                "max_gen_len": call.kind.max_tokens,
                "temperature": 0.1,
            }
        case Family.NOVA:
            return _nova_request(call)
        case Family.TITAN_EMBED:
            return {"inputText": texts.question(call.request_id), "dimensions": 256, "normalize": True}
        case Family.CANVAS:
            return _canvas_request(call)
        case _:
            return claude_bodies.request(call)


def response(call: SimulatedCall, outcome: Outcome) -> JsonValue:
    """The response in the model's own format; of a stream the list of its chunks."""
    streamed = call.operation is Operation.INVOKE_STREAM
    match call.kind.target.model.family:
        case Family.LLAMA:
            return _llama_chunks(call, outcome) if streamed else _llama_response(call, outcome)
        case Family.NOVA:
            return _nova_response(call, outcome)
        case Family.TITAN_EMBED:
            return {"embedding": [0.25, -0.5, 0.125], "inputTextTokenCount": outcome.tokens.input}
        case Family.CANVAS:
            return {"images": [_NO_IMAGE] * (outcome.images.count if outcome.images else 0)}
        case _:
            return claude_bodies.chunks(call, outcome) if streamed else claude_bodies.response(call, outcome)


def _nova_request(call: SimulatedCall) -> JsonObject:
    return {
        "schemaVersion": "messages-v1",
        "messages": [{"role": "user", "content": [{"text": texts.question(call.request_id)}]}],
        "inferenceConfig": {"maxTokens": call.kind.max_tokens},
    }


def _nova_response(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    tokens = outcome.tokens
    return {
        "output": {"message": {"content": [{"text": texts.answer(call.request_id)}], "role": "assistant"}},
        "stopReason": outcome.stop_reason,
        "usage": {
            "inputTokens": tokens.input,
            "outputTokens": tokens.output,
            "totalTokens": tokens.input + tokens.output,
            "cacheReadInputTokenCount": tokens.cache_read,
            "cacheWriteInputTokenCount": tokens.cache_write,
        },
    }


def _canvas_request(call: SimulatedCall) -> JsonObject:
    images = call.outcome.images if call.outcome else None
    size: JsonObject = {}
    if images:
        size = {
            "numberOfImages": images.count,
            "quality": images.quality,
            "width": images.width,
            "height": images.height,
        }
    return {
        "taskType": "TEXT_IMAGE",
        "textToImageParams": {"text": texts.question(call.request_id)},
        "imageGenerationConfig": {**size, "seed": texts.number(call.request_id)},
    }


def _llama_stop(outcome: Outcome) -> str:
    return "length" if outcome.stop_reason == "max_tokens" else "stop"


def _llama_response(call: SimulatedCall, outcome: Outcome) -> JsonObject:
    return {
        "generation": texts.answer(call.request_id),
        "prompt_token_count": outcome.tokens.input,
        "generation_token_count": outcome.tokens.output,
        "stop_reason": _llama_stop(outcome),
    }


def _llama_chunks(call: SimulatedCall, outcome: Outcome) -> list[JsonObject]:
    return [
        {
            "generation": texts.answer(call.request_id),
            "prompt_token_count": outcome.tokens.input,
            "generation_token_count": 1,
            "stop_reason": None,
        },
        {
            "generation": "",
            "prompt_token_count": None,
            "generation_token_count": outcome.tokens.output,
            "stop_reason": _llama_stop(outcome),
            "amazon-bedrock-invocationMetrics": claude_bodies.invocation_metrics(call, outcome),
        },
    ]
