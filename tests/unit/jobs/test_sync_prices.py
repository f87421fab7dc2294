from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.errors import PriceListError, TableUnavailable
from bedrock_analytics.domain.rate_card import BASE, BEGINNING, RateCard, RateSource
from bedrock_analytics.jobs.price_comparison import cards_in_force
from bedrock_analytics.jobs.sync_prices import approve_held, is_due, seed_prices, sync_prices
from bedrock_analytics.jobs.sync_report import SyncReport, SyncStatus
from bedrock_analytics.storage.bundled_prices import ListDocument, bundled_list
from bedrock_analytics.storage.price_history import ChangeKind, PriceChange
from bedrock_analytics.storage.price_table import PriceTable
from tests.fakes.memory_table import InterruptedTable, MemoryTable
from tests.pricing.books import NOON, ask, card, rates_of

MODEL = "amazon.some-model-v1:0"
LATER = NOON + timedelta(days=7)
MILLION = 1_000_000
Prices = dict[str, dict[str, float]]


def document(prices: Prices, date: str = "2026-11-24") -> ListDocument:
    """A list with rates by name of the entry and field, USD for a million tokens."""
    fields = {"input": "input_cost_per_token", "output": "output_cost_per_token"}
    entries = {
        name: {
            "litellm_provider": "bedrock",
            "mode": "chat",
            **{fields.get(kind, kind): float(Decimal(str(rate)).scaleb(-6)) for kind, rate in rates.items()},
        }
        for name, rates in prices.items()
    }
    return ListDocument(document=json.dumps(entries).encode(), date=date, origin="https://prices.example")


def many(count: int) -> Prices:
    return {f"amazon.m{number}": {"input": 1} for number in range(count)}


@pytest.fixture
def items() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def table(items: MemoryTable) -> PriceTable:
    return PriceTable(items)


def sync(table: PriceTable, prices: Prices, at: timedelta = timedelta()) -> SyncReport:
    return sync_prices(table, lambda: document(prices), NOON + at)


def input_rate(
    table: PriceTable, at: timedelta = timedelta(), model: str = MODEL, **where: str
) -> Decimal | None:
    return rates_of(ask(table.load_book(), model, {"input": 1}, at=NOON + at, **where)).get("input")


def take_all(table: PriceTable) -> None:
    for request in table.load_meta().reprices:
        table.take_reprice(request)


def test_a_new_table_is_seeded_from_the_bundled_list_for_all_time(table: PriceTable) -> None:
    report = seed_prices(table, NOON)

    assert (report.status, report.entries, report.cards) == (SyncStatus.OK, 591, 511)
    assert (report.changed, report.held, report.review, report.gone) == ([], [], [], [])
    assert {card.effective_from for card in table.cards()} == {BEGINNING}
    meta = table.load_meta()
    assert meta.version == "1"
    assert [(request.model_id, request.start, request.end) for request in meta.reprices] == [
        (None, BEGINNING, None)
    ]
    assert meta.price_list is not None
    assert (meta.price_list.date, meta.price_list.origin) == (
        "2026-10-21",
        "bundled snapshot of litellm 1.106.2",
    )
    assert table.changes() == []


def test_seeding_again_writes_nothing(table: PriceTable, items: MemoryTable) -> None:
    seed_prices(table, NOON)
    before = dict(items.items)

    report = seed_prices(table, LATER)

    assert items.items == before
    assert (report.added, report.changed) == ([], [])


def test_seeding_touches_no_price_entered_by_hand(table: PriceTable) -> None:
    mine = card("amazon.nova-lite-v1:0", source=RateSource.MANUAL, input="7")
    table.put_manual(mine)

    seed_prices(table, NOON)

    assert mine in table.cards()
    assert input_rate(table, model="amazon.nova-lite-v1:0") == 7


def test_a_list_older_than_the_one_in_force_changes_nothing(table: PriceTable, items: MemoryTable) -> None:
    sync(table, {MODEL: {"input": 1}})
    before = dict(items.items)

    report = seed_prices(table, LATER, bundled_list())

    assert (report.status, items.items == before) == (SyncStatus.OLDER, True)
    assert sync_prices(table, bundled_list, LATER).status is SyncStatus.OLDER
    assert input_rate(table) == 1


def test_a_sync_without_changes_writes_no_card_and_asks_for_nothing(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})
    take_all(table)
    version, cards = table.load_meta().version, table.cards()

    report = sync(table, {MODEL: {"input": 1}}, timedelta(days=7))

    meta = table.load_meta()
    assert (meta.version, meta.reprices, table.cards()) == (version, (), cards)
    assert (report.added, report.changed) == ([], [])
    assert meta.price_list is not None
    assert meta.price_list.checked_at == LATER


