from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bedrock_analytics.domain.billable import billable_of_question
from bedrock_analytics.domain.price import BillableUsage, PriceStatus
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.price_plan import tier_of
from bedrock_analytics.domain.price_subject import Unpriced
from bedrock_analytics.domain.rate_card import GLOBAL, Discount, RateCard, RateSource, geography_scope
from tests.pricing.books import NOON, ask, bundled_book, card, rates_of

MODEL = "amazon.some-model-v1:0"
SECOND = timedelta(seconds=1)
ARN = "arn:aws:bedrock:us-east-1:111122223333:"


def book(*cards: RateCard, **more: Any) -> EffectivePriceBook:
    return EffectivePriceBook(cards, version="7", **more)


def usage(**fields: Any) -> BillableUsage:
    asked = billable_of_question(MODEL, {"input": 10}, region="us-east-1")
    return dataclasses.replace(asked, **fields)


def test_a_price_change_applies_from_the_second_it_takes_effect() -> None:
    change = NOON.replace(minute=17, second=3)
    prices = book(card(MODEL, input="1"), card(MODEL, since=change, input="2"))

    assert rates_of(ask(prices, MODEL, {"input": 1}, at=change - SECOND)) == {"input": Decimal(1)}
    assert rates_of(ask(prices, MODEL, {"input": 1}, at=change)) == {"input": Decimal(2)}


def test_two_changes_in_one_hour_make_three_epochs() -> None:
    first, second = NOON.replace(minute=10), NOON.replace(minute=20)
    prices = book(
        card(MODEL, since=second, input="3"), card(MODEL, input="1"), card(MODEL, since=first, input="2")
    )

    assert prices.instants(NOON, NOON + timedelta(hours=1)) == (first, second)
    moments = (NOON, first, second, second + SECOND)
    assert [ask(prices, MODEL, {"input": 1}, at=at).lines[0].rate_usd_per_million for at in moments] == [
        1,
        2,
        3,
        3,
    ]


def test_instants_exclude_both_ends_of_the_span() -> None:
    prices = book(card(MODEL, input="1"), card(MODEL, since=NOON, input="2"))

    assert prices.instants(NOON, NOON + SECOND) == ()
    assert prices.instants(NOON - SECOND, NOON) == ()
    assert prices.instants(NOON - SECOND, NOON + SECOND) == (NOON,)


def test_a_price_in_the_past_and_one_in_the_future_hold_in_their_own_time() -> None:
    past, future = NOON - timedelta(days=400), NOON + timedelta(days=400)
    prices = book(
        card(MODEL, input="1"), card(MODEL, since=past, input="2"), card(MODEL, since=future, input="3")
    )

    assert rates_of(ask(prices, MODEL, {"input": 1}, at=past - SECOND))["input"] == 1
    assert rates_of(ask(prices, MODEL, {"input": 1}))["input"] == 2
    assert rates_of(ask(prices, MODEL, {"input": 1}, at=future))["input"] == 3


def test_before_its_first_card_a_model_has_no_price() -> None:
    prices = book(card(MODEL, since=NOON, input="1"))

    cost = ask(prices, MODEL, {"input": 5}, at=NOON - SECOND)

    assert (cost.status, cost.reason, cost.unpriced) == (PriceStatus.UNPRICED, "no_rate_card", {"input": 5})


def test_a_manual_rate_wins_over_later_listed_ones_and_leaves_the_other_kinds_alone() -> None:
    manual = card(MODEL, since=NOON, source=RateSource.MANUAL, input="0.5")
    later = card(MODEL, since=NOON + SECOND, input="9", output="8")
    prices = book(card(MODEL, input="1", output="2"), manual, later)

    cost = ask(prices, MODEL, {"input": 1, "output": 1}, at=NOON + 2 * SECOND)

    assert rates_of(cost) == {"input": Decimal("0.5"), "output": Decimal(8)}
    assert "source manual" in cost.lines[0].card
    assert "source litellm" in cost.lines[1].card


def test_a_listed_rate_wins_over_the_supplement() -> None:
    prices = book(card(MODEL, source=RateSource.AWS, input="1", output="2"), card(MODEL, input="3"))

    assert rates_of(ask(prices, MODEL, {"input": 1, "output": 1})) == {
        "input": Decimal(3),
        "output": Decimal(2),
    }


