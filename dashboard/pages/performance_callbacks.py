"""What the panels of the performance page answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import Dash

from bedrock_analytics.domain.dimensions import NONE
from dashboard.figures.time_ranges import measured_rows, time_ranges
from dashboard.figures.time_trend import Line, time_trend
from dashboard.figures.usage_bars import usage_bars, usage_ring
from dashboard.figures.usage_trend import bucket_names
from dashboard.measures import Measure
from dashboard.page_state import ANY, chosen
from dashboard.pages.overview_callbacks import computed_from
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_panel, answer_parts
from dashboard.pages.performance_watch import watch_panel
from dashboard.panel_views import PanelView, Table
from dashboard.performance_queries import (
    TimeCourse,
    TimedUsage,
    has_percentiles,
    time_course,
    timed_usage,
)
from dashboard.performance_texts import TIME_FACTS, time_facts
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.theme import series_colours
from dashboard.timings import TIMINGS, Timing, times_of
from dashboard.view_models import Choice, UsageRows
from dashboard.widgets.facts import fact_outputs, fact_values
from dashboard.widgets.legend import Entry, ring_entries
from dashboard.widgets.time_tables import (
    course_columns,
    course_rows,
    region_columns,
    region_rows,
    region_total_row,
    time_columns,
    time_rows,
    time_total_row,
)

STANDS_IN = "* latency ÷ output tokens: the log does not tell the wait for the first token, which is in it."
NOT_TOLD = "Not told by the log"
NO_PERCENTILES = "Percentiles of single hours are kept for some days only; older ones have none."
STATISTICS = (
    ("average", "Average", "#5e78d9", "solid", 2.5),
    ("p50", "p50", "#14938d", "solid", 1.6),
    ("p90", "p90", "#c46016", "solid", 1.6),
    ("p99", "p99", "#b9579c", "solid", 1.6),
    ("least", "Least", "#7d8794", "dot", 1.2),
    ("greatest", "Greatest", "#7d8794", "dash", 1.2),
)
"""Lines of a trend: statistic, name, colour, dash and width."""
_SHOWN_LINES = ("average", "p50", "p90", "p99")


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page with an app."""
    queries = services.queries
    answer_parts(app, services, _facts(queries))
    for timing in Timing:
        answer_panel(app, services, _by_model(queries, timing))
    answer_panel(app, services, _trend(queries))
    answer_panel(app, services, _served(queries))
    if services.first_tokens is not None:
        answer_panel(app, services, watch_panel(queries, services.first_tokens))


def _facts(queries: Queries) -> Parts:
    def load(asked: PanelQuestion) -> Sequence[Any]:
        """The tiles of the range."""
        found = timed_usage(queries, asked.question, None)
        texts = time_facts(found.usage.total, found.around.get(()))
        return fact_values(texts, computed_from(asked.question))

    return Parts(name="performance-facts", outputs=tuple(fact_outputs("performance", TIME_FACTS)), load=load)


def _by_model(queries: Queries, timing: Timing) -> Panel:
    name = f"performance-{timing}"

    def load(asked: PanelQuestion) -> PanelView:
        """A time by model or caller."""
        return times_view(timed_usage(queries, asked.question, asked.values[f"{name}-by"]), timing, asked)

    return Panel(
        name=name, title=f"{TIMINGS[timing].long_label.lower()}", load=load, controls=(f"{name}-by",)
    )


def times_view(found: TimedUsage, timing: Timing, asked: PanelQuestion) -> PanelView:
    """The view of a time by the values of a dimension."""
    usage, around = found.usage, found.around
    lines = (*_coverage_notes(usage, timing), *found.notes)
    measured = measured_rows(usage.rows, timing)
    if asked.look == "table" and usage.rows:
        table = Table(
            columns=time_columns("Name"),
            rows=time_rows(usage.rows, timing, around),
            totals=[time_total_row(usage.total, timing, around)],
        )
        return PanelView.of_table(table, lines)
    if not measured:
        return PanelView.nothing(lines)
    colours = series_colours(row.colour_key for row in usage.rows)
    entries = [
        Entry("#7d8794", "Least to greatest"),
        Entry("#5e78d98c", "p50 to p99"),
        Entry("#5e78d9", "Average"),
    ]
    figure = time_ranges(usage.rows, timing, colours, asked.template, around)
    return PanelView.of_figure(figure, entries, lines)


