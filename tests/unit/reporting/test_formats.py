"""Figures as people read them, at the edges of each form."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bedrock_analytics.reporting import formats
from bedrock_analytics.reporting.metrics import Average, Completeness, CostFigure


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "—"),
        ("0", "$0.00"),
        ("0.000001", "<$0.01"),
        ("0.00999", "<$0.01"),
        ("0.01", "$0.01"),
        ("13875.1", "$13,875.10"),
        ("0.125", "$0.12"),
        ("0.135", "$0.14"),
        ("-2.5", "−$2.50"),
        ("-0.001", "−<$0.01"),
    ],
)
def test_usd_is_to_the_cent_and_nothing_vanishes(amount: str | None, text: str) -> None:
    assert formats.usd(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "—"),
        ("0", "$0.00"),
        ("0.000123", "$0.000123"),
        ("0.999999", "$0.999999"),
        ("1.005", "$1.00"),
        ("-0.5", "−$0.500000"),
    ],
)
def test_usd_in_detail_has_six_decimals_below_a_dollar(amount: str | None, text: str) -> None:
    assert formats.usd_in_detail(None if amount is None else Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "—"),
        ("0", "$0.0000"),
        ("0.00005", "<$0.0001"),
        ("-0.00005", "−<$0.0001"),
        ("1.00005", "$1.0000"),
        ("13875.1", "$13,875.1000"),
        ("-2.5", "−$2.5000"),
    ],
)
def test_usd_in_a_column_has_four_decimals(amount: str | None, text: str) -> None:
    assert formats.usd_in_column(None if amount is None else Decimal(amount)) == text


def figure(completeness: Completeness, low: str, high: str | None = None) -> CostFigure:
    return CostFigure(
        list_usd=Decimal(low),
        upper_usd=Decimal(low if high is None else high),
        completeness=completeness,
        unpriced_invocations=0,
        unpriced_tokens=0,
    )


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (figure(Completeness.COMPLETE, "0"), "$0.00"),
        (figure(Completeness.COMPLETE, "2.5", "2.504"), "$2.50"),
        (figure(Completeness.COMPLETE, "2.5", "3"), "$2.50 to $3.00"),
        (figure(Completeness.PARTIAL, "2.5", "3"), "≥ $2.50"),
        (figure(Completeness.UNKNOWN, "0"), "—"),
    ],
)
def test_a_cost_says_what_it_lacks(cost: CostFigure, text: str) -> None:
    assert formats.cost(cost) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "—"),
        (0, "0"),
        (999, "999"),
        (1000, "1K"),
        (18_449, "18.4K"),
        (99_949, "99.9K"),
        (99_950, "100K"),
        (999_499, "999K"),
        (999_500, "1M"),
        (941_000_000, "941M"),
        (2_900_000_000, "2.9B"),
        (1_000_000_000_000, "1T"),
        (1_234_000_000_000_000, "1,234T"),
        (-18_400, "-18.4K"),
    ],
)
def test_a_compact_count_has_three_digits_and_its_unit(count: int | None, text: str) -> None:
    assert formats.compact(count) == text


def test_an_exact_count_is_in_full() -> None:
    assert (formats.exact(1_234_567), formats.exact(0), formats.exact(None)) == ("1,234,567", "0", "—")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.0, "0.0 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (3_420.0, "3.42 s"),
        (59_994.0, "59.99 s"),
        (59_996.0, "1 min 0 s"),
        (72_000.0, "1 min 12 s"),
    ],
)
def test_a_duration_has_the_unit_of_its_size(value: float | None, text: str) -> None:
    assert formats.milliseconds(value) == text


def test_an_average_with_the_first_token_in_it_is_marked() -> None:
    plain = Average(value_ms=15.0, measured=1, calls=1)
    marked = Average(value_ms=15.0, measured=1, calls=1, includes_first_token=True)
    assert (formats.average(plain), formats.average(marked)) == ("15 ms", "15 ms*")


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "—"),
        (0.0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.0005, "0.1 %"),
        (0.123, "12.3 %"),
        (0.9996, ">99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_never_reads_as_nothing_or_all_unless_it_is(share: float | None, text: str) -> None:
    assert formats.percent(share) == text
