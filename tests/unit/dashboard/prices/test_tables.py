"""Rows of the tables: exact rates, found by any word of a name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboard.prices.tables import (
    ALL,
    BY_HAND,
    BY_PEOPLE,
    LAST_SYNC,
    LISTED,
    card_rows,
    change_rows,
    wanted_changes,
)
from tests.unit.dashboard.prices.tables import HOSTILE, NOW, SONNET, Shelf, manual

UTC = ZoneInfo("UTC")


def rows(search: str = "", source: str = ALL) -> list[tuple[str, str, Decimal | None]]:
    found = card_rows(Shelf().filled().desk.models(), search, source, UTC)
    return [(row["scope"], row["source"], row["input"]) for row in found]


def test_each_scope_and_source_has_its_row_with_exact_rates() -> None:
    assert rows() == [
        ("everywhere", "LiteLLM", Decimal(3)),
        ("everywhere", "by hand", Decimal("2.5")),
        ("us profiles", "LiteLLM", Decimal("3.3")),
        ("global profiles", "LiteLLM", Decimal(3)),
    ]
    assert rows(source=BY_HAND) == [("everywhere", "by hand", Decimal("2.5"))]
    assert len(rows(source=LISTED)) == 3


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("SONNET", 4),
        ("anthropic 4.6", 4),
        ("claude-sonnet-4-6", 4),
        ("  ", 4),
        ("nova", 0),
        ("sonnet nova", 0),
    ],
)
def test_every_word_of_a_search_must_occur(search: str, found: int) -> None:
    assert len(rows(search)) == found


def test_a_row_tells_other_rates_and_since_when() -> None:
    first, second, *_ = card_rows(Shelf().filled().desk.models(), "", ALL, UTC)
    assert first["more"] == "Input above 200,000 tokens $6.00"
    assert first["since"] == "the beginning"
    assert (second["more"], second["since"], second["output_text"]) == ("", "21 Nov 2026, 12:00", "—")
    assert second["price_of"] == SONNET


def test_a_price_to_come_is_marked() -> None:
    shelf = Shelf()
    shelf.table.put_manual(manual(NOW + timedelta(days=1), input="9"))
    (row,) = card_rows(shelf.desk.models(), "", ALL, UTC)
    assert (row["chip"], row["since"]) == ("upcoming", "25 Nov 2026, 12:00")


def test_rows_of_changes_tell_who_and_why_as_text() -> None:
    price, discount = change_rows(Shelf().filled().desk.changes(), UTC)
    assert (price["what"], price["difference"], price["chip"]) == ("entered", "Input $2.50", "everywhere")
    assert (price["who"], price["note"]) == (HOSTILE, HOSTILE)
    assert (discount["name"], discount["what"], discount["difference"]) == (
        "everything",
        "discount entered",
        "12.5 %",
    )
    assert discount["price_of"] is None


def test_changes_of_people_and_of_the_list_are_told_apart() -> None:
    changes = Shelf().filled().desk.changes()
    assert wanted_changes(changes, ALL) == list(changes)
    assert wanted_changes(changes, BY_PEOPLE) == list(changes)
    assert wanted_changes(changes, LAST_SYNC) == []
