"""Cutting a range into the bars of a chart, in the viewer's zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import HALF_HOUR, Span
from bedrock_analytics.reporting.usage_filter import Bucket


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it starts for the viewer, and the part of it that the range covers, in half hours."""

    start: datetime
    span: Span


def half_hour_span(start: datetime, end: datetime) -> Span:
    """The range with both ends moved back to a half hour; ValueError where it is not aware UTC."""
    return Span(
        periods.half_hour_of(periods.require_utc(start)), periods.half_hour_of(periods.require_utc(end))
    )


def with_running_half_hour(end: datetime, now: datetime) -> datetime:
    """The end of a range, moved to the end of its half hour while that is still running.

    So a range up to "now" holds the latest calls, although usage is kept by half hours.
    """
    begun = periods.half_hour_of(end)
    is_running = begun < end and begun <= now < begun + HALF_HOUR
    return begun + HALF_HOUR if is_running else end


def bars_of(start: datetime, end: datetime, bucket: Bucket, zone: ZoneInfo) -> list[Bar]:
    """The bars that cover the range, in order of time, without gaps or overlaps.

    Where the zone is a quarter of an hour off, the data of each bar is cut at the half hour before.
    """
    begin, following = _CUTS[bucket]
    bars: list[Bar] = []
    current = begin(start.astimezone(zone))
    while current.astimezone(UTC) < end:
        after = following(current)
        span = half_hour_span(max(current.astimezone(UTC), start), min(after.astimezone(UTC), end))
        bars.append(Bar(current, span))
        current = after
    return bars


def is_off_half_hour(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    """Whether an end of the range, or the zone's offset there, lies between half hours."""
    offsets = [moment.astimezone(zone).utcoffset() or timedelta(0) for moment in (start, end)]
    ends = half_hour_span(start, end)
    return any(offset % HALF_HOUR for offset in offsets) or (ends.start, ends.end) != (start, end)


def _local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Start of a local day; where clocks skip midnight, the moment after the skip."""
    naive = datetime.combine(day, time(), tzinfo=zone)
    return naive.astimezone(UTC).astimezone(zone)


def _zone(moment: datetime) -> ZoneInfo:
    if not isinstance(moment.tzinfo, ZoneInfo):
        raise TypeError(f"{moment!r} is not in a named zone")
    return moment.tzinfo


def _day_of(moment: datetime) -> datetime:
    return _local_midnight(moment.date(), _zone(moment))


def _next_day(start: datetime) -> datetime:
    return _local_midnight(start.date() + timedelta(days=1), _zone(start))


def _month_of(moment: datetime) -> datetime:
    return _local_midnight(moment.date().replace(day=1), _zone(moment))


def _next_month(start: datetime) -> datetime:
    return _local_midnight(periods.next_month_start(periods.month_of(start.date())), _zone(start))


def _clock_cuts(minutes: int) -> tuple[Callable[[datetime], datetime], Callable[[datetime], datetime]]:
    """Cuts at every multiple of minutes of the local clock, stepping in elapsed time through its changes."""

    def begin(moment: datetime) -> datetime:
        past = timedelta(
            minutes=moment.minute % minutes, seconds=moment.second, microseconds=moment.microsecond
        )
        return (moment.astimezone(UTC) - past).astimezone(moment.tzinfo)

    def following(start: datetime) -> datetime:
        step = timedelta(minutes=minutes - start.minute % minutes)
        return (start.astimezone(UTC) + step).astimezone(start.tzinfo)

    return begin, following


_CUTS: dict[Bucket, tuple[Callable[[datetime], datetime], Callable[[datetime], datetime]]] = {
    Bucket.HALF_HOUR: _clock_cuts(30),
    Bucket.HOUR: _clock_cuts(60),
    Bucket.DAY: (_day_of, _next_day),
    Bucket.MONTH: (_month_of, _next_month),
}
