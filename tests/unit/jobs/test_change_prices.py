from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.billable import billable_of_question
from bedrock_analytics.domain.errors import PriceRefused, TableUnavailable
from bedrock_analytics.domain.rate_card import BASE, BEGINNING, Discount, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import (
    AddPrice,
    ApproveHeld,
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
from bedrock_analytics.storage.item_table import Delete, Put
from bedrock_analytics.storage.price_history import ChangeKind, HeldCard, PriceChange, held_item
from bedrock_analytics.storage.price_table import PriceTable
from tests.fakes.memory_table import InterruptedTable, MemoryTable
from tests.pricing.books import NOON, ask, card, rates_of

MODEL = "amazon.some-model-v1:0"
DAY = timedelta(days=1)
SEEN = NOON + timedelta(hours=3)
ANA = Author(who="ana", note="contract 7")
LISTED = card(MODEL, input="1", output="5")


@pytest.fixture
def table() -> PriceTable:
    numbers = itertools.count(1)
    made = PriceTable(MemoryTable(), new_id=lambda: f"id-{next(numbers)}")
    made.put_cards([LISTED], [])
    return made


def make(table: PriceTable, operation: Operation, author: Author = ANA) -> PriceChange:
    return PriceChanges(table, SEEN + timedelta(microseconds=9)).make(operation, author)


def add(since: datetime = NOON, **rates: str) -> AddPrice:
    given = {RateKey(kind=kind): Decimal(rate) for kind, rate in (rates or {"input": "0.5"}).items()}
    return AddPrice(model_id=MODEL, scope=BASE, effective_from=since, rates=given)


def correct(since: datetime = NOON, **rates: str) -> CorrectPrice:
    added = add(since, **rates)
    return CorrectPrice(model_id=MODEL, scope=BASE, effective_from=since, rates=added.rates)


def end(since: datetime) -> EndPrice:
    return EndPrice(model_id=MODEL, scope=BASE, effective_from=since)


def delete(since: datetime = NOON) -> DeletePrice:
    return DeletePrice(model_id=MODEL, scope=BASE, effective_from=since)


def input_rate(table: PriceTable, at: datetime) -> Decimal:
    return rates_of(ask(table.load_book(), MODEL, {"input": 1, "output": 1}, at=at))["input"]


def spans(table: PriceTable) -> list[tuple[datetime, datetime | None]]:
    return [(made.start, made.end) for made in table.load_meta().reprices]


def test_an_added_price_holds_from_its_moment_on_and_is_told_in_the_history(table: PriceTable) -> None:
    change = make(table, add())

    second = timedelta(seconds=1)
    assert [input_rate(table, NOON - second), input_rate(table, NOON)] == [Decimal(1), Decimal("0.5")]
    expected = PriceChange(
        kind=ChangeKind.ENTERED,
        seen_at=SEEN,
        effective_from=NOON,
        source="manual",
        model_id=MODEL,
        scope=BASE,
        old={},
        new={"input": Decimal("0.5")},
        changed_by="ana",
        note="contract 7",
    )
    assert (change, table.changes()) == (expected, [expected])
    (made,) = [known for known in table.cards() if known.source is RateSource.MANUAL]
    assert (made.changed_by, made.note) == ("ana", "contract 7")
    (request,) = table.load_meta().reprices
    assert (request.model_id, request.start, request.end, request.reason) == (
        MODEL,
        NOON,
        None,
        "price entered",
    )


def test_rates_that_are_not_given_stay_the_listed_ones(table: PriceTable) -> None:
    make(table, add())

    assert rates_of(ask(table.load_book(), MODEL, {"input": 1, "output": 1})) == {
        "input": Decimal("0.5"),
        "output": Decimal(5),
    }


def test_a_corrected_price_keeps_its_predecessor_in_the_history(table: PriceTable) -> None:
    make(table, add())
    change = make(table, correct(input="0.6"), Author(who="ben"))

    assert input_rate(table, NOON) == Decimal("0.6")
    assert (change.kind, change.old, change.new) == (
        ChangeKind.CORRECTED,
        {"input": Decimal("0.5")},
        {"input": Decimal("0.6")},
    )
    assert sorted((known.kind.value, known.changed_by) for known in table.changes()) == [
        ("corrected", "ben"),
        ("entered", "ana"),
    ]


def test_an_ended_price_gives_way_to_the_listed_one_and_stays_for_the_time_before(table: PriceTable) -> None:
    make(table, add())
    change = make(table, end(NOON + DAY))

    rates = [input_rate(table, NOON + step) for step in (-DAY, 0 * DAY, DAY - timedelta(seconds=1), DAY)]
    assert rates == [Decimal(1), Decimal("0.5"), Decimal("0.5"), Decimal(1)]
    assert (change.kind, change.old, change.new) == (ChangeKind.ENDED, {"input": Decimal("0.5")}, {})
    assert spans(table)[-1] == (NOON + DAY, None)


def test_an_end_may_be_deleted_and_a_new_price_may_follow_it(table: PriceTable) -> None:
    make(table, add())
    make(table, end(NOON + DAY))
    make(table, add(NOON + 2 * DAY, input="0.7"))
    assert [input_rate(table, NOON + step * DAY) for step in range(3)] == [
        Decimal("0.5"),
        Decimal(1),
        Decimal("0.7"),
    ]

    make(table, delete(NOON + DAY))

    assert input_rate(table, NOON + DAY) == Decimal("0.5")
    assert spans(table)[-1] == (NOON + DAY, NOON + 2 * DAY)


def test_a_price_of_a_model_that_is_in_no_list_may_end_too() -> None:
    table = PriceTable(MemoryTable())
    make(table, add())
    make(table, end(NOON + DAY))

    book = table.load_book()
    assert ask(book, MODEL, {"input": 1}, at=NOON).status == "priced"
    assert ask(book, MODEL, {"input": 1}, at=NOON + DAY).reason == "no_rate_card"


def test_a_deleted_price_is_as_if_it_had_never_been_but_stays_in_the_history(table: PriceTable) -> None:
    make(table, add())
    change = make(table, delete())

    assert table.cards() == [LISTED]
    assert (change.kind, change.old, change.new) == (ChangeKind.DELETED, {"input": Decimal("0.5")}, {})
    assert len(table.changes()) == 2
    assert table.load_meta().version == "3"


@pytest.mark.parametrize(
    ("before", "operation", "message"),
    [
        ([add()], add(), "already a price entered .* correct it instead"),
        (
            [],
            correct(),
            r"no price entered by hand for amazon\.some-model-v1:0 \(base\) at 2026-11-24 12:00:00 UTC\.",
        ),
        ([add()], correct(NOON + DAY), "no price entered by hand"),
        ([], delete(), "no price entered by hand"),
        ([], delete(BEGINNING), "no price entered by hand"),
        ([], end(NOON), "no price entered by hand that could end"),
        ([add(NOON + DAY)], end(NOON), "that could end"),
        ([add()], end(NOON), "delete it, or end it later"),
        ([add(), end(NOON + DAY)], end(NOON + 2 * DAY), "that could end"),
        ([], replace(add(), rates={}), "at least one rate"),
        ([], replace(add(), rates={RateKey(kind="input"): Decimal(-1)}), "-1 is no rate"),
        ([], replace(add(), rates={RateKey(kind="input"): Decimal("NaN")}), "NaN is no rate"),
        ([], replace(add(), scope="us"), "'us' is no scope: use base, global, geo:us or region:us-east-1"),
        ([], replace(add(), model_id="a#b"), "'a#b' is no model id"),
        ([], replace(add(), model_id=" "), "'' is no model id"),
        ([], add(NOON.replace(microsecond=1)), "full second in UTC"),
        ([], add(NOON.replace(tzinfo=None)), "full second in UTC"),
        ([], add(NOON + timedelta(days=4000)), "more than ten years ahead"),
        ([], ApproveHeld(model_id=MODEL, scope=BASE), "waits for approval"),
    ],
)
def test_what_is_not_possible_is_refused_in_plain_words_and_changes_nothing(
    table: PriceTable, before: list[Operation], operation: Operation, message: str
) -> None:
    for earlier in before:
        make(table, earlier)
    known = (table.cards(), table.changes(), table.load_meta())

    with pytest.raises(PriceRefused, match=message):
        make(table, operation)

    assert (table.cards(), table.changes(), table.load_meta()) == known


@pytest.mark.parametrize(
    ("author", "message"),
    [
        (Author(who=" "), "Say who changes the price"),
        (Author(who="x" * 201), "longer than 200"),
        (Author(who="ana", note="x" * 1001), "longer than 1000"),
    ],
)
def test_a_change_says_who_made_it(table: PriceTable, author: Author, message: str) -> None:
    with pytest.raises(PriceRefused, match=message):
        make(table, add(), author)


def test_names_and_notes_of_the_greatest_length_are_taken_and_trimmed(table: PriceTable) -> None:
    change = make(table, add(), Author(who=f" {'x' * 200} ", note=f" {'y' * 1000}\n"))

    assert (change.changed_by, change.note) == ("x" * 200, "y" * 1000)
    assert make(table, delete(), Author(who="ana", note="  ")).note is None


def discount(percent: str = "12.5", **more: str | datetime) -> PutDiscount:
    fields = {"effective_from": NOON, "account_id": "111122223333"} | more
    return PutDiscount(percent=Decimal(percent), **fields)  # type: ignore[arg-type]


def discounted(table: PriceTable, at: datetime) -> Decimal:
    usage = {"input": 1_000_000}
    asked = billable_of_question(MODEL, usage, region="us-east-1", account_id="111122223333")
    return sum(table.load_book().cost(asked, at).discounts.values(), Decimal(0))


def test_a_discount_is_entered_corrected_ended_and_deleted_like_a_price(table: PriceTable) -> None:
    entered = make(table, discount())
    corrected = make(table, discount("25"))
    ended = make(table, EndDiscount(effective_from=NOON + DAY, account_id="111122223333"))

    assert [discounted(table, NOON + step * DAY) for step in (-1, 0, 1)] == [
        Decimal(0),
        Decimal("0.25"),
        Decimal(0),
    ]
    assert [(made.kind, dict(made.old), dict(made.new)) for made in (entered, corrected, ended)] == [
        (ChangeKind.ENTERED, {}, {"percent": Decimal("12.5")}),
        (ChangeKind.CORRECTED, {"percent": Decimal("12.5")}, {"percent": Decimal(25)}),
        (ChangeKind.ENDED, {"percent": Decimal(25)}, {"percent": Decimal(0)}),
    ]
    deleted = make(table, DeleteDiscount(effective_from=NOON, account_id="111122223333"))
    assert (deleted.kind, dict(deleted.old), dict(deleted.new)) == (
        ChangeKind.DELETED,
        {"percent": Decimal(25)},
        {},
    )
    assert discounted(table, NOON) == 0
    assert [made.reason for made in table.load_meta().reprices] == [
        "discount entered",
        "discount corrected",
        "discount ended",
        "discount deleted",
    ]
    assert {(made.account_id, made.model_id) for made in table.load_meta().reprices} == {
        ("111122223333", None)
    }
    (left,) = table.discounts()
    assert left == Discount(
        percent=Decimal(0),
        effective_from=NOON + DAY,
        account_id="111122223333",
        note="contract 7",
        changed_by="ana",
    )


@pytest.mark.parametrize(
    ("before", "operation", "message"),
    [
        ([], discount("101"), "not between 0 and 100"),
        ([], discount("NaN"), "not between 0 and 100"),
        ([], discount("0.00001"), "at most 4 decimals"),
        ([], discount(account_id=""), "neither an account nor a model id"),
        ([], discount(model_id="a#b"), "neither an account nor a model id"),
        ([], DeleteDiscount(effective_from=NOON), "There is no such discount at 2026-11-24 12:00:00 UTC"),
        ([discount()], DeleteDiscount(effective_from=NOON), "no such discount"),
        ([discount()], EndDiscount(effective_from=NOON, account_id="111122223333"), "delete it"),
        ([discount()], EndDiscount(effective_from=NOON + DAY), "no such discount that could end"),
        ([discount("0")], EndDiscount(effective_from=NOON + DAY, account_id="111122223333"), "could end"),
    ],
)
def test_a_discount_that_is_not_possible_is_refused(
    table: PriceTable, before: list[Operation], operation: Operation, message: str
) -> None:
    for earlier in before:
        make(table, earlier)
    known = (table.discounts(), table.load_meta())

    with pytest.raises(PriceRefused, match=message):
        make(table, operation)

    assert (table.discounts(), table.load_meta()) == known


def test_a_held_rate_is_approved_from_now_on_under_the_name_of_who_approved_it(table: PriceTable) -> None:
    moved = replace(LISTED, rates={RateKey(kind="input"): Decimal(20), RateKey(kind="output"): Decimal(5)})
    waiting = HeldCard(card=moved, old={"input": Decimal(1)}, seen_at=NOON)
    table.put_rows([Put(held_item(waiting))])
    assert table.held() == [waiting]

    change = make(table, ApproveHeld(model_id=MODEL, scope=BASE))

    assert (change.kind, change.changed_by, change.note) == (ChangeKind.APPROVED, "ana", "contract 7")
    assert (change.old, change.new) == ({"input": Decimal(1)}, {"input": Decimal(20)})
    assert (table.held(), input_rate(table, SEEN)) == ([], Decimal(20))
    assert input_rate(table, SEEN - timedelta(seconds=1)) == 1


def test_a_price_may_take_effect_up_to_ten_years_ahead(table: PriceTable) -> None:
    farthest = SEEN + timedelta(days=3650)
    assert PriceChanges(table, SEEN).make(add(farthest), ANA).effective_from == farthest
    with pytest.raises(PriceRefused, match="ten years"):
        make(table, add(farthest + timedelta(seconds=1)))


def test_what_another_person_did_meanwhile_is_what_is_replaced() -> None:
    class Rival(MemoryTable):
        rates: Iterator[str] = iter(("0.9",))

        def write_together(self, writes: Sequence[Put | Delete]) -> None:
            for rate in self.rates:
                make(PriceTable(self), correct(input=rate), Author(who="rival"))
            super().write_together(writes)

    items = Rival()
    items.rates = iter(())
    table = PriceTable(items)
    make(table, add())
    items.rates = iter(("0.9",))

    change = make(table, correct(input="0.7"))

    assert (change.old, change.new) == ({"input": Decimal("0.9")}, {"input": Decimal("0.7")})
    assert len(table.changes()) == 3


def test_two_changes_of_one_price_in_one_second_are_two_rows_of_the_history(table: PriceTable) -> None:
    for operation in (add(), delete(), add(), correct(input="2")):
        make(table, operation)

    assert sorted(change.kind.value for change in table.changes()) == [
        "corrected",
        "deleted",
        "entered",
        "entered",
    ]


def test_a_change_that_dies_at_any_storage_call_is_done_as_a_whole_or_not_at_all() -> None:
    class Dead(Exception):
        pass

    at_call, died = 0, True
    while died:
        items = MemoryTable()
        PriceTable(items).put_cards([LISTED], [])
        before = dict(items.items)
        calls = itertools.count()

        def tick(calls: Iterator[int] = calls, at_call: int = at_call) -> None:
            if next(calls) == at_call:
                raise Dead

        died = False
        try:
            make(PriceTable(InterruptedTable(items, tick)), add())
        except Dead:
            died = True
            assert items.items == before
        at_call += 1
    assert at_call > 3
    assert len(PriceTable(items).changes()) == len(PriceTable(items).load_meta().reprices) == 1


def test_a_table_that_does_not_answer_is_told_as_that() -> None:
    def throttled() -> None:
        raise TableUnavailable("throttled")

    with pytest.raises(TableUnavailable, match="throttled"):
        make(PriceTable(InterruptedTable(MemoryTable(), throttled)), add())


def test_a_price_of_an_arn_holds_from_its_moment_on_and_before_it_the_arn_is_priced_as_ever() -> None:
    arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"
    table = PriceTable(MemoryTable())
    table.put_cards([LISTED], [])
    table.learn_profiles({arn: MODEL})
    rates = {RateKey(kind="input"): Decimal("0.1")}
    make(table, AddPrice(model_id=arn, scope=BASE, effective_from=NOON, rates=rates))
    make(table, EndPrice(model_id=arn, scope=BASE, effective_from=NOON + DAY))

    book = table.load_book()
    found = [rates_of(ask(book, arn, {"input": 1}, at=NOON + step * DAY))["input"] for step in (-1, 0, 1)]
    assert found == [Decimal(1), Decimal("0.1"), Decimal(1)]


def test_a_listed_card_needs_a_rate() -> None:
    with pytest.raises(ValueError, match="has no rate"):
        RateCard(
            model_id=MODEL,
            scope=BASE,
            effective_from=datetime(2026, 1, 1, tzinfo=UTC),
            source=RateSource.LITELLM,
            rates={},
        )
