"""The lake's columns and the event agree."""

from __future__ import annotations

import msgspec

from bedrock_analytics.domain.usage_event import COLUMN_NAMES, COLUMNS, ColumnType, UsageEvent

_TYPES = {
    ColumnType.STRING: "str",
    ColumnType.LONG: "int",
    ColumnType.BOOLEAN: "bool",
    ColumnType.TIMESTAMPTZ: "datetime",
}


def test_the_event_has_the_columns_in_their_order_with_their_types() -> None:
    found = msgspec.structs.fields(UsageEvent)
    assert tuple(field.encode_name for field in found) == COLUMN_NAMES
    for column in COLUMNS:
        assert str(UsageEvent.__annotations__[column.name]).removesuffix(" | None") == _TYPES[column.type]


def test_field_ids_are_unique_and_dense() -> None:
    assert [column.field_id for column in COLUMNS] == list(range(1, len(COLUMNS) + 1))


def test_only_the_key_the_time_and_the_arrival_are_required() -> None:
    required = {column.name for column in COLUMNS if column.required}
    assert required == {"account_id", "region", "request_id", "ts", "parsed_at"}
    for field in msgspec.structs.fields(UsageEvent):
        assert field.required == (field.encode_name in required)


def test_no_column_can_hold_a_prompt_or_completion() -> None:
    assert not {name for name in COLUMN_NAMES for word in ("body", "prompt", "content") if word in name}
