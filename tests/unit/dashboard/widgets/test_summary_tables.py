"""The overview's figures and movers as tables for files."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dashboard.panel_views import Row
from dashboard.view_models import Mover
from dashboard.widgets.summary_tables import movers_table, summary_table
from tests.unit.dashboard.answers import calls, row
from tests.unit.dashboard.test_card_texts import overview


def named(rows: list[Row] | tuple[Row, ...]) -> dict[str, Row]:
    return {str(each["name"]): each for each in rows}


def test_every_figure_stands_with_its_unit_and_the_earlier_period() -> None:
    found = overview(calls(10, "0.123456789"), calls(4, "0.05"))
    rows = named(tuple(summary_table(found).rows))
    assert (rows["Estimated cost"]["value"], rows["Estimated cost"]["unit"]) == (
        Decimal("0.123456789"),
        "USD",
    )
    assert (rows["Invocations"]["compared"], rows["Invocations"]["earlier"]) == (10, 4)
    assert rows["Average latency"]["value"] is None
    assert len(rows) == 9


def test_without_an_earlier_period_its_columns_are_empty() -> None:
    rows = named(tuple(summary_table(overview(calls(10, "1"))).rows))
    assert rows["Invocations"]["earlier"] is None
    assert list(movers_table(overview(calls(10, "1"))).rows) == []


def test_movers_add_up() -> None:
    mover = Mover(row=row("Nova Pro", calls(1, "3"), "us", "nova"), before=Decimal("1.25"), after=Decimal(3))
    whole = overview(calls(1, "3"), calls(1, "1.25"))
    assert whole.baseline is not None
    (found,) = movers_table(replace(whole, baseline=replace(whole.baseline, movers=(mover,)))).rows
    assert (found["name"], found["chip"], found["change"]) == ("Nova Pro", "us", Decimal("1.75"))
