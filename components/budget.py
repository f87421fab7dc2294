"""Alarms on the cost of a month, discounts taken off, from the metrics that L2 emits."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from components.alarms import Alarm, metric_dimensions
from components.naming import METRIC_NAMESPACE, FunctionName

EARLY: Final = Decimal("0.80")
PERIOD_SECONDS: Final = 3600


def budget_alarms(monthly_usd: Decimal) -> list[Alarm]:
    """Alarms at 80 and 100 percent of the budget, and when the month is expected to exceed it.

    An hour without a run says nothing new, so it changes no alarm. A new month, which begins at 0, ends them.
    """
    return [
        _alarm(
            "budget-80", "MonthCost", monthly_usd * EARLY, f"80 % of the month's {monthly_usd} USD is used"
        ),
        _alarm("budget-100", "MonthCost", monthly_usd, f"The month's {monthly_usd} USD is used"),
        _alarm(
            "budget-forecast",
            "MonthCostForecast",
            monthly_usd,
            f"The month is expected to exceed its {monthly_usd} USD",
        ),
    ]


def _alarm(part: str, metric: str, threshold: Decimal, description: str) -> Alarm:
    return Alarm(
        part=part,
        description=f"{description} (discounts taken off): the dashboard shows what for",
        namespace=METRIC_NAMESPACE,
        metric=metric,
        dimensions=metric_dimensions(FunctionName.COMPUTE_COST),
        statistic="Maximum",
        period_seconds=PERIOD_SECONDS,
        threshold=float(threshold),
        missing="ignore",
    )
