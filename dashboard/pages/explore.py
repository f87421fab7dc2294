"""Explore: people's own read-only SQL on the event lake."""

from __future__ import annotations

from typing import Final

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from bedrock_analytics.reporting.explore import Explorer
from dashboard.explore import ids
from dashboard.page_state import Field
from dashboard.pages import explore_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.services import Services
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.panels import grid_options

LEAD: Final = (
    "One read-only SELECT on the event lake. Table calls has each call once; usage_events is the table as it "
    "is, repeats included. Prompts and answers are not in it."
)
_POLL_MS: Final = 700

FIELDS = (Field("sql", ids.SQL, ""),)


def layout(context: PageContext) -> Component:
    """The page with an example to begin with."""
    title = html.H1("Explore", className="page-title")
    explorer = context.services.explorer
    if explorer is None:
        told = html.P("This deployment was opened without its event lake.", className="page-lead")
        return html.Div([title, told], className="body")
    sql = context.values["sql"] or explorer.examples[0].sql
    return html.Div(
        [
            dcc.Store(id=ids.TICKET),
            dcc.Interval(id=ids.POLL, interval=_POLL_MS, disabled=True),
            dcc.Download(id=ids.DOWNLOAD),
            html.Div([title, html.P(LEAD, className="page-lead")], className="page-head"),
            html.Div([_editor(sql), _reference(explorer)], className="explore-top"),
            _result(),
        ],
        className="body explore",
    )


def _editor(sql: str) -> Component:
    area = dbc.Textarea(
        id=ids.SQL,
        value=sql,
        debounce=True,
        rows=12,
        spellcheck=False,
        maxLength=100_000,
        class_name="explore-sql",
    )
    buttons = [
        html.Button("Run", id=ids.RUN, type="button", className="run-button", title="Run (Ctrl+Enter)"),
        html.Button("Cancel", id=ids.CANCEL, type="button", className="pager-button", disabled=True),
        html.Span(id=ids.STATUS, className="explore-status", role="status"),
    ]
    return html.Section(
        [
            html.Label("SQL", htmlFor=ids.SQL, className="panel-title"),
            area,
            html.Div(buttons, className="explore-actions"),
            html.P(id=ids.BUDGET, className="panel-note"),
        ],
        className="panel explore-editor",
    )


def _reference(explorer: Explorer) -> Component:
    examples = [
        html.Li(
            html.Button(
                example.title, type="button", className="filter-link", **data(**{"explore-sql": example.sql})
            )
        )
        for example in explorer.examples
    ]
    columns: list[Component] = []
    for column in explorer.columns:
        columns += [
            html.Dt([html.Code(column.name), html.Span(column.type, className="explore-type")]),
            html.Dd(column.description),
        ]
    return html.Section(
        [
            html.H2("Examples", className="panel-title"),
            html.Ul(examples, className="explore-examples"),
            html.H2("Columns", className="panel-title"),
            html.Dl(columns, className="explore-columns", tabIndex=0, **aria(label="Columns of the lake")),
        ],
        className="panel explore-reference",
    )


def _result() -> Component:
    grid = dag.AgGrid(
        id=ids.GRID,
        columnDefs=[],
        rowData=[],
        getRowId="params.data.id",
        dashGridOptions=grid_options([]) | {"rowHeight": 34},
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "minWidth": 84},
        columnSize=None,
        style={"height": "100%", "width": "100%"},
        className="ag-theme-quartz usage-grid",
    )
    actions = [
        html.Button("More rows", id=ids.MORE, type="button", className="pager-button", disabled=True),
        html.Button(
            "CSV",
            id=ids.CSV,
            type="button",
            className="file-button",
            title="Download all rows as CSV",
            disabled=True,
        ),
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Result", id="explore-result-title", className="panel-title"),
                    html.Div(actions, className="panel-controls"),
                ],
                className="panel-head",
            ),
            html.Div(grid, className="panel-table explore-table"),
        ],
        id=ids.RESULT,
        className="panel",
        hidden=True,
        **aria(labelledby="explore-result-title"),
    )


def register(app: Dash, services: Services) -> None:
    """Register the page's callbacks with an app."""
    if services.explorer is not None:
        explore_callbacks.register(app, services.explorer)


PAGE = Page(
    path="explore",
    title="Explore",
    layout=layout,
    register=register,
    fields=FIELDS,
    has_filters=False,
    editors_only=True,
)
