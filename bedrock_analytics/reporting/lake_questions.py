"""What the lake is asked on demand: combinations that no usage page holds, single calls, peaks, rejections.

Every question carries a filter; its time is cut at half hours, as everywhere, so that lists and sums agree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TypeAlias

from bedrock_analytics.domain.dimensions import ACCOUNT, ALL, MODEL, TOTAL, key_columns, tag_dimension
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.reporting.usage_filter import Bucket, UsageFilter
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition
from bedrock_analytics.storage.lake_slices import Conditions

MAX_CALLS = 500
"""Most calls in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownQuestion:
    """Usage by the values of one or several dimensions together, any metadata key (`TAG:key`) among them."""

    usage_filter: UsageFilter
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendQuestion:
    """Usage by time and the values of dimensions."""

    usage_filter: UsageFilter
    bucket: Bucket
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsQuestion:
    """Some calls in an order; those that follow `after`, where given.

    `request_id` asks for calls with that very id; `error_codes` for failed ones, with "*" for any code.
    """

    usage_filter: UsageFilter
    order: CallOrder = CallOrder.NEWEST
    limit: int = 50
    after: CallPosition | None = None
    request_id: str = ""
    error_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuestion:
    """One call. `around` is its `ts`, within a day; without it the whole lake is searched."""

    account_id: str
    region: str
    request_id: str
    around: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeaksQuestion:
    """Requests and tokens in the busiest minute, by the values of dimensions."""

    usage_filter: UsageFilter
    dimensions: tuple[str, ...] = (MODEL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionsQuestion:
    """Log lines that are no call, newest first; of the filter only time, accounts and Regions count."""

    usage_filter: UsageFilter
    limit: int = 50
    after: CallPosition | None = None


Question: TypeAlias = (
    BreakdownQuestion | TrendQuestion | CallsQuestion | CallQuestion | PeaksQuestion | RejectionsQuestion
)
QUESTIONS: dict[str, type[Question]] = {
    "breakdown": BreakdownQuestion,
    "trend": TrendQuestion,
    "calls": CallsQuestion,
    "call": CallQuestion,
    "peaks": PeaksQuestion,
    "rejections": RejectionsQuestion,
}
"""Name of each kind of question in tickets."""

_COLUMN_OF = {
    "accounts": "account_id",
    "regions": "region",
    "models": "model_id",
    "routes": "route",
    "callers": "caller",
    "operations": "operation",
}
_NARROWING_NOTHING = {"start", "end", "zone"}


def columns_of(dimensions: tuple[str, ...]) -> tuple[str, ...]:
    """Key columns of an answer by these dimensions, each once; UnsupportedCombination for an unknown one."""
    if not dimensions:
        raise UnsupportedCombination("a question to the lake needs a dimension")
    columns: list[str] = []
    for dimension in dimensions:
        try:
            columns += key_columns(ALL, dimension)
        except KeyError as error:
            raise UnsupportedCombination(f"no dimension {dimension!r}") from error
    return tuple(dict.fromkeys(columns))


def conditions_of(usage_filter: UsageFilter) -> Conditions:
    """The filter's conditions on fields of the lake, in a fixed order."""
    found = [
        (column, tuple(sorted(getattr(usage_filter, name))))
        for name, column in _COLUMN_OF.items()
        if getattr(usage_filter, name)
    ]
    tags: dict[str, list[str]] = {}
    for key, value in sorted(usage_filter.metadata):
        tags.setdefault(tag_dimension(key), []).append(value)
    return (*found, *((tag, tuple(values)) for tag, values in tags.items()))


def counts_rejections(usage_filter: UsageFilter, dimensions: tuple[str, ...]) -> bool:
    """Whether rejected lines belong to an answer: they have an account and a Region, and nothing else."""
    narrowed = {
        field.name
        for field in fields(usage_filter)
        if field.name not in _NARROWING_NOTHING and getattr(usage_filter, field.name)
    }
    return set(dimensions) <= {TOTAL, ACCOUNT} and narrowed <= {"accounts", "regions"}


def with_end(question: Question, end: datetime) -> Question:
    """The question with another end of its range; one without a range stays as it is."""
    if isinstance(question, CallQuestion):
        return question
    return replace(question, usage_filter=replace(question.usage_filter, end=end))