def test_a_manual_price_of_the_bare_id_is_what_a_bare_call_pays() -> None:
    geographic = card(MODEL, geography_scope("us"), input="1.1")
    listed = (card(MODEL, input="1"), card(MODEL, GLOBAL, input="1"), geographic)
    manual = card(MODEL, source=RateSource.MANUAL, input="0.7")

    assert rates_of(ask(book(*listed), MODEL, {"input": 1})) == {"input": Decimal("1.1")}
    assert rates_of(ask(book(*listed, manual), MODEL, {"input": 1})) == {"input": Decimal("0.7")}


def test_a_manual_price_at_the_global_rate_is_still_what_a_bare_call_pays() -> None:
    listed = (card(MODEL, input="1"), card(MODEL, GLOBAL, input="1"), card(MODEL, "geo:us", input="1.1"))
    manual = card(MODEL, source=RateSource.MANUAL, input="1")

    assert rates_of(ask(book(*listed, manual), MODEL, {"input": 1})) == {"input": Decimal(1)}


def test_the_rule_for_bare_ids_compares_input_and_output() -> None:
    def bare(worldwide: str, geographic: str) -> dict[str, Decimal]:
        cards = (
            card(MODEL, input="1", output="5"),
            card(MODEL, GLOBAL, input="1", output=worldwide),
            card(MODEL, "geo:us", input="1", output=geographic),
        )
        return rates_of(ask(book(*cards), MODEL, {"output": 1}))

    assert bare(worldwide="5", geographic="6") == {"output": Decimal(6)}
    assert bare(worldwide="4", geographic="6") == {"output": Decimal(5)}


def test_a_tier_may_have_a_rate_where_the_standard_tier_has_none() -> None:
    cost = ask(book(card(MODEL, input__flex="0.5")), MODEL, {"input": 1}, tier="flex")

    assert rates_of(cost) == {"input": Decimal("0.5")}


@pytest.mark.parametrize("size", ["1024x", "x1024", "large", "1024x768x2"])
def test_a_size_that_is_none_is_taken_for_the_smallest_class(size: str) -> None:
    asked = billable_of_question("amazon.nova-canvas-v1:0", {"output_image": 1}, region="us-east-1")

    cost = bundled_book().cost(dataclasses.replace(asked, image_size=size, image_quality="premium"), NOON)

    assert rates_of(cost) == {"output_image": Decimal(60_000)}


def test_a_bare_id_pays_its_base_card_where_no_geographic_one_is_dearer() -> None:
    same = (card(MODEL, input="1"), card(MODEL, GLOBAL, input="1"), card(MODEL, "geo:us", input="1"))
    cheaper_global = (
        card(MODEL, input="1"),
        card(MODEL, GLOBAL, input="0.9"),
        card(MODEL, "geo:us", input="2"),
    )

    assert "scope base (bare model id)" in ask(book(*same), MODEL, {"input": 1}).lines[0].card
    assert rates_of(ask(book(*cheaper_global), MODEL, {"input": 1})) == {"input": Decimal(1)}


def test_the_card_of_the_region_called_goes_before_the_geographic_one() -> None:
    prices = book(
        card(MODEL, input="1"),
        card(MODEL, GLOBAL, input="1"),
        card(MODEL, "geo:eu", input="1.1"),
        card(MODEL, "region:eu-west-2", input="1.5"),
    )

    assert rates_of(ask(prices, MODEL, {"input": 1}, region="eu-west-2")) == {"input": Decimal("1.5")}
    assert rates_of(ask(prices, MODEL, {"input": 1}, region="eu-west-1")) == {"input": Decimal("1.1")}


@pytest.mark.parametrize(
    ("region", "rate"),
    [("us-east-1", "1.1"), ("eu-west-1", "1.2"), ("ap-northeast-1", "1.4"), ("ap-southeast-1", "1.3")],
)
def test_a_bare_id_pays_the_geography_that_its_region_lies_in(region: str, rate: str) -> None:
    geographies = {"us": "1.1", "eu": "1.2", "apac": "1.3", "jp": "1.4"}
    prices = book(
        card(MODEL, input="1"),
        card(MODEL, GLOBAL, input="1"),
        *(card(MODEL, geography_scope(name), input=own) for name, own in geographies.items()),
    )

    assert rates_of(ask(prices, MODEL, {"input": 1}, region=region)) == {"input": Decimal(rate)}


