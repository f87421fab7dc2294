"""The busiest minute of models, accounts or callers, for talks about quotas.

Bedrock's quota of tokens a minute counts input tokens, tokens written to the cache and output tokens, the
latter with a factor that depends on the model; tokens read from the cache do not count. Source: Amazon
Bedrock user guide, "How tokens are counted". Minutes are those of UTC, by the start of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake_rows import Row
from bedrock_analytics.storage.lake_slices import Conditions, conditions_sql, field_sql, fields_of
from bedrock_analytics.storage.lake_sql import Parameter, Statement

THROTTLE_CODES = (
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "ServiceQuotaExceededException",
)
"""Error codes by which Bedrock says that a quota was reached, beside those with `THROTTLE_WORD` in them."""
THROTTLE_WORD = "throttl"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_WRITTEN = " + ".join(f"coalesce(cache_write_{life}_tokens, 0)" for life in ("5m", "1h", "other"))
_THROTTLED = ", ".join(f"'{code}'" for code in THROTTLE_CODES)
_COUNTED = ", ".join(lake_sql.SUMS[:6])
_MEASURES = {
    "calls": "count(*)",
    "input_tokens": f"sum(coalesce(input_tokens, 0) + {_WRITTEN})",
    "output_tokens": "sum(coalesce(output_tokens, 0))",
    "throttles": f"count_if(error_code in ({_THROTTLED}) or lower(error_code) like '%{THROTTLE_WORD}%')",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The busiest minutes of calls that agree in the wanted fields.

    `calls` are all in the span, and `throttles` those among them that a quota refused. Of several equal
    minutes the first is named. `input_tokens_a_minute` and `output_tokens_a_minute` are those of the
    minute with most tokens; the input has the cache writes in it.
    """

    key: tuple[str, ...]
    calls: int
    throttles: int
    requests_a_minute: int
    requests_at: datetime
    tokens_a_minute: int
    tokens_at: datetime
    input_tokens_a_minute: int
    output_tokens_a_minute: int
    throttles_a_minute: int
    throttles_at: datetime | None
    """None where nothing was refused."""


def peaks_statement(
    span: Span, fields: tuple[str, ...], conditions: Conditions, table: str = lake_sql.TABLE
) -> Statement:
    """One row for each combination of the fields' values."""
    named = [*fields, *(name for name, _ in conditions)]
    needed = dict.fromkeys(
        ("ts", "account_id", "error_code", "rejection", *lake_sql.SUMS[:6], *fields_of(named))
    )
    latest, bounds = lake_sql.latest_calls(table, tuple(needed), [span])
    keys = [f"key_{number}" for number in range(len(fields))]
    found = [field_sql(name) for name in fields]
    shown = "".join(f"{text} as {key}, " for key, (text, _) in zip(keys, found, strict=True))
    narrowing, values = conditions_sql(conditions)
    parameters: list[Parameter] = [value for _, own in found for value in own]
    listed = "".join(f"{key}, " for key in keys)
    sql = f"""with {latest},
chosen as (
  select {shown}cast(floor(to_unixtime(ts) / 60) as bigint) as minute, error_code, {_COUNTED}
  from latest
  where parse_rank = 1 and rejection is null{narrowing}
),
minutes as (
  select {listed}minute, {", ".join(f"{text} as {name}" for name, text in _MEASURES.items())}
  from chosen
  group by {listed}minute
),
ranked as (
  select *, {_rank("calls", keys)}, {_rank("input_tokens + output_tokens", keys, "tokens")},
    {_rank("throttles", keys)}
  from minutes
)
select {listed}sum(calls) as all_calls, sum(throttles) as all_throttles,
  {_at_first("calls", "calls")}, {_at_first("calls", "minute")},
  {_at_first("tokens", "input_tokens")}, {_at_first("tokens", "output_tokens")},
  {_at_first("tokens", "minute")}, {_at_first("throttles", "throttles")}, {_at_first("throttles", "minute")}
from ranked{f" group by {', '.join(keys)}" if keys else " having count(*) > 0"}"""  # noqa: S608
    return Statement(sql, (*bounds, *parameters, *values))


def _rank(value: str, keys: list[str], name: str = "") -> str:
    partition = f"partition by {', '.join(keys)} " if keys else ""
    return f"row_number() over ({partition}order by {value} desc, minute) as {name or value}_rank"


def _at_first(rank: str, value: str) -> str:
    return f"max(case when {rank}_rank = 1 then {value} end) as {value}_of_{rank}"


def decode_peaks(rows: Iterable[Row], fields: int) -> Iterator[Peak]:
    """Peaks from rows of a statement with that many fields."""
    for row in rows:
        calls, throttles, requests, requests_at, inputs, outputs, tokens_at, refused, refused_at = row[
            fields:
        ]
        yield Peak(
            key=tuple(row[:fields]),
            calls=calls,
            throttles=throttles,
            requests_a_minute=requests,
            requests_at=_minute(requests_at),
            tokens_a_minute=inputs + outputs,
            tokens_at=_minute(tokens_at),
            input_tokens_a_minute=inputs,
            output_tokens_a_minute=outputs,
            throttles_a_minute=refused,
            throttles_at=_minute(refused_at) if refused else None,
        )


def _minute(number: int) -> datetime:
    return _EPOCH + number * _MINUTE
