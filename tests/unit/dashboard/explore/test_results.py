"""Rows of any query as a table."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bedrock_analytics.reporting.explore import ExploreRows
from dashboard.explore.results import cell_text, result_columns, result_rows, told_rows

ROWS: tuple[tuple[object, ...], ...] = (
    ("<b>x</b>", 3, Decimal("0.10"), datetime(2026, 11, 24, 9, tzinfo=UTC), None),
    (None, None, Decimal("2"), None, True),
)


def answer(next_page: str | None = None, *, is_cut: bool = False) -> ExploreRows:
    columns = ("who", "n", "usd", "n", "flag")
    return ExploreRows(columns=columns, rows=ROWS, next_page=next_page, is_cut=is_cut)


def test_numbers_are_aligned_and_sorted_as_numbers_and_shown_exactly() -> None:
    first, second = result_rows(ROWS)
    assert (first["c1"], first["c2"], first["c2_text"]) == (3, 0.1, "0.10")
    assert (second["c0"], second["c0_text"], second["c4_text"]) == (None, "", "true")
    kinds = [column.get("type") for column in result_columns(answer())]
    assert kinds == [None, "rightAligned", "rightAligned", None, None]


def test_two_columns_of_one_name_stay_two() -> None:
    columns = result_columns(answer())
    assert [column["headerName"] for column in columns] == ["who", "n", "usd", "n", "flag"]
    assert len({column["field"] for column in columns}) == 5


def test_rows_that_follow_are_numbered_on() -> None:
    assert [row["id"] for row in result_rows(ROWS, first=50)] == ["50", "51"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (Decimal("1E+3"), "1000"),
        (False, "false"),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 9, tzinfo=UTC), "2026-11-24T09:00:00+00:00"),
        ("=1+1", "=1+1"),
    ],
)
def test_values_are_told_exactly(value: object, expected: str) -> None:
    assert cell_text(value) == expected


def test_it_is_told_whether_there_are_more_rows() -> None:
    assert told_rows(2, answer(), 10_000) == "2 rows."
    assert told_rows(1, answer(), 10_000) == "1 row."
    assert told_rows(2, answer("2/x"), 10_000) == "The first 2 rows."
    assert told_rows(2, answer(is_cut=True), 10_000) == "2 rows, of more: an answer ends after 10,000."