@pytest.mark.parametrize(
    ("route", "rate"), [("global", "1"), ("us", "1.1"), ("jp", "1.1"), ("us-gov", "1.2")]
)
def test_each_route_pays_its_card_or_another_geographys(route: str, rate: str) -> None:
    prices = book(
        card(MODEL, GLOBAL, input="1"),
        card(MODEL, "geo:us", input="1.1"),
        card(MODEL, "geo:us-gov", input="1.2"),
    )

    assert rates_of(ask(prices, f"{route}.{MODEL}", {"input": 1})) == {"input": Decimal(rate)}


def test_government_rates_are_neither_lent_nor_borrowed() -> None:
    government = book(card(MODEL, "geo:us-gov", input="1.2"))
    commercial = book(card(MODEL, "geo:us", input="1.1"))

    assert ask(government, f"us.{MODEL}", {"input": 1}).reason == "no_rate_card"
    assert ask(government, MODEL, {"input": 1}, region="us-gov-west-1").status is PriceStatus.PRICED
    assert ask(commercial, f"us-gov.{MODEL}", {"input": 1}, region="us-gov-west-1").reason == "no_rate_card"
    assert ask(commercial, MODEL, {"input": 1}, region="us-gov-west-1").reason == "no_rate_card"


def test_a_government_region_lends_its_card_to_the_profile_of_the_partition() -> None:
    prices = book(card(MODEL, input="1"), card(MODEL, "region:us-gov-west-1", input="1.2"))

    for region in ("us-gov-west-1", "us-gov-east-1"):
        assert rates_of(ask(prices, f"us-gov.{MODEL}", {"input": 1}, region=region)) == {
            "input": Decimal("1.2")
        }


def test_a_rate_that_a_card_lacks_comes_from_one_that_agrees_with_it() -> None:
    prices = book(
        card(MODEL, "geo:apac", input="1.1", output="5.5"),
        card(MODEL, "geo:us", input="1.2", output="5.5", cache_read="0.12"),
        card(MODEL, "geo:jp", input="1.1", output="5.5", cache_read="0.11"),
    )

    cost = ask(prices, f"apac.{MODEL}", {"input": 1, "cache_read": 1})

    assert rates_of(cost) == {"input": Decimal("1.1"), "cache_read": Decimal("0.11")}
    assert "geo:jp (same price as geo:apac, listed there)" in cost.lines[1].card


def test_a_rate_that_no_agreeing_card_has_is_missing_and_the_rest_is_priced() -> None:
    prices = book(card(MODEL, "geo:eu", input="1"), card(MODEL, "geo:us", input="2", cache_read="1"))

    cost = ask(prices, f"eu.{MODEL}", {"input": 3, "cache_read": 4})

    assert (cost.status, cost.reason) == (PriceStatus.PARTIAL, "no_unit_rate")
    assert (rates_of(cost), cost.unpriced) == ({"input": Decimal(1)}, {"cache_read": 4})


@pytest.mark.parametrize("name", [None, "", "default", "Default", "standard", "auto", "on_demand"])
def test_names_of_the_standard_tier(name: str | None) -> None:
    assert tier_of(name) == "standard"


def test_other_tiers_keep_their_names() -> None:
    assert [tier_of(name) for name in ("flex", "batches", "batch", "Priority", "ultrafast")] == [
        "flex",
        "batch",
        "batch",
        "priority",
        "ultrafast",
    ]
    assert tier_of(None, latency_optimized=True) == "latency-optimized"
    assert tier_of("flex", latency_optimized=True) == "flex"


def test_a_tier_without_a_rate_is_unpriced_and_never_taken_for_the_standard_one() -> None:
    prices = book(card(MODEL, input="1", input__flex="0.5"))

    flex = ask(prices, MODEL, {"input": 2}, tier="flex")
    priority = ask(prices, MODEL, {"input": 2}, tier="priority")

    assert rates_of(flex) == {"input": Decimal("0.5")}
    assert (priority.status, priority.reason) == (PriceStatus.UNPRICED, "no_tier_rate")
    assert (priority.unpriced, priority.lines) == ({"input": 2}, ())


def test_the_receipt_says_that_a_tier_is_assumed() -> None:
    prices = book(card(MODEL, input="1", input__flex="0.5"))

    def words(tier: str | None) -> str:
        return ask(prices, MODEL, {"input": 1}, tier=tier).lines[0].card

    assert "tier standard, assumed as the log shows none;" in words(None)
    assert "tier standard;" in words("default")
    assert "tier flex;" in words("flex")


