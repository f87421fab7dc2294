"""Panels: a title, controls, a chart with its table twin, and a place for what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.exports import FORMATS
from dashboard.figures.graph import graph
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.controls import Options, segments

LOOKS: Options = (("chart", "Chart"), ("pie", "Pie"), ("table", "Table"))
TWO_LOOKS: Options = (("chart", "Chart"), ("table", "Table"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """A panel before it has numbers.

    `controls` stand beside the title, `more` in a second row; `look` is the view to begin with; `tools`
    offers the chart as a picture.
    """

    name: str
    title: str
    controls: Sequence[Component]
    height: int
    look: str
    template: dict[str, Any]
    more: Sequence[Component] = ()
    tools: bool = False


def panel(frame: PanelFrame) -> Component:
    """A panel whose chart and table are both there; the look shows one of them."""
    title = html.H2(frame.title, id=f"{frame.name}-title", className="panel-title")
    controls = html.Div([*frame.controls, file_buttons(frame.name, frame.title)], className="panel-controls")
    return html.Section(
        [
            html.Div([title, controls], className="panel-head"),
            *([html.Div(list(frame.more), className="panel-more")] if frame.more else []),
            message_place(frame.name),
            _chart(frame),
            _table(frame),
            html.Div(id=ids.note(frame.name), className="panel-note"),
        ],
        className="panel",
        **aria(labelledby=f"{frame.name}-title"),
    )


def message_place(name: str) -> Component:
    """Where a panel says what is the matter, and what it has asked of the event lake."""
    return html.Div(
        [
            html.Div(id=ids.message(name), className="panel-message", role="status"),
            dcc.Store(id=ids.lake(name)),
            dcc.Store(id=ids.lake_poll(name)),
            dcc.Store(id=ids.laid_out(name)),
        ],
        **data(panel=name),
    )


def file_buttons(name: str, title: str) -> Component:
    """The buttons that download a panel's table (`pages.panels.answer_files`)."""
    return html.Span(
        [
            *(
                html.Button(
                    format_name.upper(),
                    id=ids.export(name, format_name),
                    type="button",
                    className="file-button",
                    title=f"Download this table as {format_name.upper()}",
                    **aria(label=f"Download {title} as {format_name.upper()}"),
                )
                for format_name in FORMATS
            ),
            dcc.Download(id=ids.download(name)),
        ],
        className="files",
    )


def _chart(frame: PanelFrame) -> Component:
    # a figure, not an image: the buttons of a chart are inside it
    picture = html.Div(
        graph(ids.graph(frame.name), frame.height, frame.template, tools=frame.tools),
        className="panel-graph",
        role="figure",
        **aria(label=f"{frame.title}, chart; the table view holds the same numbers"),
    )
    return html.Div(
        [html.Div(id=ids.legend(frame.name), className="panel-legend"), picture],
        id=ids.chart(frame.name),
        hidden=frame.look == "table",
        className="panel-chart",
    )


def _table(frame: PanelFrame) -> Component:
    # the grid comes with its first rows: one that nobody looks at would cost a page a fifth of its start
    return html.Div(
        [
            html.Div(id=ids.grid_place(frame.name), className="grid-place"),
            dcc.Store(id=ids.sent_grid(frame.name)),
        ],
        id=ids.table(frame.name),
        hidden=frame.look != "table",
        className="panel-table",
        style={"height": f"{frame.height}px"},
    )


def grid(
    name: str,
    columns: Sequence[Mapping[str, Any]],
    rows: Sequence[dict[str, Any]],
    totals: Sequence[dict[str, Any]],
) -> dag.AgGrid:
    """The grid of a panel; `totals` are the rows at its foot."""
    return dag.AgGrid(
        id=ids.grid(name),
        columnDefs=list(columns),
        rowData=list(rows),
        getRowId="params.data.id",
        dashGridOptions=grid_options(totals),
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "minWidth": 84},
        columnSize=None,
        style={"height": "100%", "width": "100%"},
        className="ag-theme-quartz usage-grid",
    )


def grid_options(totals: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Options of a grid with total rows at its foot."""
    return {
        "pinnedBottomRowData": list(totals),
        "rowHeight": 42,
        "headerHeight": 34,
        "suppressCellFocus": False,
        "ensureDomOrder": True,
        "animateRows": False,
        "enableCellTextSelection": True,
        "suppressNoRowsOverlay": True,
    }


def look_switch(name: str, title: str, look: str, looks: Options = LOOKS) -> Component:
    """The buttons that choose between chart, pie and table."""
    return segments(f"{name}-look", f"View of {title}", looks, look)


def no_match() -> Component:
    """What a panel says that has nothing for the filters chosen."""
    return html.Div(
        [
            html.P("No usage matches these filters.", className="message-title"),
            html.P("Choose a longer range, or clear the filters.", className="message-text"),
            html.Button("Clear filters", type="button", className="retry-button", **data(clear="1")),
        ],
        className="message",
    )


def failed(reason: str) -> Component:
    """What a panel says that could not be loaded; the numbers below it are the last good ones."""
    return html.Div(
        [
            html.P("This panel could not be refreshed.", className="message-title"),
            html.P(reason, className="message-text"),
            html.Button("Try again", type="button", className="retry-button", **data(retry="1")),
        ],
        className="message message-error",
        role="alert",
    )


def notes(lines: Sequence[str]) -> list[Component]:
    """Footnotes, one sentence each."""
    return [html.P(line) for line in dict.fromkeys(lines)]


def asking_lake(told: str) -> Component:
    """What a panel says whose answer is being computed from the event lake."""
    return html.Div(
        [
            html.Span(className="spinner", **aria(hidden="true")),
            html.P("Asking the event lake…", className="message-title"),
            html.P(told or "The prepared tables do not hold this combination.", className="message-text"),
            html.Button("Cancel", type="button", className="retry-button", **data(cancel="1")),
        ],
        className="message message-lake",
    )


def cancelled() -> Component:
    """What a panel says whose question to the event lake was given up."""
    return html.Div(
        [
            html.P("The event lake was not asked to the end.", className="message-title"),
            html.Button("Ask again", type="button", className="retry-button", **data(retry="1")),
        ],
        className="message message-lake",
    )
