from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.rate_card import BASE, GLOBAL, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import AddPrice, Author, EndPrice, PriceChanges
from bedrock_analytics.jobs.sync_prices import seed_prices, sync_prices
from bedrock_analytics.reporting.price_reader import PriceReader, unpriced_models
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.bundled_prices import ListDocument, bundled_list
from bedrock_analytics.storage.price_table import PriceTable
from tests.exactly_once.events import call
from tests.exactly_once.world import World
from tests.fakes.memory_table import MemoryTable
from tests.pricing.books import NOON, card

MODEL = "anthropic.claude-sonnet-4-6"
DAY = timedelta(days=1)


@pytest.fixture
def table() -> PriceTable:
    return PriceTable(MemoryTable())


def test_models_come_by_name_with_the_cards_in_force_and_those_to_come(table: PriceTable) -> None:
    old = card(MODEL, GLOBAL, input="3")
    new = replace(card(MODEL, GLOBAL, since=NOON, input="2"), listed_as="global.Listed")
    later = card(MODEL, GLOBAL, since=NOON + DAY, source=RateSource.MANUAL, output="9")
    other = card("amazon.nova-pro-v1:0", output="1")
    table.put_cards([old, new, later, other], [])

    sonnet, nova = PriceReader(table).models(NOON)

    assert (sonnet.name, sonnet.vendor) == ("Claude Sonnet 4.6", "anthropic")
    assert (sonnet.in_force, sonnet.upcoming, sonnet.has_manual) == ((new,), (later,), True)
    assert all(text in sonnet.search for text in ("claude sonnet 4.6", MODEL, "global.listed", "anthropic"))
    assert (nova.model_id, nova.in_force, nova.has_manual) == ("amazon.nova-pro-v1:0", (other,), False)
    assert (nova.standard("input"), nova.standard("output")) == ((), (other,))
    assert PriceReader(table).models(NOON - timedelta(seconds=1))[0].in_force == (old,)


def test_a_model_whose_only_price_ended_is_no_longer_among_the_models(table: PriceTable) -> None:
    changes = PriceChanges(table, NOON)
    rates = {RateKey(kind="input"): Decimal(1)}
    changes.make(AddPrice(model_id=MODEL, scope=BASE, effective_from=NOON, rates=rates), Author(who="ana"))
    changes.make(EndPrice(model_id=MODEL, scope=BASE, effective_from=NOON + DAY), Author(who="ben"))

    reader = PriceReader(table)
    assert [model.model_id for model in reader.models(NOON)] == [MODEL]
    assert reader.models(NOON + DAY) == ()
    history = reader.history(MODEL)
    assert [bool(known.rates) for known in history.cards] == [True, False]
    assert {change.changed_by for change in history.changes} == {"ana", "ben"}
    assert reader.history("another").changes == ()
    assert len(reader.changes()) == 2
    assert len(reader.waiting_reprices()) == 2
    assert (reader.held(), reader.discounts()) == ((), ())


def test_a_list_is_old_after_thirty_days_and_a_table_without_one_needs_attention(table: PriceTable) -> None:
    empty = PriceReader(table).list_state(NOON)
    assert (empty.date, empty.age_days, empty.is_old, empty.counts) == (None, None, True, {})

    seed_prices(table, NOON)
    listed = date.fromisoformat(bundled_list().date)
    ages = {}
    for days in (30, 31):
        state = PriceReader(table).list_state(
            datetime(listed.year, listed.month, listed.day, tzinfo=UTC) + days * DAY
        )
        ages[state.age_days] = state.is_old
    assert ages == {30: False, 31: True}


def test_the_state_of_the_list_tells_what_the_last_sync_did(table: PriceTable) -> None:
    seed_prices(table, NOON)
    good = PriceReader(table).list_state(NOON)
    assert (good.last_sync_at, good.last_sync_status, good.last_sync_error) == (NOON, "ok", None)
    assert good.counts["entries"] == 591
    assert sum(good.omitted.values()) == 81

    sync_prices(table, lambda: ListDocument(document=b"<html>", date="2026-11-30", origin="x"), NOON + DAY)

    failed = PriceReader(table).list_state(NOON + DAY)
    assert (failed.last_sync_status, failed.date, failed.origin) == ("failed", good.date, good.origin)
    assert failed.last_sync_error is not None


def test_models_without_a_price_come_with_their_calls_tokens_and_reasons() -> None:
    world = World()
    world.deliver(
        call(1, model_id="model-unpriced"),
        call(2, model_id="model-unpriced", route="global"),
        call(3, model_id="model-other", input_tokens=1),
        call(4),
    )
    world.settle()
    reader = UsageReader(world.table(), lambda: world.now)
    asked = UsageFilter(start=world.now - 2 * DAY, end=world.now, zone=UTC)  # type: ignore[arg-type]

    found = unpriced_models(reader, asked)

    assert [(model.model_id, model.calls, model.calls_by_reason) for model in found] == [
        ("model-unpriced", 2, {"no_rate_card": 2}),
        ("model-other", 1, {"no_rate_card": 1}),
    ]
    assert found[0].name == "model-unpriced"
