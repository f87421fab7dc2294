"""Questions to the lake on demand: begin, poll, and fetch the answer, with a ticket as the only state.

Answers about usage equal those of the usage pages wherever both exist: they are grouped by the same SQL,
priced by the same code and cut at the same half hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import TicketGone
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.answer_notes import rounding_note
from bedrock_analytics.reporting.lake_answers import (
    CallsPage,
    LoggedCall,
    Peaks,
    RejectionsPage,
    logged_call,
    page_of,
    rejected_line,
)
from bedrock_analytics.reporting.lake_folding import Rows, bars, classes_digest, folded, slice_of, summed
from bedrock_analytics.reporting.lake_questions import (
    BreakdownQuestion,
    CallQuestion,
    CallsQuestion,
    PeaksQuestion,
    Question,
    RejectionsQuestion,
    TrendQuestion,
    columns_of,
)
from bedrock_analytics.reporting.lake_statements import LakeStatements
from bedrock_analytics.reporting.lake_tickets import Ticket, read_ticket, ticket_text
from bedrock_analytics.reporting.newest_calls import position_before
from bedrock_analytics.reporting.price_books import PriceBooks
from bedrock_analytics.reporting.time_buckets import half_hour_span, with_running_half_hour
from bedrock_analytics.reporting.usage_filter import Breakdown, Trend, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.lake_desk import AskStatus, LakeDesk
from bedrock_analytics.storage.lake_lists import CallOrder, decode_calls
from bedrock_analytics.storage.lake_peaks import decode_peaks
from bedrock_analytics.storage.lake_rows import Row
from bedrock_analytics.storage.lake_slices import SliceDecoder

FROM_LAKE = "Read from the lake itself, which may be some minutes ahead of the other panels."
PRICES_CHANGED = "Prices changed while the lake was read; ask again."

Q = TypeVar("Q", bound=Question)


class LakeReader:
    """Hands questions in and makes answers of rows. Safe to share between threads.

    Every method may raise LakeUnavailable (try again) or LakeError, whose texts are sentences for people.
    """

    def __init__(
        self, desk: LakeDesk, reader: UsageReader, books: PriceBooks, clock: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._reader = reader
        self._books = books
        self._clock = clock
        self._statements = LakeStatements(desk, reader, books)

    def start(self, question: Question) -> str:
        """Hand a question in and return its ticket; UnsupportedCombination for an unknown dimension."""
        question = self._up_to_now(question)
        statement, spans = self._statements.of(question)
        classes, revision = "", 0
        if isinstance(question, BreakdownQuestion | TrendQuestion):
            classes = classes_digest(slice_of(question, self._books.current()))
            revision = self._reader.checkpoint().revision
        return ticket_text(
            Ticket(
                query_id=self._desk.ask(statement, spans),
                question=question,
                classes=classes,
                revision=revision,
                searched_from=_searched_from(question, spans),
            )
        )

    def poll(self, ticket: str) -> AskStatus:
        """Where the question stands."""
        return self._desk.poll(read_ticket(ticket).query_id)

    def cancel(self, ticket: str) -> None:
        """Stop the question, for everybody who waits for the same one."""
        self._desk.cancel(read_ticket(ticket).query_id)

    def question(self, ticket: str) -> Question:
        """What was asked; the end of its range is the one that the answer has."""
        return read_ticket(ticket).question

    def breakdown(self, ticket: str) -> Breakdown:
        """The answer to a BreakdownQuestion. Its rows add up to the total exactly."""
        held, question = self._held(ticket, BreakdownQuestion)
        (rows,) = self._folded(held, question)
        return Breakdown(
            dimension=" + ".join(question.dimensions),
            key_columns=columns_of(question.dimensions),
            rows=rows,
            total=summed(rows),
            revision=held.revision,
            notes=_notes(question.usage_filter),
        )

    def trend(self, ticket: str) -> Trend:
        """The answer to a TrendQuestion, with every bar of the range."""
        held, question = self._held(ticket, TrendQuestion)
        rows = self._folded(held, question)
        starts = tuple(bar.start for bar in bars(question))
        return Trend(
            dimension=" + ".join(question.dimensions),
            key_columns=columns_of(question.dimensions),
            bucket=question.bucket,
            starts=starts,
            rows=tuple(rows[: len(starts)]),
            revision=held.revision,
            notes=_notes(question.usage_filter),
        )

    def calls(self, ticket: str) -> CallsPage:
        """The answer to a CallsQuestion."""
        held, question = self._held(ticket, CallsQuestion)
        listed, following = page_of(decode_calls(self._rows(held)), self._statements.limit_of(question))
        if following is None and held.searched_from is not None:
            following = position_before(held.searched_from)
        book = self._books.current()
        return CallsPage(
            calls=tuple(logged_call(call, book) for call in listed),
            next=following,
            order=question.order,
            notes=_order_notes(question),
        )

    def call(self, ticket: str) -> LoggedCall | None:
        """The answer to a CallQuestion; None where the lake holds no such call."""
        held, _ = self._held(ticket, CallQuestion)
        found = next(decode_calls(self._rows(held)), None)
        return None if found is None else logged_call(found, self._books.current())

    def peaks(self, ticket: str) -> Peaks:
        """The answer to a PeaksQuestion, most requests in a minute first."""
        held, question = self._held(ticket, PeaksQuestion)
        columns = columns_of(question.dimensions)
        found = decode_peaks(self._rows(held), len(columns))
        rows = sorted(found, key=lambda peak: (-peak.requests_a_minute, -peak.tokens_a_minute, peak.key))
        return Peaks(key_columns=columns, rows=tuple(rows), notes=_notes(question.usage_filter))

    def rejections(self, ticket: str) -> RejectionsPage:
        """The answer to a RejectionsQuestion."""
        held, question = self._held(ticket, RejectionsQuestion)
        listed, following = page_of(decode_calls(self._rows(held)), self._statements.limit_of(question))
        return RejectionsPage(rows=tuple(rejected_line(row.event) for row in listed), next=following)

    def _up_to_now(self, question: Q) -> Q:
        """The question with the running half hour, as usage pages answer it; the ticket keeps that end."""
        if isinstance(question, CallQuestion):
            return question
        wanted: UsageFilter = question.usage_filter
        end = with_running_half_hour(periods.require_utc(wanted.end), self._clock())
        return replace(question, usage_filter=replace(wanted, end=end))

    def _held(self, text: str, kind: type[Q]) -> tuple[Ticket, Q]:
        ticket = read_ticket(text)
        if not isinstance(ticket.question, kind):
            raise TypeError(f"the ticket is of a {type(ticket.question).__name__}, not a {kind.__name__}")
        return ticket, ticket.question

    def _rows(self, ticket: Ticket) -> Iterator[Row]:
        page = self._desk.fetch(ticket.query_id)
        yield from page.rows
        while page.next_page is not None:
            page = self._desk.fetch(ticket.query_id, page.next_page)
            yield from page.rows

    def _folded(self, ticket: Ticket, question: BreakdownQuestion | TrendQuestion) -> list[Rows]:
        book = self._books.current()
        wanted = slice_of(question, book)
        if classes_digest(wanted) != ticket.classes:
            raise TicketGone(PRICES_CHANGED)
        return folded(SliceDecoder(wanted).decode(self._rows(ticket)), wanted, book)


def _searched_from(question: Question, spans: Sequence[Span]) -> datetime | None:
    if not isinstance(question, CallsQuestion) or not spans:
        return None
    whole = half_hour_span(question.usage_filter.start, question.usage_filter.end)
    return spans[0].start if spans[0].start > whole.start else None


def _notes(usage_filter: UsageFilter) -> tuple[str, ...]:
    rounding = rounding_note(usage_filter)
    return (FROM_LAKE,) if rounding is None else (FROM_LAKE, rounding)


def _order_notes(question: CallsQuestion) -> tuple[str, ...]:
    if question.order is not CallOrder.DEAREST:
        return ()
    text = "Ordered by estimated cost; calls without a price come last, generated images as if of one size."
    return (text,)
