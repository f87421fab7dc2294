from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.measures import Measure
from dashboard.ranking import ranked
from tests.strategies.usage import usage_stats
from tests.unit.dashboard.answers import calls, row


@given(st.lists(usage_stats(), max_size=6), st.sampled_from(Measure), st.integers(1, 6))
def test_the_rows_and_the_remainder_add_up_to_all_rows_in_every_counter(
    stats: list[UsageStats], measure: Measure, most: int
) -> None:
    whole = UsageStats()
    for each in stats:
        whole.merge(each)
    found = UsageStats()
    for shown in ranked([row(f"{n}", one) for n, one in enumerate(stats)], measure, most).all:
        found.merge(shown.stats)
    assert found == whole


def test_the_greatest_come_first_and_the_others_are_one_row() -> None:
    found = ranked([row(f"{n}", calls(1, f"{n}")) for n in range(9)], Measure.COST, 5)
    assert [each.name for each in found.rows] == ["8", "7", "6", "5", "4"]
    assert found.remainder is not None
    assert (found.remainder.detail, found.remainder.stats.invocations) == ("4 more", 4)
    assert found.remainder.stats.total_list_cost_usd == Decimal(6)


def test_a_remainder_of_one_is_shown_as_itself() -> None:
    found = ranked([row(f"{n}", calls(1)) for n in range(6)], Measure.COST, 5)
    assert (len(found.rows), found.remainder) == (6, None)


def test_rows_without_any_cost_count_in_the_remainder() -> None:
    rows = [row("dear", calls(1, "1")), *(row(f"failed {n}", calls(7)) for n in range(3))]
    found = ranked(rows, Measure.COST, 1)
    assert found.remainder is not None
    assert found.remainder.stats.invocations == 21
