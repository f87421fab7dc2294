"""Asking the lake without waiting for it: ask, poll, fetch, cancel, with the query's id as the only state.

Implementations: Athena (`storage/athena_desk.py`), whose ids every process understands, and DuckDB in a
small pool of threads (`embedded/duckdb_desk.py`), whose ids are known to the process that gave them.
One contract suite runs over both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.lake_sql import Statement

GONE: Final = "The answer is no longer kept; ask again."


class AskState(StrEnum):
    """Where a question stands. GONE: its answer is no longer kept, or it was never asked here."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    GONE = "gone"

    @property
    def is_final(self) -> bool:
        """Polling again will tell nothing new."""
        return self not in (AskState.WAITING, AskState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskStatus:
    """Answer to a poll. `message` is a sentence for people in every state."""

    state: AskState
    message: str
    scanned_bytes: int | None = None
    """Bytes read so far, where the engine tells and somebody pays for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """Some rows of an answer. Cells are text, int, float, Decimal, bool, date, aware UTC datetime or None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    next_page: str | None
    """What to ask for the rows that follow; None after the last."""


class LakeDesk(Protocol):
    """Where questions to the lake are handed in. Safe to share between threads."""

    @property
    def table(self) -> str:
        """SQL text that names the table in statements for this desk."""
        ...

    @property
    def has_costs(self) -> bool:
        """Whether somebody pays for the bytes that a question reads."""
        ...

    def ask(self, statement: Statement, spans: Sequence[Span] = ()) -> str:
        """Begin a statement of this project and return the question's id.

        `spans` say which `ts` it can need, so that files without them stay closed; none means all.
        LakeUnavailable where the desk is full or the engine does not answer.
        """
        ...

    def ask_select(self, sql: str, *, max_rows: int) -> str:
        """Begin a person's query, whose answer ends after `max_rows` + 1 rows; QueryRefused where unfit."""
        ...

    def poll(self, query_id: str) -> AskStatus:
        """Where the question stands now."""
        ...

    def fetch(self, query_id: str, page: str | None = None) -> RowPage:
        """Rows of a question that is DONE; TicketGone where they are no longer kept, else LakeError."""
        ...

    def cancel(self, query_id: str) -> None:
        """Stop the question; one that is finished or forgotten stays as it is."""
        ...
