"""The reader beside a writer: one consistent set, kept in the process until its days change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.dimensions import ALL, CALLER, MODEL, TOTAL
from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.reporting.page_cache import PageCache
from bedrock_analytics.reporting.page_loader import MIXED_SET, OLDER_SET, PAUSES_SECONDS
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Granularity, Page, page_items, partition_key
from tests.unit.reporting.written_usage import Call, WrittenUsage, total_of, utc

NOW = utc("2026-11-24 10:10")
WEEK = UsageFilter(start=utc("2026-11-18"), end=utc("2026-11-25"), zone=ZoneInfo("UTC"))
CALLS = [
    Call(ts=utc("2026-11-20 07:00"), cost=Decimal("0.1")),
    Call(ts=utc("2026-11-22 08:00"), caller="app/worker", cost=Decimal("0.02")),
    Call(ts=utc("2026-11-24 09:00"), cost=Decimal("0.003")),
]
LATER = Call(ts=utc("2026-11-24 10:00"), cost=Decimal("5"))
LATE = Call(ts=utc("2026-11-20 07:00"), cost=Decimal("11"))


def written() -> WrittenUsage:
    usage = WrittenUsage(now=NOW, closed_through=date(2026, 11, 23))
    usage.write(CALLS)
    usage.reads = 0
    return usage


def reader_of(usage: WrittenUsage, cache: PageCache | None = None) -> tuple[UsageReader, list[float]]:
    pauses: list[float] = []
    return UsageReader(usage.table, lambda: usage.now, cache, pauses.append), pauses


def reads_of(usage: WrittenUsage, ask: Callable[[], object]) -> int:
    before = usage.reads
    ask()
    return usage.reads - before


def test_a_refresh_tick_reads_the_checkpoint_row_and_nothing_else() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    assert reads_of(usage, reader.checkpoint) == 1


def test_a_first_question_reads_each_run_of_pages_once_between_two_checkpoints() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    assert reads_of(usage, lambda: reader.breakdown(WEEK, MODEL)) == 1 + 2 + 1


def test_a_question_asked_again_reads_the_checkpoint_alone() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    first = reader.breakdown(WEEK, MODEL)
    assert reads_of(usage, lambda: reader.breakdown(WEEK, MODEL)) == 1
    assert reader.breakdown(WEEK, MODEL) == first


def test_a_trend_in_days_uses_the_pages_of_the_breakdown() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    reader.breakdown(WEEK, MODEL)
    assert reads_of(usage, lambda: reader.trend(WEEK, Bucket.DAY, MODEL)) == 1


def test_new_calls_of_today_are_read_without_reading_other_days_again() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    reader.breakdown(WEEK, MODEL)
    usage.write([LATER])
    assert reads_of(usage, lambda: reader.breakdown(WEEK, MODEL)) == 1 + 1 + 1
    found = reader.breakdown(WEEK, MODEL)
    assert (found.total, found.revision) == (total_of([*CALLS, LATER]), 2)


def test_a_late_call_makes_its_closed_day_be_read_again() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    reader.breakdown(WEEK, MODEL)
    usage.write([LATE])
    assert reader.breakdown(WEEK, MODEL).total == total_of([*CALLS, LATE])


def test_a_reader_that_slept_through_more_changes_than_are_remembered_reads_everything_again() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    reader.breakdown(WEEK, MODEL)
    usage.write([LATE])
    usage.checkpoint = replace(usage.checkpoint, revision=90, changes=())
    usage.writer.put_checkpoint(usage.checkpoint)
    assert reader.breakdown(WEEK, MODEL).total == total_of([*CALLS, LATE])


def test_a_table_that_was_built_anew_is_read_anew() -> None:
    usage = written()
    usage.write([LATER])
    cache = PageCache()
    reader_of(usage, cache)[0].breakdown(WEEK, MODEL)
    fresh = WrittenUsage(now=NOW, closed_through=date(2026, 11, 23))
    fresh.write([LATE])
    assert reader_of(fresh, cache)[0].breakdown(WEEK, MODEL).total == total_of([LATE])


def test_a_closed_month_that_changes_is_read_again() -> None:
    old = Call(ts=utc("2025-03-04 05:00"))
    usage = WrittenUsage(now=NOW, closed_through=date(2026, 11, 23))
    usage.write([old])
    reader, _ = reader_of(usage)
    wanted = replace(WEEK, start=utc("2025-01-01"))
    reader.breakdown(wanted, TOTAL)
    usage.write([old])
    assert reader.breakdown(wanted, TOTAL).total == total_of([old, old])


def test_pages_replaced_while_they_are_read_are_read_again() -> None:
    usage = written()
    reader, _ = reader_of(usage)

    def write_once(read: int) -> None:
        if read == 3:
            usage.before_read = None
            usage.write([LATE, LATER])

    usage.before_read = write_once
    found = reader.breakdown(WEEK, CALLER)
    assert (found.total, found.revision) == (total_of([*CALLS, LATE, LATER]), 2)
    assert found.notes == ()


def test_while_a_run_writes_what_is_in_the_process_answers_at_once() -> None:
    usage = written()
    reader, pauses = reader_of(usage)
    before = reader.breakdown(WEEK, MODEL)
    begin_run(usage)
    usage.calls.append(LATER)
    usage.writer.put_pages(usage.pages_of([date(2026, 11, 24)]))
    assert reader.breakdown(WEEK, MODEL) == before
    assert pauses == []


def begin_run(usage: WrittenUsage) -> None:
    usage.checkpoint = replace(usage.checkpoint, run=usage.checkpoint.run | 1)
    usage.writer.put_checkpoint(usage.checkpoint)


def test_a_run_that_never_ends_leaves_the_last_complete_set_with_a_note() -> None:
    usage = written()
    reader, pauses = reader_of(usage)
    before = reader.breakdown(WEEK, MODEL)
    usage.write([LATE])
    begin_run(usage)
    found = reader.breakdown(WEEK, MODEL)
    assert (found.rows, found.revision) == (before.rows, 1)
    assert found.notes == (OLDER_SET,)
    assert pauses == [pause for pause in PAUSES_SECONDS if pause]


def test_without_a_last_set_what_a_run_has_written_so_far_is_shown_with_a_note() -> None:
    usage = written()
    begin_run(usage)
    reader, _ = reader_of(usage)
    found = reader.breakdown(WEEK, MODEL)
    assert found.total == total_of(CALLS)
    assert found.notes == (MIXED_SET,)


def test_pages_read_during_a_run_are_not_kept() -> None:
    usage = written()
    begin_run(usage)
    reader, _ = reader_of(usage)
    reader.breakdown(WEEK, MODEL)
    usage.calls.append(LATER)
    usage.writer.put_pages(usage.pages_of([date(2026, 11, 24)]))
    usage.checkpoint = replace(usage.checkpoint, run=usage.checkpoint.run + 1)
    usage.writer.put_checkpoint(usage.checkpoint)
    assert reader.breakdown(WEEK, MODEL).total == total_of([*CALLS, LATER])


def tear_page(usage: WrittenUsage) -> tuple[str, str]:
    """Make a page of two parts whose first part claims a further one that is not there."""
    page = Page(scope=ALL, granularity=Granularity.DAILY, dimension=MODEL, period="2026-11-20")
    page.add(("a", "us"), 0, CALLS[0].stats())
    (item,) = page_items(page, usage.retention)
    usage.memory.put_many([{**item, "parts": 2, "page_id": "x"}])
    return partition_key(ALL, Granularity.DAILY, MODEL), "2026-11-20"


def test_a_page_with_a_part_missing_is_read_again_until_it_is_whole() -> None:
    usage = written()
    tear_page(usage)
    reader, pauses = reader_of(usage)

    def mend(read: int) -> None:
        if read == 4:
            usage.writer.put_pages(usage.pages_of([date(2026, 11, 20)]))

    usage.before_read = mend
    assert reader.breakdown(WEEK, MODEL).total == total_of(CALLS)
    assert pauses


def test_a_page_that_stays_broken_is_an_error_where_no_set_is_held() -> None:
    usage = written()
    tear_page(usage)
    with pytest.raises(PageError, match="incomplete"):
        reader_of(usage)[0].breakdown(WEEK, MODEL)


def test_a_page_that_stays_broken_leaves_the_last_complete_set() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    before = reader.breakdown(WEEK, MODEL)
    usage.write([LATE])
    tear_page(usage)
    found = reader.breakdown(WEEK, MODEL)
    assert (found.rows, found.notes) == (before.rows, (OLDER_SET,))


def test_the_cache_keeps_to_its_limit_and_drops_what_was_used_least_lately() -> None:
    usage = written()
    cache = PageCache(limit=14_000)
    reader, _ = reader_of(usage, cache)
    wide = replace(WEEK, start=utc("2026-11-20"))
    reader.breakdown(wide, MODEL)
    kept = cache.size
    assert reads_of(usage, lambda: reader.breakdown(wide, CALLER)) > 1
    assert kept <= 14_000
    assert cache.size <= 14_000
    assert reads_of(usage, lambda: reader.breakdown(wide, MODEL)) > 1


def test_threads_share_a_reader() -> None:
    usage = written()
    reader, _ = reader_of(usage)
    found: list[object] = []

    def ask() -> None:
        found.extend(reader.breakdown(WEEK, MODEL).total == total_of(CALLS) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80
