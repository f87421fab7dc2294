"""A table of items in an SQLite file, which holds as many tables as there are names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final, Self

from bedrock_analytics.domain.errors import ConditionFailed, TableError
from bedrock_analytics.embedded.item_document import decode_item, encode_item
from bedrock_analytics.embedded.sqlite_pool import SQLitePool
from bedrock_analytics.storage.item_conditions import holds
from bedrock_analytics.storage.item_rules import check_group, checked_size, key_of, write_key
from bedrock_analytics.storage.item_table import Condition, Delete, Item, Key, Put, Value

WRITES_A_TRANSACTION: Final = 200
ITEMS_A_PAGE: Final = 200

BUSY_TIMEOUT: Final = timedelta(seconds=10)


class SQLiteTable:
    """ItemTable over one table of an SQLite file; safe to share between threads, not across a fork.

    Every read is consistent. A query reads page by page and holds no lock between pages, so a slow
    reader hinders nobody.
    """

    def __init__(
        self, path: Path, name: str, *, read_only: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT
    ) -> None:
        """Open the table, which is made where it is missing.

        Read-only, nothing is made or changed, and a missing file or table is a TableError.
        """
        self._label = f"{name} in {path}"
        self._table = '"' + name.replace('"', '""') + '"'
        self._pool = SQLitePool(path, read_only=read_only, busy_timeout=busy_timeout)
        try:
            if not self._exists(name):
                if read_only:
                    raise TableError(f"{path} has no table {name} yet: nothing has written it")
                self._make()
        except TableError:
            self._pool.close()
            raise

    def _exists(self, name: str) -> bool:
        with self._pool.reading() as connection:
            query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return connection.execute(query, (name,)).fetchone() is not None

    def _make(self) -> None:
        # Texts compare by their UTF-8 bytes (SQLite's collation BINARY), as DynamoDB's sort keys do.
        with self._pool.writing() as connection:
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} "
                "(pk TEXT NOT NULL, sk TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (pk, sk))"
            )

    def close(self) -> None:
        """Close the file. The table cannot be used afterwards."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        """The item, or None where there is none."""
        with self._pool.reading() as connection:
            return self._read(connection, key)

    def _read(self, connection: sqlite3.Connection, key: Key) -> dict[str, Value] | None:
        row = connection.execute(
            f"SELECT document FROM {self._table} WHERE pk = ? AND sk = ?",  # noqa: S608 - quoted name
            (key.pk, key.sk),
        ).fetchone()
        return None if row is None else decode_item(key.pk, key.sk, row[0])

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        """Items of a partition with start <= SK <= end (UTF-8 byte order), in order of SK."""
        bounds = {"sk >= ?": start, "sk <= ?": end}
        while True:
            rows = self._page(pk, bounds, descending=descending)
            for sk, document in rows:
                yield decode_item(pk, sk, document)
            if len(rows) < ITEMS_A_PAGE:
                return
            last = rows[-1][0]
            bounds = {"sk >= ?": start, "sk < ?": last} if descending else {"sk > ?": last, "sk <= ?": end}

    def _page(self, pk: str, bounds: dict[str, str | None], *, descending: bool) -> list[tuple[str, bytes]]:
        given = {text: bound for text, bound in bounds.items() if bound is not None}
        where = " AND ".join(["pk = ?", *given])
        order = "DESC" if descending else "ASC"
        sql = f"SELECT sk, document FROM {self._table} WHERE {where} ORDER BY sk {order} LIMIT {ITEMS_A_PAGE}"  # noqa: S608 - quoted name, bound values
        with self._pool.reading() as connection:
            return connection.execute(sql, (pk, *given.values())).fetchall()

    def put_many(self, items: Iterable[Item]) -> None:
        """Put items in transactions of up to 200; of several with one key the last one stays."""
        rows = (self._row(item) for item in items)
        while chunk := list(islice(rows, WRITES_A_TRANSACTION)):
            with self._pool.writing() as connection:
                connection.executemany(self._put_sql, chunk)

    def delete_many(self, keys: Iterable[Key]) -> None:
        """Delete items in transactions of up to 200."""
        rows = ((key.pk, key.sk) for key in keys)
        while chunk := list(islice(rows, WRITES_A_TRANSACTION)):
            with self._pool.writing() as connection:
                connection.executemany(self._delete_sql, chunk)

    def put_if(self, item: Item, condition: Condition) -> None:
        """Put one item where the condition holds of what is there; else ConditionFailed."""
        self.write_together([Put(item, condition)])

    def delete_if(self, key: Key, condition: Condition) -> None:
        """Delete one item where the condition holds of what is there; else ConditionFailed."""
        self.write_together([Delete(key, condition)])

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        """Do at most 100 writes of distinct keys, all or none; ConditionFailed where a condition fails."""
        check_group(writes)
        with self._pool.writing() as connection:
            for write in writes:
                key = write_key(write)
                if write.condition is not None and not holds(write.condition, self._read(connection, key)):
                    raise ConditionFailed(f"table {self._label}: {key.pk} / {key.sk} is in another state")
                if isinstance(write, Put):
                    connection.execute(self._put_sql, self._row(write.item))
                else:
                    connection.execute(self._delete_sql, (key.pk, key.sk))

    @property
    def _put_sql(self) -> str:
        return f"INSERT OR REPLACE INTO {self._table} (pk, sk, document) VALUES (?, ?, ?)"  # noqa: S608 - quoted name

    @property
    def _delete_sql(self) -> str:
        return f"DELETE FROM {self._table} WHERE pk = ? AND sk = ?"  # noqa: S608 - quoted name

    @staticmethod
    def _row(item: Item) -> tuple[str, str, bytes]:
        checked_size(item)
        key = key_of(item)
        return key.pk, key.sk, encode_item(item)
