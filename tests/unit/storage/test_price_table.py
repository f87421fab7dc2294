from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import ConditionFailed, TableError, TableUnavailable
from bedrock_analytics.domain.rate_card import BASE, BEGINNING, Discount, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.item_table import Delete, Item, ItemTable, Key, Put, Value
from bedrock_analytics.storage.metered_table import MeteredTable
from bedrock_analytics.storage.price_codec import card_item, discount_item, read_card, read_discount
from bedrock_analytics.storage.price_meta import RepriceRequest
from bedrock_analytics.storage.price_table import PriceTable, PriceWrites
from tests.fakes.memory_table import MemoryTable
from tests.pricing.books import NOON, ask, card, rates_of

MODEL = "amazon.some-model-v1:0"
ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "sqlite"])
def items(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ItemTable]:
    if request.param == "memory":
        yield MemoryTable()
        return
    with SQLiteTable(tmp_path / "tables.sqlite", "model-pricing") as table:
        yield table


@pytest.fixture
def table(items: ItemTable) -> PriceTable:
    numbers = itertools.count(1)
    return PriceTable(items, new_id=lambda: f"id-{next(numbers)}")


def manual(since: int = 0, **rates: str) -> RateCard:
    """A manual card from so many seconds after noon on."""
    return card(MODEL, since=NOON + since * SECOND, source=RateSource.MANUAL, **rates)


def request(**fields: Any) -> RepriceRequest:
    made = RepriceRequest(model_id=MODEL, start=NOON, end=None, reason="price entered", id="id-1")
    return replace(made, **fields)


decimals = st.decimals(0, 10**9, places=9, allow_nan=False)
rate_keys = st.builds(
    RateKey,
    kind=st.sampled_from(["input", "output", "cache_write_1h"]),
    tier=st.sampled_from(["standard", "flex"]),
    above=st.sampled_from([0, 200_000]),
)
moments = st.integers(0, 4 * 10**9).map(lambda seconds: BEGINNING + seconds * SECOND)
texts = st.none() | st.text(min_size=1)


@given(
    st.builds(
        RateCard,
        model_id=st.sampled_from([MODEL, ARN]),
        scope=st.sampled_from([BASE, "geo:us", "region:eu-west-1"]),
        effective_from=moments,
        source=st.sampled_from(RateSource),
        rates=st.dictionaries(rate_keys, decimals, min_size=1),
        listed_as=texts,
        note=texts,
        changed_by=texts,
    )
)
def test_a_card_survives_its_item(made: RateCard) -> None:
    assert read_card(card_item(made)) == made


@given(
    st.builds(
        Discount,
        percent=st.decimals(0, 100, places=4),
        effective_from=moments,
        account_id=texts,
        model_id=texts,
        note=texts,
        changed_by=texts,
    )
)
def test_a_discount_survives_its_item(made: Discount) -> None:
    assert read_discount(discount_item(made)) == made


@pytest.mark.parametrize(
    "broken",
    [
        {"rates": None},
        {"rates": {"inputs": "1"}},
        {"rates": {"input": "x"}},
        {"rates": {"input": "-1"}},
        {"rates": {}},
        {"scope": "us"},
        {"source": "hearsay"},
        {"effective_from": "2026-01-01"},
    ],
)
def test_a_row_that_is_no_card_is_told_and_not_guessed(broken: dict[str, Value]) -> None:
    item = card_item(card(MODEL, input="1")) | broken

    with pytest.raises(TableError, match="price"):
        read_card(item)


def test_an_empty_table_has_version_0_and_prices_nothing(table: PriceTable) -> None:
    meta = table.load_meta()

    assert (meta.version, meta.reprices, meta.price_list) == ("0", (), None)
    assert (meta.wanted_models, meta.unfinished) == ((), False)
    assert ask(table.load_book(), MODEL, {"input": 1}).reason == "no_rate_card"


def test_a_manual_price_comes_with_a_new_version_and_a_request_to_reprice(table: PriceTable) -> None:
    table.put_manual(manual(input="2"))

    meta = table.load_meta()
    book = table.load_book()
    assert (meta.version, meta.reprices) == ("1", (request(start=BEGINNING),))
    assert (book.version, book.cards) == ("1", (manual(input="2"),))
    assert rates_of(ask(book, MODEL, {"input": 1})) == {"input": Decimal(2)}


