"""Rows of usage while they are being added up."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.jobs.usage_cells import UsageCells
from tests.strategies.usage import usage_stats

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_row_of_one_group_is_not_copied_and_a_second_one_changes_neither() -> None:
    cells = UsageCells()
    first, second = UsageStats(invocations=1), UsageStats(invocations=2)
    cells.add("1#r", "MODEL", ("m",), NOON, first)
    assert cells.table("1#r", "MODEL")[("m",), NOON] is first
    cells.add("1#r", "MODEL", ("m",), NOON, second)
    assert cells.table("1#r", "MODEL")[("m",), NOON].invocations == 3
    assert (first.invocations, second.invocations) == (1, 2)


def test_a_sum_that_is_added_elsewhere_stays_as_it_is() -> None:
    cells = UsageCells()
    for _ in range(3):
        cells.add("1#r", "TOTAL", (), NOON, UsageStats(invocations=1))
    for _ in range(2):
        cells.add("ALL", "TOTAL", (), NOON, cells.table("1#r", "TOTAL")[(), NOON])
    assert cells.table("1#r", "TOTAL")[(), NOON].invocations == 3
    assert cells.table("ALL", "TOTAL")[(), NOON].invocations == 6


@given(st.lists(usage_stats(), min_size=1, max_size=6))
def test_a_row_is_the_sum_of_what_was_added_and_nothing_added_changes(parts: list[UsageStats]) -> None:
    before = deepcopy(parts)
    cells, expected = UsageCells(), UsageStats()
    for part in parts:
        for dimension in ("MODEL", "CALLER"):
            cells.add("1#r", dimension, ("x",), NOON, part)
        expected.merge(part)
    assert cells.table("1#r", "MODEL")[("x",), NOON] == expected == cells.table("1#r", "CALLER")[("x",), NOON]
    assert parts == before


def test_a_table_that_nothing_was_added_to_is_empty() -> None:
    assert UsageCells().table("1#r", "MODEL") == {}
