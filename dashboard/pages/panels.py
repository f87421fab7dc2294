"""Answering a panel: its view, what went wrong, what the event lake is asked for it, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard import ids
from dashboard.exports import FORMATS, file_name, file_text
from dashboard.pages.answering import Answering, Found
from dashboard.pages.asking import question_of, template_of
from dashboard.panel_views import PanelView, sent_rows
from dashboard.services import Services
from dashboard.view_models import Question
from dashboard.widgets.legend import legend
from dashboard.widgets.panels import grid, no_match, notes

TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelQuestion:
    """What a panel is asked: the page's question, the values of its own controls by id, and its look."""

    question: Question
    values: Mapping[str, Any]
    look: str
    template: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel by the name that it has in the layout (`widgets.panels.PanelFrame`).

    `load` makes its view; it is called with the look `table` for files, too. `title` names the files.
    `controls` are ids whose `value` it depends on; `extra` further outputs, whose values are the view's
    `extra`. `has_looks` is false for one that is only a table.
    """

    name: str
    title: str
    load: Callable[[PanelQuestion], PanelView]
    controls: tuple[str, ...] = ()
    extra: tuple[tuple[str | dict[str, str], str], ...] = ()
    has_looks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Outputs that are no panel but are answered like one: tiles, lists. `name` is that of their
    `widgets.panels.message_place`, `load` returns the values of the outputs in their order."""

    name: str
    outputs: tuple[tuple[str | dict[str, str], str], ...]
    load: Callable[[PanelQuestion], Sequence[Any]]
    controls: tuple[str, ...] = ()


def answer_panel(app: Dash, services: Services, panel: Panel) -> None:
    """Register the callbacks of a panel with an app."""
    names = [*panel.controls, *([ids.look(panel.name)] if panel.has_looks else [])]
    outputs = [*_outputs(panel.name), *(Output(*each) for each in panel.extra)]

    @app.callback(*outputs, *_inputs(panel.name, names))
    def show(document: dict[str, Any] | None, poll: dict[str, Any] | None, *values: Any) -> list[Any]:
        """The panel's view."""
        *controls, asked, theme = values
        wanted = _wanted(panel, question_of(document), controls, theme)
        answering = Answering(
            services.lake, asked, wanted.question, is_cancelled=_is_cancel(panel.name, poll)
        )
        return _sent(answering.answer(lambda: panel.load(wanted)), panel)

    answer_files(app, services, panel, names)


def answer_parts(app: Dash, services: Services, parts: Parts) -> None:
    """Register the callback of outputs that are answered like a panel with an app."""
    outputs = [Output(*each) for each in parts.outputs]
    places = [Output(ids.message(parts.name), "children"), Output(ids.lake(parts.name), "data")]

    @app.callback(
        *places, *outputs, *_inputs(parts.name, parts.controls), State(ids.laid_out(parts.name), "data")
    )
    def show(document: dict[str, Any] | None, poll: dict[str, Any] | None, *values: Any) -> list[Any]:
        """The values of the outputs."""
        *controls, asked, theme, laid_out = values
        if laid_out and laid_out == document and ctx.triggered_id is None:
            raise PreventUpdate  # the page has come with this answer
        wanted = PanelQuestion(
            question=question_of(document),
            values=dict(zip(parts.controls, controls, strict=True)),
            look="",
            template=template_of(theme),
        )
        answering = Answering(
            services.lake, asked, wanted.question, is_cancelled=_is_cancel(parts.name, poll)
        )
        found = answering.answer(lambda: parts.load(wanted))
        shown = [no_update] * len(outputs) if found.view is None else list(found.view)
        return [found.message, found.asked, *shown]


def lay_out(body: Component, parts: Parts, question: Question | None, template: dict[str, Any]) -> Component:
    """A page's body with the values of outputs that need no controls, so that its first numbers need no
    question of their own. Where these cannot be told at once, the page asks, and tells why."""
    if question is None:
        return body
    wanted = PanelQuestion(question=question, values={}, look="", template=template)
    try:
        values = parts.load(wanted)
    except BedrockAnalyticsError:
        return body
    for (where, prop), value in zip(parts.outputs, values, strict=True):
        setattr(body[where], prop, value)
    body[ids.laid_out(parts.name)].data = question.to_json()
    return body


