"""The marked rows of `bedrock-analytics verify` are in the lake, and in no number."""

from __future__ import annotations

from datetime import datetime

import pytest

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.rejection import VERIFICATION_ID, SkipRule
from bedrock_analytics.domain.usage_event import REJECTED_OPERATION, UsageEvent
from tests.contract.lakes import HOUR, TEN, LoadedLake, event, groups, hour


def marked(ts: datetime = TEN) -> UsageEvent:
    return event(
        f"{VERIFICATION_ID}1",
        ts=ts,
        operation=REJECTED_OPERATION,
        rejection=SkipRule.VERIFICATION.value,
        model_id=None,
    )


@pytest.fixture(autouse=True)
def _rows(loaded: LoadedLake) -> None:
    loaded.load(event("r1"), marked(), marked(TEN + 3 * HOUR))


def test_they_are_in_no_group(loaded: LoadedLake) -> None:
    assert [group.rejection for group in groups(loaded)] == [None]
    assert groups(loaded, hour(TEN + 3 * HOUR)) == []


def test_they_make_no_hour_and_no_day_dirty(loaded: LoadedLake) -> None:
    assert {key[0] for key in loaded.lake.arrivals(None).counts} == {TEN}
    assert sum(loaded.lake.arrivals(TEN).counts.values()) == 1
    assert list(loaded.lake.hours(Span(TEN, TEN + 9 * HOUR))) == [TEN]
    assert list(loaded.lake.days()) == [TEN.date()]


def test_they_change_no_fingerprint(loaded: LoadedLake) -> None:
    (found,) = loaded.lake.fingerprints(Span.of_hour(TEN)).values()

    assert (found.calls, found.rejections) == (1, 0)
    assert loaded.lake.fingerprints(Span.of_hour(TEN + 3 * HOUR)) == {}


def test_people_find_them_in_the_table_but_not_among_the_calls(loaded: LoadedLake) -> None:
    asked = "select count(*) as n from {} where request_id like 'bedrock-analytics-verification-%'"

    assert loaded.lake.query(asked.format("usage_events"), max_rows=1).rows == ((2,),)
    assert loaded.lake.query(asked.format("calls"), max_rows=1).rows == ((0,),)
