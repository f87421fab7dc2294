"""How large the lake is, from the Iceberg table's metadata: one small file, no query.

Source: Iceberg table spec, "Table metadata fields" and the summary of a snapshot.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from bedrock_analytics.domain.errors import MetricsUnavailable
from bedrock_analytics.storage.aws_credentials import looking

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GZIP = b"\x1f\x8b"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeSize:
    """Rows (repeated deliveries included), data files and their bytes, and kept snapshots."""

    rows: int
    files: int
    size_bytes: int
    snapshots: int
    changed_at: datetime | None
    """When the newest snapshot was committed; None before the first."""


class _Snapshot(msgspec.Struct, rename="kebab"):
    snapshot_id: int
    timestamp_ms: int
    summary: dict[str, str] = msgspec.field(default_factory=dict)


class _Metadata(msgspec.Struct, rename="kebab"):
    current_snapshot_id: int | None = None
    snapshots: list[_Snapshot] = msgspec.field(default_factory=list)


def size_of(document: bytes) -> LakeSize:
    """The size that a metadata file tells, plain or gzip; MetricsUnavailable where it is none."""
    try:
        plain = gzip.decompress(document) if document.startswith(_GZIP) else document
        metadata = msgspec.json.decode(plain, type=_Metadata)
    except (OSError, EOFError, msgspec.MsgspecError) as error:
        raise MetricsUnavailable(f"the lake's metadata cannot be read: {error}") from error
    current = next(
        (one for one in metadata.snapshots if one.snapshot_id == metadata.current_snapshot_id), None
    )
    summary = current.summary if current else {}
    return LakeSize(
        rows=int(summary.get("total-records", 0)),
        files=int(summary.get("total-data-files", 0)),
        size_bytes=int(summary.get("total-files-size", 0)),
        snapshots=len(metadata.snapshots),
        changed_at=None if current is None else _EPOCH + timedelta(milliseconds=current.timestamp_ms),
    )


class StoredLakeSize:
    """Reads the metadata file of a table in S3 Tables, at the location that the lake's version names."""

    def __init__(self, client: Callable[[], S3Client], location: Callable[[], str]) -> None:
        self._client = client
        self._location = location
        self._known: tuple[str, LakeSize] | None = None

    def __call__(self) -> LakeSize:
        """The size now, read once for each commit; MetricsUnavailable where it cannot be read."""
        location = self._location()
        if self._known is None or self._known[0] != location:
            self._known = location, self._read(location)
        return self._known[1]

    def _read(self, location: str) -> LakeSize:
        place = urlsplit(location)
        if place.scheme != "s3":
            raise MetricsUnavailable("the lake has no metadata file yet")
        with looking("S3 Tables"):
            answer: Any = self._client().get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))
            return size_of(answer["Body"].read())
