"""What DynamoDB accepts as an item and how large it counts it: the rules that every item table keeps.

Source: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats" and "Constraints in DynamoDB".
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.storage.item_table import Delete, Item, Key, Put, Value

MAX_ITEM_BYTES = 400 * 1024
MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024
MAX_NESTING = 32
MAX_GROUP_WRITES = 100
MAX_GROUP_BYTES = 4 * 1024 * 1024

NUMBERS = decimal.Context(
    prec=38,
    Emin=-130,
    Emax=125,
    traps=[decimal.Inexact, decimal.Overflow, decimal.Subnormal, decimal.InvalidOperation],
)
"""The numbers that DynamoDB stores exactly: 38 significant digits, 1E-130 to 9.99…E+125."""

_SAFE_INT = 10**38


def key_of(item: Item) -> Key:
    """The item's key; TableError where PK or SK is missing, not text, empty or too long."""
    return Key(
        _key_text(item, "PK", MAX_PARTITION_KEY_BYTES),
        _key_text(item, "SK", MAX_SORT_KEY_BYTES),
    )


def _key_text(item: Item, name: str, limit: int) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise TableError(f"{name} of an item must be a non-empty text, not {value!r}")
    size = _text_size(value)
    if size > limit:
        raise TableError(f"{name} {value[:60]!r}… has {size:,} bytes, more than {limit:,}")
    return value


def checked_size(item: Item) -> int:
    """Bytes that the item counts as; TableError where a table of items cannot hold it.

    Raises TypeError for a value outside `Value`, a float above all.
    """
    key = key_of(item)
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        raise TableError(f"item {key.pk} / {key.sk} has {size:,} bytes, more than {MAX_ITEM_BYTES:,}")
    return size


def item_size(item: Item) -> int:
    """Bytes that DynamoDB counts for an item: attribute names and values."""
    return sum(_name_size(name) + _value_size(value, 1) for name, value in item.items())


def _value_size(value: Value, depth: int) -> int:
    if isinstance(value, str):
        return _text_size(value)
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int | Decimal):
        return _number_size(exact_number(value))
    if isinstance(value, bytes):
        return len(value)
    if depth > MAX_NESTING:
        raise TableError(f"lists and maps may be nested {MAX_NESTING} deep, no deeper")
    if isinstance(value, list):
        return 3 + sum(1 + _value_size(element, depth + 1) for element in value)
    if isinstance(value, dict):
        return 3 + sum(1 + _name_size(name) + _value_size(item, depth + 1) for name, item in value.items())
    raise TypeError(f"a table of items holds no {type(value).__name__}: {value!r}")


def _name_size(name: str) -> int:
    if not name:
        raise TableError("an attribute has an empty name")
    return _text_size(name)


def _text_size(text: str) -> int:
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise TableError(f"not valid Unicode, a lone surrogate: {text[:60]!r}") from error


def _number_size(number: int | Decimal) -> int:
    """A byte, one more for each two significant digits, and one for a sign."""
    digits = len(str(abs(number)).rstrip("0")) if isinstance(number, int) else len(number.as_tuple().digits)
    return 1 + (digits + 1) // 2 + (number < 0)


def exact_number(number: int | Decimal) -> int | Decimal:
    """The number as a table of items gives it back: int where whole, else a Decimal without trailing zeros.

    TableError where DynamoDB cannot hold it exactly.
    """
    if isinstance(number, int) and -_SAFE_INT < number < _SAFE_INT:
        return number
    try:
        normal = NUMBERS.normalize(Decimal(number))
    except decimal.DecimalException as error:
        raise TableError(f"number {str(number)[:60]} does not fit 38 digits, 1E-130 to 1E+126") from error
    if not normal.is_finite():
        raise TableError(f"{number} is no number that a table of items holds")
    exponent = normal.as_tuple().exponent
    return int(normal) if isinstance(exponent, int) and exponent >= 0 else normal


def write_key(write: Put | Delete) -> Key:
    """The key that a write of an atomic group touches."""
    return key_of(write.item) if isinstance(write, Put) else write.key


def check_group(writes: Sequence[Put | Delete]) -> None:
    """Refuse an atomic group that DynamoDB would refuse whatever the table holds.

    ValueError for more than 100 writes or two of one key; TableError for items that are too large.
    """
    if len(writes) > MAX_GROUP_WRITES:
        raise ValueError(f"{len(writes)} writes in one atomic group, more than {MAX_GROUP_WRITES}")
    if len({write_key(write) for write in writes}) < len(writes):
        raise ValueError("an atomic group writes one key twice")
    size = sum(checked_size(write.item) for write in writes if isinstance(write, Put))
    if size > MAX_GROUP_BYTES:
        raise TableError(f"an atomic group of {size:,} bytes, more than {MAX_GROUP_BYTES:,}")
