from __future__ import annotations

import math
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.histogram import (
    BUCKET_SQL_EPSILON,
    BUCKETS_PER_DOUBLING,
    bucket_index,
)
from bedrock_analytics.domain.periods import HOUR, Span
from bedrock_analytics.domain.price import BillableUsage
from bedrock_analytics.domain.usage_event import COLUMN_NAMES, UsageEvent
from bedrock_analytics.embedded.arrow_rows import arrow_table
from bedrock_analytics.embedded.duckdb_reader import duckdb_parameter, duckdb_sql
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.athena_queries import MAX_SQL_BYTES
from bedrock_analytics.storage.lake import UsageGroup, UsageQuery
from bedrock_analytics.storage.lake_measures import DISTRIBUTIONS, bucket_sql

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)
FULL = UsageQuery(
    spans=(Span.of_hour(TEN), Span.of_hour(TEN + 5 * HOUR)),
    context_thresholds=(128_000, 200_000),
    price_instants=(TEN + timedelta(minutes=1),),
    metadata_keys=("team", "app"),
)


def boundary_values() -> list[int]:
    """Zero, and all integers beside a bucket boundary or a power of two, up to 2**31."""
    found = {0, 1}
    for index in range(31 * BUCKETS_PER_DOUBLING + 1):
        edge = 2 ** (index / BUCKETS_PER_DOUBLING)
        found.update(math.floor(edge) + step for step in (-1, 0, 1))
        found.update(math.ceil(edge) + step for step in (-1, 0, 1))
    return sorted(value for value in found if 0 <= value <= 2**31)


def exact_bucket(value: int) -> int:
    """The bucket of a positive integer by integer arithmetic: the greatest i with 2^i < value^8."""
    power: int = value**BUCKETS_PER_DOUBLING
    return (power - 1).bit_length() - 1


def test_sql_puts_every_boundary_into_the_same_bucket_as_python() -> None:
    values = boundary_values()
    sql = duckdb_sql(f"select value, {bucket_sql('value')} from boundaries")  # noqa: S608
    connection = duckdb.connect(":memory:")
    connection.execute("create table boundaries as select unnest(?::bigint[]) as value", [values])
    found = dict(connection.execute(sql).fetchall())
    connection.close()
    assert len(found) > 700
    assert found == {value: bucket_index(value) for value in values}


def test_the_formula_of_trino_agrees_at_every_boundary() -> None:
    for value in boundary_values()[1:]:
        position = math.log(value) / math.log(2) * BUCKETS_PER_DOUBLING - BUCKET_SQL_EPSILON
        assert math.ceil(position) - 1 == bucket_index(value)


def test_buckets_differ_from_exact_arithmetic_at_no_integer_below_two_million() -> None:
    for value in [value for value in boundary_values() if 0 < value < 2_000_000]:
        assert bucket_index(value) == exact_bucket(value)


def test_group_columns_are_the_fields_of_a_group() -> None:
    grouped = {column.name for column in lake_sql.GROUP_COLUMNS}
    computed = {"metadata_key", "metadata_value", "calls", "newest_ts", "newest_parsed_at_ms"}
    measured = {*lake_sql.SUMS, *DISTRIBUTIONS}
    assert grouped | computed | measured == {field.name for field in fields(UsageGroup)}
    assert not grouped & (computed | measured)


def test_groups_agree_in_everything_that_a_price_depends_on() -> None:
    in_every_set = {column.name for column in lake_sql.GROUP_COLUMNS if not column.base_only}
    read = {field.name for field in fields(BillableUsage)}
    assert read - in_every_set == {"context_tokens", "quantities"}
    assert {"context_class", "price_epoch"} <= in_every_set


def test_group_columns_that_are_not_computed_are_columns_of_the_lake() -> None:
    names = {column.name for column in lake_sql.GROUP_COLUMNS}
    assert names - {"half_hour", "context_class", "price_epoch", "usage_kinds"} <= set(COLUMN_NAMES)
    assert set(lake_sql.SUMS) <= set(COLUMN_NAMES)


