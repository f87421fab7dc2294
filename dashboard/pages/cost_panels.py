"""The breakdowns of the cost page: by model, caller, account, route and metadata key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dash.development.base_component import Component

from bedrock_analytics.domain.dimensions import NONE
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard import ids
from dashboard.cost_models import RankedRows
from dashboard.cost_queries import CostQueries
from dashboard.figures.usage_bars import HEIGHT, bars_height, usage_bars, usage_ring
from dashboard.filters import META
from dashboard.measures import LABELS, Measure, amount
from dashboard.page_state import ANY, Field
from dashboard.pages.panels import Panel, PanelQuestion
from dashboard.panel_views import PanelView, Table
from dashboard.phrases import share
from dashboard.ranking import TOP, ranked
from dashboard.theme import series_colours
from dashboard.view_models import UsageRows
from dashboard.widgets.controls import segments, select
from dashboard.widgets.cost_tables import cost_columns, cost_rows, cost_totals
from dashboard.widgets.legend import kind_entries, ring_entries
from dashboard.widgets.panels import PanelFrame, look_switch, panel

MEASURES = (Measure.COST, Measure.TOKENS, Measure.INVOCATIONS)
LOOKS = ("chart", "pie", "table")
MOST_SLICES: Final = 10


@dataclass(frozen=True, slots=True)
class Split:
    """A breakdown: its name in ids and addresses, its dimension, the title of its panel and of its names."""

    name: str
    dimension: str
    title: str
    column: str

    @property
    def panel(self) -> str:
        """Name of its panel."""
        return f"cost-{self.name}"


SPLITS: Final = (
    Split("model", "model", "By model", "Model"),
    Split("caller", "caller", "By caller", "Caller"),
    Split("account", "account", "By account", "Account"),
    Split("route", "route", "By route", "Route"),
    Split("tag", META, "By metadata key", "Value"),
)
TAG_KEY: Final = "cost-tag-key"
FIRST_KEY: Final = ANY
"""Value of that control for the first key that is kept, so that a default is not written to the address."""


def split_fields(split: Split) -> tuple[Field, ...]:
    """The controls of a breakdown in the address."""
    return (
        Field(f"{split.name}-measure", f"{split.panel}-measure", Measure.COST, MEASURES),
        Field(f"{split.name}-top", f"{split.panel}-top", "10", TOP),
        Field(f"{split.name}-view", ids.look(split.panel), "chart", LOOKS),
    )


def split_panel(
    split: Split, values: Mapping[str, Any], template: dict[str, Any], more: tuple[Component, ...] = ()
) -> Component:
    """The frame of a breakdown."""
    title, look = split.title.lower(), values[f"{split.name}-view"]
    measures = [(measure, LABELS[measure]) for measure in MEASURES]
    tops = [(count, f"Top {count}") for count in TOP]
    return panel(
        PanelFrame(
            name=split.panel,
            title=split.title,
            controls=[
                segments(
                    f"{split.panel}-measure", f"Measure {title}", measures, values[f"{split.name}-measure"]
                ),
                look_switch(split.panel, f"usage {title}", look),
            ],
            more=[
                select(f"{split.panel}-top", "Rows", tops, values[f"{split.name}-top"], class_name="inline"),
                *more,
            ],
            height=HEIGHT,
            look=look,
            template=template,
            tools=True,
        )
    )


def split_answer(split: Split, queries: CostQueries) -> Panel:
    """How a breakdown is answered."""

    def load(asked: PanelQuestion) -> PanelView:
        """Usage by the values of the dimension."""
        dimension = _dimension(split, queries, asked)
        if dimension is None:
            return PanelView.nothing()
        usage = queries.usage_by(asked.question, dimension)
        if split.dimension == META:
            usage = replace(usage, notes=(key_note(usage), *usage.notes))
        measure = Measure(asked.values[f"{split.panel}-measure"])
        most = int(asked.values[f"{split.panel}-top"])
        if asked.look == "table":
            return _table(split, usage, ranked(usage.rows, measure, most), queries, asked, dimension)
        colours = series_colours(row.colour_key for row in usage.rows)
        return chart_view(usage, measure, most, colours, asked)

    controls = (f"{split.panel}-measure", f"{split.panel}-top")
    return Panel(
        name=split.panel,
        title=f"cost {split.title.lower()}",
        load=load,
        controls=(*controls, TAG_KEY) if split.dimension == META else controls,
        extra=((ids.graph(split.panel), "style"),),
    )


def key_note(usage: UsageRows) -> str:
    """How much of the usage carries a metadata key, and who says so."""
    without = next((row.stats for row in usage.rows if row.key == (NONE,)), UsageStats())
    calls, whole = (stats.invocations or 0 for stats in (without, usage.total))
    carried = share(whole - calls, whole)
    return f"{carried} of calls carry this key. Its values are what callers say of themselves."


def _dimension(split: Split, queries: CostQueries, asked: PanelQuestion) -> str | None:
    """The dimension that is asked for; None where no metadata key is kept."""
    if split.dimension != META:
        return split.dimension
    chosen = asked.values[TAG_KEY]
    if chosen == FIRST_KEY:
        chosen = next(iter(queries.metadata_keys()), None)
    return None if chosen is None else f"{META}{chosen}"


def chart_view(
    usage: UsageRows, measure: Measure, most: int, colours: dict[str, str], asked: PanelQuestion
) -> PanelView:
    """Bars or a ring; the panel grows with the number of bars."""
    rows, lines = usage.rows, usage.notes
    if not any(amount(measure, row.stats) or row.stats.unpriced_invocation_count for row in rows):
        return PanelView.nothing(lines, extra=[{"height": f"{HEIGHT}px"}])
    if asked.look == "pie":
        slices = min(most, MOST_SLICES)
        figure = usage_ring(rows, measure, colours, asked.template, slices)
        entries = ring_entries(rows, measure, colours, slices)
        return PanelView.of_figure(figure, entries, lines, beside=True, extra=[{"height": f"{HEIGHT}px"}])
    figure = usage_bars(rows, measure, colours, asked.template, most)
    height = bars_height(min(len(rows), most + 1))
    return PanelView.of_figure(figure, kind_entries(rows, measure), lines, extra=[{"height": f"{height}px"}])


def _table(
    split: Split,
    usage: UsageRows,
    shown: RankedRows,
    queries: CostQueries,
    asked: PanelQuestion,
    dimension: str,
) -> PanelView:
    if not usage.rows:
        return PanelView.nothing(usage.notes, extra=[{"height": f"{HEIGHT}px"}])
    courses = queries.courses(asked.question, dimension)
    table = Table(
        columns=cost_columns(split.column, usage.total),
        rows=cost_rows(shown.rows, usage.total, courses),
        totals=cost_totals(shown, usage.total, courses),
    )
    return PanelView.of_table(table, usage.notes, extra=[{"height": f"{HEIGHT}px"}])