def _coverage_notes(usage: UsageRows, timing: Timing) -> tuple[str, ...]:
    times = times_of(timing, usage.total)
    stand_in = any(times_of(timing, row.stats).stands_in for row in usage.rows)
    share = "" if times.coverage is None else f"{times.coverage:.0%} of calls tell it. ".replace("%", " %")
    return (f"{share}{TIMINGS[timing].how}", *((STANDS_IN,) if stand_in else ()))


def _trend(queries: Queries) -> Panel:
    timing_control, model_control = "performance-trend-timing", "performance-trend-model"

    def load(asked: PanelQuestion) -> PanelView:
        """A time over time."""
        timing, model = Timing(asked.values[timing_control]), asked.values[model_control]
        course = time_course(queries.source, asked.question, chosen(model))
        options = model_options(queries.models(asked.question), model or ANY)
        return course_view(course, timing, asked, options)

    return Panel(
        name="performance-trend",
        title="times over time",
        load=load,
        controls=(timing_control, model_control),
        extra=((model_control, "options"),),
    )


def course_view(
    course: TimeCourse, timing: Timing, asked: PanelQuestion, options: list[dict[str, str]]
) -> PanelView:
    """The view of a time over time."""
    times = [times_of(timing, stats) for stats in course.values]
    stand_in = any(each.stands_in for each in times)
    lines = [
        *course.notes,
        *([] if has_percentiles(course.values) else [NO_PERCENTILES]),
        *([STANDS_IN] if stand_in else []),
    ]
    if not any(each.measured for each in times):
        return PanelView.nothing(lines, extra=[options])
    if asked.look == "table":
        rows = course_rows(course, bucket_names(course), course.values, timing)
        return PanelView.of_table(Table(columns=course_columns(), rows=rows), lines, extra=[options])
    drawn = [
        Line(name=name, colour=colour, values=[getattr(each, key) for each in times], dash=dash, width=width)
        for key, name, colour, dash, width in STATISTICS
        if key in _SHOWN_LINES
    ]
    entries = [Entry(line.colour, line.name) for line in drawn]
    return PanelView.of_figure(time_trend(course, drawn, asked.template), entries, lines, extra=[options])


def model_options(models: Sequence[Choice], model: str) -> list[dict[str, str]]:
    """All models and each of them; one that is chosen but not in the range stays among them."""
    options = {ANY: "All models"} | {choice.value: choice.name for choice in models}
    options.setdefault(model, model)
    return [{"value": value, "label": name} for value, name in options.items()]


def _served(queries: Queries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Which Regions served the calls."""
        return served_view(timed_usage(queries, asked.question, "inference-region"), asked)

    return Panel(name="performance-served", title="Regions that served", load=load)


def served_view(found: TimedUsage, asked: PanelQuestion) -> PanelView:
    """The view of the Regions that served calls."""
    usage = found.usage
    rows = [replace(row, name=NOT_TOLD) if row.key == (NONE,) else row for row in usage.rows]
    rows.sort(key=lambda row: (-(row.stats.invocations or 0), row.key))
    lines = ("Bedrock logs it for calls through cross-Region inference profiles.", *found.notes)
    if not usage.total.invocations:
        return PanelView.nothing(lines)
    if asked.look == "table":
        table = Table(
            columns=region_columns(),
            rows=region_rows(rows, usage.total, found.around),
            totals=[region_total_row(usage.total, found.around)],
        )
        return PanelView.of_table(table, lines)
    colours = series_colours(row.colour_key for row in rows)
    if asked.look == "pie":
        entries = ring_entries(rows, Measure.INVOCATIONS, colours)
        figure = usage_ring(rows, Measure.INVOCATIONS, colours, asked.template)
        return PanelView.of_figure(figure, entries, lines, beside=True)
    return PanelView.of_figure(usage_bars(rows, Measure.INVOCATIONS, colours, asked.template), (), lines)
