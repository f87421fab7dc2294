"""Shares, counts and times in words."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboard.phrases import bytes_text, count_of, local_span, second_text, share, zone_text
from tests.unit.dashboard.answers import utc

VIENNA = ZoneInfo("Europe/Vienna")


def test_a_share_of_nothing_is_unknown() -> None:
    assert share(1, 0) == share(None, 3) == share(Decimal(1), None) == "—"
    assert share(Decimal(1), Decimal(8)) == "12.5 %"


def test_one_is_singular() -> None:
    assert (count_of(1, "call"), count_of(0, "call"), count_of(1200, "call")) == (
        "1 call",
        "0 calls",
        "1,200 calls",
    )


def test_times_are_those_of_the_zone() -> None:
    assert (
        local_span(utc("2026-11-17 23:00"), utc("2026-11-24 14:30"), VIENNA) == "18 Nov 00:00 → 24 Nov 15:30"
    )


def test_a_zone_tells_its_offset_at_that_time() -> None:
    assert zone_text(VIENNA, utc("2026-11-24 12:00")) == "Europe/Vienna (UTC+1)"
    assert zone_text(VIENNA, utc("2026-07-24 12:00")) == "Europe/Vienna (UTC+2)"
    assert zone_text(ZoneInfo("Asia/Kolkata"), utc("2026-07-24 12:00")) == "Asia/Kolkata (UTC+5:30)"
    assert zone_text(ZoneInfo("UTC"), utc("2026-07-24 12:00")) == "UTC"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_400, "1.4 KB"),
        (812_345, "812 KB"),
        (10**10, "10.0 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_amounts_of_data_are_short(amount: int, expected: str) -> None:
    assert bytes_text(amount) == expected


def test_a_moment_is_told_to_the_second_by_the_zones_clock() -> None:
    assert second_text(utc("2026-03-07 20:00"), ZoneInfo("Asia/Kolkata")) == "8 Mar 01:30:00"
