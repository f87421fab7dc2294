"""Pipeline: how fresh and complete the data is, and how each part that makes it does."""

from __future__ import annotations

from typing import Final

import dash_bootstrap_components as dbc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from dashboard.pages import pipeline_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.pipeline import ids
from dashboard.pipeline.parts import CHECKED_EVERY
from dashboard.services import Services
from dashboard.widgets.attributes import aria
from dashboard.widgets.panels import message_place

LEAD: Final = "From the invocation logs to the numbers on these pages."


def layout(context: PageContext) -> Component:
    """The page, without its state yet."""
    title = html.H1("Pipeline", className="page-title")
    if context.services.health is None:
        told = html.P("This deployment was opened without its pipeline's state.", className="page-lead")
        return html.Div([title, told], className="body")
    return html.Div(
        [
            dbc.Input(id=ids.BEAT, type="hidden", value="0"),
            dcc.Interval(id=ids.TIMER, interval=CHECKED_EVERY.total_seconds() * 1000),
            html.Div([title, html.P(LEAD, className="page-lead")], className="page-head"),
            message_place(ids.HEALTH),
            html.Div(id=ids.TILES, className="health-tiles"),
            _section("Accounts and Regions", ids.PLACES),
            html.Div(
                [_section("Jobs", ids.JOBS), _section("Periods to compute", ids.PERIODS)],
                className="row-halves",
            ),
            html.Div(id=ids.PARTS, className="health-places"),
            html.Div(id=ids.NOTES, className="panel-note"),
        ],
        className="body pipeline",
    )


def _section(title: str, identity: str) -> Component:
    heading = f"{identity}-title"
    return html.Section(
        [html.H2(title, id=heading, className="panel-title"), html.Div(id=identity)],
        className="panel",
        **aria(labelledby=heading),
    )


def register(app: Dash, services: Services) -> None:
    """Register the page's callbacks with an app."""
    if services.health is not None:
        pipeline_callbacks.register(app, services, services.health)


PAGE = Page(path="pipeline", title="Pipeline", layout=layout, register=register, has_filters=False)
