"""Log objects in a folder: the LogStore of the embedded deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.storage.log_objects import LogObject, path_key
from bedrock_analytics.storage.object_text import ByteStream, read_text

_LAYOUT_FOLDER = "AWSLogs/"


class LogFolder:
    """A folder with log objects, laid out as Bedrock does or not.

    `rejected` is where rejected lines are kept; it must not lie inside the folder.
    """

    def __init__(self, root: Path, rejected: Path) -> None:
        self._root = root.resolve()
        self._rejected = rejected

    def objects(self) -> Iterator[LogObject]:
        """Files that hold records, in the order of their keys; bodies, markers and hidden files left out."""
        for path in _files(self._root):
            found = self._object(path)
            if found is not None and found.facts.kind is ObjectKind.RECORDS:
                yield found

    def _object(self, path: Path) -> LogObject | None:
        try:
            state = path.stat()
        except FileNotFoundError:  # removed since the folder was listed
            return None
        return LogObject(
            bucket=str(self._root),
            key=path.relative_to(self._root).as_posix(),
            source=path.as_posix(),
            modified_at=datetime.fromtimestamp(state.st_mtime, UTC),
            size=state.st_size,
        )

    @contextmanager
    def open(self, log_object: LogObject) -> Iterator[ByteStream]:
        """The file; faults while reading are LogObjectError too."""
        try:
            with Path(log_object.source).open("rb", buffering=0) as file:
                yield file
        except OSError as error:
            raise LogObjectError(f"cannot read {log_object.source}: {error.strerror}") from error

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        """The body at the same place below AWSLogs/, else in the `data` folder beside the object."""
        for place in self._body_places(log_object, path_key(path)):
            if place.is_file() and place.resolve().is_relative_to(self._root):
                try:
                    with place.open("rb", buffering=0) as file:
                        return read_text(file, max_bytes)
                except OSError as error:
                    raise LogObjectError(f"cannot read {place}: {error.strerror}") from error
        return None

    def _body_places(self, log_object: LogObject, key: str) -> Iterator[Path]:
        name = key.rpartition("/")[2]
        if not name:
            return
        above, found, _ = log_object.source.partition(_LAYOUT_FOLDER)
        _, same, tail = key.partition(_LAYOUT_FOLDER)
        if found and same:
            yield Path(above) / _LAYOUT_FOLDER / tail
        yield Path(log_object.source).parent / "data" / name

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        """Store the lines in the folder for rejected lines."""
        place = self._rejected / f"{log_object.key}.rejected.gz"
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except OSError as error:
            raise LogObjectError(f"cannot keep rejected lines in {place}: {error.strerror}") from error
        return place.as_posix()


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder in the order of their keys, which compare a folder's name with its slash."""
    try:
        entries = [(f"{entry.name}/" if entry.is_dir() else entry.name, entry) for entry in folder.iterdir()]
    except FileNotFoundError:
        return
    except OSError as error:
        raise LogObjectError(f"cannot list {folder}: {error.strerror}") from error
    for name, entry in sorted(entries):
        if name.startswith("."):
            continue
        if name.endswith("/"):
            yield from _files(entry)
        else:
            yield entry


def single_file(path: Path) -> LogObject:
    """One file by itself; LogObjectError where there is none that can be read."""
    place = path.resolve()
    try:
        state = place.stat()
    except OSError as error:
        raise LogObjectError(f"cannot read {path}: {error.strerror}") from error
    if not place.is_file():
        raise LogObjectError(f"cannot read {path}: not a file")
    return LogObject(
        bucket=str(place.parent),
        key=place.name,
        source=place.as_posix(),
        modified_at=datetime.fromtimestamp(state.st_mtime, UTC),
        size=state.st_size,
    )
