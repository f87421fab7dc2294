"""The overview: what was spent, what changed, who used what, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard import ids
from dashboard.figures import token_kinds, usage_bars, usage_trend
from dashboard.measures import LABELS, Measure
from dashboard.page_state import ANY, Field
from dashboard.pages import overview_callbacks
from dashboard.pages.page import Page, PageContext
from dashboard.pages.panels import lay_out
from dashboard.widgets.attributes import aria
from dashboard.widgets.cards import card_row, lead_tile, movers_tile
from dashboard.widgets.controls import segments, select
from dashboard.widgets.panels import TWO_LOOKS, PanelFrame, look_switch, message_place, panel

_MEASURES = [(measure, LABELS[measure]) for measure in Measure if measure is not Measure.ERRORS]
_ALL_MEASURES = [(measure, LABELS[measure]) for measure in Measure]
_STACKS = (("model", "Model"), ("caller", "Caller"), ("account", "Account"))
BUCKETS = (
    ("auto", "Auto"),
    ("half_hour", "Half hour"),
    ("hour", "Hour"),
    ("day", "Day"),
    ("month", "Month"),
)


_LOOKS = ("chart", "pie", "table")
FIELDS = (
    Field("trend", ids.TREND_MEASURE, Measure.COST, tuple(Measure)),
    Field("by", ids.TREND_BY, "model", ("model", "caller", "account")),
    Field("interval", ids.TREND_BUCKET, "auto", ("auto", *Bucket)),
    Field("trend-model", ids.TREND_MODEL, ANY, narrows=True),
    Field("trend-caller", ids.TREND_CALLER, ANY, narrows=True),
    Field("trend-view", ids.TREND_LOOK, "chart", ("chart", "table")),
    Field("models", ids.MODEL_MEASURE, Measure.COST, tuple(Measure)),
    Field("models-view", ids.MODEL_LOOK, "chart", _LOOKS),
    Field("callers", ids.CALLER_MEASURE, Measure.COST, tuple(Measure)),
    Field("callers-view", ids.CALLER_LOOK, "chart", _LOOKS),
    Field("kinds-view", ids.KIND_LOOK, "chart", ("chart", "table")),
)


def layout(context: PageContext) -> Component:
    """The page for the values of an address, with the numbers of its first screen where it has a question."""
    values, template = context.values, context.template
    body = html.Div(
        [
            html.H1("Overview", className="visually-hidden"),
            html.Section(id=ids.ATTENTION, className="attention", **aria(label="Needs attention")),
            message_place(ids.OVERVIEW),
            html.Div([lead_tile(template), movers_tile()], className="hero"),
            card_row(),
            html.Div(id=ids.note(ids.OVERVIEW), className="panel-note"),
            html.Div([_trend_panel(values, template), _kind_panel(values, template)], className="row-wide"),
            html.Div(
                [
                    _usage_panel(ids.MODEL, "Model", values, template),
                    _usage_panel(ids.CALLER, "Caller", values, template),
                ],
                className="row-halves",
            ),
        ],
        className="body",
    )
    screen = overview_callbacks.first_screen(context.services.queries)
    return lay_out(body, screen, context.question, template)


def _trend_panel(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    return panel(
        PanelFrame(
            name=ids.TREND,
            title="Usage trend",
            controls=[
                segments(ids.TREND_MEASURE, "Measure of the trend", _ALL_MEASURES, values["trend"]),
                look_switch(ids.TREND, "usage trend", values["trend-view"], TWO_LOOKS),
            ],
            more=_trend_filters(values),
            height=usage_trend.HEIGHT,
            look=values["trend-view"],
            template=template,
            tools=True,
        )
    )


def _trend_filters(values: Mapping[str, Any]) -> list[Component]:
    model, caller = values["trend-model"], values["trend-caller"]
    return [
        select(ids.TREND_BY, "Stacked by", _STACKS, values["by"], class_name="inline"),
        select(ids.TREND_MODEL, "Model", _kept("All models", model), model, class_name="inline"),
        select(ids.TREND_CALLER, "Caller", _kept("All callers", caller), caller, class_name="inline"),
        select(ids.TREND_BUCKET, "Interval", BUCKETS, values["interval"], class_name="inline"),
    ]


def _kept(all_text: str, chosen: str) -> list[tuple[str, str]]:
    return [(ANY, all_text), *([(chosen, chosen)] if chosen != ANY else [])]


def _kind_panel(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    look = values["kinds-view"]
    return panel(
        PanelFrame(
            name=ids.KIND,
            title="Cost by token kind",
            controls=[look_switch(ids.KIND, "cost by token kind", look, TWO_LOOKS)],
            height=token_kinds.HEIGHT,
            look=look,
            template=template,
            tools=True,
        )
    )


def _usage_panel(name: str, column: str, values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    title, look = f"By {column.lower()}", values[f"{name}s-view"]
    return panel(
        PanelFrame(
            name=name,
            title=title,
            controls=[
                segments(f"{name}-measure", f"Measure {title.lower()}", _MEASURES, values[f"{name}s"]),
                look_switch(name, f"usage {title.lower()}", look),
            ],
            height=usage_bars.HEIGHT,
            look=look,
            template=template,
            tools=True,
        )
    )


PAGE = Page(path="", title="Overview", layout=layout, register=overview_callbacks.register, fields=FIELDS)
