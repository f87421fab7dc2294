"""What a response body tells: token counts, times, why it ended, which model answered.

Bodies are told apart by their type, never by the operation: an object is a whole response (Converse,
ConverseStream, InvokeModel), an array the decoded chunks of a stream (InvokeModelWithResponseStream).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

import msgspec

from bedrock_analytics.domain.body_shapes import (
    Chunk,
    Delta,
    InvocationMetrics,
    Message,
    Metadata,
    NativeChunk,
    Other,
    Reason,
    ResponseBody,
    ResponseValue,
    Trace,
    Usage,
)

GUARDRAIL_INTERVENED = "INTERVENED"
GUARDRAIL_NONE = "NONE"


class TokenCounts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Token counts of one response; None where it does not tell.

    `input` is without tokens read from or written to the cache. `inclusive_input` is the count as the
    response gave it, where that includes cached tokens (OpenAI).
    """

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cache_write_by_ttl: dict[str, int] | None = None
    inclusive_input: int | None = None


class ResponseFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything that is read from a response body; None where it does not tell."""

    counts: TokenCounts = TokenCounts()
    latency_ms: int | None = None
    time_to_first_token_ms: int | None = None
    stop_reason: str | None = None
    model: str | None = None
    guardrail_action: str | None = None
    service_tier: str | None = None
    latency: str | None = None
    """`optimized` or `standard`, the latency that was served."""
    output_images: int | None = None
    search_units: int | None = None


NOTHING = ResponseFacts()


def read_response(body: ResponseValue) -> ResponseFacts:
    """The facts of a body of any type; a text, number or absent body has none."""
    if isinstance(body, ResponseBody):
        return _whole(body)
    if isinstance(body, list):
        return _stream(body)
    return NOTHING


# --- one response ---------------------------------------------------------------------------------


def _whole(body: ResponseBody) -> ResponseFacts:
    stop = body.converse_stop or body.stop_reason or body.finish_reason or _first_reason(body) or body.status
    latency = body.metrics.latency_ms if body.metrics else None
    return ResponseFacts(
        counts=counts_of(body.usage) if body.usage else _native_counts(body),
        latency_ms=None if latency is None else round(latency),
        stop_reason=stop,
        model=body.model,
        guardrail_action=body.guardrail_action or _converse_guardrail(body),
        service_tier=_tier(body),
        latency=body.performance.latency if body.performance else None,
        output_images=_images(body),
        search_units=body.meta.billed_units.search_units if body.meta and body.meta.billed_units else None,
    )


def _first_reason(body: ResponseBody) -> str | None:
    for reasons in (body.choices, body.results, body.outputs, body.generations):
        if reasons and (first := reasons[0]):
            return reason_of(first)
    return None


def reason_of(reason: Reason) -> str | None:
    """Why generation ended, in whichever spelling the object has."""
    return reason.stop_reason or reason.finish_reason or reason.converse_stop or reason.titan_completion


def _converse_guardrail(body: ResponseBody) -> str | None:
    if body.converse_stop == "guardrail_intervened":
        return GUARDRAIL_INTERVENED
    return GUARDRAIL_NONE if isinstance(body.trace, Trace) and body.trace.guardrail else None


def _tier(body: ResponseBody) -> str | None:
    """The tier that was served."""
    logged = body.service_tier_object
    named = logged if isinstance(logged, str) or logged is None else logged.type
    return named or body.service_tier or (body.usage.service_tier if body.usage else None)


def _images(body: ResponseBody) -> int | None:
    images = body.images or body.artifacts
    return len(images) if images else None


def _native_counts(body: ResponseBody) -> TokenCounts:
    """Counts of the models that do not wrap them in `usage`: Llama, Titan, Cohere."""
    billed = body.meta.billed_units if body.meta else None
    if billed is not None:
        return TokenCounts(input=billed.input_tokens, output=billed.output_tokens)
    output = body.generation_token_count
    if output is None and body.results:
        written = [one.titan_tokens for one in body.results if one and one.titan_tokens is not None]
        output = sum(written) if written else None
    return TokenCounts(input=first_known(body.prompt_token_count, body.input_text_token_count), output=output)


# --- a stream -------------------------------------------------------------------------------------

_BLANKS = (Chunk(delta=Delta()), Chunk(), NativeChunk())
"""What chunks of text decode to; most of a stream is these."""


def _stream(body: Sequence[Chunk | Other]) -> ResponseFacts:
    # Equal neighbours count once: nothing in a chunk adds to the one before it.
    different = [chunk for chunk, _ in groupby(body)]
    chunks = [chunk for chunk in different if isinstance(chunk, Chunk) and chunk not in _BLANKS]
    metrics: InvocationMetrics | None = None
    for chunk in reversed(chunks):
        if chunk.metrics is not None:
            metrics = chunk.metrics
            break
    counts = _stream_counts(chunks)
    if metrics is None:
        latency = first_byte = None
    else:
        latency, first_byte = metrics.invocation_latency, metrics.first_byte_latency
        counts = later(counts, _metric_counts(metrics))
    return ResponseFacts(
        counts=counts,
        latency_ms=None if latency is None else round(latency),
        time_to_first_token_ms=None if first_byte is None else round(first_byte),
        stop_reason=_last([_chunk_reason(chunk) for chunk in chunks]),
        model=_last([_chunk_model(chunk) for chunk in chunks]),
        guardrail_action=_stream_guardrail(chunks),
        service_tier=_last([chunk.usage.service_tier for chunk in chunks if chunk.usage]),
    )


def _metric_counts(metrics: InvocationMetrics) -> TokenCounts:
    return TokenCounts(
        input=metrics.input_token_count,
        output=metrics.output_token_count,
        cache_read=metrics.cache_read_input_token_count,
        cache_write=metrics.cache_write_input_token_count,
    )


def _stream_counts(chunks: list[Chunk]) -> TokenCounts:
    """Counts accumulate along a stream: the last one of each kind holds."""
    counts = TokenCounts()
    for chunk in chunks:
        if isinstance(chunk.message, Message) and chunk.message.usage:
            # The output count of a stream's start is provisional (1 or 2), whatever follows.
            start = msgspec.structs.replace(counts_of(chunk.message.usage), output=None)
            counts = later(counts, start)
        if chunk.usage:
            counts = later(counts, counts_of(chunk.usage))
        elif isinstance(chunk, NativeChunk):
            counts = later(counts, _native_chunk_counts(chunk))
    return counts


def _native_chunk_counts(chunk: NativeChunk) -> TokenCounts:
    """Nova and OpenAI's Responses wrap their counts, Llama's and Titan's stand in the chunk itself."""
    for part in (chunk.metadata, chunk.response):
        if isinstance(part, (Metadata, Message)) and part.usage:
            return counts_of(part.usage)
    return TokenCounts(
        input=first_known(chunk.prompt_token_count, chunk.input_text_token_count),
        output=first_known(chunk.generation_token_count, chunk.output_text_token_count),
    )


