"""Usage from the pages, and from the lake where these do not hold it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.dimensions import MODEL, TOTAL
from bedrock_analytics.domain.errors import LakeError, UnsupportedCombination
from bedrock_analytics.reporting.usage_filter import (
    EVERYTHING,
    Breakdown,
    Bucket,
    Trend,
    TrendDetail,
    UsageFilter,
)
from bedrock_analytics.storage.lake_desk import AskState
from dashboard.lake_source import LakeBackedSource, LakeIsAsked, Tickets, asking_the_lake, starting_also
from tests.fakes.asked_lake import AskedLakeFake
from tests.unit.dashboard.answers import WrittenAnswers, calls, utc

SHOP = UsageFilter(
    start=utc("2026-11-24 00:00"),
    end=utc("2026-11-24 02:00"),
    zone=ZoneInfo("UTC"),
    metadata=frozenset({("team", "shop")}),
)
ALL = UsageFilter(start=SHOP.start, end=SHOP.end, zone=SHOP.zone)


class PagesWithoutMetadata(WrittenAnswers):
    """Pages that refuse a filter on metadata."""

    def breakdown(self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True) -> Breakdown:
        if usage_filter.metadata:
            raise UnsupportedCombination("not together")
        return WrittenAnswers.breakdown(self, usage_filter, dimension)

    def trend(
        self, usage_filter: UsageFilter, bucket: Bucket, dimension: str, detail: TrendDetail = EVERYTHING
    ) -> Trend:
        if usage_filter.metadata:
            raise UnsupportedCombination("not together")
        return WrittenAnswers.trend(self, usage_filter, bucket, dimension, detail)


def lake_of(polls: int = 2) -> AskedLakeFake:
    keys: dict[str, tuple[str, ...]] = {MODEL: ("m", "us"), TOTAL: ()}
    return AskedLakeFake(rows=lambda question: {keys[question.dimensions[0]]: calls(8, "4")}, polls=polls)


def source_of(lake: AskedLakeFake) -> LakeBackedSource:
    return LakeBackedSource(PagesWithoutMetadata(rows={MODEL: {("m", "us"): calls(3, "2")}}), lake)


def test_what_the_pages_hold_never_reaches_the_lake() -> None:
    lake = lake_of()
    with asking_the_lake(Tickets()):
        assert source_of(lake).breakdown(ALL, MODEL).total.invocations == 3
    assert lake.questions == []


def test_a_panel_asks_the_lake_once_and_looks_until_it_has_answered() -> None:
    lake, tickets = lake_of(), Tickets()
    source = source_of(lake)
    for _ in range(2):
        with asking_the_lake(tickets), pytest.raises(LakeIsAsked):
            source.breakdown(SHOP, MODEL)
    with asking_the_lake(tickets):
        assert source.breakdown(SHOP, MODEL).total.invocations == 8
    assert len(lake.questions) == 1
    assert tickets.used == set(tickets.by_question)


def test_another_look_at_an_answer_neither_polls_nor_fetches() -> None:
    lake, tickets = lake_of(polls=1), Tickets()
    source = source_of(lake)
    with asking_the_lake(tickets), pytest.raises(LakeIsAsked):
        source.trend(SHOP, Bucket.HOUR, MODEL)
    for _ in range(3):
        with asking_the_lake(tickets):
            assert len(source.trend(SHOP, Bucket.HOUR, MODEL).starts) == 2
    assert (lake.fetched, lake.polled) == (["0"], {"0": 1})


def test_outside_of_panels_the_refusal_of_the_pages_stands() -> None:
    with pytest.raises(UnsupportedCombination, match="not together"):
        source_of(lake_of()).breakdown(SHOP, MODEL)


@pytest.mark.parametrize("state", [AskState.GONE, AskState.CANCELLED])
def test_an_answer_that_is_no_longer_to_be_had_is_asked_for_anew(state: AskState) -> None:
    lake, tickets = lake_of(polls=1), Tickets()
    lake.state = state
    source = source_of(lake)
    for _ in range(2):
        with asking_the_lake(tickets), pytest.raises(LakeIsAsked):
            source.breakdown(SHOP, MODEL)
    assert list(tickets.by_question.values()) == ["1"]


def test_a_query_that_failed_says_why() -> None:
    lake, tickets = lake_of(polls=1), Tickets()
    lake.state = AskState.FAILED
    source = source_of(lake)
    with asking_the_lake(tickets), pytest.raises(LakeIsAsked):
        source.breakdown(SHOP, MODEL)
    with asking_the_lake(tickets), pytest.raises(LakeError, match="failed"):
        source.breakdown(SHOP, MODEL)


def test_questions_that_belong_together_are_asked_at_once() -> None:
    lake, tickets = lake_of(), Tickets()
    source = source_of(lake)
    with (
        asking_the_lake(tickets),
        pytest.raises(LakeIsAsked),
        starting_also(lambda: source.trend(SHOP, Bucket.HOUR, MODEL), lambda: source.breakdown(SHOP, TOTAL)),
    ):
        source.breakdown(SHOP, MODEL)
    assert len(lake.questions) == 3
