"""Conditions hold as DynamoDB says, also between values of different types."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedrock_analytics.storage.item_conditions import holds
from bedrock_analytics.storage.item_table import AllOf, AnyOf, Below, Equals, Value


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("a", "a", True),
        ("1", 1, False),
        (1, "1", False),
        (1, 1, True),
        (Decimal("1"), 1, True),
        (Decimal("1.5"), 1, False),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        (None, "None", False),
        (b"a", "a", False),
        ([1], 1, False),
    ],
)
def test_only_equal_values_of_one_type_are_equal(found: Value, wanted: str | int, expected: bool) -> None:
    assert holds(Equals("x", wanted), {"PK": "P", "SK": "S", "x": found}) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [(7, True), (8, False), (Decimal("7.99"), True), ("7", False), (True, False), (None, False), ([], False)],
)
def test_only_numbers_are_below_a_number(found: Value, expected: bool) -> None:
    assert holds(Below("x", 8), {"PK": "P", "SK": "S", "x": found}) is expected


def test_groups_of_no_condition_hold_as_any_and_all_do() -> None:
    for item in (None, {"PK": "P", "SK": "S"}):
        assert holds(AllOf(()), item)
        assert not holds(AnyOf(()), item)
