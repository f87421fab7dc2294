"""Tickets carry a question through a browser unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import TicketGone
from bedrock_analytics.reporting.lake_questions import (
    BreakdownQuestion,
    CallQuestion,
    CallsQuestion,
    PeaksQuestion,
    Question,
    RejectionsQuestion,
    TrendQuestion,
)
from bedrock_analytics.reporting.lake_tickets import Ticket, read_ticket, ticket_text
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_sets = st.frozensets(_texts, max_size=3)
_moments = st.datetimes(timezones=st.just(UTC))
_places = st.none() | st.builds(CallPosition, value=st.integers(-1, 2**60), key=_texts)
_filters = st.builds(
    UsageFilter,
    start=_moments,
    end=_moments,
    zone=st.sampled_from([ZoneInfo("UTC"), ZoneInfo("America/St_Johns")]),
    accounts=_sets,
    regions=_sets,
    models=_sets,
    routes=_sets,
    callers=_sets,
    operations=_sets,
    metadata=st.frozensets(st.tuples(_texts, _texts), max_size=3),
)
_dimensions = st.lists(_texts, max_size=3).map(tuple)
_questions: st.SearchStrategy[Question] = st.one_of(
    st.builds(BreakdownQuestion, usage_filter=_filters, dimensions=_dimensions),
    st.builds(TrendQuestion, usage_filter=_filters, bucket=st.sampled_from(Bucket), dimensions=_dimensions),
    st.builds(
        CallsQuestion,
        usage_filter=_filters,
        order=st.sampled_from(CallOrder),
        limit=st.integers(1, 500),
        after=_places,
        request_id=_texts,
        error_codes=_sets,
    ),
    st.builds(CallQuestion, account_id=_texts, region=_texts, request_id=_texts, around=st.none() | _moments),
    st.builds(PeaksQuestion, usage_filter=_filters, dimensions=_dimensions),
    st.builds(RejectionsQuestion, usage_filter=_filters, limit=st.integers(1, 500), after=_places),
)


@given(question=_questions, query_id=_texts, revision=st.integers(0, 10**6), since=st.none() | _moments)
def test_a_ticket_is_read_as_it_was_written(
    question: Question, query_id: str, revision: int, since: datetime | None
) -> None:
    ticket = Ticket(query_id=query_id, question=question, classes="c", revision=revision, searched_from=since)
    text = ticket_text(ticket)
    assert read_ticket(text) == ticket
    assert text.isascii()


def test_a_usual_ticket_is_short() -> None:
    wanted = UsageFilter(
        start=START, end=START + timedelta(days=7), zone=ZoneInfo("UTC"), models=frozenset({"model-a"})
    )
    question = BreakdownQuestion(usage_filter=wanted, dimensions=("TAG:team",))
    query_id = "11111111-2222-3333-4444-555555555555"
    assert len(ticket_text(Ticket(query_id=query_id, question=question))) < 500


@given(text=st.text(max_size=60))
def test_any_other_text_asks_to_ask_again(text: str) -> None:
    with pytest.raises(TicketGone, match="ask again"):
        read_ticket(text)
