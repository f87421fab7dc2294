"""What a month will have cost at its end, as a range, from how its days went so far.

The rates are those of every week (seven days in a row) within the last 28 days that are over, so that
working days and weekends weigh as they do; of less than eight days, those of the single days. What is left
of the month is taken at the lowest, the latest and the highest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bedrock_analytics.domain.usage_stats import sum_money

WEEK = 7
DAYS_LOOKED_AT = 28
LEAST_DAYS = 2
"""Days that must be over before anything is said."""
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """USD at the end of the month: if it goes on as in the cheapest, the latest and the dearest week.

    `days` is over how many days the rates are.
    """

    low_usd: Decimal
    likely_usd: Decimal
    high_usd: Decimal
    days: int


def forecast(
    so_far: Decimal, past_days: Sequence[Decimal], *, complete_until: datetime, month_end: datetime
) -> Forecast | None:
    """The forecast of a month that cost `so_far` USD until a moment; None where too few days are over.

    `past_days` are USD of the days that are over, oldest first, those of earlier months too.
    """
    days = past_days[-DAYS_LOOKED_AT:]
    if len(days) < LEAST_DAYS:
        return None
    rates = _rates(days)
    left = max(month_end - complete_until, timedelta(0))
    remaining = Decimal(int(left.total_seconds())) / _SECONDS_A_DAY
    return Forecast(
        low_usd=so_far + min(rates) * remaining,
        likely_usd=so_far + rates[-1] * remaining,
        high_usd=so_far + max(rates) * remaining,
        days=len(days),
    )


def _rates(days: Sequence[Decimal]) -> list[Decimal]:
    """USD a day of each week in a row, the latest last; of each day where there are too few for two weeks."""
    width = WEEK if len(days) > WEEK else 1
    return [sum_money(days[end - width : end]) / width for end in range(width, len(days) + 1)]
