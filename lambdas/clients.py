"""What every function's wiring needs: how clients behave, the clock, and unique texts."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from botocore.config import Config

PATIENT = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5, read_timeout=30)
PROMPT = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=2, read_timeout=5)
"""For what a call can do without."""


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def new_text() -> str:
    """A text that no other call gives."""
    return uuid.uuid4().hex
