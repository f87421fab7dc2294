"""Which data files the lake consists of, and which of them a query can do without.

Manifests never change once written, so each is decoded once in a process; a commit costs the decoding of
its own manifest, whatever the history.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import DataFile, ManifestContent, ManifestFile
from pyiceberg.table import StaticTable

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import COLUMNS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIELD_IDS = {column.name: column.field_id for column in COLUMNS}
_NEVER = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFile:
    """One data file. Times are those of its rows, inclusive."""

    path: str
    account_id: str
    day: date
    rows: int
    size: int
    """Bytes."""
    first_ts: datetime
    last_ts: datetime
    last_parsed_at: datetime
    data_file: DataFile

    def has_ts_in(self, spans: Sequence[Span]) -> bool:
        """The file may hold a row with `ts` in one of the spans."""
        return any(self.first_ts < span.end and span.start <= self.last_ts for span in spans)

    def has_parsed_since(self, moment: datetime) -> bool:
        """The file may hold a row with `parsed_at` at or after the moment."""
        return self.last_parsed_at >= moment


class FileIndex:
    """Remembers the decoded manifests of one table; several threads may use it."""

    def __init__(self) -> None:
        self._io = PyArrowFileIO()
        self._lock = threading.Lock()
        self._location: str | None = None
        self._files: tuple[LakeFile, ...] = ()
        self._manifests: dict[str, tuple[LakeFile, ...]] = {}

    def files(self, location: str | None) -> tuple[LakeFile, ...]:
        """The data files at a metadata location; LakeError where a row may have been deleted by a file."""
        if location is None:
            return ()
        with self._lock:
            if location != self._location:
                self._files = self._load(location)
                self._location = location
            return self._files

    def referenced_paths(self, location: str) -> set[str]:
        """Every file that the metadata at a location names, of all its snapshots, and the location itself."""
        metadata = StaticTable.from_metadata(location).metadata
        found = {location, *(entry.metadata_file for entry in metadata.metadata_log)}
        manifests: dict[str, ManifestFile] = {}
        for snapshot in metadata.snapshots:
            found.add(snapshot.manifest_list)
            manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(self._io)}
        for path, manifest in manifests.items():
            found.add(path)
            with self._lock:
                files = self._manifests.get(path)
            found.update(file.path for file in (self._decode(manifest) if files is None else files))
        return found

    def _load(self, location: str) -> tuple[LakeFile, ...]:
        try:
            snapshot = StaticTable.from_metadata(location).current_snapshot()
            manifests = [] if snapshot is None else snapshot.manifests(self._io)
            known = self._manifests
            self._manifests = {
                manifest.manifest_path: known[manifest.manifest_path]
                if manifest.manifest_path in known
                else self._decode(manifest)
                for manifest in manifests
            }
        except OSError as error:
            raise LakeUnavailable(f"the lake's metadata {location} cannot be read: {error}") from error
        return tuple(file for files in self._manifests.values() for file in files)

    def _decode(self, manifest: ManifestFile) -> tuple[LakeFile, ...]:
        if manifest.content is ManifestContent.DELETES:
            raise LakeError(f"{manifest.manifest_path} holds delete files; another program changed the lake")
        entries = manifest.fetch_manifest_entry(self._io, discard_deleted=True)
        return tuple(_lake_file(entry.data_file) for entry in entries)


def _lake_file(file: DataFile) -> LakeFile:
    lower, upper = file.lower_bounds or {}, file.upper_bounds or {}
    return LakeFile(
        path=file.file_path,
        account_id=file.partition[0],
        day=(_EPOCH + timedelta(days=file.partition[1])).date(),
        rows=file.record_count,
        size=file.file_size_in_bytes,
        first_ts=_bound(lower, "ts") or _NEVER,
        last_ts=_bound(upper, "ts") or _FOREVER,
        last_parsed_at=_bound(upper, "parsed_at") or _FOREVER,
        data_file=file,
    )


def _bound(bounds: Mapping[int, bytes], column: str) -> datetime | None:
    """A file's bound of a timestamp column: microseconds since the epoch, little-endian."""
    encoded = bounds.get(_FIELD_IDS[column])
    if encoded is None:
        return None
    (microseconds,) = struct.unpack("<q", encoded)
    return _EPOCH + timedelta(microseconds=microseconds)
