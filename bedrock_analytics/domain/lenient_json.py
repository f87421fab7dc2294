"""Decode JSON into msgspec Structs without losing the whole for an unexpected part.

The strict decoder comes first and nearly always suffices. Where it refuses a value, that value alone is
left at its default; where the JSON itself is bent (NaN, invalid UTF-8, lone surrogates, control
characters), it is straightened once.
"""

from __future__ import annotations

import json
import math
import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

_STRAIGHTEN_LIMIT = 8 * 1024 * 1024
"""Bent JSON is decoded in full to straighten it, which takes several times its size in memory."""
_LENIENT_ENTRIES = 64
"""Mappings that the strict decoder refused keep this many entries."""

_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_array = msgspec.json.Decoder(list[msgspec.Raw])


class NotJson(ValueError):
    """The bytes are not one JSON value."""


class NotAnObject(ValueError):
    """The bytes are a JSON value, but no object."""


def decode_object(data: bytes, strict: msgspec.json.Decoder[T], kind: type[T]) -> T:
    """Decode an object; NotJson or NotAnObject where there is none."""
    try:
        return strict.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = lenient_struct(data, kind) or lenient_struct(straightened(data), kind)
    if found is None:
        raise NotAnObject("not a JSON object")
    return found


def straightened(data: bytes) -> bytes:
    """The same JSON value in strictly valid form; NotJson where there is none."""
    if len(data) > _STRAIGHTEN_LIMIT:
        raise NotJson("not valid JSON")
    try:
        text = data.decode("utf-8-sig", "replace")
        value = json.loads(text, strict=False, parse_constant=lambda _: None, parse_float=_finite)
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError) as error:
        raise NotJson("not valid JSON") from error


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def lenient_struct(data: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    """A Struct from the fields that have their type, the others at their default; None if no object."""
    try:
        fields = _raw_object.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in fields:
            value = _lenient_value(fields[field.encode_name], field.type)
            if value is not None:
                found[field.name] = value
    return kind(**found)


def _lenient_value(raw: msgspec.Raw, kind: Any) -> Any:
    """The value if it has the type, else what of it has, else None."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    for choice in _choices(kind):
        if isinstance(choice, type) and issubclass(choice, msgspec.Struct):
            value: Any = lenient_struct(raw, choice)
        elif get_origin(choice) is list:
            value = _lenient_list(raw, get_args(choice)[0])
        elif get_origin(choice) is dict:
            value = _lenient_dict(raw, *get_args(choice))
        else:
            value = _whole_number(raw) if choice is int else None
        if value is not None:
            return value
    return None


def _choices(kind: Any) -> tuple[Any, ...]:
    """Members of a union, without their constraints."""
    members = get_args(kind) if get_origin(kind) in {Union, types.UnionType} else (kind,)
    return tuple(get_args(one)[0] if get_origin(one) is Annotated else one for one in members)


def _lenient_list(raw: msgspec.Raw, kind: Any) -> list[Any] | None:
    try:
        values = _raw_array.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return [_lenient_value(value, kind) for value in values]


def _lenient_dict(raw: msgspec.Raw, key_kind: Any, kind: Any) -> dict[str, Any] | None:
    try:
        values = _raw_object.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found = {
        key: _lenient_value(value, kind)
        for key, value in list(values.items())[:_LENIENT_ENTRIES]
        if _is(key, key_kind)
    }
    return {key: value for key, value in found.items() if value is not None}


def _is(key: str, kind: Any) -> bool:
    try:
        msgspec.convert(key, kind)
    except msgspec.ValidationError:
        return False
    return True


def _whole_number(raw: msgspec.Raw) -> int | None:
    """A count written as 12.0."""
    try:
        number = msgspec.json.decode(raw, type=float)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return int(number) if number.is_integer() and 0 <= number <= 2**53 else None
