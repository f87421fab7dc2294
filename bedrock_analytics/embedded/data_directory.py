"""The data directory of an embedded deployment: what lies where, and who may write.

    format.json     format of the directory
    writer.lock     held by the writing process for as long as it lives, with its process id
    settings.json   how the directory was set up
    simulation.json how far simulated traffic has come
    status.json     what the writer is doing, replaced as a whole
    session.key     signs the dashboard's sessions, where it has users
    tables.sqlite   the tables usage-stats and model-pricing
    lake/           Iceberg catalog and warehouse, and the ledger of the log objects read into it
    rejected/       log lines that are no calls, for a look at what is wrong with them
    logs/           log objects of simulated traffic

The ledger lies beside the lake's files: deleting `lake/` forgets both, so the two never disagree.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Final, Self

from bedrock_analytics.domain.errors import DataDirectoryBusy, DataDirectoryError

FORMAT: Final = 1
"""Format of the directories that this version reads and writes."""


class DataDirectory:
    """Paths inside a data directory. Make one with `create` (to write) or `open` (to read)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Self:
        """Open the directory, made where it is missing.

        DataDirectoryError where the path is something else, or a directory of another format.
        """
        directory = cls(path.expanduser().absolute())
        try:
            directory.path.mkdir(parents=True, exist_ok=True)
            is_new = not any(directory.path.iterdir())
            if is_new:
                replace_text(directory._format_file, json.dumps({"format": FORMAT}) + "\n")
        except OSError as error:
            raise DataDirectoryError(
                f"{path} cannot be made a data directory: {error.strerror or error}"
            ) from error
        directory._check_format()
        return directory

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a directory that exists; DataDirectoryError where there is none, or one of another format."""
        directory = cls(path.expanduser().absolute())
        if not directory.path.is_dir():
            raise DataDirectoryError(
                f"{path} does not exist; `bedrock-analytics demo` or `bedrock-analytics local PATH "
                f"--data-dir {path}` makes it"
            )
        directory._check_format()
        return directory

    @property
    def _format_file(self) -> Path:
        return self.path / "format.json"

    @property
    def lock_file(self) -> Path:
        return self.path / "writer.lock"

    @property
    def status_file(self) -> Path:
        return self.path / "status.json"

    @property
    def settings_file(self) -> Path:
        return self.path / "settings.json"

    @property
    def simulation_file(self) -> Path:
        return self.path / "simulation.json"

    @property
    def session_secret_file(self) -> Path:
        return self.path / "session.key"

    @property
    def tables_file(self) -> Path:
        return self.path / "tables.sqlite"

    @property
    def lake(self) -> Path:
        return self.path / "lake"

    @property
    def ledger_file(self) -> Path:
        return self.lake / "ingested.sqlite"

    @property
    def rejected(self) -> Path:
        return self.path / "rejected"

    @property
    def simulated_logs(self) -> Path:
        return self.path / "logs"

    def _check_format(self) -> None:
        try:
            found = json.loads(self._format_file.read_text(encoding="utf-8"))["format"]
        except FileNotFoundError as error:
            raise DataDirectoryError(
                f"{self.path} holds other files and no data directory; name an empty or a new directory"
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataDirectoryError(f"{self._format_file} cannot be read: {error}") from error
        if found != FORMAT:
            raise DataDirectoryError(
                f"{self.path} has format {found}, this version reads format {FORMAT}: "
                "use the version that wrote it, or another --data-dir and read the logs again"
            )


class WriterLock:
    """The right to write a data directory, kept as long as any process holds the descriptor open.

    The lock belongs to the open file, so a child process that inherits `descriptor` shares it, and the
    system frees it when the last of them is gone, however it ends.
    """

    def __init__(self, directory: DataDirectory) -> None:
        """Take the lock; DataDirectoryBusy, naming the process, where another one holds it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self.descriptor = os.open(directory.lock_file, flags, 0o644)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self.descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(self.descriptor)
            raise DataDirectoryBusy(
                f"process {holder or '(unknown)'} is writing {directory.path}; "
                "stop it first, or use another --data-dir"
            ) from error
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def release(self) -> None:
        """Give up this process's share of the lock."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def replace_text(path: Path, text: str) -> None:
    """Write a file as a whole: a reader, or a restart after a crash, sees the old text or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
