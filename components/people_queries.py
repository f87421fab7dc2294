"""Saved queries for people: each one a question, as SQL that runs as it stands.

They read calls through the project's one expression for them, so a call that was parsed twice counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedrock_analytics.storage.lake_sql import calls


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """A saved query. `name` is what Athena lists, `part` names the resource."""

    part: str
    name: str
    description: str
    sql: str


def people_queries(table: str) -> tuple[PeopleQuery, ...]:
    """The saved queries on a table, named as FROM takes it."""
    return (
        _query(
            table,
            "newest-calls",
            "Newest calls",
            "The last hundred calls of today and yesterday",
            "select ts, account_id, region, caller, model_id, operation, input_tokens, output_tokens,\n"
            "  cache_read_tokens, latency_ms, error_code\n"
            f"from calls\nwhere {_since(1)}\norder by ts desc\nlimit 100",
        ),
        _query(
            table,
            "tokens-by-model",
            "Tokens by day and model",
            "Calls and tokens of the last thirty days",
            "select date_trunc('day', ts) as day, model_id, count(*) as calls,\n"
            "  sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,\n"
            "  sum(cache_read_tokens) as cache_read_tokens,\n"
            "  sum(cache_write_total_tokens) as cache_write_tokens\n"
            f"from calls\nwhere {_since(30)}\ngroup by 1, 2\norder by 1 desc, 3 desc",
        ),
        _query(
            table,
            "callers",
            "Callers by tokens",
            "Who used the most in the last seven days",
            "select account_id, caller, count(*) as calls, sum(input_tokens) as input_tokens,\n"
            "  sum(output_tokens) as output_tokens, max(ts) as last_call\n"
            f"from calls\nwhere {_since(7)}\ngroup by 1, 2\norder by 5 desc nulls last\nlimit 200",
        ),
        _query(
            table,
            "errors",
            "Errors by model",
            "What failed in the last seven days, and how often",
            "select model_id, error_code, count(*) as calls, min(ts) as first_seen, max(ts) as last_seen\n"
            f"from calls\nwhere {_since(7)} and error_code is not null\ngroup by 1, 2\norder by 3 desc",
        ),
        _query(
            table,
            "slowest-calls",
            "Slowest calls",
            "The fifty longest calls of the last seven days",
            "select ts, account_id, caller, model_id, request_id, latency_ms, time_to_first_token_ms,\n"
            "  output_tokens\n"
            f"from calls\nwhere {_since(7)} and latency_ms is not null\norder by latency_ms desc\nlimit 50",
        ),
        PeopleQuery(
            part="rejected-lines",
            name="Rejected log lines",
            description="Lines of the last seven days that are no call, by reason and log object",
            sql="select rejection, source_s3_key, count(*) as lines\n"
            f"from {table}\nwhere {_since(7)} and rejection is not null\ngroup by 1, 2\norder by 3 desc",
        ),
    )


def _query(table: str, part: str, name: str, description: str, sql: str) -> PeopleQuery:
    return PeopleQuery(
        part=part, name=name, description=description, sql=f"with calls as (\n  {calls(table)}\n)\n{sql}"
    )


def _since(days: int) -> str:
    """From the beginning of the UTC day so many days ago: whole partitions."""
    return f"ts >= date_trunc('day', current_timestamp) - interval '{days}' day"
