"""What is Athena's own about asking without waiting: shared submissions, failures and limits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.storage.lake_desk import AskState
from bedrock_analytics.storage.lake_sql import Statement
from tests.contract.desks import AthenaDeskLoaded, finished
from tests.contract.lakes import event
from tests.fakes.athena import Failure, client_error


@pytest.fixture
def loaded() -> AthenaDeskLoaded:
    found = AthenaDeskLoaded(Path())
    found.load(event("a"))
    return found


def _statement(loaded: AthenaDeskLoaded, name: str = "n") -> Statement:
    return Statement(f"select count(*) as {name} from {loaded.desk.table}")  # noqa: S608


def test_the_same_question_at_the_same_version_of_the_lake_is_scanned_once(loaded: AthenaDeskLoaded) -> None:
    first = loaded.desk.ask(_statement(loaded))
    assert loaded.desk.ask(_statement(loaded)) == first
    assert loaded.desk.ask(_statement(loaded, "m")) != first
    loaded.load(event("b"))
    assert loaded.desk.ask(_statement(loaded)) != first
    assert len(loaded.athena.executions) == 3


def test_an_earlier_failure_or_a_cancelled_question_is_asked_anew(loaded: AthenaDeskLoaded) -> None:
    loaded.athena.failures.append(Failure("internal error", retryable=True))
    first = loaded.desk.ask(_statement(loaded))
    assert finished(loaded.desk, first).message == "Athena could not answer: internal error"
    second = loaded.desk.ask(_statement(loaded))
    assert second != first
    loaded.desk.cancel(second)
    assert finished(loaded.desk, second).state is AskState.CANCELLED
    third = loaded.desk.ask(_statement(loaded))
    assert finished(loaded.desk, third).state is AskState.DONE


def test_results_that_may_soon_be_gone_are_not_shared(loaded: AthenaDeskLoaded) -> None:
    first = loaded.desk.ask(_statement(loaded))
    finished(loaded.desk, first)
    loaded.clock.now += timedelta(hours=11, minutes=1)
    assert loaded.desk.ask(_statement(loaded)) != first


def test_endless_failures_of_one_question_end(loaded: AthenaDeskLoaded) -> None:
    loaded.athena.polls_until_finished = 0
    loaded.athena.failures += [Failure("no")] * 30
    with pytest.raises(LakeUnavailable, match="earlier failures"):
        loaded.desk.ask(_statement(loaded))


def test_people_s_queries_are_never_shared(loaded: AthenaDeskLoaded) -> None:
    sql = "select current_timestamp as t from calls"
    assert loaded.desk.ask_select(sql, max_rows=5) != loaded.desk.ask_select(sql, max_rows=5)


def test_a_running_question_tells_what_it_has_read(loaded: AthenaDeskLoaded) -> None:
    loaded.athena.polls_until_finished = 5
    query_id = loaded.desk.ask(_statement(loaded))
    status = loaded.desk.poll(query_id)
    assert (status.state, status.scanned_bytes) == (AskState.RUNNING, 10_485_760)
    assert status.message == "Athena is reading the lake: 10.5 MB read."


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_the_limit_of_a_question_says_what_to_do(loaded: AthenaDeskLoaded, state: str) -> None:
    loaded.athena.failures.append(Failure("Bytes scanned limit was exceeded", state=state))
    status = finished(loaded.desk, loaded.desk.ask(_statement(loaded)))
    assert "Narrow the time range" in status.message


def test_faults_of_athena_are_no_lost_answers(loaded: AthenaDeskLoaded) -> None:
    query_id = loaded.desk.ask(_statement(loaded))
    finished(loaded.desk, query_id)
    denied = client_error("GetQueryExecution", "AccessDeniedException")
    for ask in (loaded.desk.poll, loaded.desk.fetch, loaded.desk.cancel):
        loaded.athena.errors.append(denied)
        with pytest.raises(LakeError, match="AccessDenied"):
            ask(query_id)
