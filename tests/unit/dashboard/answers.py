"""A source of usage that answers from tables written in the test, and counters to fill them with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.page_choice import answer_columns
from bedrock_analytics.reporting.usage_filter import (
    EVERYTHING,
    Breakdown,
    Bucket,
    Trend,
    TrendDetail,
    UsageFilter,
)
from bedrock_analytics.storage.usage_table import Checkpoint, Scope
from dashboard.view_models import UsageRow

Rows = dict[tuple[str, ...], UsageStats]


def utc(text: str) -> datetime:
    """A UTC time written as 2026-11-24 10:30."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calls(count: int = 1, cost: str = "0", **more: Any) -> UsageStats:
    """Counters of some calls that cost so much for their input."""
    costs = {"input": Decimal(cost)} if Decimal(cost) else {}
    return UsageStats(**{"invocations": count, "list_cost_usd": costs, **more})


def row(name: str, stats: UsageStats, chip: str = "", detail: str = "") -> UsageRow:
    """A row of a panel."""
    return UsageRow(key=(name, chip), name=name, detail=detail, chip=chip, colour_key=name, stats=stats)


@dataclass(slots=True)
class WrittenAnswers:
    """Answers by dimension; those of other times by the start of the range. Filters asked are remembered."""

    rows: dict[str, Rows] = field(default_factory=dict)
    earlier: dict[str, Rows] = field(default_factory=dict)
    trends: dict[str, tuple[tuple[datetime, ...], tuple[Rows, ...]]] = field(default_factory=dict)
    scope_list: Sequence[Scope] = ()
    state: Checkpoint = field(default_factory=Checkpoint)
    earlier_before: datetime | None = None
    failure: Callable[[], None] = lambda: None
    breakdown_failure: Callable[[], None] = lambda: None
    filters: list[UsageFilter] = field(default_factory=list)

    def checkpoint(self) -> Checkpoint:
        self.failure()
        return self.state

    def scopes(self) -> Sequence[Scope]:
        return self.scope_list

    def breakdown(self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True) -> Breakdown:
        self.breakdown_failure()
        self.filters.append(usage_filter)
        is_earlier = self.earlier_before is not None and usage_filter.end <= self.earlier_before
        rows = (self.earlier if is_earlier else self.rows).get(dimension, {})
        total = UsageStats()
        for stats in rows.values():
            total.merge(stats)
        return Breakdown(
            dimension=dimension, key_columns=answer_columns(dimension), rows=rows, total=total, revision=1
        )

    def trend(
        self, usage_filter: UsageFilter, bucket: Bucket, dimension: str, detail: TrendDetail = EVERYTHING
    ) -> Trend:
        self.filters.append(usage_filter)
        starts, rows = self.trends.get(dimension, ((), ()))
        return Trend(
            dimension=dimension,
            key_columns=answer_columns(dimension),
            bucket=bucket,
            starts=starts,
            rows=rows,
            revision=1,
        )
