"""Rows for tests of the embedded lake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bedrock_analytics.domain.usage_event import UsageEvent

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self, now: datetime = TEN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def call(request_id: str, ts: datetime = TEN, **changes: Any) -> UsageEvent:
    fields: dict[str, Any] = {"account_id": "111111111111", "region": "us-east-1", "input_tokens": 1}
    return UsageEvent(request_id=request_id, ts=ts, parsed_at=TEN, **fields | changes)


def data_files(folder: Path) -> set[Path]:
    return set(folder.rglob("*.parquet"))
