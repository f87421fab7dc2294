"""What the lake answers on demand, against the usage pages and against plain arithmetic over the calls."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    CALLER,
    CUBE,
    INFERENCE_REGION,
    MODEL,
    OPERATION,
    PROFILE,
    ROUTE,
    TOTAL,
)
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.domain.usage_stats import DISTRIBUTIONS, UsageStats
from bedrock_analytics.reporting.lake_questions import BreakdownQuestion, CallsQuestion, TrendQuestion
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.storage.lake_lists import CallOrder
from tests.contract.desks import AthenaDeskLoaded
from tests.exactly_once.events import call
from tests.fakes.memory_lake import latest_parses
from tests.unit.reporting.lake_world import FIRST, OWN_DISCOUNT, LakeWorld
from tests.unit.reporting.lake_world import events as event_lists

DIMENSIONS = (TOTAL, MODEL, CALLER, PROFILE, ROUTE, OPERATION, INFERENCE_REGION, CUBE, ACCOUNT, "TAG:team")
ZONES = ("UTC", "Asia/Kolkata", "America/St_Johns", "Asia/Kathmandu")
Rows = dict[tuple[str, ...], UsageStats]


_CONDITIONS: dict[str, tuple[Any, ...]] = {
    "accounts": ("111122223333", OWN_DISCOUNT),
    "regions": ("us-east-1", "eu-west-1"),
    "models": ("model-a", "model-b", "(none)"),
    "routes": ("us", "regional", "(none)"),
    "callers": ("it's", "(none)", "role/app", f"{OWN_DISCOUNT}/user/x"),
    "operations": ("Converse", "(none)"),
    "metadata": (("team", "blue"), ("team", "it's"), ("team", "(none)")),
}


@st.composite
def filters(draw: st.DrawFn) -> UsageFilter:
    """Up to two conditions, over a range on or off half hours."""
    start = FIRST + timedelta(minutes=draw(st.integers(-60, 40 * 60)))
    names = draw(st.lists(st.sampled_from(sorted(_CONDITIONS)), max_size=2, unique=True))
    return UsageFilter(
        start=start,
        end=start + timedelta(hours=draw(st.integers(1, 90)), minutes=draw(st.sampled_from([0, 30, 17]))),
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        **{
            name: draw(st.frozensets(st.sampled_from(_CONDITIONS[name]), min_size=1, max_size=2))
            for name in names
        },
    )


def _plain(rows: Rows, other: Rows) -> Rows:
    """The rows without histograms where the other side has none."""
    found = {}
    for key, stats in rows.items():
        copy = deepcopy(stats)
        for name in DISTRIBUTIONS:
            twin = other.get(key)
            if twin is not None and getattr(twin, name).buckets is None:
                setattr(copy, name, getattr(copy, name).without_histogram())
        found[key] = copy
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=event_lists(15, 40),
    questions=st.lists(st.tuples(filters(), st.sampled_from(DIMENSIONS)), min_size=4, max_size=6),
    bucket=st.sampled_from(Bucket),
)
def test_the_lake_answers_what_the_pages_answer_wherever_both_do(
    events: list[UsageEvent], questions: list[tuple[UsageFilter, str]], bucket: Bucket
) -> None:
    world = LakeWorld(events)
    for usage_filter, dimension in questions:
        try:
            pages = world.pages.breakdown(usage_filter, dimension)
        except UnsupportedCombination:
            continue
        question = BreakdownQuestion(usage_filter=usage_filter, dimensions=(dimension,))
        lake = world.lake.breakdown(world.answered(question))
        assert _plain(lake.rows, pages.rows) == pages.rows
        assert lake.total.total_list_cost_usd == pages.total.total_list_cost_usd
        assert (lake.key_columns, lake.revision) == (pages.key_columns, pages.revision)
        series = world.pages.trend(usage_filter, bucket, dimension)
        asked = TrendQuestion(usage_filter=usage_filter, bucket=bucket, dimensions=(dimension,))
        bars = world.lake.trend(world.answered(asked))
        assert bars.starts == series.starts
        for mine, theirs in zip(bars.rows, series.rows, strict=True):
            assert _plain(mine, theirs) == _plain(theirs, mine)


@pytest.mark.long
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=event_lists(5, 30), limit=st.integers(1, 20))
def test_dearest_first_orders_any_calls_by_their_receipts(events: list[UsageEvent], limit: int) -> None:
    world = LakeWorld(events)
    wanted = UsageFilter(start=FIRST, end=FIRST + timedelta(days=5), zone=ZoneInfo("UTC"))
    question = CallsQuestion(usage_filter=wanted, order=CallOrder.DEAREST, limit=limit)
    amounts: list[Decimal] = []
    seen: set[str] = set()
    while True:
        page = world.lake.calls(world.answered(question))
        amounts += [call.receipt.total_usd or Decimal(0) for call in page.calls]
        seen |= {call.position.key for call in page.calls}
        if page.next is None:
            break
        question = replace(question, after=page.next)
    assert amounts == sorted(amounts, reverse=True)
    assert len(seen) == len(amounts) == sum(row.rejection is None for row in latest_parses(events))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=event_lists(5, 40),
    limit=st.integers(1, 6),
    wanted=filters(),
    codes=st.sampled_from([frozenset(), frozenset({"*"}), frozenset({"ThrottlingException"})]),
)
def test_newest_first_finds_every_call_of_the_range_once(
    events: list[UsageEvent], limit: int, wanted: UsageFilter, codes: frozenset[str]
) -> None:
    world = LakeWorld(events)
    question = CallsQuestion(usage_filter=wanted, limit=limit, error_codes=codes)
    found: list[datetime] = []
    for _ in range(len(events) + 5):
        page = world.lake.calls(world.answered(question))
        found += [call.event.ts for call in page.calls]
        if page.next is None:
            break
        question = replace(question, after=page.next)
    counted = world.lake.breakdown(
        world.answered(BreakdownQuestion(usage_filter=wanted, dimensions=("TAG:any",)))
    ).total
    assert page.next is None
    assert found == sorted(found, reverse=True)
    assert len(found) == (counted.error_count if codes else counted.invocations)


def test_a_few_newest_calls_do_not_read_the_whole_range() -> None:
    events = [call(number, FIRST + timedelta(hours=2 * number)) for number in range(40)]
    world = LakeWorld(events)
    wanted = UsageFilter(start=FIRST, end=FIRST + timedelta(days=6), zone=ZoneInfo("UTC"))
    first = world.lake.calls(world.answered(CallsQuestion(usage_filter=wanted, limit=3)))
    bounds = _bounds(world)
    assert [found.event.ts for found in first.calls] == [event.ts for event in reversed(events[-3:])]
    assert bounds[0] > FIRST + timedelta(days=1)
    world.lake.calls(world.answered(CallsQuestion(usage_filter=wanted, limit=3, after=first.next)))
    assert _bounds(world)[1] == first.calls[-1].event.ts + timedelta(milliseconds=1)


def _bounds(world: LakeWorld) -> list[datetime]:
    """The first two times that the latest query was bound to: start and end of what it reads."""
    *_, latest = cast(AthenaDeskLoaded, world.loaded).athena.executions.values()
    texts = latest.request["ExecutionParameters"][:2]
    return [datetime.fromisoformat(text.strip("'")) for text in texts]


def test_only_the_calls_that_have_a_unit_without_a_price_are_unpriced() -> None:
    unpriced = {"model_id": "model-b", "route": "regional", "cache_write_5m_tokens": 9}
    events = [call(1, FIRST, model_id="model-b", route="regional"), call(2, FIRST, **unpriced)]  # type: ignore[arg-type]
    world = LakeWorld(events)
    wanted = UsageFilter(start=FIRST, end=FIRST + timedelta(hours=1), zone=ZoneInfo("UTC"))
    question = BreakdownQuestion(usage_filter=wanted, dimensions=(TOTAL,))
    for found in (world.pages.breakdown(wanted, TOTAL), world.lake.breakdown(world.answered(question))):
        assert found.total.invocations == 2
        assert found.total.unpriced_invocations == {"no_unit_rate": 1}
