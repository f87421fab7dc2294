"""What the controls of the page of single calls ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition
from dashboard.filters import Filters
from dashboard.ranges import Preset
from dashboard.requests import ids
from dashboard.requests.asking import CallName, calls_question, position_document, positions
from dashboard.view_models import Question

TS = datetime(2026, 11, 24, 9, 8, 7, 123000, tzinfo=UTC)
QUESTION = Question(
    preset=Preset.DAYS_7,
    span=Span(datetime(2026, 11, 18, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)),
    zone=ZoneInfo("Asia/Kolkata"),
    filters=Filters(models=frozenset({"amazon.nova-pro-v1:0"})),
    revision=3,
    complete_until=datetime(2026, 11, 24, 10, tzinfo=UTC),
)
CONTROLS = {ids.ORDER: "newest", ids.WHICH: "all", ids.SEARCH: "", ids.AFTER: ""}


@given(st.text(min_size=1))
def test_the_name_of_a_call_survives_an_address_whatever_its_request_id(request_id: str) -> None:
    name = CallName(account_id="111111111111", region="eu-west-1", ts=TS, request_id=request_id)
    assert CallName.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    ["", "a", "1/eu-west-1/yesterday/id", "1/eu-west-1/2026-11-24T09:00:00/id", f"1//{TS.isoformat()}/id"],
)
def test_what_is_no_name_of_a_call_opens_none(text: str) -> None:
    assert CallName.parse(text) is None


def test_a_call_is_looked_for_around_its_time() -> None:
    wanted = CallName(account_id="111111111111", region="eu-west-1", ts=TS, request_id="a/b").question()
    assert (wanted.account_id, wanted.region, wanted.request_id, wanted.around) == (
        "111111111111",
        "eu-west-1",
        "a/b",
        TS,
    )


def test_the_list_asks_for_the_calls_of_the_pages_filters() -> None:
    wanted = calls_question(QUESTION, CONTROLS)
    assert wanted.usage_filter.models == frozenset({"amazon.nova-pro-v1:0"})
    assert (wanted.usage_filter.start, wanted.usage_filter.end) == (QUESTION.span.start, QUESTION.span.end)
    assert (wanted.order, wanted.after, wanted.request_id) == (CallOrder.NEWEST, None, "")
    assert wanted.error_codes == frozenset()


def test_order_outcome_and_request_id_narrow_the_list() -> None:
    controls = CONTROLS | {ids.ORDER: "dearest", ids.WHICH: "failed", ids.SEARCH: "  id-1 "}
    wanted = calls_question(QUESTION, controls)
    assert (wanted.order, wanted.request_id) == (CallOrder.DEAREST, "id-1")
    assert wanted.error_codes == frozenset({"*"})


def test_a_later_page_follows_the_last_place() -> None:
    places = [CallPosition(value=9**19, key="a"), CallPosition(value=5, key="b")]
    text = json.dumps([position_document(place) for place in places])
    assert positions(text) == places
    assert calls_question(QUESTION, CONTROLS | {ids.AFTER: text}).after == places[-1]


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '[["x", "y"]]', '[["1"]]', "7"])
def test_places_that_are_none_mean_the_first_page(text: str | None) -> None:
    assert positions(text) == []
