"""What the cost page shows, ready to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.forecast import Forecast
from bedrock_analytics.reporting.metrics import discounted_cost_usd
from dashboard.view_models import UsageRow, UsageRows

Courses = Mapping[tuple[str, ...], Sequence[UsageStats]]
"""By the key of a row its usage in each bucket of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRows:
    """Usage by the values of a dimension with the course of each; the rows add up to the total."""

    usage: UsageRows
    courses: Courses


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRows:
    """The first rows of many, and the others summed. Together they add up to all rows."""

    rows: tuple[UsageRow, ...]
    remainder: UsageRow | None

    @property
    def all(self) -> tuple[UsageRow, ...]:
        """The rows and the remainder."""
        return self.rows if self.remainder is None else (*self.rows, self.remainder)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDay:
    """One local day of the month; `is_over` says whether its usage is complete."""

    start: datetime
    end: datetime
    stats: UsageStats
    is_over: bool

    @property
    def cost_usd(self) -> Decimal:
        """Estimated cost after the discounts in force, USD."""
        return discounted_cost_usd(self.stats)


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledMonth:
    """What Cost Explorer says of the month: USD through a day (UTC), and our estimate of the same days.

    `amount_usd` is None where it does not tell, and `message` then says why.
    """

    amount_usd: Decimal | None
    estimate_usd: Decimal | None
    through: date | None
    fetched_at: datetime | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCost:
    """The month that it is now, under the filters: its days so far, and where it is going, after discounts.

    `until` is the time up to which the logs have been read; `budget_usd` is None where there is none, or
    where filters narrow down what is shown, as a budget is for everything.
    """

    start: datetime
    end: datetime
    until: datetime
    zone: ZoneInfo
    days: tuple[MonthDay, ...]
    total: UsageStats
    forecast: Forecast | None
    budget_usd: Decimal | None
    billed: BilledMonth | None
    notes: tuple[str, ...] = ()

    @property
    def cost_usd(self) -> Decimal:
        """Estimated cost so far after the discounts in force, USD."""
        return discounted_cost_usd(self.total)
