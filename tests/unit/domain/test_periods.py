"""UTC periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import Span

moments = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2199, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=st.just(UTC),
)


@given(moments)
def test_a_moment_lies_in_its_half_hour_hour_and_day(moment: datetime) -> None:
    half = periods.half_hour_of(moment)
    assert Span(half, half + periods.HALF_HOUR).contains(moment)
    assert Span.of_hour(periods.hour_of(moment)).contains(moment)
    assert Span.of_day(periods.day_of(moment)).contains(moment)


@given(moments)
def test_hour_keys_are_read_back_and_sort_like_hours(moment: datetime) -> None:
    hour = periods.hour_of(moment)
    assert periods.parse_hour_key(periods.hour_key(hour)) == hour
    assert periods.hour_key(hour) < periods.hour_key(hour + periods.HOUR)


def test_the_end_of_a_span_lies_outside_it() -> None:
    span = Span.of_hour(datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert span.contains(datetime(2026, 3, 1, 4, tzinfo=UTC))
    assert not span.contains(datetime(2026, 3, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 3, 1), datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1)))],  # noqa: DTZ001
)
def test_a_time_that_is_not_in_utc_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match="not an aware UTC time"):
        periods.hour_of(moment)


def test_months_know_their_days_across_the_turn_of_the_year_and_leap_years() -> None:
    assert len(periods.days_of_month("2028-02")) == 29
    assert periods.days_of_month("2026-12")[-1] == date(2026, 12, 31)
    assert periods.next_month_start("2026-12") == date(2027, 1, 1)
    assert periods.month_of(date(2026, 3, 9)) == "2026-03"
