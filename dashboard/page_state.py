"""What an address says: every control that a link should bring back, and its default.

The frame's fields stand in the address of every page; a page adds its own (`Page.fields`). Filters, which
may have several values each, are in `dashboard.filters`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bedrock_analytics.domain.periods import Span
from dashboard import ids
from dashboard.filters import NO_FILTERS, Filters, document_of
from dashboard.ranges import Preset, custom_span

ANY = "*"
"""Value of a control that narrows nothing down."""
ON, OFF = "on", "off"
REFRESH = {OFF: "Off", "10": "10 s", "30": "30 s", "60": "1 min", "300": "5 min"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of the address, and the control whose `value` it is.

    A value that is not among the `allowed` ones becomes the default, which an address never says.
    `narrows` marks a filter of a panel, which "Clear filters" sets back, too.
    """

    name: str
    control: str
    default: str
    allowed: tuple[str, ...] | None = None
    narrows: bool = False


FRAME_FIELDS = (
    Field("range", ids.RANGE, Preset.DAYS_7, tuple(Preset)),
    Field("from", ids.FROM, ""),
    Field("to", ids.TO, ""),
    Field("zone", ids.ZONE, ANY),
    Field("compare", ids.COMPARE, ON, (ON, OFF)),
    Field("refresh", ids.REFRESH, "30", tuple(REFRESH)),
)
"""Fields that belong to no page."""


def parse_query(query: str, fields: Sequence[Field] = FRAME_FIELDS) -> dict[str, str]:
    """Values by field name from an address's query; what is unknown or not allowed becomes the default."""
    try:
        found = parse_qs(query.removeprefix("?"), max_num_fields=1000, separator="&") if query else {}
    except ValueError:
        found = {}
    return {field.name: _value(field, found.get(field.name, [])) for field in fields}


def _value(field: Field, values: Sequence[str]) -> str:
    value = values[-1] if values else field.default
    return value if field.allowed is None or value in field.allowed else field.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What data the frame's controls ask for."""

    preset: Preset
    zone: ZoneInfo
    custom: Span | None
    filters: Filters = NO_FILTERS
    compares: bool = True


def asked(values: Mapping[str, Any], default_zone: ZoneInfo) -> Asked:
    """What the values of the frame's controls mean; a zone that does not exist is the default one."""
    zone = zone_named(str(values.get("zone") or ""), default_zone)
    custom = custom_span(str(values.get("from") or ""), str(values.get("to") or ""), zone)
    preset = Preset(values.get("range") or Preset.DAYS_7)
    return Asked(
        preset=Preset.DAYS_7 if preset is Preset.CUSTOM and custom is None else preset,
        zone=zone,
        custom=custom,
        filters=Filters.from_document(document_of(values.get("filters"))),
        compares=values.get("compare") != OFF,
    )


def chosen(values: Sequence[str] | str | None) -> frozenset[str]:
    """The values that a control narrows down to; none where it narrows nothing."""
    wanted = [values] if isinstance(values, str) else values or ()
    return frozenset(value for value in wanted if value and value != ANY)


def zone_named(name: str, default: ZoneInfo) -> ZoneInfo:
    """The IANA zone of that name, else the default."""
    try:
        return default if name in {"", ANY} else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return default
