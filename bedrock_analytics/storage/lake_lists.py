"""Single rows of the lake: calls in an order, one call, and rejected lines, paged by key.

Statements answer whole numbers and texts alone; times are microseconds since the epoch. A page follows
the last row of the page before by its place in the order, so that rows which arrive meanwhile neither
repeat nor hide others, and a page costs the same however far back it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price_plan import LATENCY_OPTIMIZED
from bedrock_analytics.domain.usage_event import COLUMNS, ColumnType, UsageEvent
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake import UsageQuery
from bedrock_analytics.storage.lake_rows import Row, moment_at
from bedrock_analytics.storage.lake_slices import Conditions, conditions_sql, field_sql
from bedrock_analytics.storage.lake_sql import Parameter, Statement

PICODOLLARS = 10**12
RATE_KINDS: Mapping[str, str] = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write_5m": "cache_write_5m_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "cache_write_other": "cache_write_other_tokens",
    "input_image": "input_images",
    "output_image": "output_images",
    "output_video": "output_video_ms",
    "query": "query_units",
}
"""Kind of `usage_stats.COST_KINDS` -> the column with its quantity."""
_SEPARATOR = "|"
"""Between and around names in one text; no id, Region or tier holds it."""
MAX_TEXT = 1_000
"""Athena takes parameters of 1,024 characters."""
_ALL_TOKENS = " + ".join(
    f"coalesce({column}, 0)" for column in RATE_KINDS.values() if column.endswith("_tokens")
)
_CALL_KEY = (
    "concat(account_id, '/', region, '/', request_id, '/', "
    f"cast({lake_sql.microseconds_sql('ts')} as varchar))"
)
_NAMES = tuple(column.name for column in COLUMNS)
_TIMES = frozenset(column.name for column in COLUMNS if column.type is ColumnType.TIMESTAMPTZ)
_DAY = timedelta(days=1)


class CallOrder(StrEnum):
    """Orders of calls, all of them descending."""

    NEWEST = "newest"
    DEAREST = "dearest"
    SLOWEST = "slowest"
    MOST_TOKENS = "most_tokens"


_ORDER_VALUES = {
    CallOrder.NEWEST: lake_sql.microseconds_sql("ts"),
    CallOrder.SLOWEST: "coalesce(latency_ms, -1)",
    CallOrder.MOST_TOKENS: _ALL_TOKENS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPosition:
    """Place of a call in an order. `value` is what it is ordered by, `key` tells equal ones apart."""

    value: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateVector:
    """What a unit of each kind costs, in picodollars, for calls of a model on a route.

    It holds in the Regions and service tiers given (`(none)` where the log shows none), for an account with
    a discount of its own or, where empty, for all others, and in the context classes and price epochs of
    the ranges, both ends included.
    """

    model_id: str
    route: str
    regions: tuple[str, ...]
    tiers: tuple[str, ...]
    account: str = ""
    classes: tuple[int, int]
    epochs: tuple[int, int]
    rates: tuple[int, ...]
    """In the order of `RATE_KINDS`."""

    @property
    def texts(self) -> tuple[str, str, str]:
        """Model, route and account, then Regions and tiers, as the statement compares them."""
        called = _SEPARATOR.join((self.model_id, self.route, self.account))
        return called, _listed(self.regions), _listed(self.tiers)


def _listed(names: tuple[str, ...]) -> str:
    text = _SEPARATOR.join(("", *names, "")) if names else ""
    if len(text) > MAX_TEXT:
        raise ValueError(f"{len(names)} names are too many for one rate vector")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """Which calls, in which order, from where on. `rates` are needed for DEAREST alone."""

    span: Span
    order: CallOrder
    limit: int
    conditions: Conditions = ()
    after: CallPosition | None = None
    request_id: str = ""
    error_codes: tuple[str, ...] = ()
    """Codes, or "*" for any."""
    rates: tuple[RateVector, ...] = ()
    discounted_accounts: tuple[str, ...] = ()
    """Accounts that vectors of their own are for."""
    context_thresholds: tuple[int, ...] = ()
    price_instants: tuple[datetime, ...] = ()


def calls_statement(wanted: CallList, table: str = lake_sql.TABLE) -> Statement:
    """The calls and, with the last row, whether there are more: one row above the limit is asked for."""
    latest, bounds = lake_sql.latest_calls(table, _NAMES, [wanted.span])
    narrowing, values = _narrowing(wanted)
    if wanted.order is CallOrder.DEAREST and wanted.rates:
        source, before = _priced(wanted, narrowing, values)
    else:
        source, before = _placed(_ORDER_VALUES.get(wanted.order, "0"), narrowing), values
    after, place = _following(wanted.after)
    sql = f"""with {latest},
{source}
select order_value, {_CALL_KEY} as call_key, {_event_columns()}
from placed{after}
order by order_value desc, call_key desc
limit {int(wanted.limit) + 1}"""  # noqa: S608 - names come from this module, values are parameters
    return Statement(sql, (*bounds, *before, *place))


def call_statement(
    account_id: str, region: str, request_id: str, around: datetime | None, table: str = lake_sql.TABLE
) -> tuple[Statement, tuple[Span, ...]]:
    """The latest parse of one call, and the spans it may lie in; no spans where the time is not known."""
    spans = () if around is None else (Span(around - _DAY, around + _DAY),)
    condition, bounds = lake_sql.within(spans) if spans else ("true", [])
    sql = f"""select 0 as order_value, {_CALL_KEY} as call_key, {_event_columns()}
