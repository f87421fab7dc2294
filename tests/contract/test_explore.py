"""People's own queries, over both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LakeError, QueryRefused, TableError, TicketGone
from bedrock_analytics.domain.usage_event import COLUMN_NAMES
from bedrock_analytics.reporting.example_queries import example_queries
from bedrock_analytics.reporting.explore import Explorer
from bedrock_analytics.storage.item_table import Item
from bedrock_analytics.storage.lake_desk import AskState
from bedrock_analytics.storage.scan_budget import ScanBudget
from tests.contract.desks import DESKS, AthenaDeskLoaded, LoadedDesk, finished
from tests.contract.lakes import NOON, PARSED, SECOND, event
from tests.fakes.memory_table import MemoryTable

EVENTS = (
    event("a", caller="=cmd()", request_metadata='{"team": "blue"}', stop_reason="max_tokens"),
    event("a", caller="=cmd()", parsed_at=PARSED + SECOND, stop_reason="max_tokens"),
    event("b", caller="user/bo", error_code="ThrottlingException", cache_read_tokens=50),
    event("c", rejection="not_json", input_tokens=None, output_tokens=None),
)


@pytest.fixture(params=sorted(DESKS))
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoadedDesk]:
    found = DESKS[request.param](tmp_path)
    found.load(*EVENTS)
    yield found
    found.close()


def _explorer(loaded: LoadedDesk, max_rows: int = 100) -> Explorer:
    return Explorer(loaded.desk, None, lambda: NOON, max_rows=max_rows)


def _done(explorer: Explorer, sql: str) -> str:
    ticket = explorer.start(sql)
    status = finished(explorer, ticket)
    assert status.state is AskState.DONE, status.message
    return ticket


@pytest.mark.parametrize("title", [query.title for query in example_queries(NOON)])
def test_every_example_runs_and_finds_something(loaded: LoadedDesk, title: str) -> None:
    explorer = _explorer(loaded)
    (example,) = [query for query in explorer.examples if query.title == title]
    page = explorer.fetch(_done(explorer, example.sql))
    assert page.rows
    assert len(page.columns) == len(page.rows[0])


def test_every_example_reads_a_limited_time() -> None:
    assert all("ts >= timestamp '2026-10-26 00:00:00 UTC'" in query.sql for query in example_queries(NOON))


def test_every_column_is_described() -> None:
    assert tuple(column.name for column in Explorer.columns) == COLUMN_NAMES
    assert all(column.description and column.type for column in Explorer.columns)


def test_an_answer_ends_at_the_limit_of_rows(loaded: LoadedDesk) -> None:
    explorer = _explorer(loaded, max_rows=2)
    whole = explorer.fetch(_done(explorer, "select request_id from calls"))
    cut = explorer.fetch(_done(explorer, "select request_id from usage_events"))
    assert (len(whole.rows), whole.is_cut) == (2, False)
    assert (len(cut.rows), cut.is_cut, cut.next_page) == (2, True, None)


def test_a_long_answer_is_fetched_page_by_page_and_cut_once(loaded: LoadedDesk) -> None:
    loaded.load(*(event(f"r{number:04}") for number in range(2_500)))
    explorer = _explorer(loaded, max_rows=2_200)
    ticket = _done(explorer, "select request_id from calls order by request_id")
    pages = [explorer.fetch(ticket)]
    while (following := pages[-1].next_page) is not None:
        pages.append(explorer.fetch(ticket, following))
    rows = [row for page in pages for row in page.rows]
    assert len(pages) > 1
    assert len(rows) == len(set(rows)) == 2_200
    assert [page.is_cut for page in pages] == [False] * (len(pages) - 1) + [True]


def test_the_csv_has_every_row_and_starts_no_formula(loaded: LoadedDesk) -> None:
    loaded.load(*(event(f"r{number:04}") for number in range(1_500)))
    explorer = _explorer(loaded, max_rows=5_000)
    ticket = _done(
        explorer, "select caller, ts, input_tokens, cache_read_tokens from calls order by caller, request_id"
    )
    lines = list(explorer.csv(ticket))
    assert len(lines) == 1_503
    assert lines[0] == "caller,ts,input_tokens,cache_read_tokens\r\n"
    assert lines[1] == "'=cmd(),2026-11-02T10:15:00+00:00,100,\r\n"


@pytest.mark.parametrize("ticket", ["", "nonsense", "2026-11-02/unknown"])
def test_a_ticket_that_nobody_gave_is_gone(loaded: LoadedDesk, ticket: str) -> None:
    explorer = _explorer(loaded)
    assert explorer.poll(ticket).state is AskState.GONE
    explorer.cancel(ticket)
    with pytest.raises(TicketGone):
        explorer.fetch(ticket)


@pytest.mark.parametrize("page", ["x", "5", "-1/2", "1/"])
def test_a_page_that_no_answer_named_is_refused(loaded: LoadedDesk, page: str) -> None:
    explorer = _explorer(loaded)
    ticket = _done(explorer, "select 1 as one from calls")
    with pytest.raises(LakeError):
        explorer.fetch(ticket, page)


def test_changing_data_is_refused_with_the_reason(loaded: LoadedDesk) -> None:
    with pytest.raises(QueryRefused, match="only SELECT is allowed"):
        _explorer(loaded).start("drop table usage_events")


FAKE_BYTES = 10_485_760
"""What the stand-in for Athena says that each query has read."""


@pytest.fixture
def paid(tmp_path: Path) -> tuple[AthenaDeskLoaded, Callable[..., Explorer]]:
    loaded = AthenaDeskLoaded(tmp_path)
    loaded.load(*EVENTS)
    items = MemoryTable()

    def explorer(**limits: int) -> Explorer:
        """One of several processes that share the count."""
        return Explorer(loaded.desk, ScanBudget(items, loaded.clock, **limits), loaded.clock)

    return loaded, explorer


def test_what_queries_read_is_counted_once_for_the_day(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]],
) -> None:
    _, make = paid
    one, other = make(), make()
    ticket = _done(one, "select count(*) as n from calls")
    other.poll(ticket)
    _done(other, "select count(*) as m from calls")
    scans = one.budget()
    assert scans is not None
    assert (scans.used_bytes, scans.open_queries) == (2 * FAKE_BYTES, ())


def test_a_running_query_counts_as_all_that_it_may_read(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]],
) -> None:
    _, make = paid
    explorer = make(day_bytes=1_000_000_000, query_bytes=300_000_000)
    explorer.start("select 1 as one from calls")
    scans = explorer.budget()
    assert scans is not None
    assert (scans.used_bytes, scans.left_bytes) == (300_000_000, 700_000_000)


def test_a_day_s_limit_refuses_the_next_query_until_midnight(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]],
) -> None:
    loaded, make = paid
    explorer = make(day_bytes=2 * FAKE_BYTES, query_bytes=FAKE_BYTES)
    for sql in ("select 1 as n from calls", "select 2 as n from calls"):
        _done(explorer, sql)
    with pytest.raises(QueryRefused, match="begins anew at 00:00 UTC"):
        explorer.start("select 3 as n from calls")
    loaded.clock.now += timedelta(hours=12)
    _done(explorer, "select 3 as n from calls")


def test_queries_that_nobody_polled_are_settled_before_the_next_one(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]],
) -> None:
    loaded, make = paid
    loaded.athena.polls_until_finished = 0
    explorer = make(day_bytes=1_000_000_000, query_bytes=900_000_000)
    explorer.start("select 1 as n from calls")
    explorer.start("select 2 as n from calls")
    scans = explorer.budget()
    assert scans is not None
    assert scans.used_bytes == FAKE_BYTES + 900_000_000


def test_counts_of_days_long_past_are_dropped(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]], tmp_path: Path
) -> None:
    items, loaded = MemoryTable(), paid[0]
    explorer = Explorer(loaded.desk, ScanBudget(items, loaded.clock), loaded.clock)
    _done(explorer, "select 1 as n from calls")
    loaded.clock.now += timedelta(days=8)
    _done(explorer, "select 1 as n from calls")
    assert list(items.query("SCANS#2026-11-02")) == []


def test_a_query_that_cannot_be_counted_does_not_run(
    paid: tuple[AthenaDeskLoaded, Callable[..., Explorer]],
) -> None:
    class _ReadOnly(MemoryTable):
        def put_many(self, items: Iterable[Item]) -> None:
            raise TableError("you may only read")

    loaded, _ = paid
    explorer = Explorer(loaded.desk, ScanBudget(_ReadOnly(), loaded.clock), loaded.clock)
    with pytest.raises(TableError):
        explorer.start("select 1 as n from calls")
    (execution,) = loaded.athena.executions.values()
    assert execution.cancelled
