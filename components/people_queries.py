"""Saved queries for people: each one a question, as SQL that runs as it stands.

They read calls through the project's one expression for them, so a call that was parsed twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bedrock_analytics.storage.lake_sql import calls
from components.naming import TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """A saved query. `name` is what Athena lists, `part` names the resource."""

    part: str
    name: str
    description: str
    sql: str


_OF_CALLS: Final = (
    PeopleQuery(
        part="newest-calls",
        name="Newest calls",
        description="The last hundred calls of today and yesterday",
        sql="""select ts, account_id, region, caller, model_id, operation, input_tokens, output_tokens,
  cache_read_tokens, latency_ms, error_code
from calls
where ts >= date_trunc('day', current_timestamp) - interval '1' day
order by ts desc
limit 100""",
    ),
    PeopleQuery(
        part="tokens-by-model",
        name="Tokens by day and model",
        description="Calls and tokens of the last thirty days",
        sql="""select date_trunc('day', ts) as day, model_id, count(*) as calls,
  sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
  sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_total_tokens) as cache_write_tokens
from calls
where ts >= date_trunc('day', current_timestamp) - interval '30' day
group by 1, 2
order by 1 desc, 3 desc""",
    ),
    PeopleQuery(
        part="callers",
        name="Callers by tokens",
        description="Who used the most in the last seven days",
        sql="""select account_id, caller, count(*) as calls, sum(input_tokens) as input_tokens,
  sum(output_tokens) as output_tokens, max(ts) as last_call
from calls
where ts >= date_trunc('day', current_timestamp) - interval '7' day
group by 1, 2
order by 5 desc nulls last
limit 200""",
    ),
    PeopleQuery(
        part="errors",
        name="Errors by model",
        description="What failed in the last seven days, and how often",
        sql="""select model_id, error_code, count(*) as calls, min(ts) as first_seen, max(ts) as last_seen
from calls
where ts >= date_trunc('day', current_timestamp) - interval '7' day and error_code is not null
group by 1, 2
order by 3 desc""",
    ),
    PeopleQuery(
        part="slowest-calls",
        name="Slowest calls",
        description="The fifty longest calls of the last seven days",
        sql="""select ts, account_id, caller, model_id, request_id, latency_ms, time_to_first_token_ms,
  output_tokens
from calls
where ts >= date_trunc('day', current_timestamp) - interval '7' day and latency_ms is not null
order by latency_ms desc
limit 50""",
    ),
)
"""Queries that read `calls`. They begin at the start of a UTC day, so that they read whole partitions."""
_REJECTED: Final = PeopleQuery(
    part="rejected-lines",
    name="Rejected log lines",
    description="Lines of the last seven days that are no call, by reason and log object",
    sql="""select rejection, source_s3_key, count(*) as lines
from usage_events
where ts >= date_trunc('day', current_timestamp) - interval '7' day and rejection is not null
group by 1, 2
order by 3 desc""",
)


def people_queries(table: str) -> tuple[PeopleQuery, ...]:
    """The saved queries on a table, named as FROM takes it."""
    common = f"with calls as (\n  {calls(table)}\n)\n"
    rejected = replace(_REJECTED, sql=_REJECTED.sql.replace(TABLE, table))
    return (*(replace(query, sql=common + query.sql) for query in _OF_CALLS), rejected)
