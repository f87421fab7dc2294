"""The periods that pages are computed for, as the ledger names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bedrock_analytics.domain import periods


class PeriodKind(StrEnum):
    """What a dirty row asks to compute."""

    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True, order=True)
class DirtyPeriod:
    """An hour (2026-11-24T10), day (2026-11-24) or month (2026-11)."""

    kind: PeriodKind
    period: str

    @classmethod
    def of_hour(cls, hour: datetime) -> DirtyPeriod:
        return cls(PeriodKind.HOUR, periods.hour_key(hour))

    @classmethod
    def of_day(cls, day: date) -> DirtyPeriod:
        return cls(PeriodKind.DAY, day.isoformat())

    @classmethod
    def of_month(cls, month: str) -> DirtyPeriod:
        return cls(PeriodKind.MONTH, month)

    @property
    def day(self) -> date:
        """The day of an hour or day; the first day of a month."""
        text = self.period.partition("T")[0]
        return periods.month_start(text) if self.kind is PeriodKind.MONTH else date.fromisoformat(text)
