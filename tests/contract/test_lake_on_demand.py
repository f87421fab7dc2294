"""What the dashboard asks of the lake on demand, over both engines. Expected figures are written by hand,
or follow from plain arithmetic over the calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.billable import billable_of_event
from bedrock_analytics.domain.errors import TicketGone, UnsupportedCombination
from bedrock_analytics.domain.price import PriceStatus
from bedrock_analytics.domain.receipt import receipt_of
from bedrock_analytics.domain.rejection import rejection_id
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.reporting.lake_questions import (
    BreakdownQuestion,
    CallQuestion,
    CallsQuestion,
    PeaksQuestion,
    RejectionsQuestion,
    TrendQuestion,
)
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.storage.lake_lists import CallOrder
from tests.contract.desks import DESKS
from tests.exactly_once.events import call
from tests.fakes.memory_lake import latest_parses
from tests.unit.reporting.lake_world import BOOK, OWN_DISCOUNT, LakeWorld, metadata

NINE = datetime(2026, 3, 9, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
ORDINARY = "111122223333"


def _event(number: int, **more: Any) -> UsageEvent:
    ts = more.pop("ts", NINE + number * MINUTE)
    fields: dict[str, Any] = {"logged_model_id": more.get("model_id", "model-a"), "route": "regional"}
    return call(number, ts, more.pop("parsed_at", ts + MINUTE), **fields | more)


EVENTS = (
    _event(1, request_metadata=metadata(team="blue", env="live"), input_tokens=1_000_000, output_tokens=0),
    _event(2, request_metadata=metadata(team="blue", env="test"), input_tokens=10, output_tokens=200_000),
    _event(3, request_metadata=metadata(team="red"), caller="it's", latency_ms=9_000),
    _event(
        4, model_id="model-new", request_metadata=metadata(team="red", n=[1, "x"]), input_tokens=5_000_000
    ),
    _event(5, model_id="model-b", service_tier="flex", input_tokens=90_000_000, output_tokens=None),
    _event(6, model_id="model-b", account_id=OWN_DISCOUNT, input_tokens=45_000_000, output_tokens=0),
    _event(7, error_code="ThrottlingException", input_tokens=None, output_tokens=None, latency_ms=None),
    _event(8, ts=NINE + 8 * MINUTE, caller="old", input_tokens=7),
    _event(8, ts=NINE + 8 * MINUTE, caller="new", input_tokens=8, parsed_at=NINE + 30 * MINUTE),
    _event(
        9, ts=NINE + 20 * MINUTE, error_code="ModelThrottled", cache_write_5m_tokens=3, cache_read_tokens=500
    ),
    _event(10, ts=NINE + 20 * MINUTE + 5 * SECOND, route="us", input_tokens=2_000),
    _event(11, ts=NINE + 26 * timedelta(hours=1)),
)
REJECTED = tuple(
    UsageEvent(
        account_id=ORDINARY,
        region="us-east-1",
        request_id=rejection_id("s3://logs/bad.json.gz", number),
        ts=NINE + number * SECOND,
        operation="Rejected",
        source_s3_key="s3://logs/bad.json.gz",
        parsed_at=NINE + MINUTE,
        rejection="not_json",
    )
    for number in (3, 12)
)
HOUR_FILTER = UsageFilter(start=NINE, end=NINE + timedelta(hours=1), zone=ZoneInfo("UTC"))


@pytest.fixture(scope="module", params=sorted(DESKS))
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LakeWorld]:
    loaded = DESKS[request.param](tmp_path_factory.mktemp("lake"))
    yield LakeWorld((*EVENTS, *REJECTED), loaded=loaded)
    loaded.close()


def _cost(event: UsageEvent) -> Decimal:
    return sum((line.cost_usd for line in BOOK.cost(billable_of_event(event), event.ts).lines), Decimal(0))


def test_two_metadata_keys_together_add_up_to_every_call(asked: LakeWorld) -> None:
    question = BreakdownQuestion(usage_filter=HOUR_FILTER, dimensions=("TAG:team", "TAG:env"))
    found = asked.lake.breakdown(asked.answered(question))
    assert found.key_columns == ("TAG:team", "TAG:env")
    assert {key: stats.invocations for key, stats in found.rows.items()} == {
        ("blue", "live"): 1,
        ("blue", "test"): 1,
        ("red", "(none)"): 2,
        ("(none)", "(none)"): 6,
    }
    inside = [event for event in latest_parses(EVENTS) if event.ts < HOUR_FILTER.end]
    assert found.total.total_list_cost_usd == sum(map(_cost, inside))
    assert found.total.unpriced_invocations == {"no_rate_card": 1}


def test_a_metadata_key_under_a_filter_on_models_and_callers(asked: LakeWorld) -> None:
    wanted = replace(HOUR_FILTER, models=frozenset({"model-a"}), callers=frozenset({f"{ORDINARY}/it's"}))
    with pytest.raises(UnsupportedCombination):
        asked.pages.breakdown(wanted, "TAG:team")
    found = asked.lake.breakdown(
        asked.answered(BreakdownQuestion(usage_filter=wanted, dimensions=("TAG:team",)))
    )
    (row,) = found.rows.values()
    assert list(found.rows) == [("red",)]
    assert (row.invocations, row.latency_ms.percentile(0.99)) == (1, 9_000.0)


def test_dimensions_that_share_columns_name_each_once(asked: LakeWorld) -> None:
    question = BreakdownQuestion(usage_filter=HOUR_FILTER, dimensions=("ACCOUNT", "CALLER"))
    found = asked.lake.breakdown(asked.answered(question))
    assert found.key_columns == ("account_id", "region", "caller")
    assert (ORDINARY, "us-east-1", "new") in found.rows
    assert (ORDINARY, "us-east-1", "old") not in found.rows


def test_a_trend_has_every_bar_of_the_range(asked: LakeWorld) -> None:
    wanted = replace(HOUR_FILTER, end=NINE + timedelta(hours=30), zone=ZoneInfo("Asia/Kolkata"))
    question = TrendQuestion(usage_filter=wanted, bucket=Bucket.DAY, dimensions=("TAG:team",))
    found = asked.lake.trend(asked.answered(question))
    assert [start.day for start in found.starts] == [9, 10]
    assert [sum(stats.invocations or 0 for stats in bar.values()) for bar in found.rows] == [10, 1]


@pytest.mark.parametrize("dimensions", [(), ("NOTHING",)])
def test_an_unknown_dimension_is_refused(asked: LakeWorld, dimensions: tuple[str, ...]) -> None:
    with pytest.raises(UnsupportedCombination):
        asked.lake.start(BreakdownQuestion(usage_filter=HOUR_FILTER, dimensions=dimensions))


def _ids(asked: LakeWorld, question: CallsQuestion) -> list[str]:
    """Request numbers of every page."""
    found: list[str] = []
    while True:
        page = asked.lake.calls(asked.answered(question))
        assert len(page.calls) <= question.limit
        found += [call.event.request_id.removeprefix("request-") for call in page.calls]
        if page.next is None:
            return found
        question = replace(question, after=page.next)


@pytest.mark.parametrize("limit", [2, 3, 50])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (CallOrder.NEWEST, ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1"]),
        (CallOrder.SLOWEST, ["3", "9", "8", "6", "5", "4", "2", "10", "1", "7"]),
        (CallOrder.MOST_TOKENS, ["5", "6", "4", "1", "2", "10", "9", "3", "8", "7"]),
    ],
)
def test_pages_of_calls_follow_each_other_in_order(
    asked: LakeWorld, order: CallOrder, expected: list[str], limit: int
) -> None:
    found = _ids(asked, CallsQuestion(usage_filter=HOUR_FILTER, order=order, limit=limit))
    assert sorted(found) == sorted(expected)
    if order is CallOrder.NEWEST or order is CallOrder.MOST_TOKENS:
        assert found == expected
    else:
        assert (found[0], found[-1]) == (expected[0], expected[-1])


@pytest.mark.parametrize("limit", [2, 50])
def test_dearest_first_is_the_order_of_the_receipts(asked: LakeWorld, limit: int) -> None:
    question = CallsQuestion(usage_filter=HOUR_FILTER, order=CallOrder.DEAREST, limit=limit)
    found = _ids(asked, question)
    events = {event.request_id.removeprefix("request-"): event for event in latest_parses(EVENTS)}
    totals = [
        receipt_of(BOOK, billable_of_event(events[name]), events[name].ts).total_usd or Decimal(0)
        for name in found
    ]
    assert len(found) == 10
    assert totals == sorted(totals, reverse=True)
    assert found[:4] == ["2", "1", "5", "6"]
    assert totals[:2] == [Decimal("2.500025"), Decimal("2.5")]
    assert found[-1] in {"4", "7"}


def test_a_call_comes_with_its_receipt_and_all_that_the_lake_knows(asked: LakeWorld) -> None:
    page = asked.lake.calls(asked.answered(CallsQuestion(usage_filter=HOUR_FILTER)))
    found = {call.event.request_id: call for call in page.calls}
    events = {event.request_id: event for event in latest_parses(EVENTS)}
    assert all(found[name].event == events[name] for name in found)
    assert found["request-1"].receipt.total_usd == Decimal("2.5")
    assert found["request-4"].metadata == {"team": "red", "n": '[1,"x"]'}
    unpriced = found["request-4"].receipt
    assert (unpriced.total_usd, unpriced.status) == (None, PriceStatus.UNPRICED)
    assert found["request-8"].event.caller == "new"


def test_a_request_id_is_found_whatever_stands_around_it(asked: LakeWorld) -> None:
    assert _ids(asked, CallsQuestion(usage_filter=HOUR_FILTER, request_id=" request-3 ")) == ["3"]
    assert _ids(asked, CallsQuestion(usage_filter=HOUR_FILTER, request_id="' or 1=1 --")) == []


@pytest.mark.parametrize(
    ("codes", "expected"), [({"*"}, ["9", "7"]), ({"ThrottlingException"}, ["7"]), ({"x"}, [])]
)
def test_failed_calls_can_be_asked_for(asked: LakeWorld, codes: set[str], expected: list[str]) -> None:
    question = CallsQuestion(usage_filter=HOUR_FILTER, error_codes=frozenset(codes))
    assert _ids(asked, question) == expected


@pytest.mark.parametrize("around", [None, NINE + 8 * MINUTE])
def test_one_call_is_its_latest_parse(asked: LakeWorld, around: datetime | None) -> None:
    question = CallQuestion(account_id=ORDINARY, region="us-east-1", request_id="request-8", around=around)
    found = asked.lake.call(asked.answered(question))
    assert found is not None
    assert (found.event.caller, found.event.input_tokens) == ("new", 8)
    assert asked.lake.call(asked.answered(replace(question, request_id="nobody"))) is None
    assert asked.lake.call(asked.answered(replace(question, account_id=OWN_DISCOUNT))) is None


def test_the_busiest_minute_of_each_model(asked: LakeWorld) -> None:
    found = asked.lake.peaks(asked.answered(PeaksQuestion(usage_filter=HOUR_FILTER)))
    peaks = {peak.key: peak for peak in found.rows}
    assert found.key_columns == ("model_id", "route")
    busy = peaks["model-a", "regional"]
    assert (busy.calls, busy.requests_a_minute, busy.requests_at) == (6, 1, NINE + MINUTE)
    assert (busy.tokens_a_minute, busy.tokens_at) == (1_000_000, NINE + MINUTE)
    assert (busy.throttles, busy.throttles_a_minute, busy.throttles_at) == (2, 1, NINE + 7 * MINUTE)
    assert peaks["model-b", "regional"].throttles_at is None


def test_peaks_of_everything_count_requests_that_share_a_minute(asked: LakeWorld) -> None:
    found = asked.lake.peaks(asked.answered(PeaksQuestion(usage_filter=HOUR_FILTER, dimensions=("TOTAL",))))
    (peak,) = found.rows
    assert (peak.key, peak.calls) == ((), 10)
    assert (peak.requests_a_minute, peak.requests_at) == (2, NINE + 20 * MINUTE)
    assert (peak.tokens_a_minute, peak.input_tokens_a_minute) == (90_000_000, 90_000_000)
    wanted = replace(HOUR_FILTER, models=frozenset({"nobody"}))
    assert (
        asked.lake.peaks(asked.answered(PeaksQuestion(usage_filter=wanted, dimensions=("TOTAL",)))).rows == ()
    )


def test_rejected_lines_tell_where_they_stand(asked: LakeWorld) -> None:
    question = RejectionsQuestion(usage_filter=HOUR_FILTER, limit=1)
    first = asked.lake.rejections(asked.answered(question))
    second = asked.lake.rejections(asked.answered(replace(question, after=first.next)))
    assert [(row.reason, row.source, row.line) for row in (*first.rows, *second.rows)] == [
        ("not_json", "s3://logs/bad.json.gz", 12),
        ("not_json", "s3://logs/bad.json.gz", 3),
    ]
    assert second.next is None


def test_a_ticket_of_another_kind_is_no_answer(asked: LakeWorld) -> None:
    ticket = asked.answered(CallsQuestion(usage_filter=HOUR_FILTER))
    with pytest.raises(TypeError):
        asked.lake.breakdown(ticket)


@pytest.mark.parametrize("text", ["", "nonsense", "eJwDAAAAAAE=", "ticket\x00", "€"])
def test_a_broken_ticket_asks_to_ask_again(asked: LakeWorld, text: str) -> None:
    with pytest.raises(TicketGone):
        asked.lake.poll(text)


def test_an_answer_is_not_priced_by_classes_that_it_was_not_cut_by(tmp_path: Path) -> None:
    loaded = DESKS["athena"](tmp_path)
    world = LakeWorld(EVENTS, loaded=loaded)
    ticket = world.answered(BreakdownQuestion(usage_filter=HOUR_FILTER, dimensions=("TAG:env",)))
    changed = tuple(replace(card, effective_from=NINE + 5 * MINUTE) for card in BOOK.cards[:1])
    world.world.prices.book = type(BOOK)((*BOOK.cards, *changed), version="2")  # type: ignore[assignment]
    with pytest.raises(TicketGone, match="Prices changed"):
        world.lake.breakdown(ticket)
