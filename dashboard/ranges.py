"""Time ranges: presets and custom spans, cut at half hours in the viewer's zone, and what to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.periods import HALF_HOUR, HOUR, Span, half_hour_of
from bedrock_analytics.reporting.usage_filter import Bucket


class Preset(StrEnum):
    """Ranges to choose from. Ranges of days begin at a local midnight and include today."""

    LAST_HOUR = "1h"
    LAST_24_HOURS = "24h"
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    LAST_WEEK = "last-week"
    MONTH = "month"
    LAST_MONTH = "last-month"
    DAYS_7 = "7d"
    DAYS_30 = "30d"
    DAYS_35 = "35d"
    DAYS_90 = "90d"
    CUSTOM = "custom"


LABELS = {
    Preset.LAST_HOUR: "Last hour",
    Preset.LAST_24_HOURS: "Last 24 hours",
    Preset.TODAY: "Today",
    Preset.YESTERDAY: "Yesterday",
    Preset.WEEK: "This week",
    Preset.LAST_WEEK: "Last week",
    Preset.MONTH: "This month",
    Preset.LAST_MONTH: "Last month",
    Preset.DAYS_7: "Last 7 days",
    Preset.DAYS_30: "Last 30 days",
    Preset.DAYS_35: "Last 35 days",
    Preset.DAYS_90: "Last 90 days",
    Preset.CUSTOM: "Custom range",
}
_DAYS = {Preset.DAYS_7: 7, Preset.DAYS_30: 30, Preset.DAYS_35: 35, Preset.DAYS_90: 90}
_LONGEST = timedelta(days=1100)
_WEEK = timedelta(days=7)
_SHIFTS = {Preset.TODAY: 1, Preset.YESTERDAY: 1, Preset.WEEK: 7, Preset.LAST_WEEK: 7, **_DAYS}
"""Days between a range and the one that it is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The part of a range that is complete, and an earlier span of the same make."""

    current: Span
    previous: Span
    name: str


def resolve(preset: Preset, now: datetime, zone: ZoneInfo, custom: Span | None = None) -> Span:
    """The span of a preset at a moment, to the end of its half hour.

    A custom one without a span is the last 7 days.
    """
    end = half_hour_of(now) + HALF_HOUR
    today = now.astimezone(zone).date()
    match preset:
        case Preset.LAST_HOUR:
            return Span(half_hour_of(now - HOUR), end)
        case Preset.LAST_24_HOURS:
            return Span(half_hour_of(now - timedelta(days=1)), end)
        case Preset.TODAY:
            return Span(local_midnight(today, zone), end)
        case Preset.YESTERDAY:
            return Span(local_midnight(today - timedelta(days=1), zone), local_midnight(today, zone))
        case Preset.WEEK:
            return Span(local_midnight(_monday(today), zone), end)
        case Preset.LAST_WEEK:
            monday = _monday(today)
            return Span(local_midnight(monday - _WEEK, zone), local_midnight(monday, zone))
        case Preset.MONTH:
            return Span(local_midnight(today.replace(day=1), zone), end)
        case Preset.LAST_MONTH:
            first = today.replace(day=1)
            before = (first - timedelta(days=1)).replace(day=1)
            return Span(local_midnight(before, zone), local_midnight(first, zone))
        case Preset.CUSTOM if custom is not None:
            return custom
    days = _DAYS.get(preset, 7)
    return Span(local_midnight(today - timedelta(days=days - 1), zone), end)


def custom_span(start_text: str, end_text: str, zone: ZoneInfo) -> Span | None:
    """The span between two ISO times (local ones are of the zone), cut at half hours; None if it is none."""
    try:
        start, end = datetime.fromisoformat(start_text), datetime.fromisoformat(end_text)
        start = half_hour_of(_aware(start, zone).astimezone(UTC))
        end = _ceiling(_aware(end, zone).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return Span(start, end) if timedelta(0) < end - start <= _LONGEST else None


def local_text(moment_text: str, zone: ZoneInfo) -> str:
    """An ISO time as the zone's clock shows it, to the minute; empty where it is none."""
    try:
        moment = _aware(datetime.fromisoformat(moment_text), zone).astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    return f"{moment:%Y-%m-%dT%H:%M}"


def compare(preset: Preset, span: Span, complete_until: datetime, zone: ZoneInfo) -> Comparison | None:
    """What to compare a range with: like with like, so only half hours that are over count.

    None where no half hour of the range is over yet.
    """
    current = Span(span.start, min(span.end, half_hour_of(complete_until)))
    if current.end <= current.start:
        return None
    previous = _previous(preset, span, current, zone)
    return Comparison(current=current, previous=previous, name=_comparison_name(preset, previous, zone))


