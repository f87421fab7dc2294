from __future__ import annotations

from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.figures.error_bars import COUNT, RATE, count_bars, error_bars, error_trend
from dashboard.figures.usage_trend import INCOMPLETE_OPACITY
from dashboard.reliability_queries import ErrorCourse, ErrorSeries
from dashboard.theme import OTHER_COLOUR
from tests.unit.dashboard.answers import calls, row, utc

COURSE = ErrorCourse(
    bucket=Bucket.DAY,
    zone=ZoneInfo("UTC"),
    starts=(utc("2026-11-23 00:00"), utc("2026-11-24 00:00")),
    series=(ErrorSeries(key="<b>", name="<b>", counts=(2, 0)),),
    calls=(8, 0),
    incomplete_from=1,
    notes=(),
)


def test_failures_are_counted_or_set_against_all_calls_of_their_time() -> None:
    (bars,) = error_trend(COURSE, COUNT, {"<b>": "#111"}, {})["data"]
    assert (bars["y"], bars["name"]) == ([2, 0], "&lt;b&gt;")
    assert bars["marker"]["opacity"] == [1, INCOMPLETE_OPACITY]
    assert bars["customdata"] == [["2", "25.0 %"], ["0", "—"]]
    (shares,) = error_trend(COURSE, RATE, {"<b>": "#111"}, {})["data"]
    assert shares["y"] == [0.25, None]


def test_a_row_is_split_by_code_and_tells_its_rate() -> None:
    errors = {f"code {number}": 10 - number for number in range(10)}
    rows = [row("fine", calls(9)), row("<i>bad", calls(110, errors=errors))]
    figure = error_bars(rows, {})
    assert [bars["name"] for bars in figure["data"]][-1] == "Other codes"
    assert sum(bars["x"][0] for bars in figure["data"]) == 55
    assert figure["data"][-1]["marker"]["color"] == OTHER_COLOUR
    name, value = (text["text"] for text in figure["layout"]["annotations"])
    assert (name, value) == ("&lt;i&gt;bad", "<b>55</b>  50.0 % of its calls")


def test_the_least_counts_are_summed_as_other() -> None:
    counts = [(f"reason {number}", 20 - number) for number in range(9)]
    colours = {name: "#111" for name, _ in counts} | {"(other)": OTHER_COLOUR}
    figure = count_bars(counts, 144, colours, {})
    (bars,) = figure["data"]
    assert sum(bars["x"]) == sum(count for _, count in counts)
    assert bars["customdata"][-1] == ["Other", "25"]
