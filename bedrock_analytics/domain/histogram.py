"""Exponential histograms in OpenTelemetry's layout: mergeable distributions of non-negative integers.

Bucket i of scale s holds values in (base^i, base^(i+1)] with base = 2^(2^-s). At scale 3 a bucket is
9.05 % wide, so a percentile that is read at a bucket's geometric middle is at most 4.4 % off.
Zero has a count of its own. `BUCKET_SQL_EPSILON` keeps exact powers of two on the right side of their
boundary in engines that compute log2 as a quotient (a test checks every integer boundary).
Source: OpenTelemetry metrics data model, ExponentialHistogram.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

SCALE = 3
BUCKETS_PER_DOUBLING: int = 1 << SCALE
RELATIVE_ERROR = 2 ** (0.5 / BUCKETS_PER_DOUBLING) - 1
"""Greatest relative error of a percentile: 0.0443."""
BUCKET_SQL_EPSILON = 1e-12
ZERO_BUCKET = -1_000_000
"""The index under which SQL counts zeros."""


def bucket_index(value: int) -> int:
    """Index of the bucket that holds a positive value; `ZERO_BUCKET` for 0."""
    if value < 0:
        raise ValueError(f"a histogram holds no negative value: {value}")
    if value == 0:
        return ZERO_BUCKET
    return math.ceil(math.log2(value) * BUCKETS_PER_DOUBLING - BUCKET_SQL_EPSILON) - 1


def bucket_middle(index: int) -> float:
    """Geometric middle of a bucket."""
    return float(2 ** ((index + 0.5) / BUCKETS_PER_DOUBLING))


@dataclass(slots=True)
class Distribution:
    """Count, sum, least, greatest and histogram of integers; merging is exact and order-free.

    `buckets` is None where a page keeps no histogram (pages of hours within a closed day).
    """

    count: int = 0
    sum: int = 0
    min: int | None = None
    max: int | None = None
    buckets: dict[int, int] | None = field(default_factory=dict)

    @classmethod
    def of(cls, values: Iterable[int]) -> Distribution:
        """The distribution of the values."""
        found = cls()
        for value in values:
            found.record(value)
        return found

    def record(self, value: int) -> None:
        index = bucket_index(value)
        self.merge(Distribution(1, value, value, value, {index: 1}))

    def merge(self, other: Distribution) -> None:
        """Add another distribution to this one."""
        if other.count == 0:
            return
        if self.count == 0:
            self.buckets = None if other.buckets is None else {}
        self.count += other.count
        self.sum += other.sum
        self.min = other.min if self.min is None else min(self.min, other.min)  # type: ignore[type-var]
        self.max = other.max if self.max is None else max(self.max, other.max)  # type: ignore[type-var]
        if other.buckets is None or self.buckets is None:
            self.buckets = None
        else:
            add_counts(self.buckets, other.buckets)

    def without_histogram(self) -> Distribution:
        return Distribution(self.count, self.sum, self.min, self.max, None)

    @property
    def mean(self) -> float | None:
        """Mean value; None without values."""
        return self.sum / self.count if self.count else None

    def percentile(self, share: float) -> float | None:
        """Value below which `share` (0 to 1) of the values lie; None without values or histogram."""
        if not self.count or self.buckets is None or self.min is None or self.max is None:
            return None
        rank = max(1, math.ceil(share * self.count))
        seen = 0
        for index in sorted(self.buckets):
            seen += self.buckets[index]
            if seen >= rank:
                middle = 0.0 if index == ZERO_BUCKET else bucket_middle(index)
                return min(max(middle, float(self.min)), float(self.max))
        raise ValueError("the histogram holds fewer values than it counts")


K = TypeVar("K", int, str)


def add_counts(into: dict[K, int], counts: Mapping[K, int]) -> None:
    """Add counts by key."""
    for key, count in counts.items():
        into[key] = into.get(key, 0) + count
