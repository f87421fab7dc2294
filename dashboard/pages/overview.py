"""The overview: what was spent, what changed, who used what, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.figures import token_kinds, usage_bars, usage_trend
from dashboard.measures import LABELS, Measure
from dashboard.page_state import ANY, FIELDS, Field, zone_named
from dashboard.queries import Queries
from dashboard.ranges import local_text
from dashboard.theme import LIGHT, TEMPLATES
from dashboard.widgets.attributes import aria
from dashboard.widgets.cards import card_row, lead_tile, movers_tile
from dashboard.widgets.controls import segments, select
from dashboard.widgets.filter_bar import filter_bar
from dashboard.widgets.frame import header
from dashboard.widgets.panels import TWO_LOOKS, PanelFrame, look_switch, panel
from dashboard.widgets.tables import kind_columns, usage_columns

_MEASURES = [(measure, LABELS[measure]) for measure in Measure if measure is not Measure.ERRORS]
_ALL_MEASURES = [(measure, LABELS[measure]) for measure in Measure]
FOOTNOTE = (
    "Estimated cost = logged usage × list price at the time of the call. "
    "Calls through the bedrock-mantle endpoint write no invocation log and are not in here."
)
_STACKS = (("model", "Model"), ("caller", "Caller"), ("account", "Account"))
BUCKETS = (
    ("auto", "Auto"),
    ("half_hour", "Half hour"),
    ("hour", "Hour"),
    ("day", "Day"),
    ("month", "Month"),
)


def layout(queries: Queries, values: Mapping[str, Any], theme: str, browser_zone: str) -> Component:
    """The page for the values of an address, without numbers yet."""
    template = TEMPLATES.get(theme, TEMPLATES[LIGHT])
    zone = zone_named(str(values["zone"]), queries.settings.zone)
    zones = zone_options(queries.settings.zone.key, browser_zone, str(values["zone"]))
    return html.Div(
        [
            *_stores(values, zone),
            header(queries.settings.title, str(values["refresh"])),
            html.Div(id=ids.ALARM, className="alarm", role="alert", hidden=True),
            html.Main(
                [
                    html.H1("Overview", className="visually-hidden"),
                    filter_bar(values, queries.accounts(), queries.regions(), zones, zone),
                    html.Div(id=ids.NOTHING),
                    html.Div(_body(values, template), id=ids.BODY, className="body"),
                ],
                id="main",
            ),
            html.Footer(FOOTNOTE, className="foot"),
        ],
        className="page",
    )


def _stores(values: Mapping[str, Any], zone: ZoneInfo) -> list[Component]:
    asking = {field.name: values[field.name] for field in FIELDS if field.asks}
    return [
        dcc.Store(id=ids.ASKED, data=asking),
        dcc.Store(
            id=ids.FIELDS,
            data=[_field(field, values, zone) for field in FIELDS],
        ),
        dcc.Store(id=ids.QUESTION),
        dcc.Store(id=ids.PULSE),
        dcc.Store(id=ids.TROUBLE),
        dcc.Store(id=ids.ATTEMPT, data=0),
        dcc.Store(id=ids.WAKE, data=0),
        dcc.Interval(id=ids.TICK, interval=30_000, disabled=True),
        dcc.Interval(id=ids.CLOCK, interval=5_000),
    ]


def _field(field: Field, values: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """What the browser must know of a field.

    A moment stands in its control by the zone's clock, which shows two moments of a clock change alike:
    while neither it nor the zone is changed, the `exact` moment counts.
    """
    told = {"name": field.name, "default": field.default, "many": field.many, "asks": field.asks}
    if field.control in {ids.FROM, ids.TO} and values[field.name]:
        shown = local_text(values[field.name], zone)
        return told | {"shown": shown, "exact": values[field.name], "zone": values["zone"]}
    return told


def _body(values: Mapping[str, Any], template: dict[str, Any]) -> list[Component]:
    return [
        html.Section(id=ids.ATTENTION, className="attention", **aria(label="Needs attention")),
        html.Div(id=ids.message("overview"), className="panel-message", role="status"),
        html.Div([lead_tile(template), movers_tile()], className="hero"),
        card_row(),
        html.Div([_trend_panel(values, template), _kind_panel(values, template)], className="row-wide"),
        html.Div(
            [
                _usage_panel(ids.MODEL, "Model", values, template),
                _usage_panel(ids.CALLER, "Caller", values, template),
            ],
            className="row-halves",
        ),
    ]


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
            columns=[],
            tools=True,
        )
    )


def _trend_filters(values: Mapping[str, Any]) -> list[Component]:
    model, caller = values["model"], values["caller"]
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
            columns=kind_columns(),
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
            columns=usage_columns(column),
        )
    )


def zone_options(default: str, browser: str, chosen: str) -> list[tuple[str, str]]:
    """The deployment's zone, the browser's, UTC, and the one in the address."""
    options = [(ANY, f"{default} (default)")]
    names = dict.fromkeys((browser, "UTC", chosen))
    return options + [
        (name, "UTC, as in Cost Explorer" if name == "UTC" else name)
        for name in names
        if name not in {"", ANY, default}
    ]
