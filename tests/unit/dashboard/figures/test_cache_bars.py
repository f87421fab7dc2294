from __future__ import annotations

from decimal import Decimal

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.figures.cache_bars import cache_bars, cached_rows
from tests.unit.dashboard.answers import calls, row

COLOURS = dict.fromkeys(("a", "<b>", "c", "(other)"), "#5e78d9")


def cached(read: str, written: str = "0") -> UsageStats:
    return calls(
        1,
        "1",
        cache_read_tokens=10,
        cache_write_5m_tokens=5,
        cache_saved_usd={"cache_read": Decimal(read), "cache_write_5m": Decimal(written)},
    )


def test_reads_go_to_the_right_and_writes_to_the_left() -> None:
    rows = [row("a", cached("3", "-1")), row("<b>", cached("1", "-2.5"))]
    figure = cache_bars(rows, COLOURS, {})
    reads, writes = figure["data"]
    assert (reads["x"], writes["x"]) == ([3.0, 1.0], [-1.0, -2.5])
    assert figure["layout"]["xaxis"]["range"] == [-2.5, 3.0]
    texts = [text["text"] for text in figure["layout"]["annotations"]]
    assert (texts[1], texts[3]) == ("<b>saved $2.00</b>", "<b>cost $1.50 more</b>")
    assert texts[2].endswith("&lt;b&gt;")


def test_what_uses_no_cache_is_left_out_and_an_unknown_saving_is_no_zero() -> None:
    rows = [row("a", calls(5, "1")), row("c", calls(1, "1", cache_read_tokens=4))]
    (found,) = cached_rows(rows)
    assert found.name == "c"
    assert cache_bars(rows, COLOURS, {})["layout"]["annotations"][1]["text"] == "<b>—</b>"


def test_the_least_are_summed_and_the_sum_stays() -> None:
    rows = [row(f"{number}", cached(f"{number}")) for number in range(12)]
    shown = cached_rows(rows, 5)
    assert [each.name for each in shown] == ["11", "10", "9", "8", "7", "Other"]
    saved = sum((each.stats.cache_saved_usd["cache_read"] for each in shown), Decimal(0))
    assert saved == sum(range(12))