def test_a_tier_without_a_long_context_rate_is_unpriced_above_the_threshold() -> None:
    prices = book(card(MODEL, input="1", input_over_1000="2", input__flex="0.5"))

    assert ask(prices, MODEL, {"input": 1000}, tier="flex").status is PriceStatus.PRICED
    assert ask(prices, MODEL, {"input": 1001}, tier="flex").reason == "no_tier_rate"


def test_the_long_context_rate_is_decided_on_input_and_both_sides_of_the_cache() -> None:
    prices = book(
        card(
            MODEL,
            input="1",
            input_over_1000="2",
            output="5",
            output_over_1000="6",
            cache_read="0.1",
            cache_write_5m="1.25",
        )
    )
    at_edge = {"input": 998, "cache_read": 1, "cache_write_5m": 1, "output": 1_000_000}

    assert rates_of(ask(prices, MODEL, at_edge))["output"] == 5
    above = rates_of(ask(prices, MODEL, {**at_edge, "input": 999}))
    assert above == {"input": 2, "output": 6, "cache_read": Decimal("0.1"), "cache_write_5m": Decimal("1.25")}
    assert prices.thresholds() == (1000,)


def test_the_greatest_threshold_that_is_exceeded_decides() -> None:
    prices = book(card(MODEL, input="1", input_over_1000="2", input_over_2000="3"))

    rates = [
        ask(prices, MODEL, {"input": count}).lines[0].rate_usd_per_million for count in (1001, 2000, 2001)
    ]

    assert rates == [2, 2, 3]


def test_thresholds_are_the_union_of_all_cards() -> None:
    prices = book(card(MODEL, input="1", input_over_2000="2"), card("amazon.b", input="1", input_over_9="2"))

    assert prices.thresholds() == (9, 2000)


def test_a_write_of_unknown_lifetime_is_priced_as_5_minutes_with_the_hour_as_upper_bound() -> None:
    prices = book(card(MODEL, input="1", cache_write_5m="1.25", cache_write_1h="2"))
    written = usage(quantities={"cache_write_5m": 1_000_000}, context_tokens=1_000_000)

    unknown = prices.cost(dataclasses.replace(written, cache_ttl_known=False), NOON)
    known = prices.cost(dataclasses.replace(written, cache_ttl_known=True), NOON)

    assert (unknown.lines[0].cost_usd, unknown.upper_extra_usd) == (Decimal("1.25"), Decimal("0.75"))
    assert (known.lines[0].cost_usd, known.upper_extra_usd) == (Decimal("1.25"), Decimal(0))


def test_there_is_no_upper_bound_where_an_hour_has_no_rate_or_is_not_dearer() -> None:
    no_hour = card(MODEL, input="1", cache_write_5m="1")
    same = card(MODEL, input="1", cache_write_5m="1", cache_write_1h="1")
    cheaper = card(MODEL, input="1", cache_write_5m="1", cache_write_1h="0.5")
    for prices in (book(no_hour), book(same), book(cheaper)):
        cost = prices.cost(usage(quantities={"cache_write_5m": 9}, cache_ttl_known=False), NOON)
        assert cost.upper_extra_usd == 0


def test_cached_tokens_are_compared_with_plain_input_of_the_same_call() -> None:
    prices = book(
        card(
            MODEL,
            input="3",
            input_over_1000="6",
            cache_read="0.3",
            cache_read_over_1000="0.6",
            cache_write_1h="6.1",
        )
    )
    quantities = {"input": 5, "cache_read": 1_000_000, "cache_write_1h": 10}

    short = prices.cost(usage(quantities=quantities, context_tokens=1), NOON)
    long = prices.cost(usage(quantities=quantities, context_tokens=1001), NOON)

    assert short.cache_saved == {"cache_read": Decimal("2.7"), "cache_write_1h": Decimal("-0.000031")}
    assert long.cache_saved == {"cache_read": Decimal("5.4"), "cache_write_1h": Decimal("-0.000001")}


