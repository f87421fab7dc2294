"""What the panels of the cost page answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.metrics import cache_savings
from dashboard.billed import BilledSource, with_bill
from dashboard.cost_models import MonthCost
from dashboard.cost_queries import CostQueries
from dashboard.cost_texts import COST_FACTS, MonthText, cost_facts, month_text
from dashboard.figures.cache_bars import READS, WRITES, cache_bars, uses_cache
from dashboard.figures.heat_map import heat_map
from dashboard.figures.month_course import BAND, BUDGET, month_course
from dashboard.figures.token_kinds import kind_bars
from dashboard.measures import Measure, amount
from dashboard.pages.cost_panels import SPLITS, split_answer
from dashboard.pages.overview_callbacks import computed_from
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_panel, answer_parts
from dashboard.panel_views import PanelView, Table
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.theme import ACCENT, series_colours
from dashboard.widgets.cost_tables import (
    cache_columns,
    cache_rows,
    cache_total_row,
    month_columns,
    month_rows,
    month_total_row,
)
from dashboard.widgets.facts import fact_outputs, fact_values
from dashboard.widgets.legend import Entry
from dashboard.widgets.no_cost import no_cache, no_price
from dashboard.widgets.tables import (
    kind_columns,
    kind_rows,
    kind_total_row,
    trend_columns,
    trend_rows,
    trend_total_row,
)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page with an app."""
    queries, source = services.queries, services.queries.source
    cost = CostQueries(source, queries.names, queries.now, services.settings.monthly_budget_usd)
    for split in SPLITS:
        answer_panel(app, services, split_answer(split, cost))
    answer_panel(app, services, _month(cost, services.billed))
    answer_panel(app, services, _kinds(queries))
    answer_panel(app, services, _cache(cost))
    answer_panel(app, services, _map(queries))
    answer_parts(app, services, _facts(queries))


def _facts(queries: Queries) -> Parts:
    def load(asked: PanelQuestion) -> Sequence[Any]:
        """The tiles of the range."""
        total = queries.total(asked.question).total
        return fact_values(cost_facts(total), computed_from(asked.question))

    return Parts(name="cost-facts", outputs=tuple(fact_outputs("cost", COST_FACTS)), load=load)


def _month(cost: CostQueries, bills: BilledSource | None) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """The month so far, its forecast, budget and bill."""
        month = with_bill(cost.month(asked.question), bills, cost, asked.question)
        text = month_text(month)
        extra = (text.title, month_words(text))
        if asked.look == "table":
            table = Table(
                columns=month_columns(month.total), rows=month_rows(month), totals=[month_total_row(month)]
            )
            return PanelView.of_table(table, month.notes, extra=extra)
        figure = month_course(month, asked.template)
        return PanelView.of_figure(figure, _month_entries(month), month.notes, extra=extra)

    extra = (("cost-month-title", "children"), ("cost-month-words", "children"))
    return Panel(name="cost-month", title="cost of the month", load=load, extra=extra)


def _month_entries(month: MonthCost) -> list[Entry]:
    found = [Entry(ACCENT, "So far")]
    if month.forecast is not None:
        found.append(Entry(BAND, "Forecast"))
    if month.budget_usd is not None:
        found.append(Entry(BUDGET, "Budget"))
    return found


def month_words(text: MonthText) -> list[Component]:
    """The numbers beside the chart of the month."""
    found = [
        _word("Estimated so far", text.so_far, text.so_far_note, "neutral"),
        _word("At the end of the month", text.forecast, text.forecast_note, "neutral"),
    ]
    if text.budget:
        found.append(_word("Budget", text.budget, text.budget_note, text.budget_tone))
    if text.billed:
        found.append(_word("Billed, by Cost Explorer", text.billed, text.billed_note, "neutral"))
    return found


def _word(label: str, value: str, note: str, tone: str) -> Component:
    return html.Div(
        [
            html.Div(label, className="tile-label"),
            html.Div(value, className="month-value"),
            html.Div(note, className=f"card-note delta-{tone}"),
        ],
        className="month-word",
    )


def _kinds(queries: Queries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Cost by kind of tokens."""
        found = queries.total(asked.question)
        if not found.total.invocations:
            return PanelView.nothing(found.notes)
        if asked.look == "table":
            rows, totals = kind_rows(found.total), [kind_total_row(found.total)]
            return PanelView.of_table(Table(columns=kind_columns(), rows=rows, totals=totals), found.notes)
        return PanelView.of_figure(kind_bars(found.total, asked.template), (), found.notes)

    return Panel(name="cost-kind", title="cost by token kind", load=load)


def _cache(cost: CostQueries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """What the prompt cache saved."""
        by = asked.values["cost-cache-by"]
        usage = cost.usage_by(asked.question, by)
        rows = [row for row in usage.rows if uses_cache(row.stats)]
        if not rows:
            return (
                PanelView.of_words(no_cache(), usage.notes) if usage.rows else PanelView.nothing(usage.notes)
            )
        if asked.look == "table":
            table = Table(
                columns=cache_columns("Name"), rows=cache_rows(rows), totals=[cache_total_row(usage.total)]
            )
            return PanelView.of_table(table, (*_lack(usage.total), *usage.notes))
        colours = series_colours(row.colour_key for row in usage.rows)
        entries = [Entry(READS, "Saved by reads"), Entry(WRITES, "Extra cost of writes")]
        lines = (*_lack(usage.total), *usage.notes)
        return PanelView.of_figure(cache_bars(rows, colours, asked.template), entries, lines)

    return Panel(name="cost-cache", title="net cache savings", load=load, controls=("cost-cache-by",))


def _lack(total: UsageStats) -> tuple[str, ...]:
    if cache_savings(total).is_complete:
        return ()
    return ("Calls that could not be priced are not compared: their cached tokens may have saved more.",)


def _map(queries: Queries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Cost by model and bucket."""
        trend = queries.trend(asked.question, "model", Measure.COST)
        if not any(amount(Measure.COST, stats) for stats in trend.totals):
            is_unpriced = any(stats.unpriced_invocation_count for stats in trend.totals)
            told = no_price() if is_unpriced else None
            return PanelView(told=told, notes=trend.notes)
        if asked.look == "table":
            table = Table(
                columns=trend_columns(trend),
                rows=trend_rows(trend, Measure.COST),
                totals=[trend_total_row(trend, Measure.COST)],
            )
            return PanelView.of_table(table, trend.notes)
        return PanelView.of_figure(heat_map(trend, Measure.COST, asked.template), (), trend.notes)

    return Panel(name="cost-map", title="cost by model over time", load=load)
