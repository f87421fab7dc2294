"""The panel that sets CloudWatch's times to the first token beside those of the logs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, exact, milliseconds, percent
from dashboard.figures.time_trend import Line, time_trend
from dashboard.first_tokens import (
    FirstTokenSource,
    WatchedCourse,
    WatchedModel,
    by_model,
    course,
    fitting,
    watch_notes,
)
from dashboard.names import Names
from dashboard.page_state import ANY, chosen
from dashboard.pages.panels import Panel, PanelQuestion
from dashboard.panel_views import PanelView, Table
from dashboard.performance_queries import TimeCourse, TimedUsage, time_course, timed_usage
from dashboard.queries import Queries
from dashboard.timings import Timing, times_of
from dashboard.view_models import Choice
from dashboard.widgets.legend import Entry
from dashboard.widgets.tables import name_column, number, number_column

AVERAGE, P99 = "#5e78d9", "#b9579c"
LOG_AVERAGE, LOG_P99 = "#14938d", "#c46016"
CONTROL = "performance-watch-model"


def watch_panel(queries: Queries, source: FirstTokenSource) -> Panel:
    """How the panel is answered."""

    def load(asked: PanelQuestion) -> PanelView:
        """Times to the first token by CloudWatch and by the logs."""
        question, model = asked.question, asked.values[CONTROL]
        reading = source.read(question.span)
        series = fitting(reading, question.filters, chosen(model))
        notes = watch_notes(reading, question.filters)
        found = {one.model_id for one in reading.series}
        choices = [Choice(value=each, name=queries.names.model(each)) for each in sorted(found)]
        extra = [_options(choices, model or ANY)]
        if not series:
            return PanelView.nothing(notes, extra=extra)
        if asked.look == "table":
            logged = timed_usage(queries, question, "model")
            table = Table(columns=watch_columns(), rows=watch_rows(by_model(series), logged, queries.names))
            return PanelView.of_table(table, notes, extra=extra)
        logs = time_course(queries.source, question, chosen(model))
        lines = watch_lines(course(series), logs, question.zone)
        entries = [Entry(line.colour, line.name) for line in lines]
        return PanelView.of_figure(time_trend(logs, lines, asked.template), entries, notes, extra=extra)

    return Panel(
        name="performance-watch",
        title="time to first token by CloudWatch",
        load=load,
        controls=(CONTROL,),
        extra=((CONTROL, "options"),),
    )


def watch_lines(watched: WatchedCourse, logs: TimeCourse, zone: ZoneInfo) -> list[Line]:
    """Average and p99 of either source; without buckets of the logs, by the clock of the zone."""
    places = [_place(moment, logs, zone) for moment in watched.times]
    times = [times_of(Timing.FIRST, stats) for stats in logs.values]
    return [
        Line(name="CloudWatch average", colour=AVERAGE, values=watched.averages_ms, places=places),
        Line(name="CloudWatch p99", colour=P99, values=watched.p99s_ms, places=places, width=1.6),
        Line(name="Logs average", colour=LOG_AVERAGE, values=[each.average for each in times], dash="dash"),
        Line(name="Logs p99", colour=LOG_P99, values=[each.p99 for each in times], dash="dash", width=1.6),
    ]


def watch_columns() -> list[dict[str, Any]]:
    """Columns of both sources by model."""
    return [
        name_column("Model"),
        number_column("calls", "Calls, CloudWatch", 142) | {"sort": "desc"},
        number_column("average", "Average, CloudWatch", 158),
        number_column("p99", "p99, CloudWatch", 136),
        number_column("log_average", "Average, logs", 124),
        number_column("log_p99", "p99, logs", 108),
        number_column("measured", "Calls, logs", 110),
        number_column("coverage", "Coverage, logs", 128),
    ]


def watch_rows(models: Sequence[WatchedModel], logged: TimedUsage, names: Names) -> list[dict[str, Any]]:
    """The rows of `watch_columns`."""
    of_logs = {row.key: row.stats for row in logged.usage.rows}
    return [
        {
            "id": f"{model.model_id}\x1f{model.route}",
            "name": names.model(model.model_id),
            "detail": model.model_id,
            "chip": names.route(model.route),
            "filter": {"kind": "model", "value": model.model_id},
            **number("calls", model.calls, exact(model.calls)),
            **number("average", model.average_ms, milliseconds(model.average_ms)),
            **number("p99", model.p99_ms, milliseconds(model.p99_ms)),
            **_of_logs(of_logs.get((model.model_id, model.route)), logged, model),
        }
        for model in models
    ]


def _of_logs(stats: UsageStats | None, logged: TimedUsage, model: WatchedModel) -> dict[str, Any]:
    if stats is None:
        names = ("log_average", "log_p99", "measured", "coverage")
        return {field: value for name in names for field, value in number(name, None, UNKNOWN).items()}
    times = times_of(Timing.FIRST, stats, logged.around.get((model.model_id, model.route)))
    return {
        **number("log_average", times.average, milliseconds(times.average)),
        **number("log_p99", times.p99, milliseconds(times.p99)),
        **number("measured", times.measured, exact(times.measured)),
        **number("coverage", times.coverage, percent(times.coverage)),
    }


def _place(moment: datetime, logs: TimeCourse, zone: ZoneInfo) -> str:
    """Where a point stands on the axis of the buckets, which keeps the first one's offset from UTC."""
    offset = (logs.starts[0] if logs.starts else moment.astimezone(zone)).utcoffset() or timedelta(0)
    return f"{moment.astimezone(UTC) + offset:%Y-%m-%dT%H:%M}"


def _options(models: Sequence[Choice], model: str) -> list[dict[str, str]]:
    options = {ANY: "All models"} | {choice.value: choice.name for choice in models}
    options.setdefault(model, model)
    return [{"value": value, "label": name} for value, name in options.items()]