def test_nothing_is_said_to_be_saved_where_a_rate_is_unknown() -> None:
    cached = {"cache_read": 10, "cache_write_5m": 10}

    no_input = ask(book(card(MODEL, cache_read="0.3", cache_write_5m="3.75")), MODEL, cached)
    no_write = ask(book(card(MODEL, input="3", cache_read="0.3")), MODEL, cached)
    no_card = ask(book(), MODEL, cached)

    assert (no_input.cache_saved, no_card.cache_saved) == ({}, {})
    assert no_write.cache_saved == {"cache_read": Decimal("0.000027")}


def test_a_write_of_another_lifetime_pays_the_rate_of_that_lifetime() -> None:
    prices = book(card(MODEL, input="1", cache_write_5m="1", cache_write_30m="1.5"))

    half_hour = prices.cost(usage(quantities={"cache_write_other": 1}, cache_write_other_ttl="30m"), NOON)
    unlisted = prices.cost(usage(quantities={"cache_write_other": 1}, cache_write_other_ttl="2h"), NOON)

    assert rates_of(half_hour) == {"cache_write_other": Decimal("1.5")}
    assert unlisted.reason == "no_unit_rate"


def test_openai_models_write_the_cache_for_30_minutes_at_the_listed_rate() -> None:
    cost = bundled_book().cost(
        dataclasses.replace(
            billable_of_question("global.openai.gpt-6-sol", {"cache_write_other": 1}, region="us-east-1"),
            cache_write_other_ttl="30m",
        ),
        NOON,
    )

    assert rates_of(cost) == {"cache_write_other": Decimal("2.5")}


def test_video_is_priced_by_the_second_and_counted_in_milliseconds() -> None:
    cost = ask(book(card(MODEL, output_video="80000")), MODEL, {"output_video": 6500})

    line = cost.lines[0]
    assert (line.unit, line.rate_usd_per_million, line.cost_usd) == (
        "millisecond",
        Decimal(80),
        Decimal("0.52"),
    )


@pytest.mark.parametrize(
    ("called", "reason"),
    [
        (f"{ARN}provisioned-model/abc", "time_based_capacity"),
        (f"{ARN}imported-model/abc", "time_based_capacity"),
        (f"{ARN}custom-model/amazon.nova-lite-v1:0:300k/abc", "time_based_capacity"),
        (f"{ARN}custom-model-deployment/abc", "custom_model"),
        ("arn:aws:sagemaker:us-east-1:111122223333:endpoint/x", "time_based_capacity"),
        (f"{ARN}marketplace/model-endpoint/x", "time_based_capacity"),
        (f"{ARN}prompt/ABC:1", "unresolved_prompt"),
        (f"{ARN}default-prompt-router/anthropic.claude:1", "unresolved_router"),
        (f"{ARN}application-inference-profile/abc", "unresolved_profile"),
        ("acme.new-model-v1:0", "no_rate_card"),
        ("something", "no_rate_card"),
    ],
)
def test_what_cannot_be_priced_names_its_reason(called: str, reason: str) -> None:
    cost = ask(bundled_book(), called, {"input": 10, "output": 5})

    assert (cost.status, cost.reason) == (PriceStatus.UNPRICED, reason)
    assert cost.unpriced == {"input": 10, "output": 5}
    assert (cost.lines, cost.discounts) == ((), {})


def test_reserved_capacity_is_paid_by_time() -> None:
    cost = ask(book(card(MODEL, input="1")), MODEL, {"input": 1}, tier="reserved")

    assert cost.reason == "time_based_capacity"


def test_a_price_of_the_arn_itself_goes_first() -> None:
    arn = f"{ARN}custom-model-deployment/abc"
    prices = book(card(arn, source=RateSource.MANUAL, input="2"))

    assert rates_of(ask(prices, arn, {"input": 1})) == {"input": Decimal(2)}


def test_an_application_profile_pays_as_the_model_and_route_it_stands_for() -> None:
    arn = f"{ARN}application-inference-profile/abc"
    prices = book(card(MODEL, input="1"), card(MODEL, "geo:us", input="1.1"), profiles={arn: f"us.{MODEL}"})
    named = usage(
        model_id=MODEL, inference_profile_arn=arn, logged_model_id=arn, profile_model_id=MODEL, route=None
    )

    assert rates_of(ask(prices, arn, {"input": 1})) == {"input": Decimal("1.1")}
    assert rates_of(prices.cost(named, NOON)) == {"input": Decimal(1)}


