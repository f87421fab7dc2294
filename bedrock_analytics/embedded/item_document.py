"""Items as compact MessagePack documents, exact for every type in `Value`.

MessagePack has texts, 64-bit integers, bytes, truth values, null, arrays and maps. Decimals and longer
integers are written as its extension type 1, the number as text; so a text never comes back as a number.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec

from bedrock_analytics.storage.item_rules import exact_number
from bedrock_analytics.storage.item_table import Item, Value

_NUMBER: Final = 1
_LEAST, _GREATEST = -(2**63), 2**63 - 1
_KEYS = frozenset({"PK", "SK"})

_encoder = msgspec.msgpack.Encoder()


def encode_item(item: Item) -> bytes:
    """The item's attributes but PK and SK; TypeError for a value outside `Value`."""
    return _encoder.encode({name: _packable(value) for name, value in item.items() if name not in _KEYS})


def decode_item(pk: str, sk: str, document: bytes) -> dict[str, Value]:
    """The item again, its numbers as `exact_number` gives them."""
    return {"PK": pk, "SK": sk, **_decoder.decode(document)}


def _packable(value: Value) -> Any:
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | bytes):
        return value
    if isinstance(value, int | Decimal):
        number = exact_number(value)
        if isinstance(number, int) and _LEAST <= number <= _GREATEST:
            return int(number)
        return msgspec.msgpack.Ext(_NUMBER, str(number).encode())
    if isinstance(value, list):
        return [_packable(element) for element in value]
    if isinstance(value, dict):
        return {name: _packable(element) for name, element in value.items()}
    raise TypeError(f"a table of items holds no {type(value).__name__}: {value!r}")


def _unpack(code: int, data: memoryview) -> int | Decimal:
    if code != _NUMBER:
        raise ValueError(f"MessagePack extension {code} is not one of ours")
    return exact_number(Decimal(bytes(data).decode()))


_decoder = msgspec.msgpack.Decoder(dict[str, Any], ext_hook=_unpack)
