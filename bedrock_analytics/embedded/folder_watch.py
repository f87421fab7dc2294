"""New and changed log objects below a folder, found without looking at every file each time.

A folder's own time of change tells whether files came or went; only such folders are listed again. Files
that grow in place change no folder, so everything is listed anew now and then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.storage.log_objects import LogObject

FULL_LISTING: Final = timedelta(minutes=10)
CLOCK_TICK_SECONDS: Final = 2.0
"""A folder that changed so recently may change again within the same tick of the file system's clock."""


@dataclass(slots=True)
class _Folder:
    """A folder as last listed; `changed_ns` is None where the listing may not be relied on."""

    changed_ns: int | None
    folders: list[str] = field(default_factory=list)


class FolderWatch:
    """Looks for log objects below a folder. Hidden names and `excluded` are left out.

    Files that changed within `settle` are left for a later look, because they may still be written.
    """

    def __init__(
        self,
        root: Path,
        *,
        excluded: Path | None = None,
        settle: timedelta = timedelta(0),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._root = root.resolve()
        self._excluded = None if excluded is None else str(excluded.resolve())
        self._settle_seconds = settle.total_seconds()
        self._clock = clock
        self._folders: dict[str, _Folder] = {}
        self._listed_all_at: float | None = None

    def look(self) -> list[LogObject]:
        """Objects in folders that changed since the last look; LogObjectError where the root is gone."""
        now = self._clock()
        if self._listed_all_at is None or now - self._listed_all_at >= FULL_LISTING.total_seconds():
            self._folders.clear()
            self._listed_all_at = now
        try:
            if not self._root.is_dir():
                raise LogObjectError(f"cannot list {self._root}: no such folder")
            return list(self._walk(str(self._root), now, set()))
        except LogObjectError:
            self._listed_all_at = None  # what was found so far is lost
            raise

    def look_again_at(self, source: str) -> None:
        """List the object's folder again at the next look, whether it changes or not."""
        folder = self._folders.get(source.rpartition("/")[0])
        if folder is not None:
            folder.changed_ns = None

    def _walk(self, path: str, now: float, visited: set[tuple[int, int]]) -> Iterator[LogObject]:
        try:
            state = Path(path).stat()
            if (state.st_dev, state.st_ino) in visited:  # a link to a folder above
                return
            visited.add((state.st_dev, state.st_ino))
            folder = self._folders.get(path)
            if folder is None or folder.changed_ns != state.st_mtime_ns:
                folder = _Folder(state.st_mtime_ns if now - state.st_mtime > CLOCK_TICK_SECONDS else None)
                self._folders[path] = folder
                yield from self._list(path, folder, now)
        except FileNotFoundError:  # removed since its parent was listed
            self._folders.pop(path, None)
            return
        except OSError as error:
            raise LogObjectError(f"cannot list {path}: {error.strerror}") from error
        for child in folder.folders:
            yield from self._walk(child, now, visited)

    def _list(self, path: str, folder: _Folder, now: float) -> Iterator[LogObject]:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.path == self._excluded:
                    continue
                if entry.is_dir():
                    folder.folders.append(entry.path)
                    continue
                found = self._object(entry)
                if found is None or found.facts.kind is not ObjectKind.RECORDS:
                    continue
                if now - found.modified_at.timestamp() < self._settle_seconds:
                    folder.changed_ns = None
                    continue
                yield found

    def _object(self, entry: os.DirEntry[str]) -> LogObject | None:
        try:
            state = entry.stat()
        except FileNotFoundError:
            return None
        return LogObject(
            bucket=str(self._root),
            key=entry.path[len(str(self._root)) :].lstrip("/"),
            source=entry.path,
            modified_at=datetime.fromtimestamp(state.st_mtime, UTC),
            size=state.st_size,
        )
