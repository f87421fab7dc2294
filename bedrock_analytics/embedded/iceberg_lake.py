"""The event lake on one machine: PyIceberg writes, DuckDB reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bedrock_analytics.domain.errors import DeliveryError, LakeError
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.arrow_rows import arrow_table
from bedrock_analytics.embedded.duckdb_reader import DuckDBReader
from bedrock_analytics.embedded.iceberg_files import FileIndex, LakeFile
from bedrock_analytics.embedded.iceberg_table import IcebergTable
from bedrock_analytics.embedded.interruption import Interruption
from bedrock_analytics.embedded.lake_maintenance import LakeMaintenance, MaintenanceReport
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake import Arrivals, Fingerprint, QueryResult, UsageGroup, UsageQuery
from bedrock_analytics.storage.lake_rows import (
    Row,
    UsageDecoder,
    day_at,
    decode_arrivals,
    decode_fingerprints,
    decode_names,
    hour_at,
)
from bedrock_analytics.storage.query_guard import check_select

PEOPLE_TIMEOUT = timedelta(seconds=30)


def utc_now() -> datetime:
    return datetime.now(UTC)


class IcebergLake:
    """`EventSink` and `EventLake` in one folder. One process writes; any number read.

    Queries read the files whose statistics say that they may hold a wanted row, and of those the columns
    that the statement names.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        people_timeout: timedelta = PEOPLE_TIMEOUT,
    ) -> None:
        self.table = IcebergTable(folder)
        self.index = FileIndex()
        self._reader = DuckDBReader()
        self._clock = clock
        self._people_timeout = people_timeout

    def put(self, events: Iterable[UsageEvent]) -> int:
        """Add rows in one commit and return their number; all of them or, with DeliveryError, none.

        The rows are in memory at once, about 600 bytes each; every commit costs some 50 ms.
        """
        batch = events if isinstance(events, list) else list(events)
        if not batch:
            return 0
        try:
            self.table.append(arrow_table(batch, self._clock()))
        except LakeError as error:
            raise DeliveryError(str(error)) from error
        return len(batch)

    def version(self) -> str:
        """The table's metadata location, empty before the first row."""
        return self.table.location() or ""

    def arrivals(self, since: datetime | None) -> Arrivals:
        files = [file for file in self._files() if since is None or file.has_parsed_since(since)]
        return decode_arrivals(self._reader.rows(lake_sql.arrivals(since), _paths(files)))

    def usage(self, query: UsageQuery) -> Iterator[UsageGroup]:
        files = self._files_with_ts(query.spans)
        if files:
            decoder = UsageDecoder(query)
            for row in self._reader.rows(lake_sql.usage(query), _paths(files)):
                yield decoder.decode(row)

    def fingerprints(self, span: Span) -> Mapping[datetime, Fingerprint]:
        files = self._files_with_ts([span])
        return decode_fingerprints(self._reader.rows(lake_sql.fingerprints(span), _paths(files)))

    def names(self, span: Span) -> Sequence[str]:
        files = self._files_with_ts([span])
        return decode_names(self._reader.rows(lake_sql.names(span), _paths(files)))

    def hours(
        self, span: Span, names: Sequence[str] | None = None, *, account_id: str | None = None
    ) -> Sequence[datetime]:
        if names is not None and not names:
            return []
        statement = lake_sql.hours(span, names, account_id)
        files = self._files_with_ts([span])
        return [hour_at(number) for (number,) in self._reader.rows(statement, _paths(files))]

    def days(self) -> Sequence[date]:
        rows = self._reader.rows(lake_sql.days(), _paths(self._files()))
        return [day_at(number) for (number,) in rows]

    def query(self, sql: str, *, max_rows: int, interruption: Interruption | None = None) -> QueryResult:
        checked = check_select(sql, dialect="duckdb", max_rows=max_rows + 1)
        return self._reader.select(
            checked,
            _paths(self._files()),
            max_rows=max_rows,
            timeout=self._people_timeout,
            interruption=interruption,
        )

    def rows(
        self, statement: lake_sql.Statement, spans: Sequence[Span], interruption: Interruption
    ) -> Iterator[Row]:
        """Rows of a statement over the files that may have a `ts` in the spans; over all without spans."""
        files = self._files_with_ts(spans) if spans else self._files()
        return self._reader.rows(statement, _paths(files), interruption)

    def _files(self) -> tuple[LakeFile, ...]:
        return self.index.files(self.table.location())

    def _files_with_ts(self, spans: Sequence[Span]) -> list[LakeFile]:
        joined = lake_sql.joined_spans(spans)
        return [file for file in self._files() if file.has_ts_in(joined)]

    def maintain(self, closed_through: date | None = None) -> MaintenanceReport:
        """One run of `LakeMaintenance`; only the writer may ask for it."""
        return LakeMaintenance(self.table, self.index).run(self._clock(), closed_through)

    def close(self) -> None:
        """Let go of catalog and engine; the next call opens them again."""
        self.table.close()
        self._reader.close()


def _paths(files: Iterable[LakeFile]) -> list[str]:
    return [file.path for file in files]
