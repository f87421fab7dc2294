"""Writes the table of the lake's columns into docs/data-model.md: `python -m scripts.lake_columns`."""

from __future__ import annotations

from pathlib import Path

from bedrock_analytics.domain.usage_event import COLUMNS

DOCUMENT = Path(__file__).parents[1] / "docs" / "data-model.md"
BEGIN = "<!-- columns: written by scripts/lake_columns.py -->"
END = "<!-- end of columns -->"


def columns_table() -> str:
    """The columns as a Markdown table."""
    lines = ["| id | column | type | meaning |", "| --: | --- | --- | --- |"]
    lines += [
        f"| {column.field_id} | `{column.name}` | {column.type.value}{' *' if column.required else ''} "
        f"| {column.doc} |"
        for column in COLUMNS
    ]
    return "\n".join(lines)


def with_columns(document: str) -> str:
    """The document with the table between its two marks; ValueError where a mark is missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} lacks the marks around the table of columns")
    return f"{before}{BEGIN}\n{columns_table()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_columns(DOCUMENT.read_text("utf-8")), "utf-8")
