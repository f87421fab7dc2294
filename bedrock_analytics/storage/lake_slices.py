"""Usage under any conditions and by any columns, for combinations that no usage page holds.

The statement counts, sums and classes calls as `lake_sql.usage` does, from the same parts; it differs in
what it groups by: the wanted columns or metadata keys, and bars of time in the place of half hours. A
filter is met after the latest parse of each call was chosen, so that an outdated one never counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from bedrock_analytics.domain.dimensions import NONE, TAG_PREFIX
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import HALF_HOUR, Span
from bedrock_analytics.domain.usage_event import COLUMNS, ColumnType
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake import UsageGroup, UsageQuery
from bedrock_analytics.storage.lake_measures import DISTRIBUTIONS, distribution_columns
from bedrock_analytics.storage.lake_rows import EPOCH, Row
from bedrock_analytics.storage.lake_sql import MetadataPath, Parameter, Statement

Conditions: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Fields (see `field_sql`) and the values that meet them; a call must meet each."""

_TEXT_COLUMNS = frozenset(column.name for column in COLUMNS if column.type is ColumnType.STRING)
_MOST_BARS = 100
"""Bars that the statement compares each call with."""
_REQUIRED = frozenset(column.name for column in COLUMNS if column.required)
_EMPTY_IS_ABSENT = frozenset(
    {"inference_profile_arn", "inference_profile_name", "inference_region", "service_tier"}
)
"""Columns whose empty text counts as absent, as in usage pages."""
_PRICED_BY = tuple(
    column.name
    for column in lake_sql.GROUP_COLUMNS
    if not column.base_only and column.name not in {"half_hour", "inference_profile_name"}
)
"""What a price or a counter of a group depends on."""
_DERIVED = ("context_class", "price_epoch", "usage_kinds")
_DISTRIBUTION_PARTS = ("count", "sum", "min", "max", "buckets")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSlice:
    """Calls of a span that meet the conditions, by some fields and bars of time."""

    span: Span
    """On half hours."""
    fields: tuple[str, ...]
    bar_starts: tuple[datetime, ...]
    """Ascending; the first is the span's start. A bar ends where the next one starts."""
    conditions: Conditions = ()
    with_rejections: bool = False
    """Count rejected log lines, too, which have no model, caller or metadata."""
    context_thresholds: tuple[int, ...] = ()
    price_instants: tuple[datetime, ...] = ()
    """Every moment inside the span at which a price changes, ascending."""

    @property
    def is_by_half_hours(self) -> bool:
        """Whether the engine groups by half hours, which are added up on arrival."""
        return len(self.bar_starts) > _MOST_BARS

    @property
    def usage_query(self) -> UsageQuery:
        """The classes of the slice's groups, as the pricing of groups reads them."""
        return UsageQuery(
            spans=(self.span,),
            context_thresholds=self.context_thresholds,
            price_instants=self.price_instants,
        )


@dataclass(frozen=True, slots=True)
class SliceGroup:
    """Calls that agree in the slice's fields, its bar and everything that a price depends on.

    The group's `half_hour` is the start of the bar; caller, operation and times of arrival are left out.
    """

    key: tuple[str, ...]
    bar: int
    group: UsageGroup


def field_sql(name: str) -> tuple[str, tuple[Parameter, ...]]:
    """Expression of a field, `(none)` where a call lacks it: a text column, or a `TAG:` metadata key.

    ValueError for anything else.
    """
    if name.startswith(TAG_PREFIX):
        path = MetadataPath(name.removeprefix(TAG_PREFIX))
        return f"coalesce(json_extract_scalar(request_metadata, ?), '{NONE}')", (path,)
    if name not in _TEXT_COLUMNS:
        raise ValueError(f"usage cannot be cut by {name!r}")
    if name in _REQUIRED:
        return name, ()  # bare, so that a condition prunes files
    value = f"nullif({name}, '')" if name in _EMPTY_IS_ABSENT else name
    return f"coalesce({value}, '{NONE}')", ()


def conditions_sql(conditions: Conditions) -> tuple[str, tuple[Parameter, ...]]:
    """The conditions as text that begins with `and`, or nothing, with their parameters.

    A caller may be named as `account_id/caller`, too.
    """
    texts: list[str] = []
    parameters: list[Parameter] = []
    for name, values in conditions:
        field, own = field_sql(name)
        marks = ", ".join("?" * len(values)) or "null"
        text = f"{field} in ({marks})"
        parameters += [*own, *values]
        if name == "caller":
            text = f"({text} or concat(account_id, '/', {field}) in ({marks}))"
            parameters += [*own, *values]
        texts.append(f"\n  and {text}")
    return "".join(texts), tuple(parameters)


def fields_of(names: Sequence[str]) -> tuple[str, ...]:
    """The lake's columns that some fields read."""
    columns = ("request_metadata" if name.startswith(TAG_PREFIX) else name for name in names)
    return tuple(dict.fromkeys(columns))


