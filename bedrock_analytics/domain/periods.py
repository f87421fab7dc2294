"""Half hours, hours, days and months in UTC, as half-open spans and as sortable keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def require_utc(moment: datetime) -> datetime:
    """The moment itself; ValueError unless it is aware and in UTC."""
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"{moment!r} is not an aware UTC time")
    return moment


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open interval [start, end) of aware UTC times."""

    start: datetime
    end: datetime

    @classmethod
    def of_hour(cls, hour: datetime) -> Self:
        return cls(hour, hour + HOUR)

    @classmethod
    def of_day(cls, day: date) -> Self:
        start = day_start(day)
        return cls(start, start + DAY)

    def contains(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def hour_of(moment: datetime) -> datetime:
    """Start of the UTC hour that the moment lies in."""
    return require_utc(moment).replace(minute=0, second=0, microsecond=0)


def half_hour_of(moment: datetime) -> datetime:
    """Start of the UTC half hour that the moment lies in."""
    minute = 30 if moment.minute >= 30 else 0
    return require_utc(moment).replace(minute=minute, second=0, microsecond=0)


def day_start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def day_of(moment: datetime) -> date:
    return require_utc(moment).date()


def month_of(day: date) -> str:
    """The month's key, YYYY-MM."""
    return f"{day:%Y-%m}"


def month_start(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def next_month_start(month: str) -> date:
    first = month_start(month)
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def days_of_month(month: str) -> list[date]:
    return list(days_between(month_start(month), next_month_start(month)))


def days_between(start: date, end: date) -> Iterator[date]:
    """Days from start up to, not including, end."""
    day = start
    while day < end:
        yield day
        day += DAY


def hours_of_day(day: date) -> list[datetime]:
    start = day_start(day)
    return [start + HOUR * index for index in range(24)]


def hour_key(hour: datetime) -> str:
    """Sortable key of an hour, such as 2026-11-24T10."""
    return f"{require_utc(hour):%Y-%m-%dT%H}"


def parse_hour_key(key: str) -> datetime:
    return datetime.strptime(key, "%Y-%m-%dT%H").replace(tzinfo=UTC)
