"""Every statement that the pipeline runs on the lake, in Athena's dialect (Trino, engine version 3).

The embedded lake transpiles the same text. Statements return only bigint, varchar, boolean and
map(bigint, bigint), add only integers (a sum of floating-point numbers depends on the order of rows), and
take values as `?` parameters alone. Times are compared at Athena's parameter precision, a millisecond;
Bedrock logs whole seconds.

Calls are read through one common table expression that keeps, of all rows of a call, the one of the
latest parse. `ts` is in its partition, so a filter on `ts` stands below the window and prunes files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from bedrock_analytics.domain.periods import Span, require_utc
from bedrock_analytics.domain.rejection import SkipRule
from bedrock_analytics.domain.usage_event import COLUMN_NAMES, Column, ColumnType
from bedrock_analytics.storage.lake import ARRIVAL_BUCKET, NAME_COLUMNS, UsageQuery
from bedrock_analytics.storage.lake_measures import DISTRIBUTIONS, distribution_columns

_MICROSECONDS = 1_000_000
_MILLISECONDS = 1_000

TABLE = "usage_events"
"""The table's name where the engine resolves it without qualification."""
CALLS = "calls"
"""What people call the table's calls, each once."""


_COUNTED = f"coalesce(rejection, '') <> '{SkipRule.VERIFICATION.value}'"
"""Holds for every row but the marked ones of `bedrock-analytics verify`."""

_NULLS = {
    ColumnType.STRING: "varchar",
    ColumnType.LONG: "bigint",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.TIMESTAMPTZ: "timestamp(6) with time zone",
}


def table_lacking(table: str, missing: Sequence[Column]) -> str:
    """The table with columns that it lacks as null, which they are in every row."""
    if not missing:
        return table
    nulls = ", ".join(f"cast(null as {_NULLS[column.type]}) as {column.name}" for column in missing)
    return f"(select *, {nulls} from {table})"  # noqa: S608  (names come from the list of columns)


@dataclass(frozen=True, slots=True)
class MetadataPath:
    """Parameter that selects one key of `request_metadata`; each engine writes it in its path syntax."""

    key: str

    @property
    def trino_path(self) -> str:
        """The path as `json_extract_scalar` reads it: the key quoted, so that dots and brackets are text."""
        escaped = self.key.replace("\\", "\\\\").replace('"', '\\"')
        return f'$["{escaped}"]'


Parameter: TypeAlias = "str | int | datetime | MetadataPath"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with one parameter for each `?`, in order of occurrence."""

    sql: str
    parameters: tuple[Parameter, ...] = ()


class Kind(StrEnum):
    """How the value of a group column is decoded."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    HALF_HOUR = "half_hour"


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """A column that groups agree in; `base_only` columns are not in the sets of metadata keys."""

    name: str
    kind: Kind = Kind.TEXT
    base_only: bool = False


GROUP_COLUMNS: tuple[GroupColumn, ...] = (
    GroupColumn("account_id"),
    GroupColumn("region"),
    GroupColumn("half_hour", Kind.HALF_HOUR),
    GroupColumn("caller", base_only=True),
    GroupColumn("operation", base_only=True),
    GroupColumn("inference_region", base_only=True),
    GroupColumn("model_id"),
    GroupColumn("route"),
    GroupColumn("logged_model_id"),
    GroupColumn("service_tier"),
    GroupColumn("latency_optimized", Kind.BOOLEAN),
    GroupColumn("cache_ttl_known", Kind.BOOLEAN),
    GroupColumn("cache_write_other_ttl"),
    GroupColumn("inference_profile_arn"),
    GroupColumn("inference_profile_name"),
    GroupColumn("profile_model_id"),
    GroupColumn("response_model_id"),
    GroupColumn("image_size"),
    GroupColumn("image_quality"),
    GroupColumn("image_steps", Kind.INTEGER),
    GroupColumn("token_source"),
    GroupColumn("error_code"),
    GroupColumn("rejection"),
    GroupColumn("context_class", Kind.INTEGER),
    GroupColumn("price_epoch", Kind.INTEGER),
    GroupColumn("usage_kinds", Kind.INTEGER),
)
"""What drives the select list, the grouping sets and the decoding of groups."""

_DERIVED = ("half_hour", "context_class", "price_epoch", "usage_kinds")

SUMS: tuple[str, ...] = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_write_other_tokens",
    "input_images",
    "output_images",
    "output_video_ms",
    "query_units",
)
"""Columns whose sum a group carries."""

USAGE_KINDS = " + ".join(
    f"case when coalesce({name}, 0) > 0 then {1 << bit} else 0 end" for bit, name in enumerate(SUMS)
)
"""The `usage_kinds` of a call."""

_CONTEXT_TOKENS = (
    "coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)"
    " + coalesce(cache_write_1h_tokens, 0) + coalesce(cache_write_other_tokens, 0)"
)


def _periods_since_epoch(column: str, width: timedelta) -> str:
    return f"cast(floor(to_unixtime({column}) / {int(width.total_seconds())}) as bigint)"


