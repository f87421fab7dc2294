"""Rows of a query as a table for people, as JSON and as CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

import click

from bedrock_analytics.cli.terminal import table_console

Row = Sequence[object]


def print_rows(columns: Sequence[str], rows: Sequence[Row], form: str) -> None:
    """Print rows on standard output as `table`, `json` (one array of objects) or `csv`.

    Times are ISO 8601, decimals in JSON are exact text, null is empty in CSV and `—` in a table.
    """
    if form == "json":
        documents = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
        click.echo(json.dumps(documents, ensure_ascii=False, indent=2))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_text(value) for value in row] for row in rows)
    else:
        _print_table(columns, rows)


def _plain(value: object) -> object:
    """A value as JSON holds it."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(value)


def _print_table(columns: Sequence[str], rows: Sequence[Row]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for position, column in enumerate(columns):
        numbers = all(_is_number(row[position]) for row in rows) and bool(rows)
        table.add_column(Text(column), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        # Text takes values as they are: what callers wrote is no markup
        table.add_row(*(Text("—" if value is None else _text(value)) for value in row))
    table_console().print(table)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))
