from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.reprice_progress import (
    KEPT,
    RepriceProgress,
    progress_item,
    read_progress,
    superseded,
)
from tests.pricing.books import NOON

LATER = NOON + timedelta(minutes=5)
TEN = DirtyPeriod.of_hour(NOON - timedelta(hours=2))
ELEVEN = DirtyPeriod.of_hour(NOON - timedelta(hours=1))
DAY = DirtyPeriod.of_day(date(2026, 11, 24))
MONTH = DirtyPeriod.of_month("2026-11")
OTHER_DAY = DirtyPeriod.of_day(date(2026, 10, 31))
OTHER_MONTH = DirtyPeriod.of_month("2026-10")


def progress(*pending: DirtyPeriod, **fields: object) -> RepriceProgress:
    made = RepriceProgress(
        id="r1",
        model_id="m",
        account_id=None,
        start=NOON - timedelta(days=3),
        end=None,
        reason="price entered",
        started_at=NOON,
        finished_at=None,
        total=len(pending),
        pending=pending,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def test_it_is_done_when_the_pages_of_every_period_are_in_place() -> None:
    begun = progress(TEN, ELEVEN, DAY, MONTH)
    half = begun.after([TEN], LATER)
    assert (half.done, half.total, half.finished_at) == (1, 4, None)
    done = half.after([ELEVEN, DAY, MONTH, OTHER_DAY], LATER)
    assert (done.done, done.pending, done.finished_at) == (4, (), LATER)
    assert done.after([TEN], LATER + timedelta(hours=1)) == done


def test_a_day_that_was_folded_before_its_hours_is_not_done_nor_a_month_before_its_days() -> None:
    begun = progress(TEN, DAY, MONTH, OTHER_DAY, OTHER_MONTH)
    early = begun.after([DAY, MONTH, OTHER_MONTH], LATER)
    assert early.pending == begun.after([], LATER).pending
    assert early.after([OTHER_DAY], LATER).after([OTHER_MONTH], LATER).done == 2


def test_hours_that_leave_the_open_window_are_counted_with_their_day() -> None:
    begun = progress(TEN, ELEVEN, MONTH)
    moved = begun.moved([TEN, ELEVEN, DirtyPeriod.of_hour(NOON)], LATER)
    assert (moved.total, set(moved.pending)) == (2, {DAY, MONTH})
    assert progress(TEN, DAY).moved([TEN], LATER).total == 1


def test_it_survives_its_row_and_counts_are_readable_in_the_console() -> None:
    made = progress(TEN, DAY, model_id=None, account_id="111122223333", end=LATER, finished_at=LATER, total=5)
    item = progress_item(made)
    assert read_progress(item) == made
    assert (item["done"], item["total"], item["reason"]) == (3, 5, "price entered")
    assert (item["PK"], item["SK"]) == ("META", "REPRICE#r1")


@pytest.mark.parametrize("document", [None, "text", b"not compressed"])
def test_a_damaged_row_is_told(document: str | bytes | None) -> None:
    with pytest.raises(PageError, match="r1"):
        read_progress({**progress_item(progress()), "doc": document})


def test_the_latest_finished_ones_and_every_unfinished_one_are_remembered() -> None:
    finished = [
        progress(id=f"r{number:02}", started_at=NOON + timedelta(minutes=number), finished_at=LATER)
        for number in range(KEPT + 2)
    ]
    old = progress(id="open", started_at=NOON - timedelta(days=9))
    assert KEPT == 20
    assert superseded([*reversed(finished), old]) == [finished[0].key, finished[1].key]