def test_the_models_of_profiles_decide_on_the_route_whatever_else_is_logged() -> None:
    arn = f"{ARN}application-inference-profile/abc"
    prices = book(
        card(MODEL, GLOBAL, input="1"), card(MODEL, "geo:us", input="1.1"), profiles={arn: f"global.{MODEL}"}
    )
    logged = usage(route="us", inference_profile_arn=arn, logged_model_id=arn)

    assert rates_of(prices.cost(usage(route="us"), NOON)) == {"input": Decimal("1.1")}
    assert rates_of(prices.cost(logged, NOON)) == {"input": Decimal(1)}
    named = dataclasses.replace(logged, profile_model_id=f"us.{MODEL}", route=None)
    assert rates_of(prices.cost(named, NOON)) == {"input": Decimal("1.1")}
    only_arn = usage(model_id=arn, logged_model_id=None, inference_profile_arn=None, route=None)
    assert rates_of(prices.cost(only_arn, NOON)) == {"input": Decimal(1)}


def test_an_arn_with_a_price_of_its_own_is_regional_unless_a_route_is_logged() -> None:
    arn = f"{ARN}custom-model-deployment/abc"
    prices = book(card(arn, source=RateSource.MANUAL, input="2"))

    subjects = [
        prices.subject(usage(model_id=arn, logged_model_id=arn, route=route), NOON) for route in (None, "us")
    ]

    assert [subject.route for subject in subjects if not isinstance(subject, Unpriced)] == ["regional", "us"]


def test_a_name_without_date_finds_the_one_model_of_that_name() -> None:
    cost = ask(bundled_book(), "global.anthropic.claude-haiku-4-5", {"input": 1})

    assert rates_of(cost) == {"input": Decimal(1)}


def test_an_unresolved_profile_pays_as_the_model_that_the_response_names() -> None:
    arn = f"{ARN}application-inference-profile/abc"
    asked = billable_of_question(arn, {"input": 1}, region="us-east-1")
    answered = dataclasses.replace(asked, response_model_id="claude-sonnet-4-5-20250929")

    cost = bundled_book().cost(answered, NOON)

    assert rates_of(cost) == {"input": Decimal("3.3")}
    assert "model by the model that the response names" in cost.lines[0].card


def test_a_response_that_fits_two_models_names_none() -> None:
    arn = f"{ARN}application-inference-profile/abc"
    prices = book(card("amazon.twin-v1:0", input="1"), card("amazon.twin-v2:0", input="2"))
    asked = billable_of_question(arn, {"input": 1}, region="us-east-1")

    cost = prices.cost(dataclasses.replace(asked, response_model_id="twin"), NOON)

    assert cost.reason == "unresolved_profile"


@pytest.mark.parametrize(
    "called",
    [
        "anthropic.claude-opus-4-6",
        "anthropic.claude-opus-4-6-v1",
        "anthropic.claude-opus-4-6-v1:0",
    ],
)
def test_versionless_and_dated_ids_find_their_model(called: str) -> None:
    assert rates_of(ask(bundled_book(), f"global.{called}", {"input": 1})) == {"input": Decimal(5)}


def test_a_canonical_id_is_priced_by_the_route_beside_it_or_in_the_logged_id() -> None:
    prices = book(card(MODEL, input="1"), card(MODEL, GLOBAL, input="0.9"))

    assert rates_of(prices.cost(usage(route="global"), NOON)) == {"input": Decimal("0.9")}
    logged = usage(route=None, logged_model_id=f"global.{MODEL}")
    assert rates_of(prices.cost(logged, NOON)) == {"input": Decimal("0.9")}


def test_a_call_whose_units_the_log_does_not_show_is_unpriced() -> None:
    prices = book(card(MODEL, input="1", output="2"))

    cost = prices.cost(usage(quantities={}, token_source="none"), NOON)

    assert (cost.status, cost.reason, cost.unpriced) == (PriceStatus.UNPRICED, "units_unknown", {})


def test_a_call_that_used_nothing_costs_nothing_and_needs_no_rate() -> None:
    prices = book(card(MODEL, input="1"))

    for called in (usage(quantities={}, token_source="envelope"), usage(quantities={"input": 0})):
        assert prices.cost(called, NOON).status is PriceStatus.PRICED
    unknown = usage(model_id="acme.unlisted", quantities={}, token_source=None)
    assert prices.cost(unknown, NOON).status is PriceStatus.PRICED


