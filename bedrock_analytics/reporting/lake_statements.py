"""From a question to the statement that answers it, and the time that it is about."""

from __future__ import annotations

from dataclasses import replace

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.lake_folding import slice_of
from bedrock_analytics.reporting.lake_questions import (
    MAX_CALLS,
    CallQuestion,
    CallsQuestion,
    PeaksQuestion,
    Question,
    RejectionsQuestion,
    columns_of,
    conditions_of,
)
from bedrock_analytics.reporting.newest_calls import newest_span
from bedrock_analytics.reporting.price_books import PriceBooks
from bedrock_analytics.reporting.rate_vectors import RateVectors, models_called
from bedrock_analytics.reporting.time_buckets import half_hour_span
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage import lake_lists
from bedrock_analytics.storage.lake_desk import LakeDesk
from bedrock_analytics.storage.lake_lists import CallList, CallOrder
from bedrock_analytics.storage.lake_peaks import peaks_statement
from bedrock_analytics.storage.lake_slices import slice_statement
from bedrock_analytics.storage.lake_sql import Statement

_PLACE = ("account_id", "region")


class LakeStatements:
    """Writes statements for the table of a desk."""

    def __init__(self, desk: LakeDesk, reader: UsageReader, books: PriceBooks) -> None:
        self._desk = desk
        self._reader = reader
        self._books = books

    def of(self, question: Question) -> tuple[Statement, tuple[Span, ...]]:
        """The statement and the spans of `ts` that it reads; no spans mean all time."""
        table = self._desk.table
        match question:
            case CallQuestion():
                return lake_lists.call_statement(
                    question.account_id, question.region, question.request_id, question.around, table
                )
            case CallsQuestion():
                wanted = self._call_list(question)
                return lake_lists.calls_statement(wanted, table), (wanted.span,)
            case PeaksQuestion():
                span, conditions = _span(question.usage_filter), conditions_of(question.usage_filter)
                fields = columns_of(question.dimensions)
                return peaks_statement(span, fields, conditions, table), (span,)
            case RejectionsQuestion():
                return self._rejections(question)
            case _:
                cut = slice_of(question, self._books.current())
                return slice_statement(cut, table), (cut.span,)

    @staticmethod
    def limit_of(question: CallsQuestion | RejectionsQuestion) -> int:
        """Rows of one page of an answer."""
        return min(max(question.limit, 1), MAX_CALLS)

    def _rejections(self, question: RejectionsQuestion) -> tuple[Statement, tuple[Span, ...]]:
        span = _span(question.usage_filter)
        conditions = tuple(one for one in conditions_of(question.usage_filter) if one[0] in _PLACE)
        statement = lake_lists.rejections_statement(
            span, conditions, self.limit_of(question), question.after, self._desk.table
        )
        return statement, (span,)

    def _call_list(self, question: CallsQuestion) -> CallList:
        span, limit = _span(question.usage_filter), self.limit_of(question)
        if question.order is CallOrder.NEWEST:
            span = newest_span(question, span, limit, self._reader)
        wanted = CallList(
            span=span,
            order=question.order,
            limit=limit,
            conditions=conditions_of(question.usage_filter),
            after=question.after,
            request_id=question.request_id.strip(),
            error_codes=tuple(sorted(question.error_codes)),
        )
        return self._with_rates(wanted, question) if question.order is CallOrder.DEAREST else wanted

    def _with_rates(self, wanted: CallList, question: CallsQuestion) -> CallList:
        book = self._books.current()
        instants = book.instants(wanted.span.start, wanted.span.end)
        regions = {scope.region for scope in self._reader.scopes()}
        called = models_called(self._reader.breakdown, question.usage_filter, regions)
        vectors = RateVectors(book, wanted.span.start, instants)
        rates, _ = vectors.of(called)
        return replace(
            wanted,
            rates=rates,
            discounted_accounts=vectors.discounted_accounts,
            context_thresholds=book.thresholds(),
            price_instants=instants,
        )


def _span(usage_filter: UsageFilter) -> Span:
    return half_hour_span(usage_filter.start, usage_filter.end)
