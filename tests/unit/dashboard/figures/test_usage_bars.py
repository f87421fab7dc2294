"""Bars and rings of usage."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.figures.usage_bars import cost_text, top_rows, usage_bars, usage_ring
from dashboard.measures import Measure, amount
from dashboard.theme import KIND_COLOURS, TEMPLATES
from tests.strategies.usage import usage_stats
from tests.unit.dashboard.answers import calls, row

COLOURS = dict.fromkeys(("a", "b", "<i>c</i>", "(other)"), "#5e78d9")
UNPRICED = calls(3, unpriced_invocations={"no_price": 3})


@given(st.lists(usage_stats(), max_size=20), st.sampled_from(Measure))
def test_the_greatest_rows_and_other_add_up_to_all_rows(stats: list[UsageStats], measure: Measure) -> None:
    rows = [row(f"row {number}", each) for number, each in enumerate(stats)]
    shown = top_rows(rows, measure)
    assert len(shown) <= 8
    whole = sum(amount(measure, each) or 0 for each in stats)
    assert sum(amount(measure, each.stats) or 0 for each in shown) == whole


def test_a_single_row_too_many_is_shown_instead_of_other() -> None:
    rows = [row(f"row {number}", calls(number + 1)) for number in range(8)]
    assert [each.name for each in top_rows(rows, Measure.INVOCATIONS)] == [
        f"row {n}" for n in range(7, -1, -1)
    ]
    assert top_rows([*rows, row("ninth", calls(9))], Measure.INVOCATIONS)[-1].detail == "2 more"


def test_cost_is_split_by_token_kind_and_tells_both_in_full() -> None:
    stats = UsageStats(invocations=2, list_cost_usd={"input": Decimal("1.5"), "output": Decimal("0.000003")})
    figure = usage_bars([row("a", stats, "us", "model-a")], Measure.COST, COLOURS, TEMPLATES["light"])
    assert [bar["name"] for bar in figure["data"]] == ["Input", "Output"]
    assert [bar["marker"]["color"] for bar in figure["data"]] == [
        KIND_COLOURS["input"],
        KIND_COLOURS["output"],
    ]
    assert figure["data"][1]["customdata"] == [["a · us · model-a", "$0.000003", "$1.50"]]
    assert figure["layout"]["annotations"][1]["text"] == "<b>$1.50</b>  100 %"


def test_invocations_have_the_colour_of_their_row() -> None:
    figure = usage_bars([row("a", calls(2)), row("b", calls(6))], Measure.INVOCATIONS, COLOURS, {})
    (bars,) = figure["data"]
    assert bars["x"] == [6.0, 2.0]
    assert bars["marker"]["color"] == ["#5e78d9"] * 2


def test_a_row_without_a_price_is_shown_as_unknown_not_as_nothing() -> None:
    figure = usage_bars([row("a", calls(1, "2")), row("b", UNPRICED)], Measure.COST, COLOURS, {})
    texts = [text["text"] for text in figure["layout"]["annotations"]]
    assert texts[2].endswith("b")
    assert texts[3].startswith("<b>—</b>")


def test_names_from_logs_are_escaped_everywhere_in_a_figure() -> None:
    rows = [row("<i>c</i>", calls(1, "2"), "<u>", "<s>")]
    for figure in (usage_bars(rows, Measure.COST, COLOURS, {}), usage_ring(rows, Measure.COST, COLOURS, {})):
        told = str(figure["data"]) + str(figure["layout"])
        assert "<i>c" not in told
        assert "<u>" not in told
        assert "<s>" not in told


def test_the_ring_tells_the_whole_and_each_share() -> None:
    rows = [row("a", calls(1, "3")), row("b", calls(1, "1")), row("c", UNPRICED)]
    figure = usage_ring(rows, Measure.COST, COLOURS | {"c": "#000000"}, {})
    assert figure["layout"]["annotations"][0]["text"] == "<b>≥ $4.00</b>"
    assert figure["data"][0]["values"] == [3.0, 1.0, 0.0]
    assert [told[2] for told in figure["data"][0]["customdata"]] == ["75.0 %", "25.0 %", "0 %"]


def test_cost_tells_what_it_lacks() -> None:
    partly = calls(5, "1.25", unpriced_invocations={"no_price": 1})
    assert [cost_text(stats) for stats in (calls(1, "1.25"), partly, UNPRICED, calls(0))] == [
        "$1.25",
        "≥ $1.25",
        "—",
        "$0.00",
    ]
