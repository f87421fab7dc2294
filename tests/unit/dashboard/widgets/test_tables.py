"""The table twins."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.measures import Measure
from dashboard.view_models import Series, UsageTrend
from dashboard.widgets.tables import (
    kind_columns,
    kind_rows,
    kind_total_row,
    total_row,
    trend_columns,
    trend_rows,
    trend_total_row,
    usage_columns,
    usage_rows,
)
from tests.unit.dashboard.answers import calls, row, utc

STATS = UsageStats(
    invocations=1200,
    input_tokens=1_000_000,
    output_tokens=500,
    list_cost_usd={"input": Decimal("3"), "output": Decimal("0.0075")},
    errors={"ThrottlingException": 2},
)


def test_rows_hold_a_number_to_sort_by_and_its_text_in_full() -> None:
    total = calls(2, "12.03")
    (found,) = usage_rows([row("a", STATS, "us", "model-a")], total)
    assert (found["name"], found["chip"], found["detail"]) == ("a", "us", "model-a")
    assert (found["cost"], found["cost_text"], found["share_text"]) == (
        Decimal("3.0075"),
        "$3.0075",
        "25.0 %",
    )
    assert (found["calls_text"], found["input_tokens_text"], found["failed_text"]) == (
        "1,200",
        "1,000,000",
        "2",
    )
    assert found["output_cost_text"] == "$0.0075"


def test_every_column_has_its_field_and_text_in_every_row() -> None:
    rows = [*usage_rows([row("a", STATS)], STATS), total_row(STATS)]
    for column in usage_columns("Model"):
        assert all(column["field"] in each for each in rows)
        if "valueFormatter" in column:
            assert all(f"{column['field']}_text" in each for each in rows)


def test_a_row_without_a_price_is_unknown_and_one_with_some_is_a_lower_bound() -> None:
    unpriced = calls(2, unpriced_invocations={"no_price": 2})
    partly = calls(2, "1", unpriced_invocations={"no_price": 1})
    texts = [found["cost_text"] for found in usage_rows([row("a", unpriced), row("b", partly)], partly)]
    assert texts == ["—", "≥ $1.0000"]


def test_kinds_tell_what_a_million_tokens_cost() -> None:
    rows = {found["id"]: found for found in kind_rows(STATS)}
    assert rows["input"]["rate_text"] == "$3.00"
    assert rows["output"]["rate_text"] == "$15.00"
    assert rows["cache_read"]["rate_text"] == "—"
    assert kind_total_row(STATS)["cost_text"] == "$3.0075"
    assert all(column["field"] in rows["input"] for column in kind_columns())


def test_a_trend_has_a_column_for_each_series_and_rows_that_add_up() -> None:
    values = (calls(1, "1"), calls(2, "2.5"))
    trend = UsageTrend(
        bucket=Bucket.DAY,
        zone=ZoneInfo("UTC"),
        starts=(utc("2026-11-23 00:00"), utc("2026-11-24 00:00")),
        series=(Series(name="a", colour_key="a", values=values),),
        totals=values,
        incomplete_from=1,
    )
    rows = trend_rows(trend, Measure.COST)
    assert [found["time"] for found in rows] == ["Mon 23 Nov 2026", "Tue 24 Nov 2026 (not over yet)"]
    assert [found["s0_text"] for found in rows] == ["$1.0000", "$2.5000"]
    assert trend_total_row(trend, Measure.COST)["total_text"] == "$3.5000"
    assert trend_total_row(trend, Measure.INVOCATIONS)["s0_text"] == "3"
    assert [column["headerName"] for column in trend_columns(trend)] == ["Time", "Total", "a"]
