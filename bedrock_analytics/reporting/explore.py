"""People's own questions to the lake: one SELECT, begun, polled, fetched and cancelled.

Who may ask is for the page to say; what may be asked is for `storage.query_guard`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from bedrock_analytics.domain.errors import LakeError, QueryRefused, TableError, TicketGone
from bedrock_analytics.domain.periods import day_of
from bedrock_analytics.domain.usage_event import COLUMNS, ColumnType
from bedrock_analytics.reporting.csv_lines import csv_lines
from bedrock_analytics.reporting.example_queries import ExampleQuery, example_queries
from bedrock_analytics.storage.lake_desk import GONE, AskState, AskStatus, LakeDesk
from bedrock_analytics.storage.scan_budget import DayScans, ScanBudget

MAX_ROWS = 10_000
_TYPES = {
    ColumnType.STRING: "varchar",
    ColumnType.LONG: "bigint",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.TIMESTAMPTZ: "timestamp with time zone",
}
_SETTLED_AT_ONCE = 5
"""Earlier queries of unknown amount that are looked at before a new one begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeColumn:
    """A column that people may ask for. `type` is Athena's name."""

    name: str
    type: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreRows:
    """Some rows of an answer. `is_cut`: there are more rows than a query may have."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    next_page: str | None
    is_cut: bool


LAKE_COLUMNS = tuple(
    LakeColumn(name=column.name, type=_TYPES[column.type], description=column.doc) for column in COLUMNS
)


class Explorer:
    """Runs people's SELECTs at a desk. Safe to share between threads."""

    columns = LAKE_COLUMNS

    def __init__(
        self,
        desk: LakeDesk,
        budget: ScanBudget | None,
        clock: Callable[[], datetime],
        *,
        max_rows: int = MAX_ROWS,
    ) -> None:
        """`budget` is None where nobody pays for what is read."""
        self._desk = desk
        self._budget = budget
        self._clock = clock
        self.max_rows = max_rows

    @property
    def examples(self) -> tuple[ExampleQuery, ...]:
        """Queries to start from, over the last seven days."""
        return example_queries(self._clock())

    def budget(self) -> DayScans | None:
        """What was read today, and how much may be; None where nobody pays for it."""
        return None if self._budget is None else self._budget.today()

    def start(self, sql: str) -> str:
        """Begin a query and return its ticket; QueryRefused where it is unfit or the day's limit is used."""
        day = day_of(self._clock())
        if self._budget is not None:
            self._check_budget(self._budget)
        query_id = self._desk.ask_select(sql, max_rows=self.max_rows)
        if self._budget is not None:
            self._reserve(self._budget, query_id, day)
        return f"{day.isoformat()}/{query_id}"

    def _reserve(self, budget: ScanBudget, query_id: str, day: date) -> None:
        """Count the query; one that cannot be counted does not run."""
        try:
            budget.reserve(query_id, day)
        except TableError:
            self._desk.cancel(query_id)
            raise

    def _check_budget(self, budget: ScanBudget) -> None:
        scans = budget.today()
        for query_id in scans.open_queries[:_SETTLED_AT_ONCE]:
            self._settled(query_id, scans.day)
        if scans.open_queries:
            scans = budget.today()
        if not scans.left_bytes:
            raise QueryRefused(
                f"today's queries have read {scans.used_bytes / 1e9:,.1f} GB and may read "
                f"{scans.limit_bytes / 1e9:,.0f} GB; the count begins anew at 00:00 UTC"
            )

    def poll(self, ticket: str) -> AskStatus:
        """Where the query stands; what it has read is counted once that is known."""
        found = _parsed(ticket)
        if found is None:
            return AskStatus(state=AskState.GONE, message=GONE)
        day, query_id = found
        return self._settled(query_id, day)

    def _settled(self, query_id: str, day: date) -> AskStatus:
        status = self._desk.poll(query_id)
        if self._budget is not None and status.state.is_final:
            self._budget.settle(query_id, day, status.scanned_bytes or 0)
        return status

    def cancel(self, ticket: str) -> None:
        """Stop the query."""
        found = _parsed(ticket)
        if found is not None:
            self._desk.cancel(found[1])

    def fetch(self, ticket: str, page: str | None = None) -> ExploreRows:
        """Rows of a query that is DONE: the first ones, or those of the page that the rows before named."""
        found = _parsed(ticket)
        if found is None:
            raise TicketGone(GONE)
        seen, cursor = _place(page)
        answer = self._desk.fetch(found[1], cursor)
        room = self.max_rows - seen
        after = seen + len(answer.rows)
        is_cut = after > self.max_rows
        following = None if answer.next_page is None or is_cut else f"{after}/{answer.next_page}"
        return ExploreRows(
            columns=answer.columns, rows=answer.rows[:room], next_page=following, is_cut=is_cut
        )

    def csv(self, ticket: str) -> Iterator[str]:
        """Every row of a query that is DONE, as CSV line by line; the first page is read at once."""
        first = self.fetch(ticket)
        return csv_lines(first.columns, self._rows(ticket, first))

    def _rows(self, ticket: str, page: ExploreRows) -> Iterator[tuple[object, ...]]:
        yield from page.rows
        while page.next_page is not None:
            page = self.fetch(ticket, page.next_page)
            yield from page.rows


def _parsed(ticket: str) -> tuple[date, str] | None:
    day, _, query_id = ticket.partition("/")
    try:
        return date.fromisoformat(day), query_id
    except ValueError:
        return None


def _place(page: str | None) -> tuple[int, str | None]:
    if page is None:
        return 0, None
    seen, _, cursor = page.partition("/")
    if not seen.isdecimal() or not cursor:
        raise LakeError("there is no such page of the answer")
    return int(seen), cursor