def _chunk_reason(chunk: Chunk) -> str | None:
    delta = chunk.delta.stop_reason if isinstance(chunk.delta, Delta) else None
    if delta or not isinstance(chunk, NativeChunk):
        return delta
    choice = reason_of(chunk.choices[0]) if chunk.choices and chunk.choices[0] else None
    stop = reason_of(chunk.message_stop) if chunk.message_stop else None
    own = chunk.stop_reason or chunk.finish_reason or chunk.titan_completion
    status = chunk.response.status if isinstance(chunk.response, Message) else None
    return choice or stop or own or status


def _chunk_model(chunk: Chunk) -> str | None:
    if isinstance(chunk.message, Message) and chunk.message.model:
        return chunk.message.model
    if not isinstance(chunk, NativeChunk):
        return None
    return (chunk.response.model if isinstance(chunk.response, Message) else None) or chunk.model


def _stream_guardrail(chunks: list[Chunk]) -> str | None:
    actions = [chunk.guardrail_action for chunk in chunks if chunk.guardrail_action]
    return GUARDRAIL_INTERVENED if GUARDRAIL_INTERVENED in actions else _last(actions)


def _last(values: list[str | None] | list[str]) -> str | None:
    return next((value for value in reversed(values) if value), None)


# --- usage ----------------------------------------------------------------------------------------

_EPHEMERAL = re.compile(r"ephemeral_(\w+)_input_tokens")


def counts_of(usage: Usage) -> TokenCounts:
    """Counts of a `usage` object; spellings of one count are alternatives and are never added."""
    cached = _cached_tokens(usage)
    if usage.prompt_tokens is not None or usage.completion_tokens is not None:
        return _inclusive(usage.prompt_tokens, usage.completion_tokens, cached)
    if usage.input_tokens_details is not None:
        return _inclusive(usage.input_tokens, usage.output_tokens, cached)
    by_ttl = _by_ttl(usage)
    written = first_known(
        usage.cache_creation_input_tokens, usage.converse_cache_write, usage.nova_cache_write
    )
    if written is None and by_ttl is not None:
        written = sum(by_ttl.values())
    return TokenCounts(
        input=first_known(usage.input_tokens, usage.converse_input),
        output=first_known(usage.output_tokens, usage.converse_output),
        cache_read=first_known(
            usage.cache_read_input_tokens, usage.converse_cache_read, usage.nova_cache_read
        ),
        cache_write=written,
        cache_write_by_ttl=by_ttl,
    )


def _cached_tokens(usage: Usage) -> int | None:
    details = usage.prompt_tokens_details or usage.input_tokens_details
    return details.cached_tokens if details else None


def _inclusive(total: int | None, output: int | None, cached: int | None) -> TokenCounts:
    """OpenAI's input count includes the tokens that came from the cache."""
    if total is None or not cached:
        return TokenCounts(input=total, output=output, cache_read=cached)
    return TokenCounts(
        input=max(total - cached, 0),
        output=output,
        cache_read=min(cached, total),
        inclusive_input=total,
    )


def _by_ttl(usage: Usage) -> dict[str, int] | None:
    """Tokens written to the cache by lifetime, such as {"5m": 2874, "1h": 0}."""
    found: dict[str, int] = {}
    for name, tokens in (usage.cache_creation or {}).items():
        if tokens is not None and (match := _EPHEMERAL.fullmatch(name)):
            found[match[1]] = tokens
    if found:
        return found
    for detail in usage.cache_details or ():
        if detail and detail.ttl and detail.input_tokens is not None:
            found[detail.ttl] = found.get(detail.ttl, 0) + detail.input_tokens
    return found or None


def first_known(*counts: int | None) -> int | None:
    """The first count that is there."""
    for count in counts:
        if count is not None:
            return count
    return None


def later(before: TokenCounts, after: TokenCounts) -> TokenCounts:
    """Counts of a stream after one more report: what it tells replaces what was known."""
    known = {
        name: value for name in TokenCounts.__struct_fields__ if (value := getattr(after, name)) is not None
    }
    return msgspec.structs.replace(before, **known) if known else before
