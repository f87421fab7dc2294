"""What the page's address says: every control that a link should bring back, and its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard import ids
from dashboard.measures import Measure
from dashboard.ranges import Preset, custom_span

ANY = "*"
"""Value of a control that narrows nothing down."""
MAX_VALUES = 100
"""Most values of one parameter that are read from an address."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of the address, and the control that holds its value."""

    name: str
    control: str
    default: str
    allowed: tuple[str, ...] | None = None
    many: bool = False
    asks: bool = False
    """Whether another value asks for other data, not only for another look."""


_LOOKS = ("chart", "pie", "table")
_MEASURES = tuple(Measure)
REFRESH = {"off": "Off", "10": "10 s", "30": "30 s", "60": "1 min", "300": "5 min"}

FIELDS = (
    Field("range", ids.RANGE, Preset.DAYS_7, tuple(Preset), asks=True),
    Field("from", ids.FROM, "", asks=True),
    Field("to", ids.TO, "", asks=True),
    Field("zone", ids.ZONE, ANY, asks=True),
    Field("account", ids.ACCOUNTS, ANY, many=True, asks=True),
    Field("region", ids.REGIONS, ANY, many=True, asks=True),
    Field("refresh", ids.REFRESH, "30", tuple(REFRESH)),
    Field("trend", ids.TREND_MEASURE, Measure.COST, _MEASURES),
    Field("by", ids.TREND_BY, "model", ("model", "caller", "account")),
    Field("interval", ids.TREND_BUCKET, "auto", ("auto", *Bucket)),
    Field("model", ids.TREND_MODEL, ANY),
    Field("caller", ids.TREND_CALLER, ANY),
    Field("trend-view", ids.TREND_LOOK, "chart", ("chart", "table")),
    Field("models", ids.MODEL_MEASURE, Measure.COST, _MEASURES),
    Field("models-view", ids.MODEL_LOOK, "chart", _LOOKS),
    Field("callers", ids.CALLER_MEASURE, Measure.COST, _MEASURES),
    Field("callers-view", ids.CALLER_LOOK, "chart", _LOOKS),
    Field("kinds-view", ids.KIND_LOOK, "chart", ("chart", "table")),
)


def parse_query(query: str) -> dict[str, Any]:
    """Values by field name from an address's query; what is unknown or not allowed becomes the default."""
    found = parse_qs(query.removeprefix("?"), max_num_fields=1000, separator="&") if query else {}
    return {field.name: _value(field, found.get(field.name, [])) for field in FIELDS}


def _value(field: Field, values: Sequence[str]) -> str | list[str]:
    if field.many:
        return [value for value in values if value][:MAX_VALUES] or [ANY]
    value = values[-1] if values else field.default
    return value if field.allowed is None or value in field.allowed else field.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What data the page's controls ask for."""

    preset: Preset
    zone: ZoneInfo
    custom: Span | None
    accounts: frozenset[str]
    regions: frozenset[str]


def asked(values: Mapping[str, Any], default_zone: ZoneInfo) -> Asked:
    """What the values of the asking fields mean; a zone that does not exist is the default one."""
    zone = zone_named(str(values.get("zone") or ""), default_zone)
    custom = custom_span(str(values.get("from") or ""), str(values.get("to") or ""), zone)
    preset = Preset(values.get("range") or Preset.DAYS_7)
    return Asked(
        preset=Preset.DAYS_7 if preset is Preset.CUSTOM and custom is None else preset,
        zone=zone,
        custom=custom,
        accounts=chosen(values.get("account")),
        regions=chosen(values.get("region")),
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
