"""Calls as L1 hands them to the lake."""

from __future__ import annotations

from datetime import datetime, timedelta

from bedrock_analytics.domain.usage_event import UsageEvent
from tests.exactly_once.world import START


def call(
    number: int = 1, ts: datetime = START, parsed_at: datetime | None = None, **more: object
) -> UsageEvent:
    """A call as L1 hands it to the lake."""
    defaults: dict[str, object] = {
        "account_id": "111122223333",
        "region": "us-east-1",
        "request_id": f"request-{number}",
        "operation": "Converse",
        "model_id": "model-a",
        "logged_model_id": "us.model-a",
        "route": "us",
        "caller": "role/app",
        "input_tokens": 100,
        "output_tokens": 10,
        "latency_ms": 900,
        "token_source": "envelope",
        "source_s3_key": "s3://logs/one.json.gz",
    }
    stamp = parsed_at if parsed_at is not None else ts + timedelta(minutes=2)
    return UsageEvent(ts=ts, parsed_at=stamp, **(defaults | more))  # type: ignore[arg-type]
