"""The frame around every page: header, navigation, filter bar, stores and footer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html
from dash.development.base_component import Component

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard import ids
from dashboard.filters import KINDS, FilterKind, metadata_kind, parse_filters
from dashboard.page_state import ANY, FRAME_FIELDS, Field, parse_query, zone_named
from dashboard.pages.asking import FirstAnswer
from dashboard.pages.page import Page
from dashboard.ranges import local_text
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from dashboard.widgets.attention import expired, nothing_yet, signed_out
from dashboard.widgets.filter_bar import filter_bar
from dashboard.widgets.frame import header

FOOTNOTE = (
    "Estimated cost = logged usage × list price at the time of the call. "
    "Calls through the bedrock-mantle endpoint write no invocation log and are not in here."
)


def top_stores(
    settings: DashboardSettings, templates: dict[str, Any], pages: Sequence[Page]
) -> list[Component]:
    """What the browser keeps as long as the tab is open."""
    return [
        dcc.Store(id=ids.CLIENT),
        dcc.Store(id=ids.THEME),
        dcc.Store(id=ids.TEMPLATES, data=templates),
        dcc.Store(id=ids.NAV, data=_navigation(settings, pages)),
    ]


def _stores(
    values: Mapping[str, str], chosen: dict[str, list[str]], zone: ZoneInfo, first: FirstAnswer
) -> list[Component]:
    return [
        dcc.Store(id=ids.CHOSEN, data=chosen),
        dcc.Store(id=ids.EXACT, data=exact_moments(values, zone)),
        dcc.Store(id=ids.ROUTE),
        dcc.Store(id=ids.STEP),
        dcc.Store(id=ids.CHOSEN_SPAN),
        dcc.Store(id=ids.ASKED, data=first.asked),
        dcc.Store(id=ids.QUESTION, data=first.question),
        dcc.Store(id=ids.PULSE, data=first.pulse),
        dcc.Store(id=ids.TROUBLE),
        dcc.Store(id=ids.ATTEMPT, data=0),
        dcc.Store(id=ids.WAKE, data=0),
        dcc.Interval(id=ids.TICK, interval=30_000, disabled=True),
        dcc.Interval(id=ids.CLOCK, interval=5_000),
    ]


def _navigation(settings: DashboardSettings, pages: Sequence[Page]) -> dict[str, Any]:
    """What `assets/frame.js` must know of the pages, the frame's fields and the default zone."""
    return {
        "title": settings.title,
        "zone": settings.zone.key,
        "frame": [_told(field) for field in FRAME_FIELDS],
        "pages": {
            page.path: {
                "title": page.title,
                "filters": page.has_filters,
                "fields": [_told(field) for field in page.fields],
            }
            for page in pages
        },
    }


def _told(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "control": field.control,
        "default": field.default,
        "narrows": field.narrows,
    }


def shell(
    services: Services,
    pages: Sequence[Page],
    page: Page | None,
    body: Component,
    client: Mapping[str, str],
    first: FirstAnswer,
) -> Component:
    """The frame for the address that a browser shows, with the body of its page and its first question."""
    settings, query = services.settings, client.get("search", "")
    values, chosen = parse_query(query), parse_filters(query)
    zone = zone_named(values["zone"], settings.zone)
    zones = zone_options(settings.zone.key, client.get("zone", ""), values["zone"])
    has_filters = page is not None and page.has_filters
    return html.Div(
        [
            *_stores(values, chosen, zone, first),
            html.A("Skip to the content", href="#main", className="skip-link"),
            header(settings, pages, page, values["refresh"]),
            signed_out(),
            expired(),
            html.Div(id=ids.ALARM, className="alarm", role="alert", hidden=True),
            html.Main(
                [
                    filter_bar(
                        values,
                        filter_kinds(services),
                        zones,
                        zone,
                        shown=(first.resolved, first.compared),
                        hidden=not has_filters,
                    ),
                    html.Div(nothing_yet(settings.next_step), id=ids.NOTHING, hidden=True),
                    html.Div(body, id=ids.OUTLET),
                ],
                id="main",
                tabIndex=-1,
            ),
            html.Footer(FOOTNOTE, className="foot"),
        ],
        className="page",
    )


def filter_kinds(services: Services) -> tuple[FilterKind, ...]:
    """The filters of a deployment: those of every one, and its metadata keys in force while the tables tell
    them; where they do not answer, the page says so by itself."""
    names = services.settings.metadata_names
    try:
        keys = services.queries.metadata_keys()
    except BedrockAnalyticsError:
        return KINDS
    return (*KINDS, *(metadata_kind(key, names.get(key, "")) for key in keys))


def exact_moments(values: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The ends of a custom range exactly, and as their controls show them.

    A control shows a moment by the zone's clock, which shows two moments of a clock change alike: while
    neither it nor the zone is changed, the exact moment counts.
    """
    ends = ("from", "to")
    return {
        "zone": values["zone"],
        **{name: {"exact": values[name], "shown": local_text(values[name], zone)} for name in ends},
    }


def zone_options(default: str, browser: str, chosen: str) -> list[tuple[str, str]]:
    """The deployment's zone, the browser's, UTC, and the one in the address."""
    options = [(ANY, f"{default} (default)")]
    names = dict.fromkeys((browser, "UTC", chosen))
    return options + [(name, _zone_label(name, browser)) for name in names if name not in {"", ANY, default}]


def _zone_label(name: str, browser: str) -> str:
    if name == "UTC":
        return "UTC, as in Cost Explorer"
    return f"{name} (this browser)" if name == browser else name
