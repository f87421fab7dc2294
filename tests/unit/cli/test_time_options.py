"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.cli.time_options import half_hour_after, parse_moment, parse_zone
from bedrock_analytics.domain.errors import ConfigurationError

NOW = datetime(2026, 11, 24, 10, 17, 5, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-24", datetime(2026, 11, 23, 23, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-11-24T10:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24 10:30:05", datetime(2026, 11, 24, 9, 30, 5, tzinfo=UTC)),
        ("2026-11-24T10:30Z", datetime(2026, 11, 24, 10, 30, tzinfo=UTC)),
        ("2026-11-24T10:30-05:00", datetime(2026, 11, 24, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_persons_zone(text: str, moment: datetime) -> None:
    assert parse_moment(text, BERLIN, NOW, "--since") == moment


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d7", "2026-13-01", "7 d"])
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"--since .* is no time: write 2026-11-24"):
        parse_moment(text, BERLIN, NOW, "--since")


@pytest.mark.parametrize("name", ["Berlin", "", "../etc/passwd", "Europe/Nowhere"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no time zone"):
        parse_zone(name)


def test_the_half_hour_after_a_moment_includes_the_moment() -> None:
    whole = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)

    assert half_hour_after(NOW) == whole
    assert half_hour_after(whole) == whole
    assert half_hour_after(whole + timedelta(microseconds=1)) == whole + timedelta(minutes=30)