@pytest.mark.parametrize(
    "statement",
    [
        lake_sql.usage(FULL),
        lake_sql.usage(UsageQuery(spans=FULL.spans)),
        lake_sql.arrivals(None),
        lake_sql.arrivals(TEN),
        lake_sql.fingerprints(Span.of_hour(TEN)),
        lake_sql.hours(Span.of_hour(TEN), ["a", "b"]),
        lake_sql.hours(Span.of_hour(TEN), None),
        lake_sql.hours(Span.of_hour(TEN), ["a"], "111122223333"),
        lake_sql.names(Span.of_hour(TEN)),
        lake_sql.days(),
    ],
)
def test_each_statement_binds_one_parameter_for_each_mark(statement: lake_sql.Statement) -> None:
    assert statement.sql.count("?") == len(statement.parameters)
    assert len(sqlglot.parse(statement.sql, read="athena")) == 1


def test_values_never_stand_in_the_text() -> None:
    query = UsageQuery(
        spans=FULL.spans, context_thresholds=(987_654_321,), metadata_keys=("'; drop table usage_events",)
    )
    sql = lake_sql.usage(query).sql
    assert "drop" not in sql
    assert "987654321" not in sql
    assert "2026" not in sql


def test_sums_of_floating_point_numbers_do_not_occur() -> None:
    tree = sqlglot.parse_one(lake_sql.usage(FULL).sql, read="athena")
    summed = {node.this.name for node in tree.find_all(sqlglot.exp.Sum)}
    assert summed == {*lake_sql.SUMS, *(f"measured_{name}" for name in DISTRIBUTIONS)}


def test_a_usage_statement_without_spans_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a span"):
        lake_sql.usage(UsageQuery(spans=()))


def test_a_query_of_a_thousand_single_hours_fits_athena() -> None:
    spans = tuple(Span.of_hour(TEN + 2 * number * HOUR) for number in range(1000))
    statement = lake_sql.usage(UsageQuery(spans=spans, metadata_keys=tuple(map(str, range(20)))))
    assert len(statement.sql.encode()) < MAX_SQL_BYTES


@given(st.sets(st.integers(0, 60)))
def test_joined_spans_hold_the_same_half_hours(numbers: set[int]) -> None:
    half = timedelta(minutes=30)
    spans = [Span(TEN + number * half, TEN + (number + 1) * half) for number in numbers]
    joined = lake_sql.joined_spans(spans)
    held = {number for number in range(61) if any(span.contains(TEN + number * half) for span in joined)}
    assert held == numbers
    assert all(first.end < second.start for first, second in pairwise(joined))


def test_trino_paths_quote_the_key() -> None:
    assert lake_sql.MetadataPath("a.b").trino_path == '$["a.b"]'
    assert lake_sql.MetadataPath('a"b\\c').trino_path == '$["a\\"b\\\\c"]'


@pytest.mark.parametrize("statement", [lake_sql.usage(FULL), lake_sql.fingerprints(Span.of_hour(TEN))])
def test_time_filters_stand_at_the_scan_below_the_window(
    statement: lake_sql.Statement, tmp_path: Path
) -> None:
    parquet = str(tmp_path / "rows.parquet")
    rows = [
        UsageEvent(account_id="1", region="r", request_id="a", ts=TEN + hours * HOUR, parsed_at=TEN)
        for hours in range(-2, 9)
    ]
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'")
    connection.from_arrow(arrow_table(rows, TEN)).write_parquet(parquet)
    connection.read_parquet(parquet).create_view("usage_events")
    connection.execute("create macro json_scalar(document, path) as document ->> path")
    parameters = [duckdb_parameter(value) for value in statement.parameters]
    plan = connection.execute(f"explain {duckdb_sql(statement.sql)}", parameters).fetchall()[0][1]
    connection.close()
    # The plan is printed from the result down to the scan.
    window, scan = plan.index("row_number()"), plan.index("PARQUET_SCAN")
    assert window < scan < plan.index("ts >=", scan)
    assert "ts >=" not in plan[window:scan]
