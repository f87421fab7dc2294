"""Files of a panel's table: exact values, a name that tells range and filters, nothing a spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bedrock_analytics.reporting.csv_lines import safe_cell as safe_text
from dashboard.panel_views import Row, Table
from dashboard.view_models import Question

CSV, JSON = "csv", "json"
FORMATS = (CSV, JSON)
_LONGEST_PART = 40
_LONGEST_NAME = 160
_COMPANIONS = (("detail", "id"), ("chip", "route"))
"""What stands with a name of two lines: field of the row, and what its column is called."""


def file_name(title: str, question: Question, format_name: str) -> str:
    """A name such as `cost-by-model_2026-11-18_2026-11-24_model-nova-pro.csv`; the days are the viewer's."""
    start = question.span.start.astimezone(question.zone)
    end = (question.span.end - timedelta(microseconds=1)).astimezone(question.zone)
    parts = [title, f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}"]
    for kind, values in question.filters.to_document().items():
        parts.append(f"{kind} {' '.join(values)}")
    name = "_".join(_slug(part) for part in parts)
    return f"{name[:_LONGEST_NAME]}.{format_name}"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:_LONGEST_PART].rstrip("-.") or "x"


def file_text(format_name: str, table: Table, question: Question, notes: Sequence[str]) -> str:
    """The file's text in one of `FORMATS`."""
    return _csv(table) if format_name == CSV else _json(table, question, notes)


def _csv(table: Table) -> str:
    columns = exported_columns(table)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([safe_cell(title) for _, title in columns])
    for row in (*table.rows, *table.totals):
        writer.writerow([safe_cell(row.get(field)) for field, _ in columns])
    return file.getvalue()


def _json(table: Table, question: Question, notes: Sequence[str]) -> str:
    columns = exported_columns(table)

    def plain(row: Row) -> dict[str, Any]:
        return {title: _plain(row.get(field)) for field, title in columns}

    document = {
        "from": question.span.start.isoformat(),
        "to": question.span.end.isoformat(),
        "zone": question.zone.key,
        "filters": question.filters.to_document(),
        "rows": [plain(row) for row in table.rows],
        "totals": [plain(row) for row in table.totals],
        "notes": list(notes),
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def exported_columns(table: Table) -> list[tuple[str, str]]:
    """Field and title of each column; a name of two lines is followed by a column for each other part."""
    found: list[tuple[str, str]] = []
    for column in table.columns:
        if "field" not in column:  # a picture, such as a row's course
            continue
        field, title = str(column["field"]), str(column["headerName"])
        found.append((field, title))
        if column.get("cellRenderer") == "TwoLines":
            found += [(name, f"{title} {told}") for name, told in _COMPANIONS if _has(table.rows, name)]
    return found


def _has(rows: Sequence[Mapping[str, Any]], field: str) -> bool:
    return any(row.get(field) for row in rows)


def safe_cell(value: Any) -> str:
    """A value as a cell's text: numbers exactly; a text that a spreadsheet would run gets a quote."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int | float):
        return str(value)
    return safe_text(str(value))


def _plain(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value
