"""Queries to start from. They run on both engines (tested), and each names a range of time, which keeps
what it reads, and costs, small.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bedrock_analytics.domain.periods import day_of, day_start

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleQuery:
    """A query with a title that says what it answers."""

    title: str
    sql: str


_QUERIES = {
    "Calls and tokens by day and model": """select date_trunc('day', ts) as day, model_id, count(*) as calls,
  sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens
from calls
where {range}
group by 1, 2
order by 1, calls desc""",
    "Callers with the most tokens": """select account_id, caller, count(*) as calls,
  sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0) + coalesce(cache_read_tokens, 0)
    + coalesce(cache_write_total_tokens, 0)) as tokens
from calls
where {range}
group by 1, 2
order by tokens desc
limit 50""",
    "Latency percentiles by model": """select model_id, count(latency_ms) as measured,
  approx_percentile(latency_ms, 0.5) as p50_ms, approx_percentile(latency_ms, 0.9) as p90_ms,
  approx_percentile(latency_ms, 0.99) as p99_ms
from calls
where {range}
group by 1
order by measured desc""",
    "Errors by hour and code": """select date_trunc('hour', ts) as hour, error_code, model_id,
  count(*) as calls
from calls
where {range} and error_code is not null
group by 1, 2, 3
order by 1, calls desc""",
    "How much of the prompt comes from the cache": """select model_id, sum(cache_read_tokens) as read_tokens,
  sum(cache_write_total_tokens) as written_tokens, sum(input_tokens) as uncached_tokens
from calls
where {range}
group by 1
order by read_tokens desc""",
    "Calls by a metadata key": """select
  coalesce(json_extract_scalar(request_metadata, '$.team'), '(none)') as team,
  count(*) as calls, sum(output_tokens) as output_tokens
from calls
where {range}
group by 1
order by calls desc""",
    "Calls at their output limit": """select account_id, caller, model_id, count(*) as calls
from calls
where {range} and stop_reason = 'max_tokens'
group by 1, 2, 3
order by calls desc
limit 50""",
    "Log lines that are no call": """select rejection, source_s3_key, count(*) as lines
from usage_events
where {range} and rejection is not null
group by 1, 2
order by lines desc
limit 50""",
    "Calls that were delivered more than once": """select account_id, region, request_id,
  count(*) as deliveries
from usage_events
where {range} and rejection is null
group by 1, 2, 3
having count(*) > 1
order by deliveries desc
limit 50""",
}


def example_queries(now: datetime) -> tuple[ExampleQuery, ...]:
    """The queries, over the last `DAYS` UTC days and today."""
    start = day_start(day_of(now)) - timedelta(days=DAYS)
    condition = f"ts >= timestamp '{start:%Y-%m-%d} 00:00:00 UTC'"
    return tuple(
        ExampleQuery(title=title, sql=sql.replace("{range}", condition)) for title, sql in _QUERIES.items()
    )
