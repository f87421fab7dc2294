"""Cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.reporting.csv_lines import csv_lines, safe_cell


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", " =1", "\t=1", "\n=1", "\r1", "\0=1", "\u3000@A1"])
def test_a_text_that_a_spreadsheet_would_run_gets_a_quote(text: str) -> None:
    assert safe_cell(text) == "'" + text.replace("\0", "")


@given(st.lists(st.text(), min_size=2, max_size=2))
def test_rows_come_back_as_written_but_for_quotes_and_nulls(row: list[str]) -> None:
    text = "".join(csv_lines(("a", "b"), [row]))
    assert "\0" not in text
    (_, read) = csv.reader(io.StringIO(text, newline=""))
    assert read == [safe_cell(cell) for cell in row]