def slice_statement(wanted: UsageSlice, table: str = lake_sql.TABLE) -> Statement:
    """The grouped statement; its rows are decoded by `SliceDecoder`."""
    named = [*wanted.fields, *(name for name, _ in wanted.conditions)]
    needed = dict.fromkeys((*lake_sql.CALL_COLUMNS, *fields_of(named)))
    latest, bounds = lake_sql.latest_calls(table, tuple(needed), [wanted.span])
    chosen, parameters = _chosen(wanted)
    columns = ",\n  ".join(f"{expression} as {name}" for name, expression in _columns(wanted))
    keys = ", ".join((*_keys(wanted), "bar", *_PRICED_BY))
    sql = f"with {latest},\n{chosen}\nselect\n  {columns}\nfrom chosen\ngroup by {keys}"
    return Statement(sql, (*bounds, *parameters))


def _keys(wanted: UsageSlice) -> list[str]:
    return [f"key_{number}" for number in range(len(wanted.fields))]


def _chosen(wanted: UsageSlice) -> tuple[str, list[Parameter]]:
    selected: list[str] = []
    parameters: list[Parameter] = []
    for key, name in zip(_keys(wanted), wanted.fields, strict=True):
        field, own = field_sql(name)
        selected.append(f"{field} as {key}")
        parameters += own
    bar, later = _bar_sql(wanted)
    selected.append(f"{bar} as bar")
    classes, bounds = lake_sql.class_columns(wanted.usage_query)
    selected += [*classes, f"{lake_sql.USAGE_KINDS} as usage_kinds"]
    selected += [*(name for name in _PRICED_BY if name not in _DERIVED), *lake_sql.SUMS]
    selected += [f"{value} as measured_{name}" for name, value in DISTRIBUTIONS.items()]
    conditions, values = conditions_sql(wanted.conditions)
    rejections = "" if wanted.with_rejections else "\n  and rejection is null"
    columns = ",\n    ".join(selected)
    sql = (
        f"chosen as (\n  select\n    {columns}\n  from latest where parse_rank = 1{rejections}{conditions}\n)"
    )
    return sql, [*parameters, *later, *bounds, *values]


def _bar_sql(wanted: UsageSlice) -> tuple[str, list[Parameter]]:
    """Number of the bar that a call lies in; of the half hour instead where there are many bars."""
    if wanted.is_by_half_hours:
        return f"{lake_sql.HALF_HOUR_NUMBER} - ?", [(wanted.span.start - EPOCH) // HALF_HOUR]
    later = wanted.bar_starts[1:]
    return lake_sql.count_of([lake_sql.TS_REACHED] * len(later)), [*map(lake_sql.at_or_after, later)]


def _columns(wanted: UsageSlice) -> list[tuple[str, str]]:
    plain = [(name, name) for name in (*_keys(wanted), "bar", *_PRICED_BY)]
    sums = [(f"sum_{name}", f"coalesce(sum({name}), 0)") for name in lake_sql.SUMS]
    return [*plain, ("calls", "count(*)"), *sums, *distribution_columns()]


class SliceDecoder:
    """Makes groups of the rows of `slice_statement`."""

    def __init__(self, wanted: UsageSlice) -> None:
        self._wanted = wanted
        position = {name: number for number, (name, _) in enumerate(_columns(wanted))}
        self._width = len(position)
        self._names = [*_PRICED_BY, "calls", *lake_sql.SUMS]
        columns = [*_PRICED_BY, "calls", *(f"sum_{name}" for name in lake_sql.SUMS)]
        self._pick = itemgetter(*(position[name] for name in columns))
        self._distributions = [
            (name, itemgetter(*(position[f"{name}_{part}"] for part in _DISTRIBUTION_PARTS)))
            for name in DISTRIBUTIONS
        ]

    def decode(self, rows: Iterable[Row]) -> Iterator[SliceGroup]:
        """The groups; ValueError where a row has another width than the statement's."""
        keys = len(self._wanted.fields)
        for row in rows:
            if len(row) != self._width:
                raise ValueError(f"a slice's row has {len(row)} columns instead of {self._width}")
            values = dict(zip(self._names, self._pick(row), strict=True))
            for name, pick in self._distributions:
                count, total, least, greatest, buckets = pick(row)
                values[name] = Distribution(count, total, least, greatest, buckets or {})
            bar = self._bar(row[keys])
            start = self._wanted.bar_starts[bar]
            yield SliceGroup(tuple(row[:keys]), bar, _group(values, start))

    def _bar(self, number: int) -> int:
        if not self._wanted.is_by_half_hours:
            return number
        start = self._wanted.span.start + number * HALF_HOUR
        return bisect_right(self._wanted.bar_starts, start) - 1


def _group(values: dict[str, Any], start: datetime) -> UsageGroup:
    return UsageGroup(
        **values,
        half_hour=start,
        metadata_key=None,
        metadata_value=None,
        caller=None,
        operation=None,
        inference_region=None,
        inference_profile_name=None,
        newest_ts=start,
        newest_parsed_at_ms=0,
    )
