"""DuckDB over the lake's Parquet files: runs the statements of `storage.lake_sql`, and people's queries.

Columns are found by Iceberg field id, so files written before a column was added read it as null. Each
connection runs in UTC, whatever the machine's zone.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.domain.usage_event import COLUMNS, ColumnType
from bedrock_analytics.embedded.interruption import Interruption
from bedrock_analytics.storage.lake import QueryResult
from bedrock_analytics.storage.lake_rows import Row
from bedrock_analytics.storage.lake_sql import TABLE, MetadataPath, Parameter, Statement

_TYPES: dict[ColumnType, str] = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.LONG: "BIGINT",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.TIMESTAMPTZ: "TIMESTAMPTZ",
}
_SCHEMA = ", ".join(
    f"{column.field_id}: {{name: '{column.name}', type: '{_TYPES[column.type]}', default_value: NULL}}"
    for column in COLUMNS
)
_EMPTY = ", ".join(f"cast(null as {_TYPES[column.type]}) as {column.name}" for column in COLUMNS)

_JSON_SCALAR = """create or replace temp macro json_scalar(document, path) as
case when json_valid(document) and json_type(document, path) not in ('OBJECT', 'ARRAY')
then document ->> path end"""
"""As Trino's json_extract_scalar: null for what is no scalar, also where the text is no JSON."""

_CLOSED = {
    "TimeZone": "UTC",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_FETCHED_ROWS = 5_000
_PEOPLE_MEMORY = "1GB"


@lru_cache(maxsize=64)
def duckdb_sql(sql: str) -> str:
    """A statement of `lake_sql` in DuckDB's dialect.

    histogram() becomes list(), whose values are counted on arrival: DuckDB's histogram keeps an ordered
    map for each group, which with many small groups takes three times as long as everything else.
    """
    tree = sqlglot.parse_one(sql, read="athena")
    for node in list(tree.find_all(exp.JSONExtractScalar)):
        node.replace(exp.Anonymous(this="json_scalar", expressions=[node.this, node.expression]))
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.lower() == "histogram":
            values = exp.cast(call.expressions[0], exp.DataType.Type.INT)
            call.replace(exp.Anonymous(this="list", expressions=[values]))
    return tree.sql(dialect="duckdb")


@lru_cache(maxsize=64)
def column_names(sql: str) -> tuple[str, ...]:
    """Names of the columns that a statement of this project answers."""
    query = sqlglot.parse_one(sql, read="athena")
    if not isinstance(query, exp.Query):
        raise LakeError("a statement that answers no rows")
    return tuple(query.named_selects)


def duckdb_parameter(value: Parameter) -> str | int:
    """A parameter as DuckDB binds it; times as text, which the statement casts."""
    match value:
        case datetime():
            return value.isoformat()
        case MetadataPath():
            return "/" + value.key.replace("~", "~0").replace("/", "~1")
        case str() | int():
            return value


def view_sql(paths: Sequence[str]) -> str:
    """DDL of the view `usage_events` over data files."""
    if not paths:
        return f"create or replace temp view {TABLE} as select {_EMPTY} where false"
    files = ", ".join(_quoted(path) for path in paths)
    source = f"read_parquet([{files}], schema = MAP {{{_SCHEMA}}}, hive_partitioning = false)"
    return f"create or replace temp view {TABLE} as select * from {source}"  # noqa: S608


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class DuckDBReader:
    """Queries over lists of files. Threads may share one reader; processes (forks) may not."""

    def __init__(self) -> None:
        self._database: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()

    def rows(
        self, statement: Statement, paths: Sequence[str], interruption: Interruption | None = None
    ) -> Iterator[Row]:
        """Rows of a statement of this project over the files."""
        stopping = interruption or Interruption()
        with self._connection() as connection, _lake_errors(), stopping.over(connection):
            connection.execute(view_sql(paths))
            connection.execute(_JSON_SCALAR)
            parameters = [duckdb_parameter(value) for value in statement.parameters]
            connection.execute(duckdb_sql(statement.sql), parameters)
            lists = [
                number
                for number, column in enumerate(connection.description or ())
                if str(column[1]).endswith("[]")
            ]
            while rows := connection.fetchmany(_FETCHED_ROWS):
                stopping.check()
                yield from (_counted(row, lists) for row in rows) if lists else rows

    def select(
        self,
        sql: str,
        paths: Sequence[str],
        *,
        max_rows: int,
        timeout: timedelta,
        interruption: Interruption | None = None,
    ) -> QueryResult:
        """A person's query, already checked and in DuckDB's dialect, in a database of its own.

        That database can read the lake's files and nothing else, and its settings are locked.
        """
        with closing(_connect({"memory_limit": _PEOPLE_MEMORY})) as connection, _lake_errors():
            connection.execute(f"set allowed_paths = [{', '.join(map(_quoted, paths))}]")
            connection.execute(view_sql(paths))
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            stopping = interruption or Interruption()
            with _interrupted_after(connection, timeout), stopping.over(connection):
                connection.execute(sql)
                rows = connection.fetchmany(max_rows + 1)
            columns = tuple(column[0] for column in connection.description or ())
        shown = tuple(tuple(map(_in_utc, row)) for row in rows[:max_rows])
        return QueryResult(columns, shown, len(rows) > max_rows)

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            if self._database is None:
                self._database = _connect({"parquet_metadata_cache": "true"})
            connection = self._database.cursor()
        with closing(connection):
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def close(self) -> None:
        """Let go of the database; the next query opens another."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None


def _connect(settings: dict[str, str]) -> duckdb.DuckDBPyConnection:
    """A database in memory that loads no extension and sees no Python variable."""
    connection = duckdb.connect(":memory:")
    spill = {"temp_directory": str(Path(tempfile.gettempdir(), "bedrock-analytics-duckdb"))}
    for name, value in (_CLOSED | spill | settings).items():
        connection.execute(f"set {name} = {_quoted(value)}")
    return connection


@contextmanager
def _interrupted_after(connection: duckdb.DuckDBPyConnection, timeout: timedelta) -> Iterator[None]:
    timer = threading.Timer(timeout.total_seconds(), connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        raise LakeError(f"the query was stopped after {timeout.total_seconds():g} s") from error
    finally:
        timer.cancel()


@contextmanager
def _lake_errors() -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        raise LakeUnavailable(f"a file of the lake cannot be read: {error}") from error
    except duckdb.Error as error:
        raise LakeError(f"DuckDB: {error}") from error


def _counted(row: tuple[Any, ...], lists: Sequence[int]) -> Row:
    """The row with each list replaced by how often each of its values occurs."""
    cells = list(row)
    for number in lists:
        counts: dict[int, int] = {}
        for value in cells[number]:
            if value is not None:
                counts[value] = counts.get(value, 0) + 1
        cells[number] = counts
    return cells


def _in_utc(value: object) -> object:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    return value
