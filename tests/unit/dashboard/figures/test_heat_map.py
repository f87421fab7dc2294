from __future__ import annotations

from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.figures.heat_map import heat_map
from dashboard.measures import Measure
from dashboard.view_models import Series, UsageTrend
from tests.unit.dashboard.answers import calls, utc


def test_the_greatest_series_is_on_top_and_a_cell_without_cost_is_empty() -> None:
    trend = UsageTrend(
        bucket=Bucket.DAY,
        zone=ZoneInfo("UTC"),
        starts=(utc("2026-11-23 00:00"), utc("2026-11-24 00:00")),
        series=(
            Series(name="<i>Sonnet", colour_key="s", values=(calls(1, "4"), calls(1, "2"))),
            Series(name="Nova", colour_key="n", values=(calls(1), calls(1, "1"))),
        ),
        totals=(calls(2, "4"), calls(2, "3")),
        incomplete_from=1,
    )
    figure = heat_map(trend, Measure.COST, {})
    (cells,) = figure["data"]
    assert cells["z"] == [[4.0, 2.0], [None, 1.0]]
    assert cells["x"] == ["2026-11-23T00:00", "2026-11-24T00:00"]
    assert figure["layout"]["yaxis"]["range"] == [1.5, -0.5]
    assert figure["layout"]["yaxis"]["ticktext"][0] == "&lt;i&gt;Sonnet"
    assert cells["customdata"][0][1] == ["&lt;i&gt;Sonnet", "Tue 24 Nov 2026 (not over yet)", "$2.00"]
