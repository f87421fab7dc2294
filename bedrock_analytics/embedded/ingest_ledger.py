"""Which log objects have been read into the lake, and what each of them held.

An object is entered only after its rows are committed to the lake. A crash between the two makes the
next run read it again, which the lake's deduplication makes harmless: nothing is lost or counted twice.
An object is known by its key, size and stamp (the time of its last change, or its ETag); one that
changed is read again, and its new counts replace the old.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

from bedrock_analytics.domain.errors import DataDirectoryError

MAX_ATTEMPTS: Final = 5
"""After so many attempts an object that cannot be read is given up, until it changes."""

KEYS_A_QUERY: Final = 500

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    key TEXT PRIMARY KEY, size INTEGER NOT NULL, stamp TEXT NOT NULL,
    lines INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0,
    rejections INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, error TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS faults ON objects (attempts) WHERE error IS NOT NULL;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """A log object as its listing shows it. `size` in bytes; `stamp` changes when the content does."""

    key: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCounts:
    """What reading an object gave: lines = events + rejections + skipped."""

    lines: int
    events: int
    rejections: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTotals:
    """Sums over every object that is in the lake, and the objects that are not."""

    objects: int = 0
    lines: int = 0
    events: int = 0
    rejections: int = 0
    skipped: int = 0
    retrying: int = 0
    """Objects that could not be read and will be tried again."""
    failed: int = 0
    """Objects given up after MAX_ATTEMPTS."""


class IngestLedger:
    """The ledger in one SQLite file; it has one writer, the holder of the data directory's lock."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        with self._translated():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wanted(self, found: Sequence[FoundObject]) -> list[FoundObject]:
        """Those of the objects that are new, have changed, or are to be tried again; order is kept."""
        wanted: list[FoundObject] = []
        for start in range(0, len(found), KEYS_A_QUERY):
            chunk = found[start : start + KEYS_A_QUERY]
            settled = self._settled([candidate.key for candidate in chunk])
            wanted.extend(
                candidate
                for candidate in chunk
                if settled.get(candidate.key) != (candidate.size, candidate.stamp)
            )
        return wanted

    def _settled(self, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Size and stamp of those objects that need no reading."""
        marks = ",".join("?" * len(keys))
        query = (
            f"SELECT key, size, stamp FROM objects WHERE key IN ({marks})"  # noqa: S608 - marks only
            " AND (error IS NULL OR attempts >= ?)"
        )
        with self._translated():
            rows = self._connection.execute(query, (*keys, MAX_ATTEMPTS)).fetchall()
        return {key: (size, stamp) for key, size, stamp in rows}

    def enter(self, read: Iterable[tuple[FoundObject, ObjectCounts]]) -> None:
        """Enter objects whose rows the lake has committed, all or none of them."""
        statement = (
            "INSERT OR REPLACE INTO objects (key, size, stamp, lines, events, rejections, skipped)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        rows = [
            (item.key, item.size, item.stamp, counts.lines, counts.events, counts.rejections, counts.skipped)
            for item, counts in read
        ]
        with self._writing() as connection:
            connection.executemany(statement, rows)

    def enter_fault(self, item: FoundObject, error: str) -> int:
        """Note that an object could not be read, and return how often that has happened.

        A changed object starts to count anew. What an earlier version of it gave stays in the sums, as
        it stays in the lake.
        """
        statement = (
            "INSERT INTO objects (key, size, stamp, attempts, error) VALUES (?, ?, ?, 1, ?)"
            " ON CONFLICT (key) DO UPDATE SET error = excluded.error, size = excluded.size,"
            " attempts = CASE WHEN (size, stamp) = (excluded.size, excluded.stamp) THEN attempts + 1"
            " ELSE 1 END, stamp = excluded.stamp RETURNING attempts"
        )
        with self._writing() as connection:
            (attempts,) = connection.execute(statement, (item.key, item.size, item.stamp, error)).fetchone()
        return int(attempts)

    def totals(self) -> LedgerTotals:
        """Sums over all objects."""
        query = (
            "SELECT count(*) FILTER (WHERE error IS NULL), coalesce(sum(lines), 0),"
            " coalesce(sum(events), 0), coalesce(sum(rejections), 0), coalesce(sum(skipped), 0),"
            " count(*) FILTER (WHERE error IS NOT NULL AND attempts < :most),"
            " count(*) FILTER (WHERE error IS NOT NULL AND attempts >= :most) FROM objects"
        )
        with self._translated():
            row = self._connection.execute(query, {"most": MAX_ATTEMPTS}).fetchone()
        names = ("objects", "lines", "events", "rejections", "skipped", "retrying", "failed")
        return LedgerTotals(**dict(zip(names, row, strict=True)))

    def faults(self, limit: int) -> list[tuple[str, str]]:
        """Key and error of objects that are not in the lake, at most `limit`."""
        query = "SELECT key, error FROM objects WHERE error IS NOT NULL ORDER BY attempts DESC, key LIMIT ?"
        with self._translated():
            return [(str(key), str(error)) for key, error in self._connection.execute(query, (limit,))]

    def note(self, name: str) -> date | None:
        """The day noted under a name."""
        with self._translated():
            row = self._connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else date.fromisoformat(row[0])

    def put_note(self, name: str, day: date) -> None:
        """Note a day under a name, such as the last one of a nightly job."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, day.isoformat()))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise DataDirectoryError(f"the ledger {self._path} failed: {error}") from error
