"""What the panels of the reliability page answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.reporting.lake_questions import PeaksQuestion, RejectionsQuestion
from dashboard.figures.error_bars import code_colours, count_bars, error_bars, error_trend, failed_rows
from dashboard.lake_source import AskedLake, lake_answer
from dashboard.pages.overview_callbacks import computed_from
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_panel, answer_parts
from dashboard.panel_views import PanelView, Table
from dashboard.queries import Queries, usage_filter
from dashboard.reliability_queries import (
    ErrorCourse,
    code_counts,
    error_course,
    main_codes,
    rejected,
)
from dashboard.reliability_texts import ERROR_FACTS, error_facts, rejection_text
from dashboard.services import Services
from dashboard.theme import OTHER_COLOUR, series_colours
from dashboard.widgets.error_tables import (
    code_columns,
    code_rows,
    code_total_row,
    dimension_rows,
    dimension_total_row,
    error_trend_columns,
    error_trend_rows,
    error_trend_total_row,
    failed_columns,
    peak_columns,
    peak_rows,
    reason_columns,
    reason_rows,
    reason_total_row,
    sample_columns,
    sample_rows,
)
from dashboard.widgets.facts import fact_outputs, fact_values
from dashboard.widgets.legend import Entry

OFF, ON = "off", "on"
SAMPLES: Final = 100
QUOTAS: Final = (
    "Tokens a minute are input, cache writes and output, as Bedrock's quotas count them; of some models an "
    "output token counts several times there. Minutes are those of the start of the call."
)
PEAKS_ON_DEMAND: Final = (
    "Requests and tokens in the busiest minute of each model, for talks about quotas. They are computed from "
    "the calls themselves, so the event lake is asked only when you say so."
)
SAMPLES_ON_DEMAND: Final = (
    f"The newest {SAMPLES} rejected lines with log object and line number. They are read from the event lake "
    "when you say so."
)
NO_LAKE: Final = "This deployment was opened without its event lake."


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page with an app."""
    queries = services.queries
    answer_parts(app, services, _facts(queries))
    answer_panel(app, services, _trend(queries))
    answer_panel(app, services, _codes(queries))
    for dimension in ("model", "caller"):
        answer_panel(app, services, _by_dimension(queries, dimension))
    answer_panel(app, services, _rejected(queries))
    answer_panel(app, services, _peaks(queries, services.lake))
    answer_panel(app, services, _samples(queries, services.lake))
    for name in ("peaks", "samples"):
        app.clientside_callback(
            ClientsideFunction("reliability", "ask"),
            Output(f"reliability-{name}-on", "value", allow_duplicate=True),
            Input(f"reliability-{name}-go", "n_clicks"),
            prevent_initial_call=True,
        )


def _facts(queries: Queries) -> Parts:
    def load(asked: PanelQuestion) -> Sequence[Any]:
        """The tiles of the range."""
        total = queries.total(asked.question).total
        texts = error_facts(total, rejected(queries, asked.question).total)
        return fact_values(texts, computed_from(asked.question))

    return Parts(name="reliability-facts", outputs=tuple(fact_outputs("reliability", ERROR_FACTS)), load=load)


def _trend(queries: Queries) -> Panel:
    by_control, measure_control = "reliability-trend-by", "reliability-trend-measure"

    def load(asked: PanelQuestion) -> PanelView:
        """Failed calls over time."""
        by = asked.values[by_control]
        course = error_course(queries, asked.question, by)
        if asked.look == "table" and any(course.calls):
            table = Table(
                columns=error_trend_columns(course),
                rows=error_trend_rows(course),
                totals=[error_trend_total_row(course)],
            )
            return PanelView.of_table(table, course.notes)
        if not course.series:
            return _no_failures(course)
        usage = None if by == "code" else queries.usage_by(asked.question, by)
        known = [] if usage is None else [row.colour_key for row in usage.rows]
        colours = series_colours([*known, *(one.key for one in course.series)]) | {OTHER: OTHER_COLOUR}
        figure = error_trend(course, asked.values[measure_control], colours, asked.template)
        entries = [Entry(colours[one.key], one.name) for one in course.series]
        return PanelView.of_figure(figure, entries, course.notes)

    return Panel(
        name="reliability-trend",
        title="failed calls over time",
        load=load,
        controls=(by_control, measure_control),
    )


def _no_failures(course: ErrorCourse) -> PanelView:
    return none_failed(course.notes) if any(course.calls) else PanelView.nothing(course.notes)


def none_failed(notes: Sequence[str]) -> PanelView:
    """What is said where there were calls and none of them failed."""
    words = html.Div(
        [
            html.P("No call failed.", className="message-title"),
            html.P("Every logged call of this range succeeded.", className="message-text"),
        ],
        className="message",
    )
    return PanelView.of_words(words, notes)


