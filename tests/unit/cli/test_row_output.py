"""Rows of a query in each form."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bedrock_analytics.cli.row_output import print_rows

COLUMNS = ("ts", "day", "cost", "calls", "ok", "who", "tags", "none")
ROW = (
    datetime(2026, 11, 24, 10, tzinfo=UTC),
    date(2026, 11, 24),
    Decimal("0.1000"),
    3,
    True,
    "[red]eve[/red]",
    {"team": "a", "at": [date(2026, 1, 1)]},
    None,
)


def printed(capsys: pytest.CaptureFixture[str], form: str) -> str:
    print_rows(COLUMNS, [ROW], form)
    return capsys.readouterr().out


def test_json_is_one_array_of_objects_with_exact_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(printed(capsys, "json")) == [
        {
            "ts": "2026-11-24T10:00:00+00:00",
            "day": "2026-11-24",
            "cost": "0.1000",
            "calls": 3,
            "ok": True,
            "who": "[red]eve[/red]",
            "tags": {"team": "a", "at": ["2026-01-01"]},
            "none": None,
        }
    ]


def test_csv_has_a_header_and_empty_nulls(capsys: pytest.CaptureFixture[str]) -> None:
    header, row = csv.reader(io.StringIO(printed(capsys, "csv"), newline=""))

    assert header == list(COLUMNS)
    assert row == [
        "2026-11-24T10:00:00+00:00",
        "2026-11-24",
        "0.1000",
        "3",
        "True",
        "[red]eve[/red]",
        '{"team": "a", "at": ["2026-01-01"]}',
        "",
    ]


def test_a_table_shows_what_callers_wrote_as_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    table = printed(capsys, "table")

    assert "[red]eve[/red]" in table
    assert "—" in table


@pytest.mark.parametrize(("form", "text"), [("json", "[]\n"), ("csv", "a\r\n")])
def test_no_rows_are_no_error(capsys: pytest.CaptureFixture[str], form: str, text: str) -> None:
    print_rows(("a",), [], form)

    assert capsys.readouterr().out == text
