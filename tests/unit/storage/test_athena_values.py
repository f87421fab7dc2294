from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import LakeError
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.athena_values import decode_row, encode_parameter, with_literals
from bedrock_analytics.storage.lake_sql import MetadataPath, Statement, hours

TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_numbers_are_bare_and_everything_else_is_quoted() -> None:
    assert encode_parameter(200_000) == "200000"
    assert encode_parameter("it's") == "'it''s'"
    assert encode_parameter("42") == "'42'"
    assert encode_parameter(TEN) == "'2026-11-02T10:00:00.000Z'"
    assert encode_parameter(MetadataPath("it's a.b")) == "'$[\"it''s a.b\"]'"


@given(st.text(min_size=1))
def test_any_text_survives_as_a_literal(text: str) -> None:
    literal = encode_parameter(text)
    assert literal[1:-1].replace("''", "'") == text
    assert literal[1:-1].count("'") % 2 == 0


def test_moments_of_another_zone_and_booleans_are_mistakes() -> None:
    with pytest.raises(ValueError, match="UTC"):
        encode_parameter(datetime(2026, 11, 2))  # noqa: DTZ001  (the mistake under test)
    with pytest.raises(TypeError):
        encode_parameter(True)


def test_a_statement_with_literals_can_be_run_by_hand() -> None:
    text = with_literals(hours(Span.of_hour(TEN), ["it's"]))
    assert "?" not in text
    assert "'2026-11-02T11:00:00.000Z'" in text
    assert text.count("'it''s'") >= 2
    assert sqlglot.parse_one(text, read="athena")
    assert with_literals(Statement("select 1")) == "select 1"


def test_values_are_typed_by_their_column() -> None:
    types = ["bigint", "boolean", "double", "decimal", "date", "varchar", "map", "timestamp with time zone"]
    texts = [
        "7",
        "false",
        "1.5E3",
        "0.10",
        "2026-11-02",
        "",
        "{12=3, -1000000=1}",
        "2026-11-02 10:00:00.250 UTC",
    ]
    assert decode_row(types, texts) == (
        7,
        False,
        1500.0,
        Decimal("0.10"),
        date(2026, 11, 2),
        "",
        {12: 3, -1_000_000: 1},
        datetime(2026, 11, 2, 10, 0, 0, 250_000, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", ["bigint", "boolean", "varchar", "map", "timestamp with time zone"])
def test_an_absent_value_is_null_in_every_type(kind: str) -> None:
    assert decode_row([kind], [None]) == (None,)


def test_what_has_no_python_type_stays_text() -> None:
    texts = ["2026-11-02 10:00:00.000 Asia/Tokyo", "{a=b}", "{}", "[1, 2]"]
    types = ["timestamp with time zone", "map", "map", "array"]
    assert decode_row(types, texts) == (texts[0], "{a=b}", {}, "[1, 2]")


def test_a_value_that_does_not_fit_its_column_is_an_error() -> None:
    with pytest.raises(LakeError, match="does not fit"):
        decode_row(["bigint"], ["many"])
    with pytest.raises(LakeError, match="does not fit"):
        decode_row(["decimal"], ["many"])