def microseconds_sql(column: str) -> str:
    """Expression of a time as whole microseconds since the epoch."""
    return f"cast(round(to_unixtime({column}) * {_MICROSECONDS}) as bigint)"


def _newest(column: str, units_per_second: int) -> str:
    return f"cast(round(to_unixtime(max({column})) * {units_per_second}) as bigint)"


HOUR_NUMBER = _periods_since_epoch("ts", timedelta(hours=1))
HALF_HOUR_NUMBER = _periods_since_epoch("ts", timedelta(minutes=30))


def at_or_after(moment: datetime) -> datetime:
    """The first whole millisecond at or after a moment."""
    return moment + timedelta(microseconds=-require_utc(moment).microsecond % 1000)


def at_or_before(moment: datetime) -> datetime:
    """The last whole millisecond at or before a moment."""
    return moment - timedelta(microseconds=require_utc(moment).microsecond % 1000)


def joined_spans(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same set of moments as the disjoint spans, in the fewest spans, ascending."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return tuple(joined)


_PARSE_RANK = """row_number() over (
      partition by account_id, region, request_id, ts
      order by schema_version desc nulls last, parsed_at desc nulls last, source_s3_key desc nulls last
    ) as parse_rank"""
"""Rank of a row among the parses of its call, the latest first."""


def within(spans: Sequence[Span]) -> tuple[str, list[Parameter]]:
    one = "(ts >= from_iso8601_timestamp(?) and ts < from_iso8601_timestamp(?))"
    joined = joined_spans(spans)
    bounds: list[Parameter] = [at_or_after(bound) for span in joined for bound in (span.start, span.end)]
    return "\n    or ".join([one] * len(joined)), bounds


def latest_calls(table: str, columns: Sequence[str], spans: Sequence[Span]) -> tuple[str, list[Parameter]]:
    """The latest parse of each call or rejection in the spans, as CTE `latest`."""
    condition, bounds = within(spans)
    text = f"""latest as (
  select {", ".join(columns)},
    {_PARSE_RANK}
  from {table}
  where ({condition})
    and {_COUNTED}
)"""  # noqa: S608  (names come from this module, values are parameters)
    return text, bounds


def calls(table: str = TABLE) -> str:
    """A subquery with each call once, as its latest parse, and no rejections: what people read as `calls`.

    A filter on `ts` around it reaches the table, because `ts` is in the window's partition.
    """
    columns = ", ".join(COLUMN_NAMES)
    return (
        f"select {columns} from (select {columns}, {_PARSE_RANK} from {table}) as parses "  # noqa: S608
        "where parse_rank = 1 and rejection is null"
    )


def count_of(conditions: Sequence[str]) -> str:
    """How many of the conditions hold."""
    return " + ".join(f"case when {condition} then 1 else 0 end" for condition in conditions) or "0"


CALL_COLUMNS = (
    "ts",
    "parsed_at",
    *(column.name for column in GROUP_COLUMNS if column.name not in _DERIVED),
    *SUMS,
    "latency_ms",
    "time_to_first_token_ms",
)


TS_REACHED = "ts >= from_iso8601_timestamp(?)"
"""Condition of calls at or after a moment, which `at_or_after` makes a parameter of."""


def class_columns(query: UsageQuery) -> tuple[list[str], list[Parameter]]:
    """The columns `context_class` and `price_epoch` of a call."""
    context = count_of([f"{_CONTEXT_TOKENS} > ?"] * len(query.context_thresholds))
    epoch = count_of([TS_REACHED] * len(query.price_instants))
    parameters: list[Parameter] = [*query.context_thresholds, *map(at_or_after, query.price_instants)]
    return [f"{context} as context_class", f"{epoch} as price_epoch"], parameters


def _classed(query: UsageQuery) -> tuple[str, list[Parameter]]:
    """The calls with their classes, values of metadata keys and times, as CTE `classed`."""
    plain = [column.name for column in GROUP_COLUMNS if column.name not in _DERIVED]
    classes, bounds = class_columns(query)
    selected = [
        *plain,
        f"{HALF_HOUR_NUMBER} as half_hour",
        *classes,
        f"{USAGE_KINDS} as usage_kinds",
        *(f"json_extract_scalar(request_metadata, ?) as {tag}" for tag in _tags(query)),
        "ts",
        "parsed_at",
        *SUMS,
        *(f"{value} as measured_{name}" for name, value in DISTRIBUTIONS.items()),
    ]
    parameters: list[Parameter] = [*bounds, *map(MetadataPath, query.metadata_keys)]
    columns = ",\n    ".join(selected)
    return f"classed as (\n  select\n    {columns}\n  from latest where parse_rank = 1\n)", parameters


def _tags(query: UsageQuery) -> list[str]:
    return [f"tag_{number}" for number in range(len(query.metadata_keys))]


def _grouping_sets(query: UsageQuery) -> str:
    base = ", ".join(column.name for column in GROUP_COLUMNS)
    shared = ", ".join(column.name for column in GROUP_COLUMNS if not column.base_only)
    sets = [f"({base})", *(f"({shared}, {tag})" for tag in _tags(query))]
    return "grouping sets (\n  " + ",\n  ".join(sets) + "\n)"


def usage_columns(query: UsageQuery) -> list[tuple[str, str]]:
    """Name and expression of each column of the usage statement, in order."""
    tags = _tags(query)
    absent = f"grouping({', '.join(tags)})" if tags else "0"
    columns = [("absent_tags", absent), *((tag, tag) for tag in tags)]
    columns += [(column.name, column.name) for column in GROUP_COLUMNS]
    columns.append(("calls", "count(*)"))
    columns += [(f"sum_{name}", f"coalesce(sum({name}), 0)") for name in SUMS]
    columns.append(("newest_ts", _newest("ts", _MICROSECONDS)))
    columns.append(("newest_parsed_at_ms", _newest("parsed_at", _MILLISECONDS)))
    return columns + distribution_columns()


def usage(query: UsageQuery, table: str = TABLE) -> Statement:
    """Groups of `query`; rows are decoded by `lake_rows.UsageDecoder`. ValueError without spans.

    `absent_tags` is Trino's grouping(): the bit of each metadata key that a row is not grouped by,
    the first key's highest; all bits set (0 where there is no key) marks a base group.
    """
    if not query.spans:
        raise ValueError("a usage query needs a span")
    needed = (*CALL_COLUMNS, "request_metadata") if query.metadata_keys else CALL_COLUMNS
    latest, bounds = latest_calls(table, needed, query.spans)
    classed, classes = _classed(query)
    columns = ",\n  ".join(f"{expression} as {name}" for name, expression in usage_columns(query))
    sql = f"with {latest},\n{classed}\nselect\n  {columns}\nfrom classed\ngroup by {_grouping_sets(query)}"
    return Statement(sql, (*bounds, *classes))


def arrivals(since: datetime | None, table: str = TABLE) -> Statement:
    """(hour number, bucket number of `parsed_at`, rows, newest parsed_at in us, newest ts in us)."""
    condition = "" if since is None else "\n  and parsed_at >= from_iso8601_timestamp(?)"
    sql = f"""select {HOUR_NUMBER} as hour_number,
  {_periods_since_epoch("parsed_at", ARRIVAL_BUCKET)} as bucket_number,
  count(*) as row_count,
  {_newest("parsed_at", _MICROSECONDS)} as newest_parsed_at,
  {_newest("ts", _MICROSECONDS)} as newest_ts
from {table}
where {_COUNTED}{condition}
group by 1, 2"""  # noqa: S608
    return Statement(sql, () if since is None else (at_or_before(since),))


def fingerprints(span: Span, table: str = TABLE) -> Statement:
    """(hour number, and the fields of `Fingerprint` in order) of each hour that has rows."""
    needed = ("ts", "parsed_at", "rejection", "error_code", "latency_ms", *SUMS[:6])
    latest, bounds = latest_calls(table, needed, [span])
    written = " + ".join(f"coalesce(sum(cache_write_{life}_tokens), 0)" for life in ("5m", "1h", "other"))
    sql = f"""with {latest}
select {HOUR_NUMBER} as hour_number,
  count_if(rejection is null) as calls,
  count_if(rejection is not null) as rejections,
  count_if(rejection is null and error_code is not null) as errors,
  coalesce(sum(input_tokens), 0) as input_tokens,
  coalesce(sum(output_tokens), 0) as output_tokens,
  coalesce(sum(cache_read_tokens), 0) as cache_read_tokens,
  {written} as cache_write_tokens,
  coalesce(sum(latency_ms), 0) as latency_ms,
  {_newest("parsed_at", _MILLISECONDS)} as newest_parsed_at_ms
from latest where parse_rank = 1
group by 1"""  # noqa: S608
    return Statement(sql, tuple(bounds))


def names(span: Span, table: str = TABLE) -> Statement:
    """(the columns of `NAME_COLUMNS`) of every combination in the span."""
    condition, bounds = within([span])
    sql = f"""select distinct {", ".join(NAME_COLUMNS)}
from {table}
where ({condition})
  and {_COUNTED}"""  # noqa: S608
    return Statement(sql, tuple(bounds))


def hours(
    span: Span, names: Sequence[str] | None, account_id: str | None = None, table: str = TABLE
) -> Statement:
    """(hour number) of the hours that have rows, ascending: with a name, of the account if given."""
    within_span, parameters = within([span])
    conditions = [f"({within_span})", _COUNTED]
    if names is not None:
        marks = ", ".join("?" * len(names))
        conditions.append("(" + " or ".join(f"{column} in ({marks})" for column in NAME_COLUMNS) + ")")
        parameters += [*names] * len(NAME_COLUMNS)
    if account_id is not None:
        conditions.append("account_id = ?")
        parameters.append(account_id)
    condition = "\n  and ".join(conditions)
    sql = f"select distinct {HOUR_NUMBER} as hour_number\nfrom {table}\nwhere {condition}\norder by 1"
    return Statement(sql, tuple(parameters))


def days(table: str = TABLE) -> Statement:
    """(day number) of every UTC day that has rows, ascending."""
    number = _periods_since_epoch("ts", timedelta(days=1))
    return Statement(f"select distinct {number} as day_number\nfrom {table}\nwhere {_COUNTED}\norder by 1")