def test_a_price_is_entered_as_a_whole_or_not_at_all() -> None:
    class Failing(MemoryTable):
        def write_together(self, writes: Sequence[Put | Delete]) -> None:
            raise TableUnavailable("throttled")

    items = Failing()
    with pytest.raises(TableUnavailable):
        PriceTable(items).put_manual(manual(input="2"))

    assert items.items == {}


def test_only_prices_entered_by_hand_are_put_as_manual(table: PriceTable) -> None:
    with pytest.raises(ValueError, match="source manual"):
        table.put_manual(card(MODEL, input="1"))


def test_the_hours_of_a_manual_price_end_where_the_next_one_begins(table: PriceTable) -> None:
    table.put_cards([card(MODEL, input="1")], [])
    table.put_manual(manual(100, input="3"))
    table.put_manual(manual(50, input="2"))
    table.put_manual(card(MODEL, "geo:us", since=NOON, source=RateSource.MANUAL, input="9"))

    ends = {made.id: (made.start, made.end) for made in table.load_meta().reprices}
    assert ends == {
        "id-1": (NOON + 100 * SECOND, None),
        "id-2": (NOON + 50 * SECOND, NOON + 100 * SECOND),
        "id-3": (NOON, None),
    }


def test_the_first_card_of_a_model_and_the_end_of_its_last_one_concern_all_time(table: PriceTable) -> None:
    table.put_manual(manual(100, input="3"))
    table.put_manual(manual(50, input="2"))
    table.change(lambda: table.manual_writes(manual(50, input="2"), "price deleted", deletes=True))
    table.change(lambda: table.manual_writes(manual(100, input="3"), "price deleted", deletes=True))

    spans = {made.id: (made.start, made.end) for made in table.load_meta().reprices}
    assert spans == {
        "id-1": (BEGINNING, None),
        "id-2": (NOON + 50 * SECOND, NOON + 100 * SECOND),
        "id-3": (NOON + 50 * SECOND, NOON + 100 * SECOND),
        "id-4": (BEGINNING, None),
    }
    assert table.cards() == []


def test_a_learned_profile_is_kept_and_its_hours_are_repriced_once(table: PriceTable) -> None:
    assert table.learn_profiles({ARN: MODEL}) == {ARN: MODEL}
    assert table.learn_profiles({ARN: MODEL}) == {}
    assert table.learn_profiles({}) == {}

    meta = table.load_meta()
    assert meta.version == "1"
    assert meta.reprices == (request(model_id=ARN, start=BEGINNING, reason="application profile resolved"),)
    table.put_cards([card(MODEL, input="1")], [])
    assert rates_of(ask(table.load_book(), ARN, {"input": 1})) == {"input": Decimal(1)}


def test_a_discount_concerns_its_account_and_model_until_the_next_one(table: PriceTable) -> None:
    discount = Discount(percent=Decimal(10), effective_from=NOON, account_id="A", note="EDP")
    later = replace(discount, effective_from=NOON + 60 * SECOND, percent=Decimal(12))

    table.change(lambda: table.discount_writes(later, "discount entered"))
    table.change(lambda: table.discount_writes(replace(discount, model_id=MODEL), "discount entered"))
    table.change(lambda: table.discount_writes(discount, "discount entered"))

    assert table.load_book().discounts == tuple(table.discounts())
    assert table.load_meta().version == "3"
    assert table.load_meta().reprices == (
        request(
            id="id-1", model_id=None, account_id="A", start=NOON + 60 * SECOND, reason="discount entered"
        ),
        request(id="id-2", account_id="A", reason="discount entered"),
        request(id="id-3", model_id=None, account_id="A", end=NOON + 60 * SECOND, reason="discount entered"),
    )


def test_a_decision_is_made_anew_where_the_prices_changed_meanwhile() -> None:
    table = PriceTable(MemoryTable())
    seen: list[int] = []

    def decide() -> PriceWrites:
        seen.append(len(table.cards()))
        if len(seen) == 1:
            table.put_manual(manual(1, input="9"))
        return table.manual_writes(manual(input="2"), "price entered")

    table.change(decide)

    assert seen == [0, 1]
    assert table.load_meta().version == "2"
    assert len(table.cards()) == 2