def test_a_call_without_counts_to_an_unlisted_model_says_that_the_model_is_unlisted() -> None:
    cost = book(card(MODEL, input="1")).cost(
        usage(model_id="acme.unlisted", quantities={}, token_source="none"), NOON
    )

    assert (cost.status, cost.reason) == (PriceStatus.UNPRICED, "no_rate_card")


def test_models_priced_by_seconds_of_input_are_partial_as_no_log_shows_them() -> None:
    asked = billable_of_question("us.twelvelabs.pegasus-1-2-v1:0", {"output": 100}, region="us-east-1")
    with_input = billable_of_question(
        "us.twelvelabs.pegasus-1-2-v1:0", {"input": 5, "output": 100}, region="us-east-1"
    )

    cost = bundled_book().cost(dataclasses.replace(asked, token_source="envelope"), NOON)

    assert (cost.status, cost.reason) == (PriceStatus.PARTIAL, "units_unknown")
    assert bundled_book().cost(with_input, NOON).reason == "units_unknown"


@pytest.mark.parametrize(
    "kind",
    ["input_video", "input_audio", "input_character", "input_image", "output_image", "output_video", "query"],
)
def test_a_model_with_a_rate_for_other_units_is_unmeasured_where_none_is_logged(kind: str) -> None:
    prices = book(card(MODEL, output="1", **{kind: "1"}))  # type: ignore[arg-type]

    nothing = prices.cost(usage(quantities={}, token_source="envelope"), NOON)
    text = prices.cost(usage(quantities={"output": 1}, token_source="envelope"), NOON)

    assert (nothing.status, nothing.reason) == (PriceStatus.UNPRICED, "units_unknown")
    assert (text.status, text.reason) == (PriceStatus.PARTIAL, "units_unknown")


@pytest.mark.parametrize("kind", ["input_image", "output_image", "output_video", "query", "input"])
def test_a_model_with_a_rate_for_other_units_is_measured_by_any_of_them(kind: str) -> None:
    prices = book(card(MODEL, input="1", input_video="1", **{} if kind == "input" else {kind: "1"}))  # type: ignore[arg-type]

    assert prices.cost(usage(quantities={kind: 1}, token_source="body"), NOON).status is PriceStatus.PRICED


def test_only_the_input_of_a_model_priced_by_seconds_is_unmeasured() -> None:
    prices = book(card(MODEL, output="1", input_video="1"))

    cost = prices.cost(usage(quantities={"output": 1, "cache_read": 1}, token_source="envelope"), NOON)

    assert cost.reason == "no_unit_rate"


def test_counts_are_priced_whatever_is_said_of_their_source() -> None:
    prices = book(card(MODEL, output="1"))

    cost = prices.cost(usage(quantities={"output": 1}, token_source="none"), NOON)

    assert (cost.status, cost.reason) == (PriceStatus.PRICED, None)
    unlisted = usage(model_id="acme.unlisted", quantities={}, token_source="envelope")
    assert prices.cost(unlisted, NOON).status is PriceStatus.PRICED


def test_the_words_of_a_card_name_threshold_image_class_and_entry_of_the_list() -> None:
    long = ask(bundled_book(), "global.anthropic.claude-sonnet-4-5-20250929-v1:0", {"input": 200_001})
    image = ask(bundled_book(), "stability.stable-diffusion-xl-v1", {"output_image": 1})

    assert long.lines[0].card == (
        "anthropic.claude-sonnet-4-5-20250929-v1:0, scope global (global profile); model by the logged id; "
        "tier standard, assumed as the log shows none; above 200000 context tokens; "
        "effective 1970-01-01T00:00:00Z; source litellm (global.anthropic.claude-sonnet-4-5-20250929-v1:0)"
    )
    assert "; any context; image class 1024/50steps; effective" in image.lines[0].card


def test_an_image_model_without_a_count_of_images_is_unmeasured() -> None:
    asked = billable_of_question("amazon.nova-canvas-v1:0", {}, region="us-east-1")
    one = billable_of_question("amazon.nova-canvas-v1:0", {"output_image": 1}, region="us-east-1")

    unmeasured = bundled_book().cost(dataclasses.replace(asked, token_source="envelope"), NOON)
    measured = bundled_book().cost(dataclasses.replace(one, token_source="none"), NOON)

    assert (unmeasured.status, unmeasured.reason) == (PriceStatus.UNPRICED, "units_unknown")
    assert measured.status is PriceStatus.PRICED


