from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.measures import Measure
from dashboard.ranking import ranked
from dashboard.widgets.cost_tables import (
    cache_rows,
    cost_columns,
    cost_rows,
    cost_totals,
    used_kinds,
)
from tests.strategies.usage import usage_stats
from tests.unit.dashboard.answers import calls, row


def shown(text: str) -> Decimal:
    """The amount that a cell shows; what is not nothing but too small to show counts as nothing."""
    return Decimal(0) if "<" in text else Decimal(re.sub(r"[≥ $,]", "", text).replace("−", "-"))


@given(st.lists(usage_stats(), min_size=1, max_size=8), st.integers(1, 8))
def test_every_column_of_money_as_shown_adds_up_to_its_total_to_the_cent(
    stats: list[UsageStats], most: int
) -> None:
    rows = [row(f"row {number}", each) for number, each in enumerate(stats)]
    total = UsageStats()
    for each in stats:
        total.merge(each)
    picked = ranked(rows, Measure.COST, most)
    *rest, foot = cost_totals(picked, total, {})
    lines = [*cost_rows(picked.rows, total, {}), *rest]
    for field in ("cost", "discount", "net", *(f"{kind}_cost" for kind in used_kinds(total))):
        amounts = [line[f"{field}_text"] for line in lines if line[f"{field}_text"] != "—"]
        if foot[f"{field}_text"] != "—":
            assert abs(sum(map(shown, amounts)) - shown(foot[f"{field}_text"])) < Decimal("0.005")
        assert sum(line[field] or 0 for line in lines) == (foot[field] or 0)  # None has no known amount


def test_discounts_and_rare_kinds_have_columns_only_where_there_are_any() -> None:
    def titles(total: UsageStats) -> list[str]:
        return [column["headerName"] for column in cost_columns("Model", total)]

    assert "After discount" not in titles(calls(1, "1"))
    assert "After discount" in titles(calls(1, "1", discount_usd={"input": Decimal(1)}))
    assert "Images, video, queries $" not in titles(calls(1, "1"))
    images = UsageStats(invocations=1, list_cost_usd={"output_image": Decimal(1)})
    assert "Images, video, queries $" in titles(images)


def test_the_remainder_has_a_course_of_its_own() -> None:
    rows = [row(f"{number}", calls(1, f"{number}")) for number in range(1, 5)]
    courses = {each.key: (each.stats, each.stats) for each in rows}
    picked = ranked(rows, Measure.COST, 2)
    remainder, total = cost_totals(picked, calls(4, "10"), courses)
    assert (remainder["name"], remainder["cost"], total["cost"]) == ("Other", 3, 10)
    assert remainder["course_style"]["visibility"] == "visible"


def test_unknown_savings_are_a_dash() -> None:
    (found,) = cache_rows([row("a", calls(1, "1", cache_read_tokens=4))])
    assert (found["saved"], found["saved_text"], found["hits_text"]) == (None, "—", "100 %")
