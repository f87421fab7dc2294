from __future__ import annotations

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import QueryRefused
from bedrock_analytics.storage.query_guard import check_select

ALLOWED = [
    "select 1",
    "select count(*) from usage_events;",
    "select c.caller from Calls as c join calls on c.caller = calls.caller",
    "SELECT Model_Id FROM Usage_Events -- a comment; drop table x",
    "/* one */ select /* two; */ caller from usage_events",
    '(select caller from "usage_events")',
    'select e.ts from "s3tablescatalog/b"."ns"."usage_events" as e',
    "with a as (select caller, count(*) n from usage_events group by 1) select * from A order by N desc",
    "with a as (select 1 x), b as (select x from a) select 1 from (with c as (select * from b) select 2)",
    "select 1 union all select 2 intersect select 2 order by 1",
    "select * from usage_events cross join unnest(array[1, 2]) as t(n)",
    "select * from unnest(sequence(1, 5)) as t(n)",
    "select * from (values (1, 'a'), (2, 'b')) as t(n, s)",
    "select * from usage_events where ts > (select max(ts) - interval '1' hour from usage_events)",
    "select caller, row_number() over (partition by model_id order by ts desc) from usage_events",
    "select json_extract_scalar(request_metadata, '$.team') from usage_events",
    "select approx_percentile(latency_ms, 0.95) from usage_events",
    "select date_trunc('day', ts), sum(a) filter (where error_code is null) from usage_events group by 1",
    "select a.caller from usage_events a left join usage_events b on a.caller = b.caller and a.ts < b.ts",
    "select model_id from usage_events group by grouping sets ((model_id), (caller)) having count(*) > 1",
    "select ';', 'select 1; drop table x' from usage_events",
    "select date_diff('day', ts, now()), try_cast(max_tokens as double), to_unixtime(ts) from usage_events",
    "select case when latency_ms > 5 then 'a' else 'b' end, coalesce(caller, '') from usage_events",
    "select regexp_like(caller, '^u') and not (route = 'us' or route is null) from usage_events",
]

REFUSED = {
    "select * from other.calls": "cannot be read; only usage_events and calls can",
    "": "is empty",
    " ; ;": "is empty",
    "-- nothing": "is empty",
    "select 1; select 2": "one statement",
    "select 1; drop table usage_events": "one statement",
    "drop table usage_events": "only SELECT",
    "insert into usage_events select * from usage_events": "not INSERT",
    "delete from usage_events": "not DELETE",
    "update usage_events set caller = 'x'": "not UPDATE",
    "create table x as select 1": "not CREATE",
    "alter table usage_events add columns (x int)": "only SELECT",
    "merge into usage_events using usage_events e on true when matched then delete": "not MERGE",
    "copy usage_events to '/tmp/x.csv'": "not COPY",
    "attach '/tmp/x.db' as x": "not ATTACH",
    "install httpfs": "not INSTALL",
    "load httpfs": "not LOAD",
    "pragma database_list": "not PRAGMA",
    "set memory_limit = '1TB'": "not SET",
    "call pragma_version()": "not CALL",
    "explain select 1": "only SELECT",
    "show tables": "only SELECT",
    "describe usage_events": "only SELECT",
    "vacuum": "not VACUUM",
    "unload (select 1) to 's3://b/'": "not UNLOAD",
    "from usage_events": "not FROM",
    "values (1)": "not VALUES",
    "select * from other": "'other' cannot be read",
    "select * from information_schema.tables": "'tables' cannot be read",
    'select * from "usage_events$files"': "'usage_events$files' cannot be read",
    "select * from 'file.csv'": "'file.csv' cannot be read",
    'select * from "file.parquet"': "'file.parquet' cannot be read",
    "select * from read_text('/etc/passwd')": "read_text is not allowed",
    "select * from read_csv('x.csv') t": "read_csv is not allowed",
    "select * from read_parquet('x')": "read_parquet is not allowed",
    "select * from glob('/**')": "cannot be read",
    "select * from postgres_scan('h', 'p', 't')": "postgres_scan is not allowed",
    "select * from query('select 1')": "query is not allowed",
    "select * from table(usage_events)": "is not allowed",
    "select * from duckdb_settings()": "duckdb_settings is not allowed",
    "select * from usage_events, lateral (select 1) x": "LATERAL",
    "select read_text('/etc/passwd')": "read_text is not allowed",
    "select getenv('HOME') from usage_events": "getenv is not allowed",
    "select current_setting('memory_limit')": "current_setting is not allowed",
    "select caller from usage_events where exists (select 1 from secrets)": "'secrets' cannot be read",
    "select (select read_blob('x')) from usage_events": "read_blob is not allowed",
    "select 1 union select content from read_text('x')": "read_text is not allowed",
    "with a as (select * from read_text('x')) select * from a": "read_text is not allowed",
    "with a as (delete from usage_events returning *) select * from a": "change data",
    "with usage_events as (select 1 as x) select * from usage_events": "may not be called",
    "with recursive n(x) as (select 1 union all select x + 1 from n) select * from n": "RECURSIVE",
    "select (with a as (select 1 x) select x from a), o.* from a o": "'a' cannot be read",
    "select * from (select * from a) x, (with a as (select 1 y) select * from a) z": "'a' cannot be read",
    "with a as (select 1 x) select * from other.a": "'a' cannot be read",
    "select * from usage_events for version as of 3": "time travel",
    "select * from usage_events for timestamp as of timestamp '2026-01-01 00:00:00'": "time travel",
    "select ? from usage_events": "parameters",
    "select * from usage_events limit all": "LIMIT needs a number",
    "select * from usage_events pivot (sum(latency_ms) for caller in ('a'))": "PIVOT",
    "select from where": "cannot be read",
    "select 'unclosed": "cannot be read",
    "select " + "(" * 4000 + "1" + ")" * 4000: "nested too deeply",
    "select " + "1 + " * 20_000 + "1": "longer than",
}


