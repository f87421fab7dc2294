"""Connections to one SQLite file, lent to one thread at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self

from bedrock_analytics.domain.errors import TableError, TableUnavailable

_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class SQLitePool:
    """Opens connections as they are needed and keeps them for the next borrower.

    The file is put into WAL mode: processes read while one writes, and a process that is killed leaves
    the last committed state. `synchronous=NORMAL` suffices for that; a power cut can lose the newest
    commits, never the file, and the lake, from which pages are computed again, has them still.
    """

    def __init__(self, path: Path, *, read_only: bool, busy_timeout: timedelta) -> None:
        self._path = path
        self._read_only = read_only
        self._busy_timeout = busy_timeout
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection; SQLite's errors are raised as TableError or TableUnavailable."""
        try:
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._give_back(connection)
        except sqlite3.Error as error:
            raise self._translated(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that holds the write lock; rolled back where anything raises."""
        with self.reading() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def close(self) -> None:
        """Close the idle connections; those on loan are closed when they come back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _borrow(self) -> sqlite3.Connection:
        if self._closed:
            raise TableError(f"table file {self._path} was closed")
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        mode = "ro" if self._read_only else "rwc"
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self._busy_timeout.total_seconds(),
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            if not self._read_only:
                _use_wal(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _translated(self, error: sqlite3.Error) -> TableError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _PASSING:
            return TableUnavailable(f"table file {self._path} is locked by another process: {error}")
        return TableError(f"table file {self._path}: {error}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL where that is not yet so; the switch itself needs the file alone for a moment."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
