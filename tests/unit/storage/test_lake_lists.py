"""Limits of the statements of lists, which no small lake reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlglot

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.rate_vectors import MAX_DISCOUNTED, MAX_VECTORS
from bedrock_analytics.storage.athena_queries import MAX_SQL_BYTES
from bedrock_analytics.storage.athena_values import encode_parameter
from bedrock_analytics.storage.lake_lists import (
    RATE_KINDS,
    CallList,
    CallOrder,
    CallPosition,
    RateVector,
    calls_statement,
)
from bedrock_analytics.storage.lake_slices import field_sql

START = datetime(2026, 8, 1, tzinfo=UTC)
MODEL = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/" + "x" * 60


def _vector(number: int, **changes: object) -> RateVector:
    fields: dict[str, object] = {
        "model_id": f"{MODEL}{number}",
        "route": "regional",
        "regions": tuple(f"ap-northeast-{number}" for number in range(30)),
        "tiers": ("(none)", "standard", "default", "auto", "on_demand", "priority", "flex"),
        "account": "111122223333",
        "classes": (0, 3),
        "epochs": (0, 9),
        "rates": (25_000_000_000,) * len(RATE_KINDS),
    }
    return RateVector(**fields | changes)  # type: ignore[arg-type]


def _dearest(vectors: int) -> CallList:
    return CallList(
        span=Span(START, START + timedelta(days=90)),
        order=CallOrder.DEAREST,
        limit=500,
        conditions=(("caller", tuple(f"user/{number}" for number in range(50))), ("TAG:team", ("blue",))),
        after=CallPosition(value=7, key="k"),
        error_codes=("ThrottlingException",),
        rates=tuple(map(_vector, range(vectors))),
        discounted_accounts=tuple(f"{number:012}" for number in range(MAX_DISCOUNTED)),
        context_thresholds=(128_000, 200_000, 272_000),
        price_instants=tuple(START + timedelta(days=number) for number in range(1, 10)),
    )


def test_the_longest_query_stays_within_athena_s_limits() -> None:
    statement = calls_statement(
        _dearest(MAX_VECTORS), '"s3tablescatalog/lake"."bedrock_analytics"."usage_events"'
    )
    assert len(statement.sql.encode()) < MAX_SQL_BYTES
    assert all(len(encode_parameter(value)) <= 1_024 for value in statement.parameters)
    assert statement.sql.count("?") == len(statement.parameters)


@pytest.mark.parametrize("order", CallOrder)
def test_every_order_is_one_select_in_athena_s_grammar(order: CallOrder) -> None:
    statement = calls_statement(CallList(span=Span(START, START), order=order, limit=1))
    (query,) = sqlglot.parse(statement.sql, read="athena")
    assert query is not None
    assert statement.sql.count("?") == len(statement.parameters)


def test_more_names_than_a_parameter_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="too many for one rate vector"):
        assert _vector(1, regions=tuple(f"region-{number}" for number in range(200))).texts


@pytest.mark.parametrize("name", ["ts", "input_tokens", "no_such_column", "caller; drop table x", ""])
def test_only_text_columns_and_metadata_keys_are_fields(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be cut by"):
        field_sql(name)
