"""Rows as lines of CSV for spreadsheets: no cell starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

FORMULA_STARTS = ("=", "+", "-", "@")


def safe_cell(text: str) -> str:
    """Text that a spreadsheet takes as text: callers and metadata come from whoever makes the calls.

    Without null characters, which end a cell to some programs; spreadsheets look behind white space.
    """
    text = text.replace("\0", "")
    is_formula = text.lstrip().startswith(FORMULA_STARTS) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if is_formula else text


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The header and each row as one text that ends in a line break. Times are ISO 8601, absence is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for cells in _all(columns, rows):
        writer.writerow([_cell(value) for value in cells])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _all(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield columns
    yield from rows


def _cell(value: object) -> object:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else value
