"""Ids of the page's components."""

from __future__ import annotations

CLIENT = "client"
ROUTE = "route"
NAV = "nav"
PAGE = "page"
OUTLET = "outlet"
THEME = "theme"
TEMPLATES = "templates"
THEME_BUTTON = "theme-button"

CHOSEN = "chosen"
EXACT = "exact"
STEP = "step"
CHOSEN_SPAN = "chosen-span"
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

RANGE = "range"
FROM = "from"
TO = "to"
CUSTOM = "custom"
ZONE = "zone"
COMPARE = "compare"
RESOLVED = "resolved"
COMPARED = "compared"
FILTER_BAR = "filters"
FILTER_COUNT = "filter-count"
CLEAR = "clear"
CHIPS = "chips"
PICKER = "picker"
PICKER_LIST = "picker-list"
PICKER_SEARCH = "picker-search"
PICKER_TITLE = "picker-title"

NOTHING = "nothing"
OVERVIEW = "overview"
ATTENTION = "attention"
LEAD_VALUE = "lead-value"
LEAD_DELTA = "lead-delta"
LEAD_BASELINE = "lead-baseline"
LEAD_COMPLETE = "lead-complete"
LEAD_CHART = "lead-chart"
MOVERS = "movers"
MOVERS_NOTE = "movers-note"
SUMMARY = "summary"

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


def own(page: str) -> dict[str, str]:
    """Id of what a page's own controls say, for the address."""
    return {"type": "own", "page": page}


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


def grid_place(panel: str) -> dict[str, str]:
    """Id of where a panel's grid is, once a person has asked for its table."""
    return {"type": "grid-place", "panel": panel}


def sent_grid(panel: str) -> dict[str, str]:
    """Id of the panel's grid as the server has sent it last."""
    return {"type": "sent-grid", "panel": panel}


def look(panel: str) -> str:
    """Id of the buttons that choose between a panel's chart, pie and table."""
    return f"{panel}-look"


def export(panel: str, format_name: str) -> str:
    """Id of the button that downloads a panel's table as csv or json."""
    return f"{panel}-{format_name}"


def download(panel: str) -> str:
    """Id of what brings a panel's file to the browser."""
    return f"{panel}-download"


def lake(panel: str) -> dict[str, str]:
    """Id of what a panel has asked of the event lake: query ids by question."""
    return {"type": "lake", "panel": panel}


def lake_poll(panel: str) -> dict[str, str]:
    """Id of what has a panel look again whether the event lake has answered, or give it up."""
    return {"type": "lake-poll", "panel": panel}


def legend(panel: str) -> str:
    """Id of the place of a panel's legend."""
    return f"{panel}-legend"


def laid_out(panel: str) -> dict[str, str]:
    """Id of the question whose answer a panel had when it was laid out."""
    return {"type": "laid-out", "panel": panel}


def message(panel: str) -> str:
    """Id of the place where a panel says that it has nothing or failed."""
    return f"{panel}-message"


def note(panel: str) -> str:
    """Id of a panel's footnote."""
    return f"{panel}-note"