def _previous(preset: Preset, span: Span, current: Span, zone: ZoneInfo) -> Span:
    if preset in {Preset.MONTH, Preset.LAST_MONTH}:
        return _month_before(current, zone)
    days = _SHIFTS.get(preset)
    if days is not None:
        return Span(_days_earlier(current.start, days, zone), _days_earlier(current.end, days, zone))
    shift = span.end - span.start
    if preset in {Preset.LAST_HOUR, Preset.LAST_24_HOURS}:
        shift = current.end - current.start
    return Span(current.start - shift, current.end - shift)


def _month_before(current: Span, zone: ZoneInfo) -> Span:
    local = current.start.astimezone(zone).date()
    first = (local - timedelta(days=1)).replace(day=1)
    elapsed = current.end.astimezone(zone).replace(tzinfo=None) - datetime.combine(local, time())
    start = local_midnight(first, zone)
    end = half_hour_of((datetime.combine(first, time()) + elapsed).replace(tzinfo=zone).astimezone(UTC))
    return Span(start, min(end, current.start))


_COMPARISON_NAMES = {
    Preset.LAST_HOUR: "the time before",
    Preset.LAST_24_HOURS: "the 24 hours before",
    Preset.TODAY: "yesterday until then",
    Preset.YESTERDAY: "the day before",
    Preset.WEEK: "same days of last week",
    Preset.LAST_WEEK: "the week before",
    Preset.MONTH: "same days of {month}",
    Preset.LAST_MONTH: "same days of {month}",
    Preset.CUSTOM: "the time before",
}


def _comparison_name(preset: Preset, previous: Span, zone: ZoneInfo) -> str:
    name = _COMPARISON_NAMES.get(preset, f"previous {_DAYS.get(preset)} days")
    return name.format(month=f"{previous.start.astimezone(zone):%B}")


def buckets_for(span: Span) -> tuple[Bucket, ...]:
    """Widths that draw a span in a readable number of bars, the best one first."""
    length = span.end - span.start
    fitting = [
        bucket
        for bucket, least, most in (
            (Bucket.HALF_HOUR, timedelta(0), timedelta(days=4)),
            (Bucket.HOUR, timedelta(hours=2), timedelta(days=9)),
            (Bucket.DAY, timedelta(days=2), timedelta(days=400)),
            (Bucket.MONTH, timedelta(days=40), _LONGEST),
        )
        if least <= length <= most
    ]
    return tuple(sorted(fitting, key=lambda bucket: bucket is not _best_bucket(length)))


def _best_bucket(length: timedelta) -> Bucket:
    if length <= timedelta(hours=6):
        return Bucket.HALF_HOUR
    if length <= timedelta(days=3):
        return Bucket.HOUR
    return Bucket.DAY if length <= timedelta(days=120) else Bucket.MONTH


def bucket_end(start: datetime, bucket: Bucket, zone: ZoneInfo) -> datetime:
    """End (exclusive, UTC) of the bucket that begins at a moment."""
    if bucket is Bucket.HALF_HOUR:
        return start.astimezone(UTC) + HALF_HOUR
    if bucket is Bucket.HOUR:
        return start.astimezone(UTC) + HOUR
    day = start.astimezone(zone).date()
    if bucket is Bucket.DAY:
        return local_midnight(day + timedelta(days=1), zone)
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return local_midnight(following, zone)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    """A day's start in the zone as UTC, cut at the half hour."""
    return half_hour_of(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC))


def step(preset: Preset, span: Span, zone: ZoneInfo, steps: int) -> Span:
    """The span of the same make so many steps later, or earlier where negative: whole days, weeks or months
    by the zone's clock, else as long as the span is."""
    if preset in {Preset.MONTH, Preset.LAST_MONTH}:
        first = span.start.astimezone(zone).date().replace(day=1)
        return Span(
            local_midnight(_months_later(first, steps), zone),
            local_midnight(_months_later(first, steps + 1), zone),
        )
    days = _SHIFTS.get(preset) or _whole_days(span, zone)
    if days is not None:
        start = _days_earlier(span.start, -days * steps, zone)
        return Span(start, _days_earlier(start, -days, zone))
    shift = (span.end - span.start) * steps
    return Span(span.start + shift, span.end + shift)


def _whole_days(span: Span, zone: ZoneInfo) -> int | None:
    """How many local days a span is, None where it is not cut at midnights."""
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    days = (end.date() - start.date()).days
    return days if days and start.time() == end.time() == time() else None


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _days_earlier(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone) - timedelta(days=days)
    return half_hour_of(local.astimezone(UTC))


def _ceiling(moment: datetime) -> datetime:
    floor = half_hour_of(moment)
    return floor if floor == moment else floor + HALF_HOUR


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
