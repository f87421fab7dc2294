"""What part of the usage a question is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats


class Bucket(StrEnum):
    """Width of a trend's bars, cut in the viewer's zone."""

    HALF_HOUR = "half_hour"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFilter:
    """Calls with start <= ts < end (aware UTC, cut at half hours) that meet every given condition.

    An empty set means "all". Models are canonical ids; a caller may be qualified as `account_id/caller`;
    `metadata` holds (key, value) pairs of request metadata: of one key any value, of several keys each.
    `zone` is the viewer's, for days and months.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    callers: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Greatest:
    """Which values of a dimension have rows of their own: the `most` whose groups weigh most.

    `group` names the group of a row's key, whose rows stay or go together; `weight` is that of a row.
    """

    most: int
    group: Callable[[tuple[str, ...]], str]
    weight: Callable[[UsageStats], Decimal | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDetail:
    """How much of the usage a trend tells apart; less of it takes less time.

    Beside the `greatest`, where they are named, all others are summed in a row whose key is all `(other)`.
    Where it is told without `histograms`, percentiles may be missing.
    """

    greatest: Greatest | None = None
    histograms: bool = True


EVERYTHING = TrendDetail()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Usage by the values of a dimension. The rows add up to `total` exactly.

    Keys are tuples with one text for each of `key_columns`. `notes` say in one sentence each what the
    numbers lack or how the range was rounded.
    """

    dimension: str
    key_columns: tuple[str, ...]
    rows: dict[tuple[str, ...], UsageStats]
    total: UsageStats
    revision: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Usage by time and the values of a dimension; every bucket of the range is there, empty ones too."""

    dimension: str
    key_columns: tuple[str, ...]
    bucket: Bucket
    starts: tuple[datetime, ...]
    """Start of each bucket, aware, in the viewer's zone."""
    rows: tuple[dict[tuple[str, ...], UsageStats], ...]
    revision: int
    notes: tuple[str, ...] = ()
