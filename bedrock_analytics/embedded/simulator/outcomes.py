"""What comes of a call that does not fail: tokens, times, and how the log shows them."""

from __future__ import annotations

import math
from random import Random

from bedrock_analytics.embedded.simulator.calls import (
    NO_TOKENS,
    Guardrail,
    Images,
    LogForm,
    Outcome,
    Tokens,
)
from bedrock_analytics.embedded.simulator.models import Family
from bedrock_analytics.embedded.simulator.world import App, CallKind, Operation, PromptCache, Size

_STREAMS = (Operation.CONVERSE_STREAM, Operation.INVOKE_STREAM)
_CACHING = (Family.CLAUDE, Family.NOVA, Family.OTHER)
_LONGEST_CONTEXT = 400_000
_ENVELOPE_COUNTS_CACHE = 0.85
_CONVERSE_SPLITS_CACHE = 0.3
_MS_PER_PROMPT_TOKEN, _MS_PER_CACHED_TOKEN = 0.02, 0.004


def outcome(rng: Random, app: App, kind: CallKind) -> Outcome:
    """The outcome of one call of this kind."""
    guardrail = _guardrail(rng, kind)
    tokens = NO_TOKENS if guardrail is Guardrail.INPUT else _tokens(rng, kind)
    first_byte_ms, latency_ms = _times(rng, kind, tokens, guardrail)
    region = rng.choice(kind.target.serving_regions) if kind.target.serving_regions else None
    return Outcome(
        tokens=tokens,
        latency_ms=latency_ms,
        first_byte_ms=first_byte_ms if kind.operation in _STREAMS else None,
        stop_reason=_stop_reason(rng, kind, tokens, guardrail),
        inference_region=None if region == app.source.region else region,
        guardrail=guardrail,
        images=_images(rng) if kind.target.model.family is Family.CANVAS else None,
        form=_form(rng, app, kind, tokens),
    )


def _guardrail(rng: Random, kind: CallKind) -> Guardrail | None:
    if rng.random() >= kind.guarded:
        return None
    return Guardrail.INPUT if rng.random() < 0.6 else Guardrail.OUTPUT


def _draw(rng: Random, size: Size) -> int:
    return max(1, int(size.median * math.exp(rng.gauss(0.0, size.spread))))


def _tokens(rng: Random, kind: CallKind) -> Tokens:
    if kind.target.model.family is Family.CANVAS:
        return NO_TOKENS
    prompt = _draw(rng, kind.prompt)
    answer = min(kind.max_tokens, _draw(rng, kind.answer)) if kind.answer else 0
    if kind.cache is None:
        return Tokens(input=prompt, output=answer)
    read, write_5m, write_1h = _cached(rng, kind.cache)
    return Tokens(
        input=prompt,
        output=answer,
        cache_read=read,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
    )


def _cached(rng: Random, cache: PromptCache) -> tuple[int, int, int]:
    """Tokens read, written for 5 minutes and written for 1 hour."""
    prefix = min(_LONGEST_CONTEXT, _draw(rng, cache.prefix))
    hit = rng.random() < cache.hits
    written = _draw(rng, cache.step) if hit else prefix
    read = prefix if hit else 0
    if rng.random() >= cache.one_hour:
        return read, written, 0
    # A long prefix kept for an hour is often followed by a short part kept for five minutes.
    short_lived = written // 8 if rng.random() < 0.2 else 0
    return read, short_lived, written - short_lived


def _times(rng: Random, kind: CallKind, tokens: Tokens, guardrail: Guardrail | None) -> tuple[int, int]:
    """Milliseconds to the first and to the last byte."""
    if guardrail is Guardrail.INPUT:
        # The guardrail answers; the model is not reached.
        refused_ms = rng.randrange(180, 520)
        return refused_ms, refused_ms
    model = kind.target.model
    first = model.first_byte_ms * math.exp(rng.gauss(0.0, 0.25))
    first += (tokens.input + tokens.cache_write) * _MS_PER_PROMPT_TOKEN
    first += tokens.cache_read * _MS_PER_CACHED_TOKEN
    writing = tokens.output / model.tokens_a_second * 1000 * math.exp(rng.gauss(0.0, 0.15))
    return int(first), int(first + writing) + 3


def _stop_reason(rng: Random, kind: CallKind, tokens: Tokens, guardrail: Guardrail | None) -> str:
    if guardrail:
        return "guardrail_intervened"
    if tokens.output == kind.max_tokens:
        return "max_tokens"
    return "tool_use" if rng.random() < kind.tools else "end_turn"


def _images(rng: Random) -> Images:
    quality = "premium" if rng.random() < 0.3 else "standard"
    return Images(count=rng.choice((1, 1, 1, 2, 3)), width=1024, height=1024, quality=quality)


def _form(rng: Random, app: App, kind: CallKind, tokens: Tokens) -> LogForm:
    offloaded = app.source.bodies and rng.random() < kind.offloaded
    counted = rng.random() < _ENVELOPE_COUNTS_CACHE
    # Counts that the inline body does not show must stand in the envelope: no real log loses them.
    hidden = offloaded or not app.source.bodies
    if hidden and (tokens.cache_read or tokens.cache_write):
        counted = True
    caching = kind.target.model.family in _CACHING and not app.legacy_log
    split = tokens.cache_write_1h > 0 or rng.random() < _CONVERSE_SPLITS_CACHE
    image = kind.target.model.family is Family.CANVAS
    return LogForm(
        cache_fields=counted and caching,
        cache_details=kind.operation.is_converse and tokens.cache_write > 0 and split,
        input_offloaded=offloaded and not image,
        output_offloaded=offloaded and (image or rng.random() < 0.4),
    )
