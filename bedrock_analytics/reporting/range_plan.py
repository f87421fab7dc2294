"""Which stored pages a span of time is read from.

Days after `closed_through` are read by their HOURLY pages. Of closed days, whole ones are read by DAILY
pages, cut ones by the half hours of HOURS pages; whole months stand in for days past their retention.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import DAY, HALF_HOUR, HOUR, Span
from bedrock_analytics.storage.usage_pages import Granularity, Retention

SLOTS_OF_HOUR = 2
SLOTS_OF_DAY = 48


@dataclass(frozen=True, slots=True)
class PageRead:
    """The rows of a page whose half-hour slots lie in first <= slot < end."""

    granularity: Granularity
    period: str
    first_slot: int
    end_slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """What the tables hold: from the first day with calls on, closed through a day, as seen at `now`."""

    first_day: date | None
    closed_through: date | None
    now: datetime
    retention: Retention

    def is_closed(self, day: date) -> bool:
        return self.closed_through is not None and day <= self.closed_through

    def keeps(self, granularity: Granularity, period: str) -> bool:
        return self.retention.keeps(granularity, period, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangePlan:
    """Reads that together cover a span once.

    `histogram_reads` cover the same half hours as the reads of HOURS pages, which have no histograms; they
    are empty where the HOURLY pages of one of them are past their retention. `missing` is what no page
    covers any more.
    """

    reads: tuple[PageRead, ...]
    histogram_reads: tuple[PageRead, ...] = ()
    missing: tuple[Span, ...] = ()


def plan_range(span: Span, horizon: Horizon) -> RangePlan:
    """The reads for a span whose ends lie on half hours; days before the first call need none."""
    if horizon.first_day is None:
        return RangePlan(reads=())
    first_month = periods.month_start(periods.month_of(horizon.first_day))
    start = max(span.start, periods.day_start(first_month))
    end = min(span.end, periods.day_start(periods.day_of(horizon.now)) + 2 * DAY)
    reads: list[PageRead] = []
    missing: list[Span] = []
    day = periods.day_of(start)
    while start < end and periods.day_start(day) < end:
        whole_month = _month_to_read(day, Span(start, end), horizon)
        if whole_month is not None:
            reads.append(PageRead(Granularity.MONTHLY, whole_month, 0, 1))
            day = periods.next_month_start(whole_month)
            continue
        if day >= horizon.first_day:
            piece = Span(max(start, periods.day_start(day)), min(end, periods.day_start(day) + DAY))
            _plan_piece(piece, horizon, reads, missing)
        day += DAY
    return RangePlan(
        reads=tuple(reads),
        histogram_reads=_histogram_reads(reads, horizon),
        missing=tuple(joined_spans(missing)),
    )


def _month_to_read(day: date, span: Span, horizon: Horizon) -> str | None:
    """The month that starts with the day, where the span needs all of it and its first days are not kept."""
    if day.day != 1 or horizon.keeps(Granularity.DAILY, day.isoformat()):
        return None
    month = periods.month_of(day)
    end = periods.next_month_start(month)
    is_whole = span.start <= periods.day_start(day) and periods.day_start(end) <= span.end
    return month if is_whole and horizon.is_closed(end - timedelta(days=1)) else None


def _plan_piece(piece: Span, horizon: Horizon, reads: list[PageRead], missing: list[Span]) -> None:
    """Plan a piece of one UTC day."""
    day = periods.day_of(piece.start)
    if not horizon.is_closed(day):
        for read in _hourly_reads(piece):
            if horizon.keeps(Granularity.HOURLY, read.period):
                reads.append(read)
            else:
                hour = periods.parse_hour_key(read.period)
                missing.append(Span(max(hour, piece.start), min(hour + HOUR, piece.end)))
        return
    read = _closed_day_read(piece, day)
    if horizon.keeps(read.granularity, read.period):
        reads.append(read)
    else:
        missing.append(piece)


def _closed_day_read(piece: Span, day: date) -> PageRead:
    if piece == Span.of_day(day):
        return PageRead(Granularity.DAILY, day.isoformat(), 0, 1)
    return PageRead(Granularity.HOURS, day.isoformat(), *_slots(piece, periods.day_start(day)))


def _hourly_reads(piece: Span) -> Iterator[PageRead]:
    hour = periods.hour_of(piece.start)
    while hour < piece.end:
        cut = Span(max(hour, piece.start), min(hour + HOUR, piece.end))
        yield PageRead(Granularity.HOURLY, periods.hour_key(hour), *_slots(cut, hour))
        hour += HOUR


def _slots(piece: Span, start: datetime) -> tuple[int, int]:
    return (piece.start - start) // HALF_HOUR, (piece.end - start) // HALF_HOUR


def _histogram_reads(reads: list[PageRead], horizon: Horizon) -> tuple[PageRead, ...]:
    found: list[PageRead] = []
    for read in reads:
        if read.granularity is Granularity.HOURS:
            start = periods.day_start(date.fromisoformat(read.period))
            found += _hourly_reads(
                Span(start + read.first_slot * HALF_HOUR, start + read.end_slot * HALF_HOUR)
            )
    if all(horizon.keeps(Granularity.HOURLY, read.period) for read in found):
        return tuple(found)
    return ()


def joined_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order of time, those that touch joined."""
    current: Span | None = None
    for span in spans:
        if current is not None and current.end == span.start:
            current = Span(current.start, span.end)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
