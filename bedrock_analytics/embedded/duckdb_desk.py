"""Questions to the lake of one machine: run by a few threads, their answers kept for some minutes.

A question's id is known to the process that gave it, and to no other: the embedded deployment serves its
dashboard from one process. The engines, which take seconds to import, are opened by those threads.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable, TicketGone
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.embedded.interruption import Interruption
from bedrock_analytics.storage.lake_desk import GONE, AskState, AskStatus, RowPage
from bedrock_analytics.storage.lake_rows import Row
from bedrock_analytics.storage.lake_sql import TABLE, Statement

if TYPE_CHECKING:
    from bedrock_analytics.embedded.iceberg_lake import IcebergLake

WORKERS: Final = 2
MAX_OPEN: Final = 32
"""Questions that may wait or run at once."""
KEPT: Final = timedelta(minutes=10)
"""How long an answer is kept after it was last read."""
PAGE_ROWS: Final = 1_000
ANSWER_CELLS: Final = 4_000_000
"""Cells (rows x columns) of one answer, of about 50 bytes each."""
KEPT_CELLS: Final = 6_000_000
TIMEOUT: Final = timedelta(seconds=90)

_Answer = tuple[tuple[str, ...], list[Row]]


@dataclass(slots=True, kw_only=True)
class _Question:
    begun: float
    used: datetime
    interruption: Interruption = field(default_factory=Interruption)
    future: Future[_Answer] | None = None
    is_cancelled: bool = False

    @property
    def cells(self) -> int:
        if (
            self.future is None
            or not self.future.done()
            or self.future.cancelled()
            or self.future.exception()
        ):
            return 0
        columns, rows = self.future.result()
        return len(columns) * len(rows)


class DuckDBDesk:
    """`LakeDesk` on an embedded lake."""

    has_costs = False
    table = TABLE

    def __init__(
        self,
        lake: Callable[[], IcebergLake],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: timedelta = TIMEOUT,
        answer_cells: int = ANSWER_CELLS,
    ) -> None:
        self._lake = lake
        self._clock = clock
        self._timeout = timeout
        self._answer_cells = answer_cells
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._questions: dict[str, _Question] = {}
        self._pool: ThreadPoolExecutor | None = None

    def ask(self, statement: Statement, spans: Sequence[Span] = ()) -> str:
        def answer(interruption: Interruption) -> _Answer:
            from bedrock_analytics.embedded.duckdb_reader import column_names

            rows: list[Row] = []
            for row in self._opened().rows(statement, spans, interruption):
                rows.append(row)
                if len(rows) * len(row) > self._answer_cells:
                    raise LakeError("the answer is too large: narrow the time range or the filters")
            return column_names(statement.sql), rows

        return self._begin(answer)

    def ask_select(self, sql: str, *, max_rows: int) -> str:
        from bedrock_analytics.storage.query_guard import check_select

        check_select(sql, dialect="duckdb")  # refused here and not in the thread

        def answer(interruption: Interruption) -> _Answer:
            found = self._opened().query(sql, max_rows=max_rows + 1, interruption=interruption)
            return found.columns, list(found.rows)

        return self._begin(answer)

    def _opened(self) -> IcebergLake:
        with self._opening:
            return self._lake()

    def _begin(self, answer: Callable[[Interruption], _Answer]) -> str:
        with self._lock:
            self._forget()
            opened = [question for question in self._questions.values() if not _is_finished(question)]
            if len(opened) >= MAX_OPEN:
                raise LakeUnavailable("too many questions are open at the moment; try again in some seconds")
            if self._pool is None:
                self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="lake-question")
            question = _Question(begun=time.monotonic(), used=self._clock())
            question.future = self._pool.submit(self._run, answer, question)
            query_id = secrets.token_hex(12)
            self._questions[query_id] = question
        return query_id

    def _run(self, answer: Callable[[Interruption], _Answer], question: _Question) -> _Answer:
        question.begun = time.monotonic()
        timer = threading.Timer(self._timeout.total_seconds(), question.interruption.stop)
        timer.daemon = True
        timer.start()
        try:
            return answer(question.interruption)
        except LakeError as error:
            if question.interruption.is_set and not question.is_cancelled:
                seconds = self._timeout.total_seconds()
                raise LakeError(f"the question was stopped after {seconds:g} s: narrow the range") from error
            raise
        finally:
            timer.cancel()

    def _forget(self) -> None:
        """Drop answers that nobody reads any more, and the least used ones beyond the limit of memory."""
        oldest = self._clock() - KEPT
        finished = [(name, question) for name, question in self._questions.items() if _is_finished(question)]
        cells = 0
        for name, question in sorted(finished, key=lambda pair: pair[1].used, reverse=True):
            cells += question.cells
            if question.used < oldest or cells > KEPT_CELLS:
                del self._questions[name]

    def poll(self, query_id: str) -> AskStatus:
        question = self._question(query_id)
        if question is None:
            return AskStatus(state=AskState.GONE, message=GONE)
        if question.is_cancelled or question.future is None or question.future.cancelled():
            return AskStatus(state=AskState.CANCELLED, message="Cancelled.")
        future = question.future
        if not future.done():
            if future.running():
                seconds = time.monotonic() - question.begun
                return AskStatus(state=AskState.RUNNING, message=f"Reading the lake for {seconds:.0f} s.")
            return AskStatus(state=AskState.WAITING, message="Waiting for earlier questions.")
        error = future.exception()
        if error is None:
            return AskStatus(state=AskState.DONE, message="Done.")
        return AskStatus(state=AskState.FAILED, message=_sentence(error))

    def fetch(self, query_id: str, page: str | None = None) -> RowPage:
        question = self._question(query_id)
        if question is None:
            raise TicketGone(GONE)
        status = self.poll(query_id)
        if status.state is not AskState.DONE or question.future is None:
            raise LakeError(f"the question has no answer: {status.message}")
        columns, rows = question.future.result()
        start = _offset(page)
        found = tuple(tuple(row) for row in itertools.islice(rows, start, start + PAGE_ROWS))
        after = start + PAGE_ROWS
        return RowPage(columns=columns, rows=found, next_page=str(after) if after < len(rows) else None)

    def cancel(self, query_id: str) -> None:
        question = self._question(query_id)
        if question is not None and not _is_finished(question):
            question.is_cancelled = True
            if question.future is not None:
                question.future.cancel()
            question.interruption.stop()

    def _question(self, query_id: str) -> _Question | None:
        with self._lock:
            self._forget()
            question = self._questions.get(query_id)
            if question is not None:
                question.used = self._clock()
            return question

    def close(self) -> None:
        """Stop every question and let the threads end."""
        with self._lock:
            questions, pool = list(self._questions.values()), self._pool
            self._questions, self._pool = {}, None
        for question in questions:
            question.interruption.stop()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def _is_finished(question: _Question) -> bool:
    return question.is_cancelled or (question.future is not None and question.future.done())


def _offset(page: str | None) -> int:
    if page is None:
        return 0
    if not page.isdecimal():
        raise LakeError("there is no such page of the answer")
    return int(page)


def _sentence(error: BaseException) -> str:
    if not isinstance(error, LakeError):
        raise error
    return f"The lake could not answer: {error}"
