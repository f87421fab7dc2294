"""What the page's address may say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dashboard.page_state import ANY, FIELDS, asked, chosen, parse_query
from dashboard.ranges import Preset
from tests.unit.dashboard.answers import utc

VIENNA = ZoneInfo("Europe/Vienna")


def test_an_empty_address_means_the_defaults() -> None:
    values = parse_query("")
    assert values == {field.name: [field.default] if field.many else field.default for field in FIELDS}
    found = asked(values, VIENNA)
    assert (found.preset, found.zone, found.accounts, found.custom) == (
        Preset.DAYS_7,
        VIENNA,
        frozenset(),
        None,
    )


def test_an_address_brings_back_every_control() -> None:
    query = (
        "?range=custom&from=2026-11-20T00:00&to=2026-11-21T00:00&zone=UTC&account=1&account=2&models=tokens"
    )
    values = parse_query(query)
    found = asked(values, VIENNA)
    assert values["models"] == "tokens"
    assert found.accounts == {"1", "2"}
    assert found.custom is not None
    assert found.custom.start == utc("2026-11-20 00:00")


def test_what_is_unknown_or_not_allowed_becomes_the_default() -> None:
    values = parse_query("?range=forever&models=%3Cscript%3E&nonsense=1&zone=Mars%2FOlympus")
    found = asked(values, VIENNA)
    assert values["range"] == Preset.DAYS_7
    assert values["models"] == "cost"
    assert "nonsense" not in values
    assert found.zone is VIENNA


def test_a_custom_range_without_a_span_is_the_default_range() -> None:
    assert asked(parse_query("?range=custom"), VIENNA).preset is Preset.DAYS_7


def test_names_of_parameters_and_controls_are_unique() -> None:
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    assert len({field.control for field in FIELDS}) == len(FIELDS)


def test_a_value_for_all_narrows_nothing() -> None:
    assert chosen(ANY) == chosen([ANY]) == chosen(None) == chosen("") == frozenset()
    assert chosen(["a", ANY]) == {"a"}


@given(st.text(max_size=200))
def test_no_address_breaks_the_page(query: str) -> None:
    asked(parse_query(query), VIENNA)
