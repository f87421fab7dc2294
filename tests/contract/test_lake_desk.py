"""What both desks promise to who asks the lake without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LakeError, QueryRefused, TicketGone
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.lake_desk import AskState
from bedrock_analytics.storage.lake_sql import Statement
from tests.contract.desks import DESKS, LoadedDesk, finished, rows_of
from tests.contract.lakes import HOUR, TEN, event


@pytest.fixture(params=sorted(DESKS))
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoadedDesk]:
    found = DESKS[request.param](tmp_path)
    yield found
    found.close()


def _statement(asked: LoadedDesk, *parameters: str | int) -> Statement:
    sql = f"select request_id, input_tokens from {asked.desk.table} where caller = ? and input_tokens > ?"  # noqa: S608
    return Statement(f"{sql} order by request_id", parameters)


def test_a_question_is_begun_polled_and_fetched(asked: LoadedDesk) -> None:
    asked.load(event("a", caller="it's"), event("b", caller="other"), event("c", caller="it's"))
    query_id = asked.desk.ask(_statement(asked, "it's", 5), [Span.of_hour(TEN)])
    assert finished(asked.desk, query_id).state is AskState.DONE
    page = asked.desk.fetch(query_id)
    assert page.columns == ("request_id", "input_tokens")
    assert page.rows == (("a", 100), ("c", 100))
    assert page.next_page is None
    assert asked.desk.fetch(query_id) == page


def test_every_state_comes_with_a_sentence(asked: LoadedDesk) -> None:
    query_id = asked.desk.ask(_statement(asked, "x", 1))
    assert asked.desk.poll(query_id).message
    assert finished(asked.desk, query_id).message.endswith(".")


def test_a_long_answer_comes_in_pages_that_lose_and_repeat_nothing(asked: LoadedDesk) -> None:
    asked.load(*(event(f"r{number:05}") for number in range(2_345)))
    query_id = asked.desk.ask(_statement(asked, "user/ada", 5))
    rows = rows_of(asked.desk, query_id)
    assert [row[0] for row in rows] == [f"r{number:05}" for number in range(2_345)]
    assert len(asked.desk.fetch(query_id).rows) < 2_345


def test_only_files_that_may_hold_the_span_are_needed(asked: LoadedDesk) -> None:
    asked.load(event("a"), event("b", ts=TEN + 48 * HOUR))
    sql = f"select count(*) as n from {asked.desk.table} where ts >= from_iso8601_timestamp(?)"  # noqa: S608
    query_id = asked.desk.ask(Statement(sql, (TEN + 24 * HOUR,)), [Span.of_hour(TEN + 48 * HOUR)])
    assert rows_of(asked.desk, query_id) == [(1,)]


def test_a_question_that_cannot_be_answered_fails_with_the_reason(asked: LoadedDesk) -> None:
    query_id = asked.desk.ask(Statement(f"select no_such_column from {asked.desk.table}"))  # noqa: S608
    status = finished(asked.desk, query_id)
    assert status.state is AskState.FAILED
    assert "no_such_column" in status.message
    with pytest.raises(LakeError):
        asked.desk.fetch(query_id)


def test_a_question_can_be_cancelled(asked: LoadedDesk) -> None:
    asked.load(event())
    query_id = asked.desk.ask(asked.slow_statement)
    asked.desk.cancel(query_id)
    assert finished(asked.desk, query_id).state is AskState.CANCELLED
    with pytest.raises(LakeError):
        asked.desk.fetch(query_id)
    asked.desk.cancel(query_id)


def test_cancelling_a_finished_question_changes_nothing(asked: LoadedDesk) -> None:
    asked.load(event("a"))
    query_id = asked.desk.ask(_statement(asked, "user/ada", 1))
    finished(asked.desk, query_id)
    asked.desk.cancel(query_id)
    assert rows_of(asked.desk, query_id) == [("a", 100)]


@pytest.mark.parametrize("query_id", ["", "nonsense", "11111111-2222-3333-4444-555555555555"])
def test_an_unknown_ticket_says_that_it_is_gone(asked: LoadedDesk, query_id: str) -> None:
    status = asked.desk.poll(query_id)
    assert (status.state, status.message) == (AskState.GONE, "The answer is no longer kept; ask again.")
    with pytest.raises(TicketGone):
        asked.desk.fetch(query_id)
    asked.desk.cancel(query_id)


def test_an_answer_that_is_no_longer_kept_says_so(asked: LoadedDesk) -> None:
    query_id = asked.desk.ask(_statement(asked, "x", 1))
    finished(asked.desk, query_id)
    asked.lose_answers()
    with pytest.raises(TicketGone):
        asked.desk.fetch(query_id)


def test_people_ask_one_select_on_calls(asked: LoadedDesk) -> None:
    asked.load(event("a"), event("a", parsed_at=TEN + HOUR), event("b", latency_ms=7))
    query_id = asked.desk.ask_select("select request_id, latency_ms from calls order by 1", max_rows=5)
    assert rows_of(asked.desk, query_id) == [("a", 1000), ("b", 7)]
    assert asked.desk.fetch(query_id).columns == ("request_id", "latency_ms")


def test_people_see_whether_there_were_more_rows_than_they_may_have(asked: LoadedDesk) -> None:
    asked.load(*(event(f"r{number}") for number in range(5)))
    query_id = asked.desk.ask_select("select request_id from calls", max_rows=3)
    assert len(rows_of(asked.desk, query_id)) == 4


@pytest.mark.parametrize("sql", ["delete from calls", "select 1; select 2", "select * from secrets", ""])
def test_what_people_may_not_ask_is_refused_at_once(asked: LoadedDesk, sql: str) -> None:
    with pytest.raises(QueryRefused):
        asked.desk.ask_select(sql, max_rows=5)


def test_a_later_question_sees_rows_that_came_meanwhile(asked: LoadedDesk) -> None:
    asked.load(event("a"))
    assert len(rows_of(asked.desk, asked.desk.ask(_statement(asked, "user/ada", 1)))) == 1
    asked.load(event("b", parsed_at=event().parsed_at + timedelta(minutes=5)))
    assert len(rows_of(asked.desk, asked.desk.ask(_statement(asked, "user/ada", 1)))) == 2
