"""Ids of the page's components."""

from __future__ import annotations

URL = "url"
CLIENT = "client"
PAGE = "page"
THEME = "theme"
TEMPLATES = "templates"
THEME_BUTTON = "theme-button"

FIELDS = "fields"
ASKED = "asked"
QUESTION = "question"
PULSE = "pulse"
TROUBLE = "trouble"
ATTEMPT = "attempt"
TICK = "tick"
CLOCK = "clock"
WAKE = "wake"
REFRESH = "refresh"
REFRESH_BUTTON = "refresh-button"
COPY_LINK = "copy-link"
COPIED = "copied"

FRESH = "fresh"
FRESH_TIME = "fresh-time"
FRESH_AGE = "fresh-age"
NEWEST_TIME = "newest-time"
NEWEST_AGE = "newest-age"
ALARM = "alarm"
STALE = "stale"

RANGE = "range"
FROM = "from"
TO = "to"
CUSTOM = "custom"
ZONE = "zone"
ACCOUNTS = "accounts"
ACCOUNTS_MENU = "accounts-menu"
REGIONS = "regions"
REGIONS_MENU = "regions-menu"
RESOLVED = "resolved"
CLEAR = "clear"
FILTER_COUNT = "filter-count"

BODY = "body"
NOTHING = "nothing"
ATTENTION = "attention"
LEAD_VALUE = "lead-value"
LEAD_DELTA = "lead-delta"
LEAD_BASELINE = "lead-baseline"
LEAD_COMPLETE = "lead-complete"
LEAD_CHART = "lead-chart"
MOVERS = "movers"
MOVERS_NOTE = "movers-note"

TREND = "trend"
TREND_MEASURE = "trend-measure"
TREND_BY = "trend-by"
TREND_BUCKET = "trend-bucket"
TREND_MODEL = "trend-model"
TREND_CALLER = "trend-caller"
TREND_LOOK = "trend-look"

MODEL = "model"
MODEL_MEASURE = "model-measure"
MODEL_LOOK = "model-look"
CALLER = "caller"
CALLER_MEASURE = "caller-measure"
CALLER_LOOK = "caller-look"
KIND = "kind"
KIND_LOOK = "kind-look"


def card(name: str, part: str) -> str:
    """Id of a part (value, delta, spark, note) of a card."""
    return f"card-{name}-{part}"


def chart(panel: str) -> str:
    """Id of a panel's graph."""
    return f"{panel}-chart"


def graph(panel: str) -> dict[str, str]:
    """Id of the Graph within a panel's chart: all of them are themed at once."""
    return {"type": "graph", "panel": panel}


def table(panel: str) -> str:
    """Id of a panel's table."""
    return f"{panel}-table"


def grid(panel: str) -> str:
    """Id of the grid within a panel's table."""
    return f"{panel}-grid"


def legend(panel: str) -> str:
    """Id of the place of a panel's legend."""
    return f"{panel}-legend"


def message(panel: str) -> str:
    """Id of the place where a panel says that it has nothing or failed."""
    return f"{panel}-message"


def note(panel: str) -> str:
    """Id of a panel's footnote."""
    return f"{panel}-note"