def test_usage_without_a_model_names_that_as_the_reason() -> None:
    cost = bundled_book().cost(usage(model_id=None, logged_model_id=None), NOON)

    assert cost.reason == "model_unknown"


def test_discounts_come_off_each_kind_and_the_list_cost_stays() -> None:
    prices = book(
        card(MODEL, input="3", output="15"),
        discounts=[Discount(percent=Decimal("12.5"), effective_from=NOON)],
    )
    quantities = {"input": 1_000_000, "output": 2_000_000}

    before = ask(prices, MODEL, quantities, at=NOON - SECOND)
    after = ask(prices, MODEL, quantities)

    assert before.discounts == {}
    assert after.discounts == {"input": Decimal("0.375"), "output": Decimal("3.75")}
    assert [line.cost_usd for line in after.lines] == [3, 30]
    assert prices.instants(NOON - SECOND, NOON + SECOND) == (NOON,)


def test_only_the_most_specific_discount_applies() -> None:
    def discount(percent: int, since: datetime = NOON, **of: str) -> Discount:
        return Discount(percent=Decimal(percent), effective_from=since, **of)

    prices = book(
        card(MODEL, input="1"),
        card("amazon.other", input="1"),
        discounts=[
            discount(1),
            discount(2, model_id=MODEL),
            discount(3, account_id="A"),
            discount(4, account_id="A", model_id=MODEL),
            discount(5, NOON + SECOND, account_id="A", model_id=MODEL),
            discount(0, NOON + 2 * SECOND, account_id="A", model_id=MODEL),
        ],
    )

    def percent(account: str, model: str, at: datetime = NOON) -> Decimal:
        asked = billable_of_question(model, {"input": 100_000_000}, region="r", account_id=account)
        return prices.cost(asked, at).discounts.get("input", Decimal(0))

    assert [percent("B", "amazon.other"), percent("B", MODEL)] == [1, 2]
    assert [percent("A", "amazon.other"), percent("A", MODEL)] == [3, 4]
    assert [percent("A", MODEL, NOON + SECOND), percent("A", MODEL, NOON + 2 * SECOND)] == [5, 0]


def test_remembered_answers_do_not_mix_what_prices_depend_on() -> None:
    """Each question is asked of one book twice, so that the second answer comes from its memory."""
    prices = book(
        card(MODEL, input="1", input__flex="0.5", input_over_1000="2", cache_write_30m="3"),
        card(MODEL, "geo:us", input="1.1"),
        card(MODEL, "region:eu-west-1", input="1.3"),
        card(MODEL, since=NOON, source=RateSource.MANUAL, output="7"),
    )
    questions = [
        usage(),
        usage(service_tier="flex"),
        usage(latency_optimized=True),
        usage(region="eu-west-1"),
        usage(route="us"),
        usage(quantities={"input": 10}, context_tokens=1001),
        usage(quantities={"cache_write_other": 1}, cache_write_other_ttl="30m"),
        usage(quantities={"cache_write_other": 1}, cache_write_other_ttl="9m"),
        usage(quantities={"output": 1}),
    ]
    fresh = [
        EffectivePriceBook(prices.cards, version="7").cost(question, at)
        for question in questions
        for at in (NOON, NOON - SECOND)
    ]
    for _ in range(2):
        assert [prices.cost(question, at) for question in questions for at in (NOON, NOON - SECOND)] == fresh


def test_nonsense_quantities_are_refused() -> None:
    prices = book(card(MODEL, input="1"))

    with pytest.raises(ValueError, match="-1 units of input"):
        prices.cost(usage(quantities={"input": -1}), NOON)
    with pytest.raises(ValueError, match="no kind of usage"):
        prices.cost(usage(quantities={"inputs": 1}), NOON)
    with pytest.raises(ValueError, match="UTC"):
        prices.cost(usage(), datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


def test_amounts_are_exact_for_a_very_large_use_of_the_smallest_rate() -> None:
    prices = book(
        card(MODEL, input="0.000000001"),
        discounts=[Discount(percent=Decimal("33.3333"), effective_from=NOON)],
    )

    cost = ask(prices, MODEL, {"input": 10**18 + 1})

    assert cost.lines[0].cost_usd == Decimal("1000.000000000000001")
    assert cost.discounts["input"] == Decimal("333.333000000000000333333")
