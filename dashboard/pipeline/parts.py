"""The page's components: tiles, lists with a mark for how well each is, and the table of places."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.periods import HOUR
from bedrock_analytics.reporting.formats import exact
from bedrock_analytics.reporting.pipeline_health import REJECTED_DAYS, EmptyPlace, PipelineHealth, ScopeHealth
from bedrock_analytics.storage.pipeline_metrics import PlaceReading
from dashboard.names import Names
from dashboard.phrases import count_of
from dashboard.pipeline.texts import Told, Tone, part_lines, period_lines, reasons_text
from dashboard.widgets.attributes import aria

MOST_PERIODS = 12
"""Periods listed by name."""
_SAID = {Tone.GOOD: "fine", Tone.QUIET: "", Tone.WARN: "needs attention", Tone.BAD: "failed"}


def tile_row(told: Sequence[Told]) -> list[Component]:
    """The facts at the top."""
    return [
        html.Div(
            [
                html.P([mark(one.tone), one.title], className="health-title"),
                html.P(one.value, className="health-value"),
                html.P(one.detail, className="health-detail", title=one.detail),
            ],
            className=f"health-tile tone-{one.tone}",
        )
        for one in told
    ]


def mark(tone: Tone) -> Component:
    """A dot for how well something is, with a word for those who do not see it."""
    return html.Span(
        html.Span(_SAID[tone], className="visually-hidden"),
        className=f"health-mark tone-{tone}",
        title=_SAID[tone],
    )


def lines(told: Sequence[Told]) -> Component:
    """A list of things with their state."""
    return html.Ul(
        [
            html.Li(
                [
                    mark(one.tone),
                    html.Div(
                        [
                            html.P([html.Strong(one.title), html.Span(one.value)], className="health-line"),
                            *([html.P(one.detail, className="health-detail")] if one.detail else []),
                        ],
                        className="health-words",
                    ),
                ]
            )
            for one in told
        ],
        className="health-list",
    )


def places(health: PipelineHealth, names: Names, zone: ZoneInfo) -> Component:
    """Accounts and Regions: those that calls came from, then those that are connected without any."""
    head = (
        "Account",
        "Region",
        "Newest calls",
        f"Calls, {REJECTED_DAYS} days",
        f"Rejected, {REJECTED_DAYS} days",
    )
    rows = [_scope_row(scope, names, zone) for scope in health.scopes]
    rows += [_empty_row(place, names) for place in health.empty]
    if not rows:
        return html.P("No account has been seen yet.", className="health-detail")
    return html.Div(
        html.Table(
            [
                html.Caption("Accounts and Regions", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in head])),
                html.Tbody(rows),
            ],
            className="health-table",
        ),
        className="health-table-place",
        tabIndex=0,
    )


def _scope_row(scope: ScopeHealth, names: Names, zone: ZoneInfo) -> Component:
    rejected = reasons_text(scope.rejected_lines) if scope.rejected_lines else "none"
    return html.Tr(
        [
            _account(scope.account_id, names),
            html.Td(names.region(scope.region), title=scope.region),
            html.Td(_hour(scope, zone)),
            html.Td(exact(scope.calls), className="number"),
            html.Td(rejected),
        ]
    )


def _hour(scope: ScopeHealth, zone: ZoneInfo) -> str:
    start = scope.newest_hour.astimezone(zone)
    end = (scope.newest_hour + HOUR).astimezone(zone)
    return f"{start.day} {start:%b %H:%M} to {end:%H:%M}"


def _empty_row(place: EmptyPlace, names: Names) -> Component:
    return html.Tr(
        [
            _account(place.account_id, names),
            html.Td(names.region(place.region), title=place.region),
            html.Td([mark(Tone.WARN), place.missing_step], colSpan=3),
        ]
    )


def _account(account_id: str, names: Names) -> Component:
    name = names.account(account_id)
    second = [] if name == account_id else [html.Span(account_id, className="health-id")]
    return html.Th([name, *second], scope="row")


def periods(health: PipelineHealth) -> Component:
    """Periods that were set aside, then those that wait."""
    parked = period_lines(health.parked[:MOST_PERIODS], is_parked=True)
    waiting = period_lines(health.waiting[:MOST_PERIODS], is_parked=False)
    if not parked and not waiting:
        return html.Div(
            [html.Span(className="glyph glyph-check", **aria(hidden="true")), "Nothing waits to be computed"],
            className="all-well",
        )
    left = len(health.parked) + len(health.waiting) - len(parked) - len(waiting)
    more = [html.P(f"and {count_of(left, 'more period')}", className="health-detail")] if left else []
    return html.Div([lines([*parked, *waiting]), *more])


def parts_of_places(found: Sequence[PlaceReading], names: Names) -> list[Component]:
    """Queues, functions and streams by account and Region."""
    return [
        html.Div(
            [
                html.H3(names.account_in_region(place.account_id, place.region)),
                lines(part_lines(place))
                if place.failure is None
                else lines([Told(title="Not read", value=place.failure, tone=Tone.WARN)]),
            ],
            className="health-place",
        )
        for place in found
    ]


CHECKED_EVERY = timedelta(minutes=1)