def test_a_taken_request_is_gone_and_taking_it_again_is_no_error(table: PriceTable) -> None:
    table.put_manual(manual(input="2"))
    (made,) = table.load_meta().reprices

    table.take_reprice(made)
    table.take_reprice(made)

    assert table.load_meta().reprices == ()


def test_a_request_that_was_replaced_meanwhile_stays(table: PriceTable) -> None:
    table.put_request(request(start=NOON - SECOND))

    table.take_reprice(request())

    assert table.load_meta().reprices == (request(start=NOON - SECOND),)


def test_requests_keep_their_bounds(table: PriceTable) -> None:
    for made in (request(id="a", end=NOON + SECOND), request(id="b", model_id=None)):
        table.put_request(made)

    assert table.load_meta().reprices == (
        request(id="a", end=NOON + SECOND),
        request(id="b", model_id=None),
    )


def test_idle_reading_is_one_query(items: ItemTable) -> None:
    metered = MeteredTable(items)
    PriceTable(metered).put_manual(manual(input="2"))
    metered.take()

    PriceTable(metered).load_meta()

    assert dict(metered.take().requests) == {"Query": 1}


def test_many_cards_are_announced_first_and_repriced_together() -> None:
    order: list[str] = []

    class Watching(MemoryTable):
        def put_many(self, items: Iterable[Item]) -> None:
            rows = list(items)
            order.extend(f"{len(rows)} {row['PK']!s}" for row in rows[:1])
            super().put_many(rows)

        def write_together(self, writes: Sequence[Put | Delete]) -> None:
            order.append("together " + ", ".join(sorted(map(_sort_key, writes))))

    cards = [card(f"amazon.m{number}", input="1") for number in range(41)]
    PriceTable(Watching(), new_id=lambda: "x").put_cards(cards, [])

    assert order == ["1 META", "41 CARD", "together PRICE_VERSION, REPRICE#x, UNFINISHED"]


def _sort_key(write: Put | Delete) -> str:
    return str(write.item["SK"]) if isinstance(write, Put) else write.key.sk


def test_a_few_cards_are_written_in_one_group_with_their_requests(table: PriceTable) -> None:
    cards = [card(f"amazon.m{number:02}", input="1") for number in range(40)]

    table.put_cards(cards, [request(id="mine")])

    meta = table.load_meta()
    assert (meta.version, meta.reprices, meta.unfinished) == ("1", (request(id="mine"),), False)
    assert table.cards() == cards


def test_another_writer_in_between_is_waited_out() -> None:
    class Racing(MemoryTable):
        rivals = 3

        def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
            found = super().get(key, consistent=consistent)
            if self.rivals:
                self.rivals -= 1
                version = int(str(found["version"])) if found else 0
                self.put_many([{"PK": "META", "SK": "PRICE_VERSION", "version": version + 1}])
            return found

    table = PriceTable(Racing())
    table.put_manual(manual(input="2"))

    assert table.load_meta().version == "4"


def test_a_version_that_never_stands_still_is_unavailable() -> None:
    class Busy(MemoryTable):
        def write_together(self, writes: Sequence[Put | Delete]) -> None:
            raise ConditionFailed("moved")

    with pytest.raises(TableUnavailable, match="changed 8 times"):
        PriceTable(Busy()).put_manual(manual(input="2"))


def test_models_without_a_price_ask_for_a_sync(table: PriceTable) -> None:
    table.want_models([])
    assert table.load_meta().wanted_models == ()

    table.want_models(["b", "a", "b"])
    assert table.load_meta().wanted_models == ("a", "b")
    assert table.load_meta().tried_models == ()

    table.want_models(f"model-{number:03}" for number in range(200))
    assert len(table.load_meta().wanted_models) == 100


def test_cards_of_one_model_and_scope_are_read_alone(table: PriceTable) -> None:
    kept = [card(MODEL, input="1"), manual(input="2")]
    others = [card(MODEL, "geo:us", input="3"), card(f"{MODEL}0", input="4")]
    table.put_cards([*kept, *others], [])

    assert table.cards_of(MODEL, BASE) == kept
