"""What is the embedded desk's own: few threads, bounded memory, and queries that really stop."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable
from bedrock_analytics.embedded.duckdb_desk import KEPT, MAX_OPEN, WORKERS, DuckDBDesk
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.storage.lake_desk import AskState
from bedrock_analytics.storage.lake_sql import Statement
from tests.contract.desks import DuckDBDeskLoaded, finished, rows_of
from tests.contract.lakes import Clock, event

SLOW = DuckDBDeskLoaded.slow_statement
COUNT = Statement("select count(*) as n from usage_events")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IcebergLake]:
    found = IcebergLake(tmp_path_factory.mktemp("desk") / "lake")
    found.put([event(f"r{number}") for number in range(50)])
    yield found
    found.close()


def _desk(lake: IcebergLake, **settings: Any) -> DuckDBDesk:
    return DuckDBDesk(lambda: lake, **settings)


def test_cancelled_questions_make_room_for_others(lake: IcebergLake) -> None:
    desk = _desk(lake)
    for query_id in [desk.ask(SLOW) for _ in range(WORKERS + 2)]:
        desk.cancel(query_id)
        assert desk.poll(query_id).state is AskState.CANCELLED
    assert rows_of(desk, desk.ask(COUNT)) == [(50,)]
    desk.close()


def test_a_question_waits_while_the_threads_are_busy(lake: IcebergLake) -> None:
    desk = _desk(lake)
    slow = [desk.ask(SLOW) for _ in range(WORKERS)]
    waiting = desk.ask(COUNT)
    assert desk.poll(waiting).state is AskState.WAITING
    assert desk.poll(waiting).message == "Waiting for earlier questions."
    for query_id in slow:
        desk.cancel(query_id)
    assert rows_of(desk, waiting) == [(50,)]
    desk.close()


def test_a_question_that_takes_too_long_is_stopped_and_says_so(lake: IcebergLake) -> None:
    desk = _desk(lake, timeout=timedelta(seconds=0.2))
    status = finished(desk, desk.ask(SLOW))
    assert status.state is AskState.FAILED
    assert "stopped after 0.2 s: narrow the range" in status.message
    desk.close()


def test_an_answer_beyond_the_limit_of_memory_is_refused(lake: IcebergLake) -> None:
    desk = _desk(lake, answer_cells=99)
    status = finished(desk, desk.ask(Statement("select request_id, model_id from usage_events")))
    assert "too large: narrow" in status.message
    assert len(rows_of(desk, desk.ask(Statement("select request_id from usage_events")))) == 50
    desk.close()


def test_too_many_open_questions_are_refused_for_the_moment(lake: IcebergLake) -> None:
    desk = _desk(lake)
    opened = [desk.ask(SLOW) for _ in range(MAX_OPEN)]
    with pytest.raises(LakeUnavailable, match="try again"):
        desk.ask(COUNT)
    desk.cancel(opened[-1])
    desk.ask(COUNT)
    desk.close()


def test_answers_are_kept_while_they_are_read_and_some_minutes_more(lake: IcebergLake) -> None:
    clock = Clock()
    desk = _desk(lake, clock=clock)
    query_id = desk.ask(COUNT)
    finished(desk, query_id)
    for _ in range(3):
        clock.now += KEPT
        assert desk.fetch(query_id).rows == ((50,),)
    clock.now += KEPT + timedelta(seconds=1)
    assert desk.poll(query_id).state is AskState.GONE
    desk.close()


def test_closing_stops_what_runs_and_ends_the_threads(lake: IcebergLake) -> None:
    before = set(threading.enumerate())  # desks of other tests may still be open
    desk = _desk(lake)
    desk.ask(SLOW)
    desk.close()
    desk.close()
    begun = set(threading.enumerate()) - before
    assert not [thread for thread in begun if thread.name.startswith("lake-question")]


def test_the_engine_is_opened_by_the_thread_that_answers() -> None:
    opened_in: list[str] = []

    def lake() -> IcebergLake:
        opened_in.append(threading.current_thread().name)
        raise LakeError("no lake here")

    desk = DuckDBDesk(lake)
    assert "no lake here" in finished(desk, desk.ask(COUNT)).message
    assert opened_in[0].startswith("lake-question")
    desk.close()


def test_asking_imports_no_engine(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bedrock_analytics.embedded.data_directory import DataDirectory\n"
        "from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment\n"
        f"EmbeddedDeployment(DataDirectory.create(Path({str(tmp_path / 'd')!r}))).lake_desk()\n"
        "print(*sorted({'duckdb', 'pyarrow', 'pyiceberg', 'sqlglot'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.strip() == ""


def test_a_fault_that_nobody_foresaw_is_not_hidden(lake: IcebergLake) -> None:
    desk = DuckDBDesk(lambda: cast(IcebergLake, None))
    query_id = desk.ask(COUNT)
    with pytest.raises(AttributeError):
        finished(desk, query_id)
    desk.close()
