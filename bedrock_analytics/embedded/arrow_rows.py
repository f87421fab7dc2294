"""From events to Arrow tables of the lake's columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa  # type: ignore[import-untyped]

from bedrock_analytics.domain.usage_event import COLUMNS, ColumnType, UsageEvent

_ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.STRING: pa.string(),
    ColumnType.LONG: pa.int64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.TIMESTAMPTZ: pa.timestamp("us", tz="UTC"),
}

ARROW_SCHEMA = pa.schema(
    [pa.field(column.name, _ARROW_TYPES[column.type], nullable=not column.required) for column in COLUMNS]
)


def arrow_table(events: Sequence[UsageEvent], parsed_at: datetime) -> pa.Table:
    """The events as a table, every `parsed_at` replaced by the one given."""
    stamp = pa.scalar(parsed_at, _ARROW_TYPES[ColumnType.TIMESTAMPTZ])
    arrays = [
        pa.repeat(stamp, len(events))
        if column.name == "parsed_at"
        else pa.array([getattr(event, column.name) for event in events], _ARROW_TYPES[column.type])
        for column in COLUMNS
    ]
    return pa.Table.from_arrays(arrays, schema=ARROW_SCHEMA)
