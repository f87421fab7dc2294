"""Queries in one Athena workgroup: start, poll, fetch, cancel.

The workgroup keeps managed results, so no output location is given. Source: Athena API reference,
StartQueryExecution, GetQueryExecution, GetQueryResults (at most 1,000 rows a page; the first row of the
first page is the header).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.storage.athena_values import decode_row, encode_parameter
from bedrock_analytics.storage.lake_calls import call
from bedrock_analytics.storage.lake_sql import Parameter

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

PAGE_ROWS = 1000
MAX_SQL_BYTES = 262_144
"""Athena's limit of a query's text."""

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 3.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class QueryState(StrEnum):
    """States of a query execution."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStatus:
    """Where a query stands."""

    state: QueryState
    reason: str
    """Why it failed or was cancelled; empty otherwise."""
    retryable: bool
    """Athena says that the same query may succeed later."""
    submitted_at: datetime
    completed_at: datetime | None
    scanned_bytes: int

    @property
    def finished(self) -> bool:
        return self.state not in (QueryState.QUEUED, QueryState.RUNNING)


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Up to `PAGE_ROWS` rows of a finished query, and what to ask for the next ones."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    next_cursor: str | None


class AthenaQueries:
    """Runs SQL in one workgroup, with one catalog and database as context.

    Methods raise LakeUnavailable for passing faults and LakeError for others.
    """

    def __init__(
        self,
        client: AthenaClient,
        *,
        workgroup: str,
        catalog: str,
        database: str,
        timeout: timedelta = timedelta(minutes=10),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._workgroup = workgroup
        self._context = {"Catalog": catalog, "Database": database}
        self._timeout = timeout
        self._sleep = sleep
        self._clock = clock

    def start(self, sql: str, parameters: Sequence[Parameter] = (), *, token: str | None = None) -> str:
        """Submit a query and return its id.

        Of several submissions with one token (32 to 128 characters) Athena runs the first and answers
        the later ones with its id.
        """
        size = len(sql.encode())
        if size > MAX_SQL_BYTES:
            raise LakeError(f"the query has {size:,} bytes; Athena takes {MAX_SQL_BYTES:,}")
        request: dict[str, Any] = {
            "QueryString": sql,
            "QueryExecutionContext": self._context,
            "WorkGroup": self._workgroup,
        }
        if parameters:
            request["ExecutionParameters"] = [encode_parameter(value) for value in parameters]
        if token is not None:
            request["ClientRequestToken"] = token
        answer = call(self._client.start_query_execution, sleep=self._sleep, **request)
        return answer["QueryExecutionId"]

    def status(self, query_id: str) -> QueryStatus:
        """Where the query stands now."""
        answer = call(self._client.get_query_execution, sleep=self._sleep, QueryExecutionId=query_id)
        execution = answer["QueryExecution"]
        status = execution["Status"]
        fault = status.get("AthenaError", {})
        return QueryStatus(
            state=QueryState(status["State"]),
            reason=status.get("StateChangeReason") or fault.get("ErrorMessage", ""),
            retryable=fault.get("Retryable", False),
            submitted_at=status["SubmissionDateTime"].astimezone(UTC),
            completed_at=_in_utc(status.get("CompletionDateTime")),
            scanned_bytes=execution.get("Statistics", {}).get("DataScannedInBytes", 0),
        )

    def wait(self, query_id: str) -> QueryStatus:
        """The status once the query is finished; past the timeout LakeUnavailable, and it is cancelled."""
        deadline = self._clock() + self._timeout
        pause = _FIRST_PAUSE
        while not (status := self.status(query_id)).finished:
            if self._clock() >= deadline:
                self.cancel(query_id)
                raise LakeUnavailable(f"Athena query {query_id} did not finish within {self._timeout}")
            self._sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        return status

    def page(self, query_id: str, cursor: str | None = None) -> ResultPage:
        """One page of a succeeded query: the first, or the one that a cursor points to."""
        request: dict[str, Any] = {"QueryExecutionId": query_id, "MaxResults": PAGE_ROWS}
        if cursor is not None:
            request["NextToken"] = cursor
        answer = call(self._client.get_query_results, sleep=self._sleep, **request)
        result = answer["ResultSet"]
        info = result["ResultSetMetadata"]["ColumnInfo"]
        types = [column["Type"] for column in info]
        texts = [[cell.get("VarCharValue") for cell in row["Data"]] for row in result["Rows"]]
        data = texts if cursor is not None else texts[1:]
        return ResultPage(
            tuple(column["Name"] for column in info),
            tuple(decode_row(types, values) for values in data),
            answer.get("NextToken"),
        )

    def rows(self, query_id: str) -> Iterator[tuple[object, ...]]:
        """All rows of a succeeded query, page by page."""
        page = self.page(query_id)
        yield from page.rows
        while page.next_cursor is not None:
            page = self.page(query_id, page.next_cursor)
            yield from page.rows

    def cancel(self, query_id: str) -> None:
        """Stop the query; one that is finished stays as it is."""
        call(self._client.stop_query_execution, sleep=self._sleep, QueryExecutionId=query_id)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
