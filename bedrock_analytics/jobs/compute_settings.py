"""What the computation of usage pages can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import ConfigurationError

CODE_VERSION = 3
"""Raise it when the same lake and prices give other pages: all history is then computed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeSettings:
    """Settings of `compute_cost`.

    `overlap`: how long before the watermark a row may still arrive: L1's timeout, Firehose's buffer and
    retry duration, and ten minutes. `settle`: how long after a lake version was first seen a query may
    still miss it. `open_days`: UTC days, today included, that are kept by hours.
    """

    metadata_keys: tuple[str, ...] = ()
    overlap: timedelta = timedelta(minutes=30)
    settle: timedelta = timedelta(minutes=3)
    lease: timedelta = timedelta(minutes=16)
    open_days: int = 3
    hours_per_query: int = 24
    days_per_query: int = 1
    max_attempts: int = 3

    def __post_init__(self) -> None:
        if self.open_days < 1:
            raise ConfigurationError("open_days must be at least 1: today is always kept by hours")
        if len(set(self.metadata_keys)) != len(self.metadata_keys):
            raise ConfigurationError(f"metadata keys are listed twice: {', '.join(self.metadata_keys)}")

    @property
    def stats_version(self) -> str:
        """Changes when pages must be computed in another way."""
        return f"{CODE_VERSION}:{','.join(self.metadata_keys)}"

    def first_open_day(self, now: datetime) -> date:
        """The oldest UTC day that is kept by hours."""
        return periods.day_of(now) - timedelta(days=self.open_days - 1)
