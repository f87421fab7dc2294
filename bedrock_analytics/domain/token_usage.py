"""The token counts of a call, from the envelope first and the response body second.

The envelope counts are what is billed. Their input count leaves out cached tokens for Anthropic and Nova
models. Whether it does so for OpenAI models is not known: where the body proves that it does not (both
name the same total and the body says how much of it was cached), cached tokens are taken off; where the
body is not delivered, the count is taken as it stands.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from bedrock_analytics.domain.log_record import LoggedInput, LoggedOutput
from bedrock_analytics.domain.response_body import TokenCounts, first_known


class TokenSource(StrEnum):
    """Where a call's token counts come from."""

    ENVELOPE = "envelope"
    BODY = "body"
    GUARDRAIL = "guardrail"
    """Nowhere: a guardrail stopped the call before the model ran, so there are no tokens to pay for."""
    NONE = "none"


class TokenUsage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Token counts as the lake keeps them; None where the log does not tell."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: CacheWrite
    source: TokenSource


class CacheWrite(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Tokens written to the cache by lifetime; total = 5 minutes + 1 hour + other.

    Tokens of unknown lifetime count as 5 minutes, and `ttl_known` is then False.
    """

    total: int | None = None
    five_minutes: int | None = None
    one_hour: int | None = None
    other: int | None = None
    other_ttl: str | None = None
    ttl_known: bool | None = None


_TTL_LENGTH = 64

_UNTOLD = CacheWrite()
_NOT_WRITTEN = CacheWrite(total=0, five_minutes=0, one_hour=0)
_NO_INPUT = LoggedInput()
_NO_OUTPUT = LoggedOutput()


def token_usage(given: LoggedInput | None, made: LoggedOutput | None, body: TokenCounts) -> TokenUsage:
    """Combine the counts of a record's `input` and `output` with those of its response body."""
    given, made = given or _NO_INPUT, made or _NO_OUTPUT
    entered, read, returned = (
        given.input_token_count,
        given.cache_read_input_token_count,
        made.output_token_count,
    )
    source = TokenSource.ENVELOPE
    if entered is None and returned is None:
        told = body.input is not None or body.output is not None
        source = TokenSource.BODY if told else TokenSource.NONE
    if entered is None or (body.inclusive_input is not None and entered == body.inclusive_input):
        entered = body.input
    total = first_known(given.cache_write_input_token_count, body.cache_write)
    return TokenUsage(
        input=entered,
        output=body.output if returned is None else returned,
        cache_read=body.cache_read if read is None else read,
        cache_write=split_cache_write(total, body.cache_write_by_ttl),
        source=source,
    )


def split_cache_write(total: int | None, by_ttl: dict[str, int] | None) -> CacheWrite:
    """Divide the tokens written to the cache by lifetime, as far as the body's split explains the total."""
    if total is None:
        return _UNTOLD
    if total == 0:
        return _NOT_WRITTEN
    split = by_ttl or {}
    explained = sum(split.values())
    if not 0 < explained <= total:
        return CacheWrite(total=total, five_minutes=total, one_hour=0, ttl_known=False)
    others = {ttl: tokens for ttl, tokens in split.items() if ttl not in {"5m", "1h"} and tokens}
    return CacheWrite(
        total=total,
        five_minutes=split.get("5m", 0) + total - explained,
        one_hour=split.get("1h", 0),
        other=sum(others.values()) or None,
        other_ttl="+".join(sorted(others))[:_TTL_LENGTH] or None,
        ttl_known=explained == total,
    )