def test_only_a_changed_rate_makes_a_card_from_the_time_of_the_sync_on(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1, "output": 5}, "amazon.other": {"input": 1}})
    take_all(table)

    report = sync(table, {MODEL: {"input": 2, "output": 5}, "amazon.other": {"input": 1}}, timedelta(days=7))

    assert report.changed == [f"{MODEL} base"]
    assert input_rate(table, timedelta(days=7, seconds=-1)) == 1
    assert input_rate(table, timedelta(days=7)) == 2
    (request,) = table.load_meta().reprices
    assert (request.model_id, request.start, request.end) == (MODEL, LATER, None)
    (change,) = table.changes()
    assert change == PriceChange(
        kind=ChangeKind.CHANGED,
        seen_at=LATER,
        effective_from=LATER,
        source="litellm",
        model_id=MODEL,
        scope=BASE,
        old={"input": Decimal(1)},
        new={"input": Decimal(2)},
    )


def test_the_clock_of_a_sync_is_cut_to_the_second(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})
    sync(table, {MODEL: {"input": 2}}, timedelta(seconds=5, microseconds=7))

    assert [known.effective_from for known in table.cards_of(MODEL, BASE)] == [
        BEGINNING,
        NOON + timedelta(seconds=5),
    ]


def test_a_model_that_was_unpriced_is_priced_for_all_time(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})

    report = sync(table, {MODEL: {"input": 1}, "amazon.new": {"input": 3}}, timedelta(days=7))

    assert (report.added, report.review) == (["amazon.new base"], [])
    assert input_rate(table, timedelta(days=-3000), "amazon.new") == 3
    assert [change.kind for change in table.changes()] == [ChangeKind.ADDED]


@pytest.mark.parametrize(
    ("name", "called", "region"),
    [
        (f"us.{MODEL}", f"us.{MODEL}", "us-east-1"),
        (f"global.{MODEL}", f"global.{MODEL}", "us-east-1"),
        (f"bedrock/eu-west-1/{MODEL}", MODEL, "eu-west-1"),
    ],
)
def test_a_more_specific_card_takes_effect_when_it_is_seen_and_is_listed_for_review(
    table: PriceTable, name: str, called: str, region: str
) -> None:
    sync(table, {MODEL: {"input": 1}})

    report = sync(table, {MODEL: {"input": 1}, name: {"input": 1.5}}, timedelta(days=7))

    assert len(report.review) == 1
    assert input_rate(table, timedelta(days=7, seconds=-1), called, region=region) == 1
    assert input_rate(table, timedelta(days=7), called, region=region) == Decimal("1.5")


def test_a_global_card_is_no_more_specific_than_a_geographic_one(table: PriceTable) -> None:
    sync(table, {f"us.{MODEL}": {"input": 1.1}})

    report = sync(table, {f"us.{MODEL}": {"input": 1.1}, f"global.{MODEL}": {"input": 1}}, timedelta(days=7))

    assert report.review == []
    assert input_rate(table, timedelta(days=-9), f"global.{MODEL}") == 1


def test_a_government_card_is_no_more_specific_than_a_commercial_one(table: PriceTable) -> None:
    sync(table, {f"us.{MODEL}": {"input": 1.1}})

    report = sync(table, {f"us.{MODEL}": {"input": 1.1}, f"us-gov.{MODEL}": {"input": 2}}, timedelta(days=7))

    assert report.review == []


def test_two_syncs_in_one_second_change_a_rate_once(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})

    assert sync(table, {MODEL: {"input": 2}}, timedelta(days=7)).changed == [f"{MODEL} base"]
    assert sync(table, {MODEL: {"input": 2}}, timedelta(days=7)).changed == []


def test_a_supplement_beside_a_listed_card_holds_for_all_time(table: PriceTable) -> None:
    nova, reads = "amazon.nova-x-v1:0", "cache_read_input_token_cost"
    sync(table, {nova: {"input": 4}})

    report = sync(table, {nova: {"input": 4, reads: 1}}, timedelta(days=7))

    assert (report.added, report.review) == ([f"{nova} base"], [])
    written = [card for card in table.cards() if card.model_id == nova and card.source is RateSource.AWS]
    assert [card.effective_from for card in written] == [BEGINNING]


def test_a_supplement_beside_a_new_card_takes_effect_with_it(table: PriceTable) -> None:
    nova, reads = "amazon.nova-x-v1:0", "cache_read_input_token_cost"
    prices: Prices = {nova: {"input": 4, reads: 1}}
    sync(table, prices)

    report = sync(table, {**prices, f"eu.{nova}": {"input": 5, reads: 1.25}}, timedelta(days=7))

    assert report.review == [f"{nova} geo:eu", f"{nova} geo:eu"]
    assert {card.effective_from for card in table.cards_of(nova, "geo:eu")} == {LATER}


