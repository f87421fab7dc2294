"""The panels of the overview: usage by model and by caller, over time, and cost by kind of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard import ids
from dashboard.figures.token_kinds import kind_bars
from dashboard.figures.usage_bars import usage_bars, usage_ring
from dashboard.figures.usage_trend import usage_trend
from dashboard.lake_source import starting_also
from dashboard.measures import Measure, amount
from dashboard.page_state import ANY, chosen
from dashboard.pages.panels import Panel, PanelQuestion, answer_panel
from dashboard.panel_views import PanelView, Table
from dashboard.services import Services
from dashboard.theme import series_colours
from dashboard.view_models import Choice, UsageRows, UsageTrend
from dashboard.widgets.legend import kind_entries, ring_entries, trend_entries
from dashboard.widgets.no_cost import no_price
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

MOST_OFFERED = 50
"""Values in a panel's own list, dearest first; the filter at the top of the page has all of them."""


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the panels with an app."""
    _register_trend(app, services)
    _register_kinds(app, services)
    for name in (ids.MODEL, ids.CALLER):
        _register_usage(app, services, name)


def _register_usage(app: Dash, services: Services, name: str) -> None:
    def load(asked: PanelQuestion) -> PanelView:
        """Usage by the values of a dimension as chart, pie or table."""
        usage = services.queries.usage_by(asked.question, name)
        palette = series_colours(row.colour_key for row in usage.rows)
        measure = Measure(asked.values[f"{name}-measure"])
        return usage_view(usage, measure, palette, asked, name.title())

    answer_panel(
        app,
        services,
        Panel(name=name, title=f"usage by {name}", load=load, controls=(f"{name}-measure",)),
    )


def usage_view(
    usage: UsageRows, measure: Measure, palette: dict[str, str], asked: PanelQuestion, column: str = "Name"
) -> PanelView:
    """The view of a usage panel; `column` is what its names are called in a table."""
    rows, lines = usage.rows, usage.notes
    if not rows or (asked.look != "table" and not any(_is_drawn(measure, row.stats) for row in rows)):
        return PanelView.nothing(lines)
    if asked.look == "table":
        columns = usage_columns(column)
        table = Table(columns=columns, rows=usage_rows(rows, usage.total), totals=[total_row(usage.total)])
        return PanelView.of_table(table, lines)
    if asked.look == "pie":
        figure = usage_ring(rows, measure, palette, asked.template)
        return PanelView.of_figure(figure, ring_entries(rows, measure, palette), lines, beside=True)
    figure = usage_bars(rows, measure, palette, asked.template)
    return PanelView.of_figure(figure, kind_entries(rows, measure), lines)


def _is_drawn(measure: Measure, stats: UsageStats) -> bool:
    """Whether there is an amount, or a cost that is only unknown."""
    is_unpriced = measure is Measure.COST and stats.unpriced_invocation_count
    return bool(amount(measure, stats) or is_unpriced)


def _register_kinds(app: Dash, services: Services) -> None:
    def load(asked: PanelQuestion) -> PanelView:
        """Cost by kind of tokens."""
        found = services.queries.total(asked.question)
        if not found.total.invocations:
            return PanelView.nothing(found.notes)
        if asked.look == "table":
            rows, totals = kind_rows(found.total), [kind_total_row(found.total)]
            return PanelView.of_table(Table(columns=kind_columns(), rows=rows, totals=totals), found.notes)
        return PanelView.of_figure(kind_bars(found.total, asked.template), (), found.notes)

    answer_panel(app, services, Panel(name=ids.KIND, title="cost by token kind", load=load))


def _register_trend(app: Dash, services: Services) -> None:
    queries = services.queries

    def load(asked: PanelQuestion) -> PanelView:
        """Usage over time by the greatest values of a dimension."""
        question, wanted = asked.question, asked.values
        by, measure = wanted[ids.TREND_BY], Measure(wanted[ids.TREND_MEASURE])
        model, caller = wanted[ids.TREND_MODEL], wanted[ids.TREND_CALLER]
        with starting_also(lambda: queries.models(question), lambda: queries.callers(question)):
            trend = queries.trend(
                question,
                by,
                measure,
                bucket=None if wanted[ids.TREND_BUCKET] == "auto" else Bucket(wanted[ids.TREND_BUCKET]),
                models=chosen(model),
                callers=chosen(caller),
            )
            models, callers = queries.models(question), queries.callers(question)
        # all values of the range first, as in the other panels, so that each has the same colour there
        known = {"model": models, "caller": callers, "account": queries.accounts()}[by]
        drawn = [series.colour_key for series in trend.series]
        palette = series_colours([*(choice.value for choice in known), *drawn])
        extra = (
            choice_options("All models", models, model or ANY),
            choice_options("All callers", callers, caller or ANY),
        )
        return replace(trend_view(trend, measure, by, palette, asked), extra=extra)

    controls = (ids.TREND_MEASURE, ids.TREND_BY, ids.TREND_BUCKET, ids.TREND_MODEL, ids.TREND_CALLER)
    panel = Panel(
        name=ids.TREND,
        title="usage over time",
        load=load,
        controls=controls,
        extra=((ids.TREND_MODEL, "options"), (ids.TREND_CALLER, "options")),
    )
    answer_panel(app, services, panel)


def trend_view(
    trend: UsageTrend, measure: Measure, by: str, palette: dict[str, str], asked: PanelQuestion
) -> PanelView:
    """The view of the trend panel."""
    if not any(_is_drawn(measure, stats) for stats in trend.totals):
        return PanelView.nothing(trend.notes)
    if asked.look != "table" and not any(amount(measure, stats) for stats in trend.totals):
        return PanelView.of_words(no_price(), trend.notes)
    if asked.look == "table":
        rows, totals = trend_rows(trend, measure), [trend_total_row(trend, measure)]
        return PanelView.of_table(Table(columns=trend_columns(trend), rows=rows, totals=totals), trend.notes)
    figure = usage_trend(trend, measure, palette, asked.template)
    return PanelView.of_figure(figure, trend_entries(trend, palette, by), trend.notes)


def choice_options(all_text: str, choices: Sequence[Choice], chosen: str) -> list[dict[str, Any]]:
    """What a panel's own list offers: all, the dearest, and what is chosen."""
    offered, more = choices[:MOST_OFFERED], len(choices) - MOST_OFFERED
    options = {ANY: all_text} | {choice.value: choice.name for choice in offered}
    if chosen not in options:
        options[chosen] = next((choice.name for choice in choices if choice.value == chosen), chosen)
    found: list[dict[str, Any]] = [{"value": value, "label": name} for value, name in options.items()]
    if more > 0:
        found.append({"value": "", "label": f"{more} more: filter above", "disabled": True})
    return found
