"""Moments and zones as people write them on a command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.domain.periods import HALF_HOUR, half_hour_of

_AGO: Final = re.compile(r"(?P<count>[0-9]{1,5})(?P<unit>[hdw])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def parse_zone(name: str) -> ZoneInfo:
    """An IANA time zone; ConfigurationError where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(f"{name!r} is no time zone; write one like Europe/Berlin") from error


def parse_moment(text: str, zone: ZoneInfo, now: datetime, option: str) -> datetime:
    """A moment in UTC: a day or time in the zone (2026-11-24, 2026-11-24T10:30), or so long ago (7d, 24h).

    A day means its first moment in the zone. ConfigurationError where it is none of these.
    """
    if text == "now":
        return now
    if ago := _AGO.fullmatch(text):
        return now - int(ago["count"]) * _UNITS[ago["unit"]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{option} {text!r} is no time: write 2026-11-24, 2026-11-24T10:30, 7d or 24h"
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def half_hour_after(moment: datetime) -> datetime:
    """The first half hour that begins at or after the moment: usage is kept by half hours."""
    floor = half_hour_of(moment)
    return floor if floor == moment else floor + HALF_HOUR
