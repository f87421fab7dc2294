"""After any change of prices, interrupted or not, every page is as if computed from scratch."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.billable import billable_of_event
from bedrock_analytics.domain.errors import PriceRefused
from bedrock_analytics.domain.model_id import resolve_model
from bedrock_analytics.domain.rate_card import BASE, GLOBAL
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.jobs.change_prices import (
    AddPrice,
    Author,
    CorrectPrice,
    DeleteDiscount,
    DeletePrice,
    EndDiscount,
    EndPrice,
    Operation,
    PriceChanges,
    PutDiscount,
)
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.page_codec import decode_rows
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from bedrock_analytics.storage.usage_pages import Granularity
from tests.exactly_once.events import call
from tests.exactly_once.reference import Clockwork, periods_of, places_of, stored_rows
from tests.exactly_once.world import START, Interrupted, World
from tests.fakes.memory_lake import latest_parses
from tests.fakes.memory_table import InterruptedTable, MemoryTable
from tests.pricing.books import card

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NEWER_SONNET = "anthropic.claude-sonnet-4-5-20260101-v1:0"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
PROFILE = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/sonnet1"
HAIKU_PROFILE = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/haiku1"
ROUTER = "arn:aws:bedrock:us-east-1:111122223333:prompt-router/any"
ACCOUNTS = ("111122223333", "444455556666")
ANA = Author(who="ana")
NAMES: tuple[dict[str, str | None], ...] = (
    {"logged_model_id": f"us.{SONNET}"},
    {"logged_model_id": f"global.{HAIKU}"},
    {"logged_model_id": "us.anthropic.claude-sonnet-4-5"},
    {"logged_model_id": "anthropic.claude-haiku-4-5-v1:0"},
    {"logged_model_id": NEWER_SONNET},
    {"logged_model_id": PROFILE, "response_model_id": "claude-sonnet-4-5-20250929"},
    {"logged_model_id": HAIKU_PROFILE},
    {"logged_model_id": HAIKU_PROFILE, "profile_model_id": f"us.{HAIKU}"},
    {"logged_model_id": ROUTER, "response_model_id": "claude-haiku-4-5-20251001"},
    {"logged_model_id": ROUTER},
    {"logged_model_id": None},
)
"""The ways in which a log names a model."""


def named_call(number: int, name: dict[str, str | None], minutes: int, **more: Any) -> UsageEvent:
    logged = name["logged_model_id"]
    identity = None if logged is None else resolve_model(logged)
    return call(
        number,
        START + timedelta(minutes=minutes),
        model_id=None if identity is None else identity.model_id,
        route=None if identity is None else identity.route,
        inference_profile_arn=None if identity is None else identity.inference_profile_arn,
        **(name | more),
    )


@dataclass
class PriceWorld(World):
    """A deployment with the real price table."""

    price_items: MemoryTable = field(default_factory=MemoryTable)
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def price_table(self, tick: Callable[[], None] = lambda: None) -> PriceTable:
        return PriceTable(InterruptedTable(self.price_items, tick), new_id=lambda: f"r{next(self.ids)}")

    def job(self, owner: str, tick: Callable[[], None] = lambda: None) -> ComputeCost:
        job = super().job(owner, tick)
        job.prices = self.price_table(tick)
        return job

    def change(self, operation: Operation) -> None:
        with contextlib.suppress(PriceRefused):
            PriceChanges(self.price_table(), self.now).make(operation, ANA)

    def pages(self) -> dict[tuple[str, str], Any]:
        """The rows of every page that is not past its retention and has any."""
        kept = {
            key: decode_rows(document(item))
            for key, item in self.items.items.items()
            if key[0] not in {"META", "STATE"} and int(str(item.get("ttl", 2**40))) > self.now.timestamp()
        }
        return {key: rows for key, rows in kept.items() if rows}

    def check_against_scratch(self) -> None:
        """The pages equal those of a deployment that computes everything now for the first time."""
        fresh = PriceWorld(now=self.now, price_items=self.price_items, settings=self.settings)
        fresh.lake.rows = self.lake.rows
        fresh.run()
        fresh.run()
        assert self.pages() == fresh.pages()

    def check_receipts(self) -> None:
        """The receipts of all calls add up to every rollup that covers them, to the last decimal."""
        book = self.price_table().load_book()
        expected: dict[Any, Decimal] = {}
        for event in latest_parses(self.lake.rows):
            cost = book.cost(billable_of_event(event), event.ts)
            total = sum((line.cost_usd for line in cost.lines), Decimal(0))
            for scope, dimension, key in places_of(event, self.settings.metadata_keys):
                for granularity, period, slot in periods_of(event.ts, Clockwork(now=self.now)):
                    row = (scope, granularity, dimension, period, key, slot)
                    expected[row] = expected.get(row, Decimal(0)) + total
        stored = stored_rows(self.items, self.now, decode_rows)
        assert {row: numbers["cost"] for row, numbers in stored.items() if numbers["invocations"]} == expected


def document(item: dict[str, Value]) -> bytes:
    found = item["doc"]
    assert isinstance(found, bytes)
    return found


HOURS = st.integers(-70 * 24, 20).map(lambda hours: START + timedelta(hours=hours, minutes=17, seconds=5))
MODELS = st.sampled_from([SONNET, NEWER_SONNET, HAIKU, PROFILE, ROUTER])
SCOPES = st.sampled_from([BASE, "geo:us", GLOBAL, "region:us-east-1"])
RATES = st.dictionaries(
    st.sampled_from([RateKey(kind="input"), RateKey(kind="output"), RateKey(kind="input", above=1000)]),
    st.decimals(0, 100, places=3),
    min_size=1,
)
PRICES: st.SearchStrategy[Operation] = st.one_of(
    st.builds(AddPrice, model_id=MODELS, scope=SCOPES, effective_from=HOURS, rates=RATES),
    st.builds(AddPrice, model_id=MODELS, scope=SCOPES, effective_from=HOURS, rates=RATES),
    st.builds(EndPrice, model_id=MODELS, scope=SCOPES, effective_from=HOURS),
    st.builds(
        PutDiscount,
        percent=st.decimals(0, 100, places=2),
        effective_from=HOURS,
        account_id=st.sampled_from([None, *ACCOUNTS]),
        model_id=st.sampled_from([None, SONNET, HAIKU]),
    ),
)


def undone(operation: Operation) -> Operation | None:
    """What corrects or takes back an operation."""
    match operation:
        case AddPrice(model_id=model, scope=scope, effective_from=since):
            rates = {RateKey(kind="output"): Decimal("1.25")}
            if len(operation.rates) % 2:
                return CorrectPrice(model_id=model, scope=scope, effective_from=since, rates=rates)
            return DeletePrice(model_id=model, scope=scope, effective_from=since)
        case EndPrice(model_id=model, scope=scope, effective_from=since):
            return DeletePrice(model_id=model, scope=scope, effective_from=since)
        case PutDiscount(effective_from=since, account_id=account, model_id=known):
            if operation.percent % 2:
                later = since + timedelta(days=3)
                return EndDiscount(effective_from=later, account_id=account, model_id=known)
            return DeleteDiscount(effective_from=since, account_id=account, model_id=known)
    return None


CALLS = st.builds(
    named_call,
    st.integers(1, 10_000),
    st.sampled_from(NAMES),
    st.integers(-75 * 24 * 60, 15),
    account_id=st.sampled_from(ACCOUNTS),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    input_tokens=st.integers(0, 2000),
    output_tokens=st.integers(0, 500),
    error_code=st.sampled_from([None, None, None, "ThrottlingException"]),
)
STEPS = st.lists(st.tuples(PRICES, st.booleans(), st.none() | st.integers(0, 60)), min_size=1, max_size=5)


def story(world: PriceWorld, steps: Iterable[tuple[Operation, bool, int | None]]) -> None:
    def die() -> None:
        raise Interrupted

    for number, (operation, takes_back, at_call) in enumerate(steps):
        world.change(operation)
        if at_call is not None:
            world.run_interrupted(at_call, die, f"dying-{number}")
        later = undone(operation) if takes_back else None
        if later is not None:
            world.now += timedelta(hours=1)
            world.change(later)
        world.now += timedelta(hours=7)
        world.run_interrupted(at_call or 10_000, die, f"run-{number}")
    world.now += timedelta(hours=1)
    world.settle()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CALLS, min_size=1, max_size=12), STEPS)
def test_after_any_change_of_prices_every_page_is_as_if_computed_from_scratch(
    calls: list[UsageEvent], steps: list[tuple[Operation, bool, int | None]]
) -> None:
    world = PriceWorld()
    world.price_table().put_cards([card(SONNET, input="3", output="15"), card(HAIKU, input="1")], [])
    world.deliver(*calls)
    world.settle()
    story(world, steps)
    world.check_against_scratch()
    world.check_receipts()
    assert all(one.finished_at for one in world.table().state().reprices)
    assert world.price_table().load_meta().reprices == ()


BACK = (-65 * 24 * 60, -5 * 24 * 60, -26 * 60, -30)
"""Minutes before the start: of another month, a closed day, a closed day kept by hours, and today."""


def busy_world(names: Sequence[dict[str, str | None]] = NAMES, minutes: Sequence[int] = BACK) -> PriceWorld:
    """Calls by every name in every kind of period, computed."""
    world = PriceWorld(settings=ComputeSettings())
    world.price_table().put_cards([card(SONNET, input="3", output="15"), card(HAIKU, input="1")], [])
    numbers = itertools.count(1)
    world.deliver(*(named_call(next(numbers), name, back) for name in names for back in minutes))
    world.settle()
    return world


def test_a_reprice_killed_at_every_single_storage_call_is_repaired() -> None:
    at_call, interrupted = 0, True

    def die() -> None:
        raise Interrupted

    computed = busy_world([NAMES[2]], BACK[2:3])  # an hour, its day and its month
    while interrupted:
        world = deepcopy(computed)
        world.change(
            AddPrice(
                model_id=SONNET,
                scope=BASE,
                effective_from=START - timedelta(days=30),
                rates={RateKey(kind="input"): Decimal("2.5")},
            )
        )
        world.now += timedelta(minutes=5)
        interrupted = world.run_interrupted(at_call, die, "dying")
        world.now += timedelta(hours=1)
        world.settle()
        world.check_receipts()
        progress = progress_of(world, SONNET)
        assert (progress.done, progress.pending) == (progress.total, ())
        assert progress.finished_at is not None
        at_call += 1
    assert at_call > 50
    world.check_against_scratch()


def progress_of(world: PriceWorld, model_id: str) -> RepriceProgress:
    (found,) = [one for one in world.table().state().reprices if one.model_id == model_id]
    return found


def hours_marked(world: PriceWorld, operation: Operation) -> int:
    """Periods that a change of prices has computed again."""
    known = {one.id for one in world.table().state().reprices}
    world.change(operation)
    world.now += timedelta(minutes=5)
    world.settle()
    return sum(one.total for one in world.table().state().reprices if one.id not in known)


def test_only_hours_with_calls_that_the_card_could_price_are_computed_again() -> None:
    world = PriceWorld()
    world.price_table().put_cards([card(SONNET, input="3"), card(HAIKU, input="1")], [])
    for number, name in enumerate(NAMES):
        world.deliver(named_call(number, name, -60 * number - 40))  # each in an hour of its own, today
    world.settle()
    rates = {RateKey(kind="input"): Decimal("2.5")}
    since = START - timedelta(days=30)
    by_sonnet_names = hours_marked(
        world, AddPrice(model_id=SONNET, scope=BASE, effective_from=since, rates=rates)
    )
    by_haiku_names = hours_marked(
        world, AddPrice(model_id=HAIKU, scope=BASE, effective_from=since, rates=rates)
    )
    nobody = hours_marked(
        world,
        PutDiscount(percent=Decimal(5), effective_from=since, account_id="999999999999"),
    )
    assert (by_sonnet_names, by_haiku_names, nobody) == (3, 5, 0)
    world.check_receipts()


def test_a_second_model_of_a_name_takes_its_price_from_calls_that_used_the_name_alone() -> None:
    world = busy_world()
    rates = {RateKey(kind="input"): Decimal(7)}
    world.change(AddPrice(model_id=NEWER_SONNET, scope=BASE, effective_from=START, rates=rates))
    world.now += timedelta(hours=1)
    world.settle()
    world.check_against_scratch()
    world.check_receipts()


def test_progress_is_told_while_a_reprice_goes_on_in_chunks() -> None:
    world = busy_world()
    world.change(
        AddPrice(
            model_id=HAIKU,
            scope=BASE,
            effective_from=START - timedelta(days=90),
            rates={RateKey(kind="input"): Decimal(2)},
        )
    )
    world.now += timedelta(minutes=5)
    world.job("one").run(world.now)  # no time to compute anything
    begun = progress_of(world, HAIKU)
    assert (begun.done, begun.finished_at, begun.model_id, begun.reason) == (0, None, HAIKU, "price entered")
    assert begun.total == 7  # two hours, their one closed day, two older days, and two months
    world.now += timedelta(minutes=5)
    world.settle()
    done = progress_of(world, HAIKU)
    assert (done.done, done.total, done.started_at) == (7, 7, begun.started_at)


def costs_of_hour(world: PriceWorld, hour: datetime) -> Decimal:
    """Cost of all calls of an hour, as its page has it."""
    table = world.table()
    key = f"{hour:%Y-%m-%dT%H}"
    (page,) = table.pages("ALL", Granularity.HOURLY, "TOTAL", key, key, now=world.now)
    return page.total().total_list_cost_usd


def priced_world(*changes: tuple[datetime, str]) -> PriceWorld:
    """A model whose input costs 1, with changes entered before any call was made."""
    world = PriceWorld()
    world.price_table().put_cards([card(SONNET, input="1")], [])
    for moment, rate in changes:
        enter(world, moment, rate)
    return world


def enter(world: PriceWorld, moment: datetime, rate: str) -> None:
    rates = {RateKey(kind="input"): Decimal(rate)}
    world.change(AddPrice(model_id=SONNET, scope=BASE, effective_from=moment, rates=rates))


def million(number: int, moment: datetime) -> UsageEvent:
    """A call of a million tokens."""
    return call(number, moment, model_id=SONNET, route="us", input_tokens=1_000_000, output_tokens=0)


SECOND = timedelta(seconds=1)
HOUR = START.replace(minute=0, second=0) - timedelta(hours=3)


def test_the_moment_of_a_change_itself_pays_the_new_rate() -> None:
    change = HOUR + timedelta(minutes=20, seconds=7)
    world = priced_world((change, "10"))
    world.deliver(*(million(number, change + step * SECOND) for number, step in enumerate((-1, 0, 1))))
    world.settle()
    assert costs_of_hour(world, HOUR) == 1 + 10 + 10
    world.check_receipts()


def test_two_changes_within_an_hour_are_exact_whenever_they_are_entered() -> None:
    first, second = HOUR + timedelta(minutes=20), HOUR + timedelta(minutes=20, seconds=1)
    moments = [first - SECOND, first, second, second + SECOND, HOUR + timedelta(minutes=59)]
    world = priced_world((second, "100"))
    world.deliver(*(million(number, moment) for number, moment in enumerate(moments)))
    world.settle()
    assert costs_of_hour(world, HOUR) == 2 + 300
    enter(world, first, "10")
    world.now += timedelta(minutes=5)
    world.settle()
    assert costs_of_hour(world, HOUR) == 1 + 10 + 300
    world.check_receipts()
    world.check_against_scratch()


def test_a_change_in_the_past_reaches_days_and_months_long_closed() -> None:
    old = START - timedelta(days=65)
    world = priced_world()
    world.deliver(million(1, old - SECOND), million(2, old), million(3, START))
    world.settle()
    enter(world, old, "10")
    world.now += timedelta(minutes=5)
    world.settle()
    (day,) = world.table().pages(
        "ALL", Granularity.DAILY, "TOTAL", f"{old:%Y-%m-%d}", f"{old:%Y-%m-%d}", now=world.now
    )
    (month,) = world.table().pages(
        "ALL", Granularity.MONTHLY, "TOTAL", f"{old:%Y-%m}", f"{old:%Y-%m}", now=world.now
    )
    assert [page.total().total_list_cost_usd for page in (day, month)] == [11, 11]
    world.check_receipts()
    world.check_against_scratch()


def test_a_future_price_waits_for_its_moment() -> None:
    moment = START + timedelta(hours=2, minutes=30)
    world = priced_world((moment, "10"))
    world.deliver(million(1, START))
    world.settle()
    assert costs_of_hour(world, START) == 1
    assert world.price_table().load_meta().reprices == ()
    world.now = moment + timedelta(minutes=5)
    world.deliver(million(2, moment - SECOND), million(3, moment))
    world.settle()
    assert costs_of_hour(world, moment.replace(minute=0)) == 11
    world.check_receipts()
