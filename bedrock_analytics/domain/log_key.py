"""What the key (or path) of a log object tells: what it holds, for which account and Region, and when.

`{prefix}/AWSLogs/{account}/BedrockModelInvocationLogs/{region}/YYYY/MM/DD/HH/{stamp}_{hash}.json.gz` holds
records; `…/HH/data/{request id}_input.json.gz` a body that was moved out of its record. Files that people
copied elsewhere keep their names but may have lost their folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class ObjectKind(StrEnum):
    """What an object under the log prefix is."""

    RECORDS = "records"
    OFFLOADED_BODY = "offloaded_body"
    PERMISSION_CHECK = "permission_check"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """A key, understood; None where it does not tell."""

    kind: ObjectKind
    account_id: str | None = None
    region: str | None = None
    stamped_at: datetime | None = None
    """When Bedrock wrote the object (UTC), from its name."""


EARLIEST_CALL = datetime(2023, 1, 1, tzinfo=UTC)
"""Bedrock did not exist before."""

_LAYOUT = re.compile(r"(?:^|/)AWSLogs/(?P<account>[^/]+)/BedrockModelInvocationLogs/(?P<region>[^/]+)/")
_BODY_FOLDER = re.compile(r"(?:^|/)\d{4}/\d\d/\d\d/\d\d/data/[^/]+$")
_BODY_NAME = re.compile(r"(?:^|/)data/[^/]+_(?:input|output)(?:_media_\d+)?\.[^/]+$")
_RECORD_NAME = re.compile(r"\.(?:json|jsonl|ndjson)(?:\.gz)?$", re.IGNORECASE)
_STAMP = re.compile(r"(?P<second>\d{8}T\d{6})(?P<fraction>\d{0,6})Z_[0-9a-f]+\.")


def read_key(key: str) -> LogKey:
    """Classify a key and take from it what it tells; never fails."""
    name = key.rpartition("/")[2]
    layout = _LAYOUT.search(key)
    return LogKey(
        kind=_kind(key, name),
        account_id=layout["account"] if layout else None,
        region=layout["region"] if layout else None,
        stamped_at=_stamp(name),
    )


def _kind(key: str, name: str) -> ObjectKind:
    if "permission-check" in name:
        return ObjectKind.PERMISSION_CHECK
    if _BODY_FOLDER.search(key) or _BODY_NAME.search(key):
        return ObjectKind.OFFLOADED_BODY
    return ObjectKind.RECORDS if _RECORD_NAME.search(name) else ObjectKind.OTHER


def _stamp(name: str) -> datetime | None:
    match = _STAMP.match(name)
    if match is None:
        return None
    try:
        second = datetime.strptime(match["second"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    if not EARLIEST_CALL <= second < datetime(2100, 1, 1, tzinfo=UTC):
        return None
    return second + timedelta(microseconds=int(match["fraction"].ljust(6, "0")))
