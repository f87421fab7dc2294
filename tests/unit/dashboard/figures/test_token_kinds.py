"""Cost by kind of tokens."""

from __future__ import annotations

from decimal import Decimal

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.figures.token_kinds import kind_bars, shown_kinds


def test_the_five_kinds_are_always_there_and_others_where_they_occur() -> None:
    assert shown_kinds(UsageStats()) == ["input", "output", "cache_read", "cache_write_5m", "cache_write_1h"]
    images = UsageStats(invocations=1, output_images=1, list_cost_usd={"output_image": Decimal("0.04")})
    assert shown_kinds(images)[-1] == "units"


def test_bars_tell_cost_share_and_tokens() -> None:
    stats = UsageStats(
        invocations=1, input_tokens=10, list_cost_usd={"input": Decimal(3), "cache_read": Decimal(1)}
    )
    figure = kind_bars(stats, {})
    assert figure["data"][0]["x"] == [3.0, 0.0, 1.0, 0.0, 0.0]
    assert figure["data"][0]["customdata"][0] == ["Input", "$3.00", "10"]
    assert [text["text"] for text in figure["layout"]["annotations"][:2]] == ["Input", "<b>$3.00</b>  75.0 %"]


def test_free_usage_is_drawn_without_a_division_by_nothing() -> None:
    assert kind_bars(UsageStats(invocations=1), {})["layout"]["xaxis"]["range"] == [0, 1]
