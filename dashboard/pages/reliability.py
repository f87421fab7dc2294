"""Reliability: failed and throttled calls, rejected log lines, and the busiest minutes."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.figures import error_bars, usage_bars
from dashboard.page_state import Field
from dashboard.pages import reliability_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.pages.reliability_callbacks import OFF, ON
from dashboard.reliability_texts import ERROR_FACTS
from dashboard.widgets.controls import Options, segments
from dashboard.widgets.facts import fact_tiles
from dashboard.widgets.panels import TWO_LOOKS, PanelFrame, look_switch, message_place, panel

_TWO = ("chart", "table")
_BY = (("code", "Code"), ("model", "Model"), ("caller", "Caller"))
_MEASURES = ((error_bars.COUNT, "Calls"), (error_bars.RATE, "Share"))
_LAKE: Options = ((OFF, "Off"), (ON, "From the lake"))
_HEIGHT_OF_LISTS = 300
FIELDS = (
    Field("by", "reliability-trend-by", "code", ("code", "model", "caller")),
    Field("trend", "reliability-trend-measure", error_bars.COUNT, (error_bars.COUNT, error_bars.RATE)),
    Field("trend-view", ids.look("reliability-trend"), "chart", _TWO),
    Field("code-view", ids.look("reliability-code"), "chart", _TWO),
    Field("model-view", ids.look("reliability-model"), "chart", _TWO),
    Field("caller-view", ids.look("reliability-caller"), "chart", _TWO),
    Field("rejected-view", ids.look("reliability-rejected"), "chart", _TWO),
    Field("samples", "reliability-samples-on", OFF, (OFF, ON)),
    Field("peaks", "reliability-peaks-on", OFF, (OFF, ON)),
)


def layout(context: PageContext) -> Component:
    """The page for the values of an address, without numbers yet."""
    base_path = context.services.settings.base_path
    by_code = _frame("code", "By error code", context)
    by_model = _frame("model", "Failed calls by model", context)
    by_caller = _frame("caller", "Failed calls by caller", context)
    by_reason = _frame("rejected", "Rejected log lines", context)
    samples = _lake_list("samples", "Where they are", context)
    return html.Div(
        [
            html.H1("Reliability", className="visually-hidden"),
            html.Div(
                [
                    message_place("reliability-facts"),
                    fact_tiles("reliability", ERROR_FACTS, "Failures", base_path),
                ]
            ),
            html.Div([_trend(context), by_code], className="row-wide"),
            html.Div([by_model, by_caller], className="row-halves"),
            _lake_list("peaks", "Busiest minutes by model", context),
            html.Div([by_reason, samples], className="row-halves"),
        ],
        className="body",
    )


def _trend(context: PageContext) -> Component:
    values = context.values
    controls = [
        segments("reliability-trend-by", "Failed calls by", _BY, values["by"]),
        segments("reliability-trend-measure", "Measure of failures", _MEASURES, values["trend"]),
    ]
    return _frame("trend", "Failed calls over time", context, controls=controls)


def _frame(
    name: str,
    title: str,
    context: PageContext,
    *,
    controls: Sequence[Component] = (),
) -> Component:
    look = context.values[f"{name}-view"]
    return panel(
        PanelFrame(
            name=f"reliability-{name}",
            title=title,
            controls=[*controls, look_switch(f"reliability-{name}", title.lower(), look, TWO_LOOKS)],
            height=usage_bars.HEIGHT,
            look=look,
            template=context.template,
            tools=True,
        )
    )


def _lake_list(name: str, title: str, context: PageContext) -> Component:
    """A table that the event lake is asked for only when a person says so."""
    chosen = context.values[name]
    control = segments(f"reliability-{name}-on", f"{title}: whether to ask the lake", _LAKE, chosen)
    return panel(
        PanelFrame(
            name=f"reliability-{name}",
            title=title,
            controls=[control],
            height=_HEIGHT_OF_LISTS,
            look="table",
            template=context.template,
        )
    )


PAGE = Page(
    path="reliability",
    title="Reliability",
    layout=layout,
    register=reliability_callbacks.register,
    fields=FIELDS,
)
