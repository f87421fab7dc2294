"""Questions to the lake on AWS: a question's id is Athena's execution id, known to every process.

A statement's submission carries a token made of its text, its values and the lake's version, so that
several people who look at one view scan the lake once, and a repeated click costs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable, TicketGone
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import Column
from bedrock_analytics.storage.athena_lake import RESULTS_KEPT, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries, QueryState, QueryStatus, utc_now
from bedrock_analytics.storage.lake_calls import is_invalid_request
from bedrock_analytics.storage.lake_desk import GONE, AskState, AskStatus, RowPage
from bedrock_analytics.storage.lake_sql import Statement, table_lacking

_STATES = {
    QueryState.QUEUED: AskState.WAITING,
    QueryState.RUNNING: AskState.RUNNING,
    QueryState.SUCCEEDED: AskState.DONE,
    QueryState.FAILED: AskState.FAILED,
    QueryState.CANCELLED: AskState.CANCELLED,
}
_SCAN_LIMIT = "bytes scanned limit"
"""Part of Athena's reason where a query reached its workgroup's limit."""
_TOKENS = 20
"""Most submissions of one statement at one version of the lake."""


class AthenaDesk:
    """`LakeDesk` on the workgroup for people, whose scan limit guards every question."""

    has_costs = True

    def __init__(
        self,
        queries: AthenaQueries,
        table: LakeTable,
        version: Callable[[], str],
        *,
        missing: Callable[[], Sequence[Column]] = tuple,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`version` is that of the lake (`EventLake.version`); `missing` tells the columns that it lacks."""
        self._queries = queries
        self._table = table
        self._version = version
        self._missing = missing
        self._clock = clock

    @property
    def table(self) -> str:
        return table_lacking(self._table.qualified, self._missing())

    def ask(self, statement: Statement, spans: Sequence[Span] = ()) -> str:
        """Begin a statement, or join the same one of before at this version of the lake.

        An execution found through the token that did not succeed, or whose results may soon be gone, is
        passed over. `spans` are not needed: Iceberg's own statistics prune.
        """
        version = self._version()
        for attempt in range(_TOKENS):
            text = repr((statement.sql, statement.parameters, version, attempt))
            token = hashlib.sha256(text.encode()).hexdigest()
            query_id = self._queries.start(statement.sql, statement.parameters, token=token)
            if self._is_usable(self._queries.status(query_id)):
                return query_id
        raise LakeUnavailable("Athena keeps answering with earlier failures of the same question")

    def _is_usable(self, status: QueryStatus) -> bool:
        if status.state in (QueryState.QUEUED, QueryState.RUNNING):
            return True
        age = self._clock() - status.submitted_at
        return status.state is QueryState.SUCCEEDED and age < RESULTS_KEPT - timedelta(hours=1)

    def ask_select(self, sql: str, *, max_rows: int) -> str:
        # The parser behind the guard takes long to import.
        from bedrock_analytics.storage.query_guard import check_select

        table = self._table.qualified
        return self._queries.start(check_select(sql, table=table, calls_of=self.table, max_rows=max_rows + 1))

    def poll(self, query_id: str) -> AskStatus:
        try:
            status = self._queries.status(query_id)
        except LakeError as error:
            if is_invalid_request(error):
                return AskStatus(state=AskState.GONE, message=GONE)
            raise
        return AskStatus(
            state=_STATES[status.state], message=_message(status), scanned_bytes=status.scanned_bytes
        )

    def fetch(self, query_id: str, page: str | None = None) -> RowPage:
        try:
            found = self._queries.page(query_id, page)
        except LakeError as error:
            if is_invalid_request(error) and self.poll(query_id).state in (AskState.GONE, AskState.DONE):
                raise TicketGone(GONE) from error
            raise
        return RowPage(columns=found.columns, rows=found.rows, next_page=found.next_cursor)

    def cancel(self, query_id: str) -> None:
        try:
            self._queries.cancel(query_id)
        except LakeError as error:
            if not is_invalid_request(error):
                raise


def _message(status: QueryStatus) -> str:
    scanned = f"{status.scanned_bytes / 1_000_000:,.1f} MB read"
    if _SCAN_LIMIT in status.reason.lower():
        return "Stopped: it reads more than one question may. Narrow the time range or name fewer columns."
    match status.state:
        case QueryState.QUEUED:
            return "Waiting for Athena."
        case QueryState.RUNNING:
            return f"Athena is reading the lake: {scanned}."
        case QueryState.SUCCEEDED:
            return f"Done: {scanned}."
        case QueryState.CANCELLED:
            return "Cancelled."
        case QueryState.FAILED:
            return f"Athena could not answer: {status.reason or 'no reason given'}"
