"""The event lake on AWS: Athena over an Iceberg table in S3 Tables."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import Column
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.athena_queries import AthenaQueries, QueryState, QueryStatus, utc_now
from bedrock_analytics.storage.lake import Arrivals, Fingerprint, QueryResult, UsageGroup, UsageQuery
from bedrock_analytics.storage.lake_calls import call
from bedrock_analytics.storage.lake_rows import (
    Row,
    UsageDecoder,
    day_at,
    decode_arrivals,
    decode_fingerprints,
    decode_names,
    hour_at,
)

if TYPE_CHECKING:
    from mypy_boto3_s3tables import S3TablesClient

ATTEMPTS = 3
"""How often a query that Athena calls retryable is submitted anew."""
RESULTS_KEPT = timedelta(hours=12)
"""Age up to which results of an earlier submission are read; managed results last 24 hours."""
_TOKENS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeTable:
    """Where the table is."""

    bucket_arn: str
    """ARN of the table bucket."""
    namespace: str
    name: str = lake_sql.TABLE

    @property
    def catalog(self) -> str:
        """The catalog's name in Athena."""
        return f"s3tablescatalog/{self.bucket_arn.rpartition('/')[2]}"

    @property
    def qualified(self) -> str:
        """The name for FROM, valid in any context."""
        return f'"{self.catalog}"."{self.namespace}"."{self.name}"'


class AthenaLake:
    """`EventLake` on Athena. One instance serves one thread."""

    def __init__(
        self,
        queries: AthenaQueries,
        s3tables: S3TablesClient,
        table: LakeTable,
        *,
        people: AthenaQueries | None = None,
        missing: Callable[[], Sequence[Column]] = tuple,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`people` are the queries of the workgroup for `query`; without it `query` refuses.

        `missing` tells the columns that the table lacks; they are read as null.
        """
        self._queries = queries
        self._s3tables = s3tables
        self._table = table
        self._people = people
        self._missing = missing
        self._sleep = sleep
        self._clock = clock

    def version(self) -> str:
        """The table's metadata location."""
        answer = call(
            self._s3tables.get_table_metadata_location,
            sleep=self._sleep,
            tableBucketARN=self._table.bucket_arn,
            namespace=self._table.namespace,
            name=self._table.name,
        )
        return answer.get("metadataLocation") or answer["versionToken"]

    def arrivals(self, since: datetime | None) -> Arrivals:
        return decode_arrivals(self._run(lake_sql.arrivals(since, self._source())))

    def usage(self, query: UsageQuery) -> Iterator[UsageGroup]:
        if not query.spans:
            return
        decoder = UsageDecoder(query)
        for row in self._run(lake_sql.usage(query, self._source())):
            yield decoder.decode(row)

    def fingerprints(self, span: Span) -> Mapping[datetime, Fingerprint]:
        return decode_fingerprints(self._run(lake_sql.fingerprints(span, self._source())))

    def names(self, span: Span) -> Sequence[str]:
        return decode_names(self._run(lake_sql.names(span, self._source())))

    def hours(
        self, span: Span, names: Sequence[str] | None = None, *, account_id: str | None = None
    ) -> Sequence[datetime]:
        if names is not None and not names:
            return []
        statement = lake_sql.hours(span, names, account_id, self._source())
        return [hour_at(number) for (number,) in self._run(statement)]

    def days(self) -> Sequence[date]:
        return [day_at(number) for (number,) in self._run(lake_sql.days(self._source()))]

    def query(self, sql: str, *, max_rows: int) -> QueryResult:
        # The parser behind the guard takes long to import, and the functions that ask no such query lack it.
        from bedrock_analytics.storage.query_guard import check_select

        if self._people is None:
            raise LakeError("no Athena workgroup for people's queries is configured")
        table, calls_of = self._table.qualified, self._source()
        checked = check_select(sql, table=table, calls_of=calls_of, max_rows=max_rows + 1)
        query_id = self._people.start(checked)
        _require_success(query_id, self._people.wait(query_id))
        page = self._people.page(query_id)
        rows = list(page.rows)
        while page.next_cursor is not None and len(rows) <= max_rows:
            page = self._people.page(query_id, page.next_cursor)
            rows.extend(page.rows)
        return QueryResult(page.columns, tuple(rows[:max_rows]), len(rows) > max_rows)

    def _source(self) -> str:
        return lake_sql.table_lacking(self._table.qualified, self._missing())

    def _run(self, statement: lake_sql.Statement) -> Iterator[Row]:
        """Rows of a statement; submitted again where Athena calls its failure retryable.

        The token makes a repeated submission (a timed-out call, a rerun at the same lake version) join
        the first one instead of scanning twice. An execution found through it that failed before this
        call, or whose results may be gone, is passed over.
        """
        version, begun = self.version(), self._clock()
        failures = 0
        for attempt in range(_TOKENS):
            token = _request_token(statement, version, attempt)
            query_id = self._queries.start(statement.sql, statement.parameters, token=token)
            status = self._queries.wait(query_id)
            if status.state is QueryState.SUCCEEDED:
                if status.submitted_at > begun - RESULTS_KEPT:
                    yield from self._queries.rows(query_id)
                    return
            elif status.submitted_at >= begun:
                failures += 1
                if not status.retryable or failures == ATTEMPTS:
                    _require_success(query_id, status)
        raise LakeUnavailable(f"Athena keeps answering with {_TOKENS} earlier failures of the same query")


def _require_success(query_id: str, status: QueryStatus) -> None:
    if status.state is QueryState.SUCCEEDED:
        return
    failure = LakeUnavailable if status.retryable or status.state is QueryState.CANCELLED else LakeError
    raise failure(f"Athena query {query_id} {status.state.lower()}: {status.reason or 'no reason given'}")


def _request_token(statement: lake_sql.Statement, version: str, attempt: int) -> str:
    text = repr((statement.sql, statement.parameters, version, attempt))
    return hashlib.sha256(text.encode()).hexdigest()
