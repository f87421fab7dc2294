"""Athena's text forms: execution parameters on the way in, result values on the way out.

Source: Athena's user guide, "Use parameterized queries"; result values are text whatever their type
(GetQueryResults, ColumnInfo names the type).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from bedrock_analytics.domain.errors import LakeError
from bedrock_analytics.domain.periods import require_utc
from bedrock_analytics.storage.lake_sql import MetadataPath, Parameter, Statement

_INTEGER_MAP = re.compile(r"\{(?:-?\d+=-?\d+(?:, -?\d+=-?\d+)*)?\}")


def encode_parameter(value: Parameter) -> str:
    """The SQL literal that Athena puts in place of a `?`: numbers bare, everything else quoted."""
    match value:
        case bool():
            raise TypeError("booleans are not bound; write the condition instead")
        case int():
            return str(value)
        case datetime():
            text = require_utc(value).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        case MetadataPath():
            text = value.trino_path
        case str():
            text = value
    return "'" + text.replace("'", "''") + "'"


def with_literals(statement: Statement) -> str:
    """The statement as one text, to be run by hand on Trino or in Athena's console.

    No `?` occurs in the statements of `lake_sql` but as a parameter.
    """
    pieces = statement.sql.split("?")
    literals = [encode_parameter(value) for value in statement.parameters]
    return "".join(text for pair in zip(pieces, [*literals, ""], strict=True) for text in pair)


def _decode_boolean(text: str) -> bool:
    return text == "true"


def _decode_moment(text: str) -> object:
    """An aware time of a value in UTC; a time of another zone stays text, since names of zones vary."""
    moment, _, zone = text.rpartition(" ")
    if zone != "UTC":
        return text
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def _decode_map(text: str) -> object:
    """A mapping of integers, as histogram() of integers gives; any other map stays text."""
    if not _INTEGER_MAP.fullmatch(text):
        return text
    pairs = (pair.split("=") for pair in text[1:-1].split(", ") if pair)
    return {int(key): int(value) for key, value in pairs}


_DECODERS: dict[str, Callable[[str], object]] = {
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "int": int,
    "bigint": int,
    "double": float,
    "float": float,
    "real": float,
    "decimal": Decimal,
    "boolean": _decode_boolean,
    "date": date.fromisoformat,
    "timestamp with time zone": _decode_moment,
    "map": _decode_map,
}


def decode_row(types: Sequence[str], values: Sequence[str | None]) -> tuple[object, ...]:
    """Typed values of one row; values of other types stay text. LakeError where one is malformed."""
    try:
        return tuple(
            None if text is None else _DECODERS.get(kind, str)(text)
            for kind, text in zip(types, values, strict=True)
        )
    except (ValueError, ArithmeticError) as error:
        raise LakeError(f"Athena answered a value that does not fit its column: {error}") from error
