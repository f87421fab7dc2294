"""Log objects of a folder, a file or an S3 prefix, as the embedded runner reads them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.embedded.folder_watch import FolderWatch
from bedrock_analytics.embedded.ingest_ledger import FoundObject, ObjectCounts
from bedrock_analytics.embedded.log_folder import LogFolder, single_file
from bedrock_analytics.jobs.parse_object import ParseTools, parse_object
from bedrock_analytics.storage.lake import EventSink
from bedrock_analytics.storage.log_objects import LogObject, LogStore, S3LogStore
from bedrock_analytics.storage.object_text import ByteStream

SETTLE: Final = timedelta(seconds=2)
"""A file that changed so recently may still be written; live runs leave it for the next look."""


class Listing(Protocol):
    """Shows log objects."""

    def look(self) -> Sequence[LogObject]:
        """All log objects, or those that may be new since the last look."""
        ...

    def look_again_at(self, source: str) -> None:
        """Show this object at the next look, too."""
        ...


class ParsedLogs:
    """Log objects of a listing, newest first, read by L1."""

    def __init__(self, listing: Listing, tools: ParseTools) -> None:
        self._listing = listing
        self._tools = tools
        self._objects: dict[str, LogObject] = {}

    def found(self) -> list[FoundObject]:
        """The listing's objects: the newest first, because what happened lately is wanted first."""
        objects = sorted(self._listing.look(), key=_written_at, reverse=True)
        self._objects = {item.source: item for item in objects}
        return [
            FoundObject(key=item.source, size=item.size, stamp=item.modified_at.isoformat())
            for item in objects
        ]

    def missed(self, items: Sequence[FoundObject]) -> None:
        for item in items:
            self._listing.look_again_at(item.key)

    def read(self, item: FoundObject, sink: EventSink) -> ObjectCounts:
        """Hand the rows of an object to the sink; LogObjectError where it cannot be read as a whole."""
        summary = parse_object(self._objects[item.key], sink, self._tools)
        return ObjectCounts(
            lines=summary.lines,
            events=summary.events,
            rejections=summary.rejected,
            skipped=summary.left_out,
        )


def _written_at(item: LogObject) -> tuple[float, str]:
    return (item.facts.stamped_at or item.modified_at).timestamp(), item.source


class OneFile:
    """A listing of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def look(self) -> list[LogObject]:
        return [single_file(self._path)]

    def look_again_at(self, source: str) -> None:
        """A file is shown at each look."""


class S3Prefix:
    """A listing of the log objects under an S3 prefix; each look lists all of them."""

    def __init__(self, store: S3LogStore, bucket: str, prefix: str) -> None:
        self._store = store
        self._bucket = bucket
        self._prefix = prefix

    def look(self) -> list[LogObject]:
        objects = self._store.objects(self._bucket, self._prefix)
        return [item for item in objects if item.facts.kind is ObjectKind.RECORDS]

    def look_again_at(self, source: str) -> None:
        """Every object is shown at each look."""


class RejectsAside:
    """A store that keeps rejected lines in a folder of this machine and leaves the logs' place alone."""

    def __init__(self, store: LogStore, folder: LogFolder) -> None:
        self._store = store
        self._folder = folder

    def open(self, log_object: LogObject) -> AbstractContextManager[ByteStream]:
        return self._store.open(log_object)

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        return self._store.read_body(log_object, path, max_bytes)

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        return self._folder.keep_rejected(log_object, content)


def folder_listing(path: Path, *, data_directory: Path, is_live: bool) -> tuple[Listing, Path]:
    """The listing of a folder or file, and the folder that its keys are relative to."""
    if path.is_file():
        return OneFile(path), path.parent
    settle = SETTLE if is_live else timedelta(0)
    return FolderWatch(path, excluded=data_directory, settle=settle), path
