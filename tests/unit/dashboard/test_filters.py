"""Filters in addresses and documents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import MOST_VALUES, Filters, document_of, is_filter, parse_filters

TEXTS = st.text(min_size=1, max_size=8)
SETS = st.frozensets(TEXTS, max_size=3)
FILTERS = st.builds(
    Filters,
    accounts=SETS,
    regions=SETS,
    models=SETS,
    routes=SETS,
    callers=SETS,
    operations=SETS,
    metadata=st.frozensets(st.tuples(TEXTS, TEXTS), max_size=4),
)


@given(FILTERS)
def test_filters_survive_the_browser(filters: Filters) -> None:
    assert Filters.from_document(document_of(filters.to_document())) == filters


def test_an_address_may_name_several_values_of_each_filter() -> None:
    found = parse_filters("?model=a&model=b&caller=1%2Fx&meta.team=search&range=7d&model=a&meta.=x&region=")
    assert found == {"model": ["a", "b"], "caller": ["1/x"], "meta.team": ["search"]}
    assert Filters.from_document(found).metadata == {("team", "search")}


def test_a_metadata_key_may_hold_any_sign_that_bedrock_allows() -> None:
    assert Filters.from_document(parse_filters("?meta.a%3Db.c=1%3D2")).metadata == {("a=b.c", "1=2")}


def test_what_a_browser_sends_that_is_no_filter_narrows_nothing() -> None:
    assert document_of({"model": "not a list", "password": ["x"], "caller": [1]}) == {"caller": ["1"]}
    assert document_of(None) == document_of("model") == {}
    assert not is_filter("meta.")


def test_an_address_cannot_ask_for_endless_values() -> None:
    query = "?" + "&".join(f"model=m{number}" for number in range(900))
    assert len(parse_filters(query)["model"]) == MOST_VALUES
    assert parse_filters("?" + "&".join("model=x" for _ in range(2000))) == {}


@given(st.text(max_size=200))
def test_no_address_breaks_the_filters(query: str) -> None:
    Filters.from_document(parse_filters(query))
