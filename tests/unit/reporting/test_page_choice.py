"""Which pages answer a dimension under a filter on request metadata."""

from __future__ import annotations

import pytest

from bedrock_analytics.domain.dimensions import ACCOUNT, MODEL, TOTAL
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.reporting.page_choice import choose_pages
from bedrock_analytics.storage.usage_table import Scope
from tests.unit.reporting.test_usage_reader import between, reader_of, written
from tests.unit.reporting.written_usage import TEAM, Call, utc

KEYS = ("team", "stage")
SCOPES = (
    Scope(
        account_id="1",
        region="eu-west-1",
        first_hour=utc("2026-11-01 00:00"),
        last_hour=utc("2026-11-24 00:00"),
    ),
    Scope(
        account_id="2",
        region="us-east-1",
        first_hour=utc("2026-11-01 00:00"),
        last_hour=utc("2026-11-24 00:00"),
    ),
)


def chosen(
    dimension: str, *pairs: tuple[str, str], accounts: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    wanted = between("2026-11-20", "2026-11-21")
    usage_filter = type(wanted)(
        start=wanted.start, end=wanted.end, zone=wanted.zone, accounts=accounts, metadata=frozenset(pairs)
    )
    choice = choose_pages(usage_filter, dimension, lambda: SCOPES, KEYS)
    return (choice.page_dimension, *choice.scopes)


def test_pages_of_a_metadata_key_answer_its_own_totals() -> None:
    assert chosen(TOTAL, ("team", "search")) == (TEAM, "ALL")
    assert chosen(TEAM, ("team", "search")) == (TEAM, "ALL")


def test_a_metadata_key_combines_with_accounts_through_the_pages_of_each_account() -> None:
    assert chosen(ACCOUNT, ("team", "search")) == (TEAM, "1#eu-west-1", "2#us-east-1")
    assert chosen(TOTAL, ("team", "search"), accounts=frozenset("2")) == (TEAM, "2#us-east-1")


@pytest.mark.parametrize(
    ("dimension", "pairs"),
    [(MODEL, [("team", "search")]), (TOTAL, [("team", "search"), ("stage", "prod")])],
    ids=["with a model", "with another key"],
)
def test_a_metadata_key_combines_with_nothing_else(dimension: str, pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(UnsupportedCombination, match=r"'team'.*a metadata key stands alone"):
        chosen(dimension, *pairs)


def test_a_key_that_is_not_kept_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedCombination, match="'colour'; keys kept: team, stage"):
        chosen(TOTAL, ("colour", "red"))


def test_values_of_one_key_are_alternatives() -> None:
    calls = [
        Call(ts=utc("2026-11-24 09:10"), team="search", input_tokens=1),
        Call(ts=utc("2026-11-24 09:20"), team="ads", input_tokens=10),
        Call(ts=utc("2026-11-24 09:25"), team="shop", input_tokens=100),
    ]
    wanted = between("2026-11-24 09:00", "2026-11-24 10:00")
    usage_filter = type(wanted)(
        start=wanted.start,
        end=wanted.end,
        zone=wanted.zone,
        metadata=frozenset({("team", "search"), ("team", "shop")}),
    )
    assert reader_of(written(*calls)).breakdown(usage_filter, TOTAL).total.input_tokens == 101
