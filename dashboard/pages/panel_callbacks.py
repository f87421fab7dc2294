"""What the panels answer: usage by model and by caller, over time, and cost by kind of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, no_update

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard import ids
from dashboard.figures.token_kinds import kind_bars
from dashboard.figures.usage_bars import usage_bars, usage_ring
from dashboard.figures.usage_trend import usage_trend
from dashboard.guard import guarded
from dashboard.measures import Measure, amount
from dashboard.page_state import ANY, chosen
from dashboard.pages.asking import question_of, template_of
from dashboard.queries import Queries
from dashboard.theme import SeriesColours
from dashboard.view_models import Choice, UsageRows, UsageTrend
from dashboard.widgets.legend import Entry, kind_entries, legend, ring_entries, trend_entries
from dashboard.widgets.panels import grid_options, no_match, notes
from dashboard.widgets.tables import (
    kind_rows,
    kind_total_row,
    total_row,
    trend_columns,
    trend_rows,
    trend_total_row,
    usage_rows,
)

PANEL_OUTPUTS = 9
_QUESTION = Input(ids.QUESTION, "data")
_THEME = State(ids.THEME, "data")


class Colours:
    """The series colours of one app, by dimension."""

    def __init__(self) -> None:
        self._by_dimension = {name: SeriesColours() for name in ("model", "caller", "account")}

    def of(self, dimension: str, keys: Sequence[str]) -> dict[str, str]:
        """Colour by value."""
        return self._by_dimension[dimension].of(keys)


def register(app: Dash, queries: Queries) -> None:
    """Register the callbacks of the panels with an app."""
    colours = Colours()
    _register_trend(app, queries, colours)
    _register_kinds(app, queries)
    for name in (ids.MODEL, ids.CALLER):
        _register_usage(app, queries, colours, name)


def _panel_outputs(name: str) -> list[Output]:
    return [
        Output(ids.message(name), "children"),
        Output(ids.graph(name), "figure"),
        Output(ids.legend(name), "children"),
        Output(ids.chart(name), "className"),
        Output(ids.grid(name), "rowData"),
        Output(ids.grid(name), "dashGridOptions"),
        Output(ids.chart(name), "hidden"),
        Output(ids.table(name), "hidden"),
        Output(ids.note(name), "children"),
    ]


def _chart(
    figure: dict[str, Any], entries: Sequence[Entry], lines: Sequence[str], class_name: str = ""
) -> list[Any]:
    told = legend(entries) if entries else None
    place = f"panel-chart {class_name}".strip()
    return [None, figure, told, place, no_update, no_update, False, True, notes(lines)]


def _table(rows: list[dict[str, Any]], total: dict[str, Any], lines: Sequence[str]) -> list[Any]:
    shown = [rows, grid_options([total]), True, False]
    return [None, no_update, no_update, no_update, *shown, notes(lines)]


def _empty(lines: Sequence[str]) -> list[Any]:
    return [no_match(), *([no_update] * 5), True, True, notes(lines)]


def _register_usage(app: Dash, queries: Queries, colours: Colours, name: str) -> None:
    @app.callback(
        *_panel_outputs(name),
        _QUESTION,
        Input(f"{name}-measure", "value"),
        Input(f"{name}-look", "value"),
        _THEME,
    )
    def show(document: dict[str, Any] | None, measure: str, look: str, theme: str | None) -> list[Any]:
        """Usage by the values of a dimension as chart, pie or table."""
        question = question_of(document)

        def load() -> list[Any]:
            usage = queries.usage_by(question, name)
            palette = colours.of(name, [*(row.colour_key for row in usage.rows), OTHER])
            return usage_view(usage, Measure(measure), look, palette, template_of(theme))

        return guarded(load, PANEL_OUTPUTS)


def usage_view(
    usage: UsageRows, measure: Measure, look: str, palette: dict[str, str], template: dict[str, Any]
) -> list[Any]:
    """The outputs of a usage panel for one look."""
    if (not any(amount(measure, row.stats) for row in usage.rows) and look != "table") or not usage.rows:
        return _empty(usage.notes)
    if look == "table":
        return _table(usage_rows(usage.rows, usage.total), total_row(usage.total), usage.notes)
    if look == "pie":
        entries = ring_entries(usage.rows, measure, palette)
        figure = usage_ring(usage.rows, measure, palette, template)
        return _chart(figure, entries, usage.notes, "legend-beside")
    figure = usage_bars(usage.rows, measure, palette, template)
    return _chart(figure, kind_entries(usage.rows, measure), usage.notes)


def _register_kinds(app: Dash, queries: Queries) -> None:
    @app.callback(*_panel_outputs(ids.KIND), _QUESTION, Input(ids.KIND_LOOK, "value"), _THEME)
    def show(document: dict[str, Any] | None, look: str, theme: str | None) -> list[Any]:
        """Cost by kind of tokens."""
        question = question_of(document)

        def load() -> list[Any]:
            found = queries.total(question)
            if not found.total.invocations:
                return _empty(found.notes)
            if look == "table":
                return _table(kind_rows(found.total), kind_total_row(found.total), found.notes)
            return _chart(kind_bars(found.total, template_of(theme)), (), found.notes)

        return guarded(load, PANEL_OUTPUTS)


def _register_trend(app: Dash, queries: Queries, colours: Colours) -> None:
    @app.callback(
        *_panel_outputs(ids.TREND),
        Output(ids.grid(ids.TREND), "columnDefs"),
        Output(ids.TREND_MODEL, "options"),
        Output(ids.TREND_CALLER, "options"),
        _QUESTION,
        Input(ids.TREND_MEASURE, "value"),
        Input(ids.TREND_BY, "value"),
        Input(ids.TREND_BUCKET, "value"),
        Input(ids.TREND_MODEL, "value"),
        Input(ids.TREND_CALLER, "value"),
        Input(ids.TREND_LOOK, "value"),
        _THEME,
    )
    def show(
        document: dict[str, Any] | None,
        measure: str,
        by: str,
        bucket: str,
        model: str | None,
        caller: str | None,
        look: str,
        theme: str | None,
    ) -> list[Any]:
        """Usage over time by the greatest values of a dimension."""
        question = question_of(document)

        def load() -> list[Any]:
            width = None if bucket == "auto" else Bucket(bucket)
            trend = queries.trend(
                question, by, Measure(measure), bucket=width, models=chosen(model), callers=chosen(caller)
            )
            models, callers = queries.models(question), queries.callers(question)
            # whatever panel comes first, the same values are given their colours together
            known = {"model": models, "caller": callers, "account": queries.accounts()}[by]
            drawn = [series.colour_key for series in trend.series]
            palette = colours.of(by, [*drawn, *(choice.value for choice in known)])
            return [
                *trend_view(trend, Measure(measure), look, palette, template_of(theme)),
                trend_columns(trend) if look == "table" else no_update,
                _options("All models", models, model or ANY),
                _options("All callers", callers, caller or ANY),
            ]

        return guarded(load, PANEL_OUTPUTS + 3)


def trend_view(
    trend: UsageTrend, measure: Measure, look: str, palette: dict[str, str], template: dict[str, Any]
) -> list[Any]:
    """The outputs of the trend panel for one look."""
    if not any(amount(measure, stats) for stats in trend.totals):
        return _empty(trend.notes)
    if look == "table":
        return _table(trend_rows(trend, measure), trend_total_row(trend, measure), trend.notes)
    figure = usage_trend(trend, measure, palette, template)
    return _chart(figure, trend_entries(trend, palette), trend.notes)


def _options(all_text: str, choices: Sequence[Choice], chosen: str) -> list[dict[str, str]]:
    options = {ANY: all_text} | {choice.value: choice.name for choice in choices}
    options.setdefault(chosen, chosen)
    return [{"value": value, "label": name} for value, name in options.items()]
