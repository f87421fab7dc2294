"""Adds columns that a later version brought to the lake, and confirms those that are there.

Runs before the functions change. Adding a column changes metadata alone: older rows have it as null, and
older functions go on without it. Doing it again does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.domain.usage_event import COLUMNS, Column, ColumnType
from bedrock_analytics.storage.athena_queries import AthenaQueries, QueryState
from bedrock_analytics.storage.lake_schema import SchemaTable
from bedrock_analytics.storage.lake_sql import TABLE

_DDL_TYPES: Final = {
    ColumnType.STRING: "string",
    ColumnType.LONG: "bigint",
    ColumnType.BOOLEAN: "boolean",
}
"""Athena's DDL makes every timestamp one without a zone, so none can be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What was found and done: names of columns."""

    present: tuple[str, ...]
    added: tuple[str, ...]


def add_columns_sql(columns: Sequence[Column]) -> str:
    """The statement that adds columns; the catalog stands in the query's context, as DDL wants it.

    LakeError for a column that Athena cannot add.
    """
    unfit = [column.name for column in columns if column.required or column.type not in _DDL_TYPES]
    if unfit:
        raise LakeError(f"Athena cannot add the columns {', '.join(unfit)}: make them optional and no times")
    fields = ", ".join(f"{column.name} {_DDL_TYPES[column.type]}" for column in columns)
    return f"ALTER TABLE {TABLE} ADD COLUMNS ({fields})"


class LakeMigration:
    """The migration of one lake, over Athena and the usage table."""

    def __init__(
        self,
        queries: AthenaQueries,
        schema: SchemaTable,
        *,
        now: Callable[[], datetime],
        columns: Sequence[Column] = COLUMNS,
    ) -> None:
        self._queries = queries
        self._schema = schema
        self._now = now
        self._columns = columns

    def present(self) -> tuple[str, ...]:
        """The table's columns as Athena sees them; the query reads no data."""
        query_id = self._run(f"select * from {TABLE} limit 0")  # noqa: S608  (a name of this project)
        return self._queries.page(query_id).columns

    def missing(self) -> tuple[Column, ...]:
        """Columns that the table lacks."""
        present = set(self.present())
        return tuple(column for column in self._columns if column.name not in present)

    def run(self) -> Migration:
        """Add what is missing, see that it is there, and confirm it; LakeError where it is not."""
        missing = self.missing()
        if missing:
            self._run(add_columns_sql(missing))
        present = self.present()
        absent = [column.name for column in self._columns if column.name not in present]
        if absent:
            raise LakeError(f"the lake still lacks {', '.join(absent)} after they were added: try again")
        self._schema.confirm(present, self._now())
        return Migration(present=present, added=tuple(column.name for column in missing))

    def _run(self, sql: str) -> str:
        query_id = self._queries.start(sql)
        status = self._queries.wait(query_id)
        if status.state is QueryState.SUCCEEDED:
            return query_id
        failure = LakeUnavailable if status.retryable else LakeError
        raise failure(f"Athena query {query_id} {status.state.lower()}: {status.reason or 'no reason given'}")