from {table}
where account_id = ? and region = ? and request_id = ? and rejection is null and ({condition})
order by schema_version desc nulls last, parsed_at desc nulls last, source_s3_key desc nulls last
limit 1"""  # noqa: S608
    return Statement(sql, (account_id, region, request_id, *bounds)), spans


def rejections_statement(
    span: Span,
    conditions: Conditions,
    limit: int,
    after: CallPosition | None,
    table: str = lake_sql.TABLE,
) -> Statement:
    """Rejected lines, newest first, as rows of events."""
    latest, bounds = lake_sql.latest_calls(table, _NAMES, [span])
    narrowing, values = conditions_sql(conditions)
    following, place = _following(after)
    sql = f"""with {latest},
{_placed(_ORDER_VALUES[CallOrder.NEWEST], f"parse_rank = 1 and rejection is not null{narrowing}")}
select order_value, {_CALL_KEY} as call_key, {_event_columns()}
from placed{following}
order by order_value desc, call_key desc
limit {int(limit) + 1}"""  # noqa: S608
    return Statement(sql, (*bounds, *values, *place))


def _placed(order_value: str, narrowing: str) -> str:
    return f"""placed as (
  select *, {order_value} as order_value
  from latest
  where {narrowing}
)"""  # noqa: S608


def _event_columns() -> str:
    return ", ".join(
        f"{lake_sql.microseconds_sql(name)} as {name}_us" if name in _TIMES else name for name in _NAMES
    )


def _narrowing(wanted: CallList) -> tuple[str, tuple[Parameter, ...]]:
    text, parameters = conditions_sql(wanted.conditions)
    text = f"parse_rank = 1 and rejection is null{text}"
    if wanted.request_id:
        text += " and request_id = ?"
        parameters += (wanted.request_id,)
    if "*" in wanted.error_codes:
        text += " and error_code is not null"
    elif wanted.error_codes:
        text += f" and error_code in ({', '.join('?' * len(wanted.error_codes))})"
        parameters += wanted.error_codes
    return text, parameters


def _following(after: CallPosition | None) -> tuple[str, tuple[Parameter, ...]]:
    if after is None:
        return "", ()
    text = f"\nwhere order_value < ? or (order_value = ? and {_CALL_KEY} < ?)"
    return text, (after.value, after.value, after.key)


def _priced(
    wanted: CallList, narrowing: str, values: tuple[Parameter, ...]
) -> tuple[str, tuple[Parameter, ...]]:
    """CTEs that give each call the cost that it is ordered by; a call without rates comes last, as 0."""
    classes, bounds = lake_sql.class_columns(
        UsageQuery(
            spans=(wanted.span,),
            context_thresholds=wanted.context_thresholds,
            price_instants=wanted.price_instants,
        )
    )
    names = [*_MATCHED, "class_from", "class_to", "epoch_from", "epoch_to", *_RATE_COLUMNS.values()]
    numbers = ["cast(? as bigint)"] * (len(names) - len(_MATCHED))
    row = f"({', '.join(['cast(? as varchar)'] * len(_MATCHED) + numbers)})"
    rows = ",\n    ".join([row] * len(wanted.rates))
    sql = f"""rates as (
  select * from (values
    {rows}
  ) as vectors ({", ".join(names)})
),
classed as (
  select *, concat({field_sql("model_id")[0]}, {_SEPARATOR_SQL}, {field_sql("route")[0]}, {_SEPARATOR_SQL},
      case when {_is_listed("account_id", "?")} then account_id else '' end) as called,
    {", ".join(classes)}
  from latest
  where {narrowing}
),
placed as (
  select classed.*, {_cost_sql()} as order_value
  from classed left join rates on subject = called
    and {_is_listed("region", "regions")} and {_is_listed(_TIER_SQL, "tiers")}
    and context_class between class_from and class_to and price_epoch between epoch_from and epoch_to
)"""  # noqa: S608
    vectors: list[Parameter] = []
    for vector in wanted.rates:
        vectors += (*vector.texts, *vector.classes, *vector.epochs, *vector.rates)
    return sql, (*vectors, _listed(wanted.discounted_accounts), *bounds, *values)


_TIER_SQL = (
    f"case when latency_optimized then '{LATENCY_OPTIMIZED}' else lower({field_sql('service_tier')[0]}) end"
)
_MATCHED = ("subject", "regions", "tiers")
_SEPARATOR_SQL = f"'{_SEPARATOR}'"


def _is_listed(value: str, names: str) -> str:
    return f"strpos({names}, concat({_SEPARATOR_SQL}, {value}, {_SEPARATOR_SQL})) > 0"


_RATE_COLUMNS = {kind: f"rate_of_{kind}" for kind in RATE_KINDS}


def _cost_sql() -> str:
    terms = [f"coalesce({column}, 0) * {_RATE_COLUMNS[kind]}" for kind, column in RATE_KINDS.items()]
    return f"coalesce({' + '.join(terms)}, 0)"


@dataclass(frozen=True, slots=True)
class ListedCall:
    """A row of an answer and its place in the order."""

    position: CallPosition
    event: UsageEvent


def decode_calls(rows: Iterable[Row]) -> Iterator[ListedCall]:
    """Calls, or rejections, from rows of these statements."""
    for value, key, *cells in rows:
        position = CallPosition(value=value, key=key)
        yield ListedCall(position, UsageEvent(**dict(_values(cells))))


def _values(cells: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(_NAMES, cells, strict=True):
        yield name, moment_at(cell) if name in _TIMES else cell