@pytest.mark.parametrize("rate", [10.1, 0.099, 0])
def test_a_rate_that_moves_more_than_tenfold_is_held_for_approval(table: PriceTable, rate: float) -> None:
    prices: Prices = {MODEL: {"input": 1, "output": 5}, "amazon.other": {"input": 1}}
    sync(table, prices)
    moved = {**prices, MODEL: {"input": rate, "output": 5}}

    report = sync(table, moved, timedelta(days=7))

    assert (report.held, report.changed) == ([f"{MODEL} base"], [])
    assert input_rate(table, timedelta(days=7)) == 1
    assert [held.card.model_id for held in table.held()] == [MODEL]
    row = table.load_meta().sync_report
    assert row is not None
    assert (row["held"], row["held_cards"]) == (1, [f"{MODEL} base"])

    approved = approve_held(table, MODEL, BASE, NOON + timedelta(days=8))
    assert approved is not None
    assert (table.held(), approve_held(table, MODEL, BASE, LATER)) == ([], None)
    assert input_rate(table, timedelta(days=8, seconds=-1)) == 1
    assert input_rate(table, timedelta(days=8)) == Decimal(str(rate))
    assert table.changes()[0].kind is ChangeKind.APPROVED
    assert sync(table, moved, timedelta(days=9)).held == []


def test_a_held_card_says_what_it_would_replace_and_is_approved_on_a_full_second(
    table: PriceTable, items: MemoryTable
) -> None:
    sync(table, {MODEL: {"input": 1}})
    sync(table, {MODEL: {"input": 100}}, timedelta(days=7))

    (row,) = items.query("HELD")
    assert (row["old_rates"], row["rates"]) == ({"input": "1"}, {"input": "100"})
    assert row["seen_at"] == "2026-12-01T12:00:00Z"
    approved = approve_held(table, MODEL, BASE, LATER + timedelta(microseconds=5))
    assert approved is not None
    assert approved.effective_from == LATER


def test_cards_that_a_list_may_replace_are_listed_ones_in_force() -> None:
    listed, manual = card(MODEL, input="1"), card(MODEL, source=RateSource.MANUAL, input="2")
    future = card(MODEL, since=LATER, input="3")

    assert cards_in_force([future, manual, listed], NOON) == {(MODEL, BASE, RateSource.LITELLM): listed}
    assert cards_in_force([future, listed], LATER) == {(MODEL, BASE, RateSource.LITELLM): future}


@pytest.mark.parametrize("rate", [10, 0.1])
def test_a_tenfold_move_itself_is_believed(table: PriceTable, rate: float) -> None:
    sync(table, {MODEL: {"input": 1}})

    assert sync(table, {MODEL: {"input": rate}}, timedelta(days=7)).changed == [f"{MODEL} base"]


@pytest.mark.parametrize("left", ["input", "output"])
def test_an_input_or_output_rate_that_vanishes_is_held(table: PriceTable, left: str) -> None:
    sync(table, {MODEL: {"input": 1, "output": 5}})

    assert sync(table, {MODEL: {left: {"input": 1, "output": 5}[left]}}, timedelta(days=7)).held == [
        f"{MODEL} base"
    ]
    assert input_rate(table, timedelta(days=7)) == 1


def test_a_rate_that_is_added_to_a_card_is_a_change(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})

    report = sync(table, {MODEL: {"input": 1, "output": 100}}, timedelta(days=7))

    assert (report.changed, report.held) == ([f"{MODEL} base"], [])


def test_a_held_card_is_let_go_when_the_list_takes_it_back(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})
    sync(table, {MODEL: {"input": 100}}, timedelta(days=7))

    sync(table, {MODEL: {"input": 1}}, timedelta(days=14))

    assert table.held() == []


@pytest.mark.parametrize(
    "broken",
    [
        b"<html>Service Unavailable</html>",
        document({MODEL: {"input": 2}}).document[:-5],
        b"{}",
        document({MODEL: {"input": -1}}).document,
        document({MODEL: {"input": 2}}).document.replace(b"2e-06", b"NaN"),
        document({MODEL: {"input": 2}}).document.replace(b"2e-06", b"1e400"),
    ],
)
def test_a_broken_list_changes_no_price_and_says_so(
    table: PriceTable, items: MemoryTable, broken: bytes
) -> None:
    sync(table, {MODEL: {"input": 1}})
    before = {key: item for key, item in items.items.items() if key != ("META", "SYNC")}

    source = ListDocument(document=broken, date="2026-12-01", origin="https://prices.example")
    report = sync_prices(table, lambda: source, LATER)

    assert report.status is SyncStatus.FAILED
    assert {key: item for key, item in items.items.items() if key != ("META", "SYNC")} == before
    row = table.load_meta().sync_report
    assert row is not None
    assert (row["status"], row["at"]) == ("failed", "2026-12-01T12:00:00Z")
    assert "price list" in str(row["error"]) or MODEL in str(row["error"])