@pytest.mark.parametrize("sql", ALLOWED)
def test_one_select_on_the_lake_is_written_anew_for_either_engine(sql: str) -> None:
    for dialect in ("athena", "duckdb"):
        written = check_select(sql, dialect=dialect)
        assert len(sqlglot.parse(written, read=dialect)) == 1
        assert "--" not in written
        assert "/*" not in written


@pytest.mark.parametrize(("sql", "reason"), REFUSED.items())
def test_everything_else_is_refused_with_its_reason(sql: str, reason: str) -> None:
    with pytest.raises(QueryRefused, match=reason.replace("$", r"\$").replace("(", r"\(")):
        check_select(sql, max_rows=10)


def test_the_table_is_named_as_the_engine_needs_it() -> None:
    lake = '"s3tablescatalog/b"."ns"."usage_events"'
    sql = "select usage_events.ts, e.ts from usage_events join ns.usage_events as e on true"
    written = check_select(sql, table=lake)
    assert written.count(lake) == 2
    assert written.replace(lake, "L") == (
        "SELECT usage_events.ts, e.ts FROM L AS usage_events JOIN L AS e ON TRUE"
    )


@pytest.mark.parametrize(
    ("sql", "limit"),
    [
        ("select ts from usage_events", 10),
        ("select ts from usage_events limit 11", 10),
        ("select ts from usage_events limit 3", 3),
        ("select ts from usage_events fetch first 4 rows only", 4),
        ("select ts from usage_events fetch first 40 rows only", 10),
        ("with a as (select ts from usage_events limit 500) select ts from a", 10),
        ("select 1 union all select 2 limit 99", 10),
    ],
)
def test_the_limit_is_lowered_and_never_raised(sql: str, limit: int) -> None:
    assert check_select(sql, max_rows=10, dialect="duckdb").endswith(f"LIMIT {limit}")


@given(st.text(max_size=80))
def test_any_text_is_either_written_anew_or_refused(text: str) -> None:
    try:
        written = check_select(f"select {text}", dialect="duckdb")
    except QueryRefused:
        return
    assert written.startswith(("SELECT", "WITH", "("))
