"""Files of tables: exact, named by their filters, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.periods import Span
from dashboard.exports import CSV, JSON, file_name, file_text, safe_cell
from dashboard.filters import Filters
from dashboard.panel_views import Table, sent_rows
from dashboard.ranges import Preset
from dashboard.view_models import Question
from dashboard.widgets.tables import name_column, number_column
from tests.unit.dashboard.answers import utc

QUESTION = Question(
    preset=Preset.CUSTOM,
    span=Span(utc("2026-11-17 23:00"), utc("2026-11-24 23:00")),
    zone=ZoneInfo("Europe/Vienna"),
    revision=1,
    complete_until=utc("2026-11-24 23:00"),
    filters=Filters(
        accounts=frozenset({"111122223333"}), metadata=frozenset({("team", "../../etc"), ("team", "a b")})
    ),
)
EXACT = Decimal("0.1234567890123456789012345678")
TABLE = Table(
    columns=[name_column("Model"), number_column("cost", "Est. cost", 90)],
    rows=[
        {"id": "1", "name": "=SUM(A1)", "detail": "m-1", "chip": "us", "cost": EXACT, "cost_text": "$0.12"}
    ],
    totals=[{"id": "total", "name": "Total", "cost": Decimal("1E+3"), "cost_text": "$1,000.00"}],
)


def test_a_file_is_named_by_title_local_days_and_filters_and_leaves_its_folder_never() -> None:
    assert file_name("cost by model", QUESTION, CSV) == (
        "cost-by-model_2026-11-18_2026-11-24_account-111122223333_meta.team-..-..-etc-a-b.csv"
    )


def test_csv_has_each_part_of_a_name_in_a_column_and_every_digit() -> None:
    rows = list(csv.reader(io.StringIO(file_text(CSV, TABLE, QUESTION, ()))))
    assert rows == [
        ["Model", "Model id", "Model route", "Est. cost"],
        ["'=SUM(A1)", "m-1", "us", str(EXACT)],
        ["Total", "", "", "1000"],
    ]


def test_json_says_range_filters_notes_and_exact_numbers() -> None:
    document = json.loads(file_text(JSON, TABLE, QUESTION, ("a note",)))
    assert document["from"] == QUESTION.span.start.astimezone(UTC).isoformat()
    assert document["filters"]["account"] == ["111122223333"]
    assert document["notes"] == ["a note"]
    assert document["rows"][0] == {
        "Model": "=SUM(A1)",
        "Model id": "m-1",
        "Model route": "us",
        "Est. cost": str(EXACT),
    }


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-cmd", "'-cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("\n=1", "'\n=1"),
        ("\0=1", "'=1"),
        ("user/ana", "user/ana"),
        (-5, "-5"),
        (Decimal("-0.5"), "-0.5"),
        (None, ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_text(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


@given(st.text())
def test_no_text_begins_a_formula(text: str) -> None:
    assert safe_cell(text).lstrip()[:1] not in {"=", "+", "-", "@"}


def test_the_browser_gets_plain_numbers_to_sort_by() -> None:
    assert sent_rows(TABLE.rows)[0]["cost"] == float(EXACT)
    assert isinstance(sent_rows(TABLE.rows)[0]["cost"], float)
