"""Conditions evaluated in Python, for tables whose engine does not do it."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeGuard

from bedrock_analytics.storage.item_table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Equals,
    Item,
    Value,
)


def holds(condition: Condition, item: Item | None) -> bool:
    """Whether the condition holds of an item, or of its absence (None), as DynamoDB would say."""
    match condition:
        case Absent():
            return item is None
        case Equals(attribute, value):
            return item is not None and attribute in item and _equal(item[attribute], value)
        case Below(attribute, value):
            found = None if item is None else item.get(attribute)
            return _is_number(found) and found < value
        case AnyOf(conditions):
            return any(holds(part, item) for part in conditions)
        case AllOf(conditions):
            return all(holds(part, item) for part in conditions)


def _equal(found: Value, wanted: str | int) -> bool:
    """Equality as DynamoDB means it: Python's, but that a truth value never equals a number."""
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _is_number(value: Value) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
