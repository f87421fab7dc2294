"""What the page shows, ready to draw: domain rows with their names, never formatted text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.filters import NO_FILTERS, Filters, document_of
from dashboard.ranges import Comparison, Preset, compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What all panels of the page answer at one time: one range, one set of filters, one revision.

    `complete_until` is the time up to which the lake had been read; `attempt` counts the retries that a
    person or a recovery asked for; `compares` says whether an earlier period is asked about, too.
    """

    preset: Preset
    span: Span
    zone: ZoneInfo
    revision: int
    complete_until: datetime
    filters: Filters = NO_FILTERS
    compares: bool = True
    attempt: int = 0

    def to_json(self) -> dict[str, Any]:
        """The document that the page keeps."""
        return {
            "preset": self.preset.value,
            "start": self.span.start.isoformat(),
            "end": self.span.end.isoformat(),
            "zone": self.zone.key,
            "filters": self.filters.to_document(),
            "compares": self.compares,
            "revision": self.revision,
            "complete_until": self.complete_until.isoformat(),
            "attempt": self.attempt,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Question:
        """The question of a document of `to_json`; ValueError or KeyError for anything else."""
        return cls(
            preset=Preset(document["preset"]),
            span=Span(datetime.fromisoformat(document["start"]), datetime.fromisoformat(document["end"])),
            zone=ZoneInfo(document["zone"]),
            filters=Filters.from_document(document_of(document["filters"])),
            compares=bool(document["compares"]),
            revision=int(document["revision"]),
            complete_until=datetime.fromisoformat(document["complete_until"]),
            attempt=int(document["attempt"]),
        )

    @property
    def comparison(self) -> Comparison | None:
        """What to compare the range with; None where nothing is, or no half hour of the range is over."""
        if not self.compares:
            return None
        return compare(self.preset, self.span, self.complete_until, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How fresh and complete the data is, from the checkpoint alone."""

    revision: int
    data_up_to: datetime | None
    newest_call: datetime | None
    checked_at: datetime | None
    computing: bool
    last_error: str | None
    ever_used: bool = True
    """Whether any call has been computed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of a filter: what it is called, and its id."""

    value: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """Usage of one value of a dimension: its name, a second line, and a word such as the route.

    `filter` is the name and value of the filter that narrows down to it, where there is one.
    """

    key: tuple[str, ...]
    name: str
    detail: str
    chip: str
    colour_key: str
    stats: UsageStats
    filter: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRows:
    """Usage by the values of a dimension, dearest first; the rows add up to `total`."""

    rows: tuple[UsageRow, ...]
    total: UsageStats
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value of a dimension over time; `filter_value` narrows down to it, where a filter can."""

    name: str
    colour_key: str
    values: tuple[UsageStats, ...]
    filter_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTrend:
    """Usage over time. Buckets from index `incomplete_from` on are not over yet."""

    bucket: Bucket
    zone: ZoneInfo
    starts: tuple[datetime, ...]
    series: tuple[Series, ...]
    totals: tuple[UsageStats, ...]
    incomplete_from: int
    notes: tuple[str, ...] = ()


class Coverage(StrEnum):
    """How much of an earlier period there is data for."""

    FULL = "full"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """How much the cost of a model changed against the earlier period, USD."""

    row: UsageRow
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Usage of the complete part of the range, and of the earlier period that it is compared with."""

    comparison: Comparison
    current: UsageStats
    previous: UsageStats
    coverage: Coverage
    movers: tuple[Mover, ...]


class Severity(StrEnum):
    """How urgent a finding is."""

    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that needs attention: a short title, and a sentence with the facts.

    `link` names a page and what to do there, where a page helps.
    """

    severity: Severity
    title: str
    text: str
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedModel:
    """Calls and tokens of a model that no price was found for."""

    name: str
    invocations: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The numbers of the first screen."""

    total: UsageStats
    trend: UsageTrend
    baseline: Baseline | None
    unpriced: tuple[UnpricedModel, ...]
    findings: tuple[Finding, ...]
    ever_used: bool
    compares: bool = True
    """Whether an earlier period was asked about."""
    notes: tuple[str, ...] = ()
