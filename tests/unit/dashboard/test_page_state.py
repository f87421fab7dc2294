"""What the page's address may say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import is_filter
from dashboard.page_state import ANY, FRAME_FIELDS, asked, chosen, parse_query
from dashboard.pages.overview import FIELDS
from dashboard.pages.page import Page
from dashboard.pages.registry import PAGES
from dashboard.ranges import Preset
from tests.unit.dashboard.answers import utc

VIENNA = ZoneInfo("Europe/Vienna")


def test_an_empty_address_means_the_defaults() -> None:
    values = parse_query("")
    assert values == {field.name: field.default for field in FRAME_FIELDS}
    found = asked(values, VIENNA)
    assert (found.preset, found.zone, found.filters.to_document(), found.custom, found.compares) == (
        Preset.DAYS_7,
        VIENNA,
        {},
        None,
        True,
    )


def test_an_address_brings_back_every_control() -> None:
    query = "?range=custom&from=2026-11-20T00:00&to=2026-11-21T00:00&zone=UTC&compare=off&models=tokens"
    assert parse_query(query, FIELDS)["models"] == "tokens"
    found = asked({**parse_query(query), "filters": {"account": ["1", "2"]}}, VIENNA)
    assert found.filters.accounts == {"1", "2"}
    assert found.compares is False
    assert found.custom is not None
    assert found.custom.start == utc("2026-11-20 00:00")


def test_what_is_unknown_or_not_allowed_becomes_the_default() -> None:
    query = "?range=forever&models=%3Cscript%3E&nonsense=1&zone=Mars%2FOlympus"
    found = asked(parse_query(query), VIENNA)
    assert parse_query(query)["range"] == Preset.DAYS_7
    assert parse_query(query, FIELDS)["models"] == "cost"
    assert "nonsense" not in parse_query(query)
    assert found.zone is VIENNA


def test_a_custom_range_without_a_span_is_the_default_range() -> None:
    assert asked(parse_query("?range=custom"), VIENNA).preset is Preset.DAYS_7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path or "overview")
def test_parameters_and_controls_of_a_page_are_its_own(page: Page) -> None:
    fields = (*FRAME_FIELDS, *page.fields)
    assert len({field.name for field in fields}) == len(fields)
    assert len({field.control for field in fields}) == len(fields)
    assert not [field.name for field in fields if is_filter(field.name)]


def test_a_value_for_all_narrows_nothing() -> None:
    assert chosen(ANY) == chosen([ANY]) == chosen(None) == chosen("") == frozenset()
    assert chosen(["a", ANY]) == {"a"}


@given(st.text(max_size=200))
def test_no_address_breaks_the_page(query: str) -> None:
    asked(parse_query(query), VIENNA)
