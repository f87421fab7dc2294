"""Kept sums hold only for the very pages that they were made from, and within their limit."""

from __future__ import annotations

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.fold_cache import FoldCache, Rows
from bedrock_analytics.storage.usage_pages import StoredPage

ROWS: Rows = {("a",): UsageStats(invocations=1)}
SIZE = 4_400
"""What these sums are counted as, in bytes."""


def page() -> StoredPage:
    return StoredPage(period="2026-11-20", documents=(b"x",))


def test_sums_are_found_again_for_the_same_pages() -> None:
    folds, held = FoldCache(), page()
    folds.put("day", [held, None], ROWS)
    assert folds.get("day", [held, None]) == ROWS


def test_a_page_that_was_read_anew_makes_its_sums_void_even_where_it_is_equal() -> None:
    folds, held = FoldCache(), page()
    folds.put("day", [held], ROWS)
    assert folds.get("day", [page()]) is None
    assert folds.get("day", [None]) is None
    assert folds.get("day", [held, None]) is None


def test_sums_of_other_names_are_apart() -> None:
    folds, held = FoldCache(), page()
    folds.put("day", [held], ROWS)
    assert folds.get("month", [held]) is None


def test_later_sums_replace_earlier_ones_of_the_name() -> None:
    folds, old, new = FoldCache(), page(), page()
    folds.put("day", [old], ROWS)
    folds.put("day", [new], {})
    assert folds.get("day", [old]) is None
    assert folds.get("day", [new]) == {}


def test_the_least_recently_used_sums_make_room() -> None:
    folds, held = FoldCache(limit=2 * SIZE), page()
    folds.put("first", [held], ROWS)
    folds.put("second", [held], ROWS)
    folds.get("first", [held])
    folds.put("third", [held], ROWS)
    assert [folds.get(name, [held]) is None for name in ("first", "second", "third")] == [False, True, False]


def test_histograms_weigh_more_than_the_sums_they_belong_to() -> None:
    folds, held = FoldCache(limit=2 * SIZE), page()
    folds.put("rich", [held], {("a",): UsageStats(latency_ms=Distribution.of([5]))})
    folds.put("plain", [held], ROWS)
    assert folds.get("rich", [held]) is None
    assert folds.get("plain", [held]) == ROWS


def test_sums_beyond_the_limit_are_not_kept_and_push_nothing_out() -> None:
    folds, held = FoldCache(limit=SIZE), page()
    folds.put("small", [held], ROWS)
    folds.put("large", [held], {(str(n),): UsageStats() for n in range(9)})
    assert folds.get("large", [held]) is None
    assert folds.get("small", [held]) == ROWS
