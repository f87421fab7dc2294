from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.price_history import (
    DISCOUNT_SOURCE,
    PERCENT,
    ChangeKind,
    HeldCard,
    PriceChange,
    change_item,
    held_item,
    rate_values,
    read_change,
    read_held,
)
from tests.pricing.books import NOON, card

CHANGE = PriceChange(
    kind=ChangeKind.CORRECTED,
    seen_at=NOON,
    effective_from=NOON - timedelta(days=1),
    source="manual",
    model_id="amazon.m",
    scope="geo:us",
    old={"input": Decimal("0.10")},
    new={"input": Decimal("0.2"), "output>200000@flex": Decimal(0)},
    changed_by="ana",
    note="contract 7",
)
texts = st.none() | st.text(min_size=1)
values = st.dictionaries(st.text(), st.decimals(0, 10**6, places=6))


@given(
    st.builds(
        replace,
        st.just(CHANGE),
        kind=st.sampled_from(ChangeKind),
        model_id=texts,
        scope=texts,
        account_id=texts,
        old=values,
        new=values,
        changed_by=texts,
        note=texts,
    )
)
def test_a_change_survives_its_row(change: PriceChange) -> None:
    assert read_change(change_item(change, "id")) == change


def test_a_row_of_the_history_is_readable_in_the_console_and_sorts_by_time() -> None:
    assert change_item(CHANGE, "id-1") == {
        "PK": "CHANGE",
        "SK": "2026-11-24T12:00:00Z#amazon.m#geo:us#manual#id-1",
        "first_seen": "2026-11-24T12:00:00Z",
        "effective_from": "2026-11-23T12:00:00Z",
        "change": "corrected",
        "source": "manual",
        "old": {"input": "0.1"},
        "new": {"input": "0.2", "output>200000@flex": "0"},
        "model_id": "amazon.m",
        "scope": "geo:us",
        "changed_by": "ana",
        "note": "contract 7",
    }


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "2026-11-24T12:00:00Z#amazon.m#geo:us#manual"),
        ({"scope": None, "account_id": "A"}, "2026-11-24T12:00:00Z#amazon.m#A#manual"),
        ({"scope": None, "model_id": None}, "2026-11-24T12:00:00Z#*#*#manual"),
    ],
)
def test_the_key_of_a_change_names_what_was_changed(fields: dict[str, str | None], key: str) -> None:
    assert change_item(replace(CHANGE, **fields))["SK"] == key  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "broken",
    [
        {"change": "guessed"},
        {"first_seen": None},
        {"old": "0.1"},
        {"new": {"input": "much"}},
        {"source": None},
    ],
)
def test_a_damaged_row_of_the_history_is_told(broken: dict[str, Value]) -> None:
    item = {key: value for key, value in (change_item(CHANGE) | broken).items() if value is not None}
    with pytest.raises(TableError, match=r"price change .*amazon\.m"):
        read_change(item)


def test_a_waiting_card_survives_its_row() -> None:
    held = HeldCard(card=card("amazon.m", input="20"), old={"input": Decimal(1)}, seen_at=NOON)
    item = held_item(held)
    assert read_held(item) == held
    assert (item["PK"], item["SK"]) == ("HELD", "amazon.m#base#litellm")
    assert (item["old_rates"], item["seen_at"]) == ({"input": "1"}, "2026-11-24T12:00:00Z")


@pytest.mark.parametrize("broken", [{"old_rates": None}, {"old_rates": {"input": "x"}}, {"seen_at": "now"}])
def test_a_damaged_waiting_card_is_told(broken: dict[str, Value]) -> None:
    held = HeldCard(card=card("amazon.m", input="20"), old={}, seen_at=NOON)
    with pytest.raises(TableError):
        read_held(held_item(held) | broken)


def test_the_words_that_are_stored_stay_the_same() -> None:
    assert [kind.value for kind in ChangeKind] == [
        "added",
        "more specific, review",
        "changed",
        "approved",
        "entered",
        "corrected",
        "ended",
        "deleted",
    ]
    assert (PERCENT, DISCOUNT_SOURCE) == ("percent", "discount")


def test_rates_of_a_card_are_told_by_the_text_of_their_keys() -> None:
    assert rate_values(card("amazon.m", input="1", output__flex="2")) == {
        "input": Decimal(1),
        "output@flex": Decimal(2),
    }
    assert rate_values(None) == {}
