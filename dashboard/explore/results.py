"""Rows of any query as a table: numbers as numbers, everything else as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bedrock_analytics.reporting.explore import ExploreRows
from dashboard.phrases import count_of

_NARROW, _WIDE, _CHARACTER = 110, 420, 8


def result_columns(answer: ExploreRows) -> list[dict[str, Any]]:
    """A column of the table for each of the answer; two of one name stay two."""
    return [_column(index, name, answer.rows) for index, name in enumerate(answer.columns)]


def _column(index: int, name: str, rows: Sequence[tuple[object, ...]]) -> dict[str, Any]:
    values = [row[index] for row in rows[:50]]
    longest = max((len(cell_text(value)) for value in (name, *values)), default=0)
    column: dict[str, Any] = {
        "field": f"c{index}",
        "headerName": name,
        "width": min(_WIDE, max(_NARROW, 40 + _CHARACTER * longest)),
        "valueFormatter": {"function": f"params.data.c{index}_text"},
    }
    if any(map(_is_number, values)) and all(value is None or _is_number(value) for value in values):
        return column | {"type": "rightAligned", "cellClass": ["ag-right-aligned-cell", "number"]}
    return column


def result_rows(rows: Sequence[tuple[object, ...]], first: int = 0) -> list[dict[str, Any]]:
    """Rows of the table; their numbers begin with `first`."""
    return [
        {
            "id": str(number),
            **{name: part for index, value in enumerate(row) for name, part in _cell(index, value)},
        }
        for number, row in enumerate(rows, first)
    ]


def _cell(index: int, value: object) -> list[tuple[str, Any]]:
    text = cell_text(value)
    sorted_by = float(value) if isinstance(value, Decimal) else value if _is_number(value) else text
    return [(f"c{index}", None if value is None else sorted_by), (f"c{index}_text", text)]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def cell_text(value: object) -> str:
    """A value as text, exactly: what has no value is empty, times are ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def told_rows(shown: int, answer: ExploreRows, most: int) -> str:
    """How many rows there are."""
    if answer.next_page is not None:
        return f"The first {count_of(shown, 'row')}."
    if answer.is_cut:
        return f"{count_of(shown, 'row')}, of more: an answer ends after {most:,}."
    return f"{count_of(shown, 'row')}."
