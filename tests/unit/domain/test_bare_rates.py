from __future__ import annotations

import pytest

from bedrock_analytics.domain.bare_rates import (
    OVERRIDES,
    BareRate,
    geographies_of_region,
    in_order_of_preference,
    override_of,
)
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import GLOBAL
from tests.pricing.books import ask, card, rates_of


@pytest.mark.parametrize(
    ("region", "geographies"),
    [
        ("us-east-1", ("us",)),
        ("us-gov-west-1", ("us-gov",)),
        ("eu-central-2", ("eu",)),
        ("ap-northeast-1", ("jp", "apac")),
        ("ap-northeast-2", ("apac",)),
        ("ap-northeast-3", ("jp", "apac")),
        ("ap-southeast-1", ("apac",)),
        ("ap-southeast-2", ("au", "apac")),
        ("ap-southeast-4", ("au", "apac")),
        ("ap-south-1", ("in", "apac")),
        ("ap-east-1", ("apac",)),
        ("ca-central-1", ("ca", "us")),
        ("sa-east-1", ("sa", "us")),
        ("me-central-1", ()),
        ("", ()),
    ],
)
def test_a_region_lies_in_its_geographies_the_narrowest_first(
    region: str, geographies: tuple[str, ...]
) -> None:
    assert geographies_of_region(region) == geographies


def test_other_geographies_follow_in_the_usual_order_and_then_by_name() -> None:
    known = {"zz", "aa", "apac", "eu", "us", "jp"}

    assert in_order_of_preference(known, "ap-northeast-1") == ["jp", "apac", "us", "eu", "aa", "zz"]
    assert in_order_of_preference(known, "me-central-1") == ["us", "eu", "apac", "aa", "jp", "zz"]
    assert in_order_of_preference({"eu", "us"}, "eu-west-1") == ["eu", "us"]


@pytest.mark.parametrize(
    ("model", "pays"),
    [
        ("anthropic.claude-mythos-5", BareRate.GEOGRAPHIC),
        ("anthropic.claude-mythos-5-1", BareRate.GEOGRAPHIC),
        ("amazon.nova-micro-v1:0", BareRate.BASE),
        ("amazon.nova-lite-v1:0", BareRate.BASE),
        ("amazon.nova-pro-v1:0", BareRate.BASE),
        ("anthropic.claude-sonnet-4-20250514-v1:0", BareRate.BASE),
    ],
)
def test_an_override_decides_against_the_general_rule(model: str, pays: BareRate) -> None:
    """The cards are such that the rule alone would say the opposite."""
    worldwide = "0.9" if pays is BareRate.GEOGRAPHIC else "1"
    prices = EffectivePriceBook(
        [card(model, input="1"), card(model, GLOBAL, input=worldwide), card(model, "geo:us", input="1.1")],
        version="1",
    )

    rate = rates_of(ask(prices, model, {"input": 1}))["input"]

    assert (str(rate), pays.value) in {("1.1", "geographic"), ("1", "base")}
    override = override_of(model)
    assert override is not None
    assert override.pays is pays


def test_every_override_has_a_source_and_most_models_have_none() -> None:
    assert all(len(entry.source) > 40 for entry in OVERRIDES)
    assert override_of("anthropic.claude-sonnet-4-6") is None
