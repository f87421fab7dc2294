"""Cost and usage: the month and its forecast, who and what costs how much, and what the cache saves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard import ids
from dashboard.cost_texts import COST_FACTS
from dashboard.figures import heat_map, month_course, token_kinds, usage_bars
from dashboard.page_state import Field
from dashboard.pages import cost_callbacks
from dashboard.pages.cost_panels import FIRST_KEY, SPLITS, TAG_KEY, split_fields, split_panel
from dashboard.pages.page import Page, PageContext
from dashboard.widgets.controls import segments, select
from dashboard.widgets.facts import fact_tiles
from dashboard.widgets.panels import TWO_LOOKS, PanelFrame, look_switch, message_place, panel

_TWO = ("chart", "table")
_CACHE_BY = (("model", "Model"), ("caller", "Caller"))
FIELDS = (
    *(field for split in SPLITS for field in split_fields(split)),
    Field("tag", TAG_KEY, FIRST_KEY),
    Field("month-view", ids.look("cost-month"), "chart", _TWO),
    Field("kind-view", ids.look("cost-kind"), "chart", _TWO),
    Field("cache-by", "cost-cache-by", "model", ("model", "caller")),
    Field("cache-view", ids.look("cost-cache"), "chart", _TWO),
    Field("map-view", ids.look("cost-map"), "chart", _TWO),
)


def layout(context: PageContext) -> Component:
    """The page for the values of an address, without numbers yet."""
    values, template = context.values, context.template
    panels = {split.name: split_panel(split, values, template) for split in SPLITS if split.name != "tag"}
    return html.Div(
        [
            html.H1("Cost and usage", className="visually-hidden"),
            _facts(context.services.settings.base_path),
            html.Div([_month(values, template), _kinds(values, template)], className="row-wide"),
            _halves(panels["model"], panels["caller"]),
            _halves(_cache(values, template), _map(values, template)),
            _halves(panels["account"], panels["route"]),
            _tags(context),
        ],
        className="body",
    )


def _halves(left: Component, right: Component) -> Component:
    return html.Div([left, right], className="row-halves")


def _facts(base_path: str) -> Component:
    return html.Div(
        [message_place("cost-facts"), fact_tiles("cost", COST_FACTS, "Cost of this range", base_path)]
    )


def _month(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    frame = PanelFrame(
        name="cost-month",
        title="This month so far",
        controls=[look_switch("cost-month", "the month", values["month-view"], TWO_LOOKS)],
        more=[html.Div(id="cost-month-words", className="month-words")],
        height=month_course.HEIGHT,
        look=values["month-view"],
        template=template,
        tools=True,
    )
    return html.Div(panel(frame), className="month-panel")


def _kinds(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    return panel(
        PanelFrame(
            name="cost-kind",
            title="Cost by token kind",
            controls=[look_switch("cost-kind", "cost by token kind", values["kind-view"], TWO_LOOKS)],
            height=token_kinds.HEIGHT,
            look=values["kind-view"],
            template=template,
            tools=True,
        )
    )


def _cache(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    return panel(
        PanelFrame(
            name="cost-cache",
            title="Net cache savings",
            controls=[
                segments("cost-cache-by", "Cache savings by", _CACHE_BY, values["cache-by"]),
                look_switch("cost-cache", "cache savings", values["cache-view"], TWO_LOOKS),
            ],
            height=usage_bars.HEIGHT,
            look=values["cache-view"],
            template=template,
            tools=True,
        )
    )


def _map(values: Mapping[str, Any], template: dict[str, Any]) -> Component:
    return panel(
        PanelFrame(
            name="cost-map",
            title="Cost by model over time",
            controls=[look_switch("cost-map", "cost by model over time", values["map-view"], TWO_LOOKS)],
            height=heat_map.HEIGHT,
            look=values["map-view"],
            template=template,
            tools=True,
        )
    )


def _tags(context: PageContext) -> Component:
    """By metadata key; where none is kept, how to keep one."""
    split = next(split for split in SPLITS if split.name == "tag")
    settings, keys = context.services.settings, _keys(context)
    chosen = context.values["tag"] if context.values["tag"] in keys[1:] else FIRST_KEY
    names = [
        (key if number else FIRST_KEY, settings.metadata_names.get(key, key))
        for number, key in enumerate(keys)
    ]
    choice = select(TAG_KEY, "Key", names, chosen, class_name="inline")
    frame = split_panel(split, context.values, context.template, (choice,))
    # its controls are part of the address, so they are there in any case
    return html.Div([html.Div(frame, hidden=not keys), *([] if keys else [_no_keys()])])


def _keys(context: PageContext) -> tuple[str, ...]:
    """The metadata keys in force; that of the address while the tables do not tell, which the page says."""
    try:
        return context.services.queries.metadata_keys()
    except BedrockAnalyticsError:
        return (context.values["tag"],)


def _no_keys() -> Component:
    return html.Section(
        [
            html.H2("By metadata key", className="panel-title"),
            html.Div(
                [
                    html.P("No metadata key is kept.", className="message-title"),
                    html.P(
                        "Calls may carry requestMetadata, such as a team. Name the keys in the deployment's "
                        "settings (on this machine with --tag), and usage is kept by them, past calls too.",
                        className="message-text",
                    ),
                ],
                className="message",
            ),
        ],
        className="panel",
    )


PAGE = Page(path="cost", title="Cost & usage", layout=layout, register=cost_callbacks.register, fields=FIELDS)
