"""Item sizes by DynamoDB's rules, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.storage.item_rules import check_group, checked_size, exact_number, item_size
from bedrock_analytics.storage.item_table import Put, Value


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("", 0),
        ("abc", 3),
        ("ü東🌍", 2 + 3 + 4),
        (b"\0\1\2", 3),
        (None, 1),
        (True, 1),
        (0, 1),
        (7, 1 + 1),
        (12, 1 + 1),
        (123, 1 + 2),
        (1_000_000, 1 + 1),
        (-12, 1 + 1 + 1),
        (Decimal("0.0001234"), 1 + 2),
        (Decimal("2.50"), 1 + 1),
        (12345678901234567890123456789012345678, 1 + 19),
        ([], 3),
        (["ab", 1], 3 + (1 + 2) + (1 + 2)),
        ({}, 3),
        ({"ab": "cd"}, 3 + (1 + 2 + 2)),
        ({"l": [{}]}, 3 + 1 + 1 + (3 + 1 + 3)),
    ],
)
def test_a_value_counts_by_its_type(value: Value, size: int) -> None:
    assert item_size({"v": value}) == 1 + size


def test_names_and_keys_count_too() -> None:
    assert item_size({"PK": "META", "SK": "ü", "näme": 12}) == (2 + 4) + (2 + 2) + (5 + 2)


def test_exactly_400_kb_is_allowed_and_a_byte_more_is_not() -> None:
    item: dict[str, Value] = {"PK": "P", "SK": "S", "page": ""}
    room = 400 * 1024 - item_size(item)
    item["page"] = bytes(room)
    assert checked_size(item) == 409_600
    item["page"] = bytes(room + 1)
    with pytest.raises(TableError, match="item P / S has 409,601 bytes, more than 409,600"):
        checked_size(item)


def test_lists_and_maps_may_be_nested_32_deep() -> None:
    nested: Value = []
    for _ in range(31):
        nested = [nested]
    assert item_size({"x": nested}) > 0
    with pytest.raises(TableError, match="32 deep"):
        item_size({"x": {"y": nested}})


def test_an_attribute_needs_a_name() -> None:
    with pytest.raises(TableError, match="empty name"):
        item_size({"x": {"": 1}})


@pytest.mark.parametrize("number", [Decimal("9.9999999999999999999999999999999999999E+125"), 10**125])
def test_the_greatest_numbers_are_kept(number: int | Decimal) -> None:
    assert exact_number(number) == number


def test_an_atomic_group_of_more_than_4_mb_is_refused() -> None:
    writes = [Put({"PK": "P", "SK": str(number), "x": bytes(400_000)}) for number in range(11)]
    check_group(writes[:10])
    with pytest.raises(TableError, match="atomic group of 4,4"):
        check_group(writes)