def _codes(queries: Queries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Failed calls by error code."""
        found = queries.total(asked.question)
        codes = code_counts([found.total])
        if not found.total.invocations:
            return PanelView.nothing(found.notes)
        if not codes:
            return none_failed(found.notes)
        if asked.look == "table":
            rows, totals = code_rows(codes, found.total), [code_total_row(found.total)]
            return PanelView.of_table(Table(columns=code_columns(), rows=rows, totals=totals), found.notes)
        colours = code_colours([code for code, _ in codes])
        figure = count_bars(codes, found.total.error_count, colours, asked.template)
        return PanelView.of_figure(figure, (), found.notes)

    return Panel(name="reliability-code", title="failed calls by error code", load=load)


def _by_dimension(queries: Queries, dimension: str) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Failed calls by model or caller."""
        usage = queries.usage_by(asked.question, dimension)
        codes = code_counts([usage.total])
        if not usage.total.invocations:
            return PanelView.nothing(usage.notes)
        if not failed_rows(usage.rows):
            return none_failed(usage.notes)
        if asked.look == "table":
            table = Table(
                columns=failed_columns(dimension.capitalize(), codes),
                rows=dimension_rows(usage.rows, codes),
                totals=[dimension_total_row(usage.total, codes)],
            )
            return PanelView.of_table(table, usage.notes)
        names, others = main_codes(codes)
        colours = code_colours(names)
        entries = [Entry(colours[name], name) for name in names]
        if others:
            entries.append(Entry(OTHER_COLOUR, "Other codes"))
        return PanelView.of_figure(error_bars(usage.rows, asked.template), entries, usage.notes)

    return Panel(
        name=f"reliability-{dimension}",
        title=f"failed calls by {dimension}",
        load=load,
    )


def _rejected(queries: Queries) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        """Rejected lines by reason."""
        found = rejected(queries, asked.question)
        rejections = dict(sorted(found.total.rejections.items(), key=lambda item: (-item[1], item[0])))
        if not rejections:
            words = html.Div(html.P("No line was rejected.", className="message-title"), className="message")
            return PanelView.of_words(words, found.notes)
        if asked.look == "table":
            table = Table(
                columns=reason_columns(), rows=reason_rows(rejections), totals=[reason_total_row(rejections)]
            )
            return PanelView.of_table(table, found.notes)
        counts = [(rejection_text(reason), count) for reason, count in rejections.items()]
        colours = series_colours([name for name, _ in counts])
        figure = count_bars(counts, found.total.rejection_count, colours, asked.template)
        return PanelView.of_figure(figure, (), found.notes)

    return Panel(name="reliability-rejected", title="rejected log lines", load=load)


def _peaks(queries: Queries, lake: AskedLake | None) -> Panel:
    def ask(asked: PanelQuestion, reader: AskedLake) -> PanelView:
        """The busiest minutes."""
        question = PeaksQuestion(usage_filter=usage_filter(asked.question))
        found = lake_answer(reader, question, reader.peaks)
        if not found.rows:
            return PanelView.nothing(found.notes)
        rows = peak_rows(found, queries.names, asked.question.zone)
        return PanelView.of_table(Table(columns=peak_columns(), rows=rows), (QUOTAS, *found.notes))

    return _on_demand("peaks", "busiest minutes by model", PEAKS_ON_DEMAND, lake, ask)


def _samples(queries: Queries, lake: AskedLake | None) -> Panel:
    def ask(asked: PanelQuestion, reader: AskedLake) -> PanelView:
        """Single rejected lines."""
        question = RejectionsQuestion(usage_filter=usage_filter(asked.question), limit=SAMPLES)
        found = lake_answer(reader, question, reader.rejections)
        rows = sample_rows(found, queries.names, asked.question.zone)
        if not rows:
            words = html.Div(html.P("No line was rejected.", className="message-title"), className="message")
            return PanelView.of_words(words)
        more = (f"These are the newest {SAMPLES}; there are more.",) if found.next is not None else ()
        return PanelView.of_table(Table(columns=sample_columns(), rows=rows), more)

    return _on_demand("samples", "rejected log lines one by one", SAMPLES_ON_DEMAND, lake, ask)


def _on_demand(
    name: str,
    title: str,
    invitation: str,
    lake: AskedLake | None,
    ask: Callable[[PanelQuestion, AskedLake], PanelView],
) -> Panel:
    """A table that the event lake is asked for only when a person says so."""
    control = f"reliability-{name}-on"

    def load(asked: PanelQuestion) -> PanelView:
        """The lake's answer, or the way to it."""
        if lake is None:
            words = html.P(NO_LAKE, className="message-title")
            return PanelView.of_words(html.Div(words, className="message"))
        if asked.values[control] != ON:
            return PanelView.of_words(_invitation(name, invitation))
        return ask(asked, lake)

    return Panel(name=f"reliability-{name}", title=title, load=load, controls=(control,), has_looks=False)


def _invitation(name: str, words: str) -> Component:
    go = html.Button(
        "Ask the event lake", id=f"reliability-{name}-go", type="button", className="retry-button"
    )
    return html.Div([html.P(words, className="message-text"), go], className="message")
