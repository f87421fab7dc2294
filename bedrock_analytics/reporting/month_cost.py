"""What the running UTC month has cost so far, and what it will have cost at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import dropwhile
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import TOTAL
from bedrock_analytics.domain.usage_stats import sum_money
from bedrock_analytics.reporting.forecast import DAYS_LOOKED_AT, forecast
from bedrock_analytics.reporting.metrics import discounted_cost_usd
from bedrock_analytics.reporting.usage_filter import Bucket, Trend, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader

_UTC_ZONE: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCost:
    """Cost of a month in USD, discounts taken off; calls without a price are not in it."""

    month: str
    spent_usd: Decimal
    forecast_usd: Decimal | None
    """If the rest of the month goes as the last seven days; None while too few days are over."""


def month_cost(reader: UsageReader, now: datetime) -> MonthCost:
    """The month that `now` (aware UTC) lies in; TableUnavailable where the table cannot answer."""
    today = periods.day_of(now)
    month = periods.month_of(today)
    month_start = periods.day_start(periods.month_start(month))
    first = min(month_start, periods.day_start(today - timedelta(days=DAYS_LOOKED_AT)))
    trend = reader.trend(UsageFilter(start=first, end=now, zone=_UTC_ZONE), Bucket.DAY, TOTAL)
    costs = _costs(trend)
    spent = sum_money(cost for start, cost in costs if start >= month_start)
    over = [cost for start, cost in costs if start < datetime.combine(today, time(), UTC)]
    expected = forecast(
        spent,
        list(dropwhile(lambda cost: not cost, over)),  # days before the first call are no cheap days
        complete_until=now,
        month_end=periods.day_start(periods.next_month_start(month)),
    )
    return MonthCost(month=month, spent_usd=spent, forecast_usd=expected.likely_usd if expected else None)


def _costs(trend: Trend) -> list[tuple[datetime, Decimal]]:
    """Each day's start and its cost."""
    return [
        (start, sum_money(discounted_cost_usd(stats) for stats in bar.values()))
        for start, bar in zip(trend.starts, trend.rows, strict=True)
    ]
