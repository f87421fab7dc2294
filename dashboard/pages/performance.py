"""Performance: latency, time to first token and time per output token, by model and over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.figures import time_trend, usage_bars
from dashboard.page_state import ANY, Field
from dashboard.pages import performance_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.performance_texts import TIME_FACTS
from dashboard.timings import TIMINGS, Timing
from dashboard.widgets.controls import segments, select
from dashboard.widgets.facts import fact_tiles
from dashboard.widgets.panels import TWO_LOOKS, PanelFrame, look_switch, message_place, panel

_TWO = ("chart", "table")
_BY = (("model", "Model"), ("caller", "Caller"))
FIELDS = (
    *(
        field
        for timing in Timing
        for field in (
            Field(f"{timing}-by", f"performance-{timing}-by", "model", ("model", "caller")),
            Field(f"{timing}-view", ids.look(f"performance-{timing}"), "chart", _TWO),
        )
    ),
    Field("trend", "performance-trend-timing", Timing.LATENCY, tuple(Timing)),
    Field("trend-model", "performance-trend-model", ANY, narrows=True),
    Field("trend-view", ids.look("performance-trend"), "chart", _TWO),
    Field("served-view", ids.look("performance-served"), "chart", ("chart", "pie", "table")),
    Field("watch-model", "performance-watch-model", ANY, narrows=True),
    Field("watch-view", ids.look("performance-watch"), "chart", _TWO),
)


def layout(context: PageContext) -> Component:
    """The page for the values of an address, without numbers yet."""
    values, template = context.values, context.template
    by_model = {timing: _by_model(timing, values, template) for timing in Timing}
    return html.Div(
        [
            html.H1("Performance", className="visually-hidden"),
            html.Div(
                [
                    message_place("performance-facts"),
                    fact_tiles("performance", TIME_FACTS, "Times", context.services.settings.base_path),
                ]
            ),
            html.Div([_trend(values, template), _served(values, template)], className="row-wide"),
            html.Div([by_model[Timing.LATENCY], by_model[Timing.OUTPUT]], className="row-halves"),
            html.Div(
                [by_model[Timing.FIRST], _watch(context)],
                className="row-halves",
            ),
        ],
        className="body",
    )


def _by_model(timing: Timing, values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    name, title = f"performance-{timing}", TIMINGS[timing].long_label
    return panel(
        PanelFrame(
            name=name,
            title=title,
            controls=[
                segments(f"{name}-by", f"{title} by", _BY, values[f"{timing}-by"]),
                look_switch(name, title.lower(), values[f"{timing}-view"], TWO_LOOKS),
            ],
            height=usage_bars.HEIGHT,
            look=values[f"{timing}-view"],
            template=template,
            tools=True,
        )
    )


def _trend(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    model = values["trend-model"]
    timings = [(timing, TIMINGS[timing].label) for timing in Timing]
    return panel(
        PanelFrame(
            name="performance-trend",
            title="Over time",
            controls=[
                segments("performance-trend-timing", "Time that is shown", timings, values["trend"]),
                look_switch("performance-trend", "times over time", values["trend-view"], TWO_LOOKS),
            ],
            more=[_model_select("performance-trend-model", model)],
            height=time_trend.HEIGHT,
            look=values["trend-view"],
            template=template,
            tools=True,
        )
    )


def _model_select(identity: str, chosen: str) -> Component:
    kept = [(ANY, "All models"), *([(chosen, chosen)] if chosen != ANY else [])]
    return select(identity, "Model", kept, chosen, class_name="inline")


def _served(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    return panel(
        PanelFrame(
            name="performance-served",
            title="Region that served",
            controls=[look_switch("performance-served", "Regions that served", values["served-view"])],
            height=usage_bars.HEIGHT,
            look=values["served-view"],
            template=template,
            tools=True,
        )
    )


def _watch(context: PageContext) -> Component:
    values, can_ask = context.values, context.services.first_tokens is not None
    frame = panel(
        PanelFrame(
            name="performance-watch",
            title="TTFT by CloudWatch and by the logs",
            controls=[
                look_switch("performance-watch", "TTFT by CloudWatch", values["watch-view"], TWO_LOOKS),
            ],
            more=[_model_select("performance-watch-model", values["watch-model"])],
            height=time_trend.HEIGHT,
            look=values["watch-view"],
            template=context.template,
            tools=True,
        )
    )
    # its controls are part of the address, so they are there in any case
    return html.Div([html.Div(frame, hidden=not can_ask), *([] if can_ask else [_no_watch()])])


def _no_watch() -> Component:
    """In place of what CloudWatch tells, where nobody can ask it."""
    return html.Section(
        [
            html.H2("TTFT by CloudWatch", className="panel-title"),
            html.Div(
                [
                    html.P("This deployment does not read CloudWatch.", className="message-title"),
                    html.P(
                        "On AWS this panel shows CloudWatch's average and p99 of each model beside those of "
                        "the logs. The panel beside it is of the logs alone.",
                        className="message-text",
                    ),
                ],
                className="message",
            ),
        ],
        className="panel",
    )


PAGE = Page(
    path="performance",
    title="Performance",
    layout=layout,
    register=performance_callbacks.register,
    fields=FIELDS,
)