def test_a_list_that_cannot_be_fetched_is_reported(table: PriceTable) -> None:
    def unreachable() -> ListDocument:
        raise PriceListError("the price list cannot be fetched: refused")

    assert sync_prices(table, unreachable, NOON).error == "the price list cannot be fetched: refused"


def test_a_seed_from_a_broken_list_is_an_error(table: PriceTable) -> None:
    with pytest.raises(PriceListError):
        seed_prices(table, NOON, ListDocument(document=b"", date="2026-12-01", origin="x"))


def test_a_list_that_lacks_most_of_the_known_cards_is_taken_for_truncated(table: PriceTable) -> None:
    sync(table, many(20))

    report = sync(table, many(9), timedelta(days=7))

    assert report.status is SyncStatus.FAILED
    assert "lacks 11 of the 20 cards known" in str(report.error)


def test_models_that_vanish_keep_their_prices_and_are_named(table: PriceTable) -> None:
    sync(table, many(20))

    report = sync(table, many(10), timedelta(days=7))

    assert (report.status, len(report.gone)) == (SyncStatus.OK, 10)
    assert input_rate(table, timedelta(days=7), "amazon.m19") == 1


def test_a_short_list_may_lose_most_of_its_cards(table: PriceTable) -> None:
    sync(table, many(19))

    assert sync(table, many(1), timedelta(days=7)).status is SyncStatus.OK


def test_many_changed_models_are_repriced_by_one_request(table: PriceTable) -> None:
    sync(table, many(21))
    take_all(table)

    sync(table, {name: {"input": 2} for name in many(21)}, timedelta(days=7))

    assert [(request.model_id, request.start) for request in table.load_meta().reprices] == [(None, LATER)]


def test_twenty_changed_models_are_repriced_one_by_one(table: PriceTable) -> None:
    sync(table, many(20))
    take_all(table)

    sync(table, {name: {"input": 2} for name in many(20)}, timedelta(days=7))

    assert {request.model_id for request in table.load_meta().reprices} == set(many(20))


def test_a_sync_is_due_weekly_and_at_once_for_a_new_model_without_a_price(table: PriceTable) -> None:
    assert is_due(table.load_meta(), NOON)
    sync(table, {MODEL: {"input": 1}})
    week = timedelta(days=7)
    assert not is_due(table.load_meta(), NOON + week - timedelta(seconds=1))
    assert is_due(table.load_meta(), NOON + week)

    table.want_models(["amazon.unknown"])
    assert is_due(table.load_meta(), NOON)
    sync(table, {MODEL: {"input": 1}})
    assert not is_due(table.load_meta(), NOON)
    assert table.load_meta().wanted_models == ("amazon.unknown",)

    table.want_models(["amazon.unknown", "amazon.newer"])
    assert is_due(table.load_meta(), NOON)


def test_a_deployment_that_has_only_the_bundled_list_is_due(table: PriceTable) -> None:
    seed_prices(table, NOON)

    assert is_due(table.load_meta(), NOON)


def test_a_failed_sync_stays_due(table: PriceTable) -> None:
    sync(table, {MODEL: {"input": 1}})
    table.want_models(["amazon.unknown"])

    sync_prices(table, lambda: ListDocument(document=b"", date="2026-12-01", origin="https://x"), NOON)

    assert is_due(table.load_meta(), NOON)


def test_the_report_in_meta_stays_small(table: PriceTable) -> None:
    report = seed_prices(table, NOON)

    row = table.load_meta().sync_report
    assert row is not None
    assert row["added"] == len(report.added) > 500
    assert len(json.dumps(row)) < 3000


@pytest.mark.parametrize("calls", [*range(12), 300, *range(540, 556)])
def test_a_seed_that_is_interrupted_is_made_up_for_by_the_next(calls: int) -> None:
    """Whichever call of the storage fails: afterwards the book is whole, under a version that says so."""
    items, left = MemoryTable(), [calls]
    clean = PriceTable(MemoryTable())
    seed_prices(clean, NOON)

    def tick() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise TableUnavailable("interrupted")

    with contextlib.suppress(TableUnavailable):
        seed_prices(PriceTable(InterruptedTable(items, tick)), NOON)
    table = PriceTable(items)
    seen, was_whole = table.load_meta().version, len(table.cards()) == len(clean.cards())
    seed_prices(table, LATER)

    assert set(map(_identity, table.cards())) == set(map(_identity, clean.cards()))
    meta = table.load_meta()
    assert was_whole or meta.version != seen
    assert (meta.unfinished, meta.version != "0") == (False, True)
    assert (None, BEGINNING) in {(request.model_id, request.start) for request in meta.reprices}
    assert meta.price_list is not None


def _identity(card: RateCard) -> tuple[str, str, str]:
    return card.model_id, card.scope, card.source
