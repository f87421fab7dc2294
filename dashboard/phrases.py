"""Shares, counts with their nouns, and times as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.formats import UNKNOWN, exact, percent


def share(part: Decimal | int | None, whole: Decimal | int | None) -> str:
    """A part in per cent of a whole; unknown where the whole is nothing."""
    if part is None or not whole:
        return UNKNOWN
    return percent(float(Decimal(part) / Decimal(whole)))


def count_of(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{exact(count)} {noun}" if count == 1 else f"{exact(count)} {noun}s"


def local_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """A span in the zone: `18 Nov 00:00 → 24 Nov 14:30`."""
    return f"{_local(start.astimezone(zone))} → {_local(end.astimezone(zone))}"


def _local(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %H:%M}"


def zone_text(zone: ZoneInfo, moment: datetime) -> str:
    """A zone with its offset at a moment: `Europe/Vienna (UTC+1)`; `UTC` alone."""
    if zone.key == "UTC":
        return "UTC"
    offset = moment.astimezone(zone).strftime("%z")
    hours, minutes = int(offset[1:3]), offset[3:5]
    return f"{zone.key} (UTC{offset[0]}{hours}{'' if minutes == '00' else ':' + minutes})"


def bytes_text(amount: int) -> str:
    """An amount of data in decimal units, as AWS bills it: 812 KB, 1.4 GB."""
    value, unit = Decimal(amount), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def second_text(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in the zone, to the second: `24 Nov 15:12:07`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %H:%M:%S}"