def _inputs(name: str, controls: Sequence[str]) -> list[Input | State]:
    return [
        Input(ids.QUESTION, "data"),
        Input(ids.lake_poll(name), "data"),
        *(Input(control, "value") for control in controls),
        State(ids.lake(name), "data"),
        State(ids.THEME, "data"),
    ]


def _is_cancel(name: str, poll: dict[str, Any] | None) -> bool:
    """Whether the callback runs because a person gave up waiting for the lake."""
    return bool(poll and poll.get("cancel")) and ids.lake_poll(name) in ctx.triggered_prop_ids.values()


def _wanted(panel: Panel, question: Question, controls: Sequence[Any], theme: str | None) -> PanelQuestion:
    values = dict(zip(panel.controls, controls, strict=False))
    look = str(controls[-1]) if panel.has_looks else TABLE
    return PanelQuestion(question=question, values=values, look=look, template=template_of(theme))


def _outputs(name: str) -> list[Output]:
    return [
        Output(ids.message(name), "children"),
        Output(ids.lake(name), "data"),
        Output(ids.graph(name), "figure"),
        Output(ids.legend(name), "children"),
        Output(ids.chart(name), "className"),
        Output(ids.sent_grid(name), "data"),
        Output(ids.chart(name), "hidden"),
        Output(ids.table(name), "hidden"),
        Output(ids.note(name), "children"),
    ]


def _sent(found: Found[PanelView], panel: Panel) -> list[Any]:
    """The values of the outputs."""
    view, extra = found.view, len(panel.extra)
    if view is None:
        return [found.message, found.asked, *[no_update] * (7 + extra)]
    more = list(view.extra) or [no_update] * extra
    lines = notes(view.notes)
    if view.table is not None:
        table = view.table
        shown = grid(panel.name, table.columns, sent_rows(table.rows), sent_rows(table.totals))
        return [None, found.asked, *[no_update] * 3, shown.to_plotly_json(), True, False, lines, *more]
    if view.figure is not None:
        told = legend(view.legend) if view.legend else None
        place = "panel-chart legend-beside" if view.is_legend_beside else "panel-chart"
        return [None, found.asked, view.figure, told, place, no_update, False, True, lines, *more]
    return [view.told or no_match(), found.asked, *[no_update] * 4, True, True, lines, *more]


def answer_files(app: Dash, services: Services, panel: Panel, names: Sequence[str] = ()) -> None:
    """Register the callback of a panel's files (`widgets.panels.file_buttons`) with an app.

    `names` are the controls that its load needs; `answer_panel` does this for its panel.
    """

    @app.callback(
        Output(ids.download(panel.name), "data"),
        Output(ids.message(panel.name), "children", allow_duplicate=True),
        *(Input(ids.export(panel.name, format_name), "n_clicks") for format_name in FORMATS),
        State(ids.QUESTION, "data"),
        *(State(name, "value") for name in names),
        State(ids.lake(panel.name), "data"),
        prevent_initial_call=True,
    )
    def bring(*values: Any) -> tuple[Any, Any]:
        """The panel's table as a file."""
        document, *controls, asked = values[len(FORMATS) :]
        format_name = next(each for each in FORMATS if ids.export(panel.name, each) == ctx.triggered_id)
        wanted = _wanted(panel, question_of(document), [*controls[: len(panel.controls)], TABLE], None)
        answering = Answering(services.lake, asked, wanted.question, is_cancelled=False)
        found = answering.answer(lambda: panel.load(wanted))
        if found.view is None or found.view.table is None:
            told = None if found.view is None else found.view.told
            return no_update, found.message or told or no_match()
        content = file_text(format_name, found.view.table, wanted.question, found.view.notes)
        name = file_name(panel.title, wanted.question, format_name)
        # the mark tells spreadsheets that the file is UTF-8
        mark = "\ufeff" if format_name == "csv" else ""
        return {"content": mark + content, "filename": name, "type": "text/plain"}, no_update


def register(app: Dash) -> None:
    """Register with an app what has panels look again while the event lake works for them, and what shows
    their tables."""
    app.clientside_callback(
        ClientsideFunction("bedrock", "showGrid"),
        Output({"type": "grid-place", "panel": MATCH}, "children"),
        Input({"type": "sent-grid", "panel": MATCH}, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("bedrock", "pollLake"),
        Input({"type": "lake", "panel": ALL}, "data"),
        prevent_initial_call=True,
    )
