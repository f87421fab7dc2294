"""What the coding agents of all accounts have in common."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator.callers import (
    sso,
)
from bedrock_analytics.embedded.simulator.models import Target
from bedrock_analytics.embedded.simulator.world import (
    Caller,
    CallKind,
    LogSource,
    Operation,
    PromptCache,
    Size,
)

_CODE_CONTEXT = PromptCache(
    prefix=Size(median=52_000, spread=0.7), step=Size(median=900, spread=0.9), hits=0.93, one_hour=0.35
)


def coding_calls(target: Target, share: float, answer: float = 420) -> CallKind:
    """A call with a long cached context and a short question, streamed natively."""
    return CallKind(
        target=target,
        operation=Operation.INVOKE_STREAM,
        share=share,
        prompt=Size(median=60, spread=1.4),
        answer=Size(median=answer, spread=0.9),
        max_tokens=32_000,
        cache=_CODE_CONTEXT,
        offloaded=0.006,
        tools=0.6,
    )


def developers(source: LogSource, *people: str) -> tuple[Caller, ...]:
    """People who sign in to write code, the first of them most active."""
    shares = (1.6, 1.2, 1.0, 0.8, 0.5, 0.3)
    return tuple(
        sso(source.account_id, "Developer", f"{person}@example.com", share)
        for person, share in zip(people, shares, strict=False)
    )
