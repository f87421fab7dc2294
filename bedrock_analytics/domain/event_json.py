"""Rows of the lake as JSON, one object each: what Firehose is sent and what `parse` prints.

Names are those of the lake's columns, times are ISO 8601 in UTC with milliseconds, nulls are left out.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from bedrock_analytics.domain.usage_event import UsageEvent

_encoder = msgspec.json.Encoder()
_FIELDS = tuple(name for name in UsageEvent.__struct_fields__ if name not in {"ts", "parsed_at"})


def iso_milliseconds(moment: datetime) -> str:
    """An aware UTC time such as 2026-11-24T10:00:00.000Z."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def whole_millisecond(moment: datetime) -> datetime:
    """The moment as precisely as the lake keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def encode_unstamped(event: UsageEvent, left_out: frozenset[str] = frozenset()) -> bytes:
    """The row without its closing brace, its `parsed_at` and some columns; `stamp` completes it."""
    row: dict[str, object] = {"ts": iso_milliseconds(event.ts)}
    for name in _FIELDS:
        value = getattr(event, name)
        if value is not None and name not in left_out:
            row[name] = value
    return _encoder.encode(row)[:-1]


def stamp(row: bytes, parsed_at: datetime) -> bytes:
    """A row from `encode_unstamped` with the time at which it is handed over; its length is constant."""
    return b'%b,"parsed_at":"%b"}' % (row, iso_milliseconds(parsed_at).encode())


STAMP_BYTES = len(stamp(b"", datetime.min.replace(tzinfo=UTC)))
"""What `stamp` adds to the length of a row."""


def encode_event(event: UsageEvent) -> bytes:
    """The row as one line of JSON, without a line end."""
    return stamp(encode_unstamped(event), event.parsed_at)
