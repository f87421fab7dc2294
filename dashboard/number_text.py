"""Numbers, times and shares as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

UNKNOWN = "—"
_CENT = Decimal("0.01")
_STEPS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))


def usd(amount: Decimal | None) -> str:
    """USD to the cent; what rounds to nothing but is something reads `<$0.01`."""
    if amount is None:
        return UNKNOWN
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    if 0 < size < _CENT:
        return f"{sign}<$0.01"
    return f"{sign}${size.quantize(_CENT, ROUND_HALF_EVEN):,}"


def usd_exact(amount: Decimal | None) -> str:
    """USD with as many decimals as a small amount needs: cents, or six decimals below a dollar."""
    if amount is None:
        return UNKNOWN
    size = abs(amount)
    places = Decimal("0.000001") if 0 < size < 1 else _CENT
    return f"{'−' if amount < 0 else ''}${size.quantize(places, ROUND_HALF_EVEN):,}"


def compact(count: int | None) -> str:
    """A count in at most four characters and its unit: 941, 18.4K, 941M, 2.9B."""
    if count is None:
        return UNKNOWN
    for step, unit in _STEPS:
        if count >= step:
            value = count / step
            return f"{value:.0f}{unit}" if value >= 100 else f"{value:.1f}".removesuffix(".0") + unit
    return f"{count}"


def exact(count: int | None) -> str:
    """A count in full."""
    return UNKNOWN if count is None else f"{count:,}"


def share(part: Decimal | int, whole: Decimal | int) -> str:
    """A part in per cent of a whole; small parts do not vanish."""
    if not whole:
        return UNKNOWN
    per_cent = float(Decimal(part) / Decimal(whole)) * 100
    if 0 < per_cent < 0.1:
        return "<0.1 %"
    return f"{per_cent:.0f} %" if per_cent >= 99.95 or per_cent == 0 else f"{per_cent:.1f} %"


def count_of(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def milliseconds(value: float | None) -> str:
    """A duration: 840 ms, 3.42 s, 1 min 12 s."""
    if value is None:
        return UNKNOWN
    if value < 1000:
        return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"
    seconds = value / 1000
    if seconds < 60:
        return f"{seconds:.2f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def local_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """A span in the zone: `18 Nov 00:00 → 24 Nov 14:30`."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    return f"{_local(first)} → {_local(last)}"


def _local(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %H:%M}"


def zone_text(zone: ZoneInfo, moment: datetime) -> str:
    """A zone with its offset at a moment: `Europe/Vienna (UTC+1)`; `UTC` alone."""
    if zone.key == "UTC":
        return "UTC"
    offset = moment.astimezone(zone).strftime("%z")
    hours, minutes = int(offset[1:3]), offset[3:5]
    return f"{zone.key} (UTC{offset[0]}{hours}{'' if minutes == '00' else ':' + minutes})"
