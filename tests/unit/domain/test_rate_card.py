from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    GLOBAL,
    Discount,
    RateSource,
    check_rate,
    check_scope,
    geography_of_scope,
    place_of,
    region_of_scope,
)
from bedrock_analytics.domain.rate_key import ImageClass, RateKey, unit_of
from tests.pricing.books import card

keys = st.builds(
    RateKey,
    kind=st.sampled_from(["input", "output", "cache_write_1h", "cache_write_90s", "query", "output_video"]),
    tier=st.sampled_from(["standard", "flex", "latency-optimized", "tier2"]),
    above=st.integers(0, 10**9),
    image=st.none()
    | st.builds(
        ImageClass,
        side=st.none() | st.integers(1, 9999),
        steps=st.none() | st.integers(0, 999),
        quality=st.none() | st.sampled_from(["standard", "premium"]),
    ),
)


@given(keys)
def test_a_rate_key_survives_its_text_form(key: RateKey) -> None:
    assert RateKey.parse(str(key)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("input", RateKey(kind="input")),
        ("cache_read>200000@flex", RateKey(kind="cache_read", tier="flex", above=200_000)),
        (
            "output_image[1024/50steps/premium]",
            RateKey(kind="output_image", image=ImageClass(1024, 50, "premium")),
        ),
    ],
)
def test_text_forms_of_rate_keys(text: str, key: RateKey) -> None:
    assert (RateKey.parse(text), str(key)) == (key, text)


@pytest.mark.parametrize("text", ["", "inputs", "input>", "input>x", "input@", "cache_write_1w", "a b"])
def test_what_is_no_rate_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        RateKey.parse(text)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        *((kind, "token") for kind in ("input", "output", "cache_read", "cache_write_30m", "cache_write_1h")),
        *((kind, "token") for kind in ("input_audio_token", "output_audio_token", "input_image_token")),
        *((kind, "image") for kind in ("input_image", "output_image")),
        *((kind, "second") for kind in ("input_audio", "input_video", "output_video")),
        *((kind, "character") for kind in ("input_character", "output_character")),
        ("query", "query"),
    ],
)
def test_units_of_kinds(kind: str, unit: str) -> None:
    assert unit_of(kind) == unit


@pytest.mark.parametrize("rate", ["-0.01", "NaN", "Infinity", "1E+400", "1000000001", "0.0000000001"])
def test_a_rate_is_finite_not_negative_bounded_and_exact(rate: str) -> None:
    with pytest.raises(ValueError, match=r"rate|decimals"):
        check_rate(Decimal(rate), "x")


@pytest.mark.parametrize("rate", ["0", "0.000000001", "1000000000", "1E+2"])
def test_rates_at_the_bounds_are_rates(rate: str) -> None:
    assert check_rate(Decimal(rate), "x") == Decimal(rate)


@pytest.mark.parametrize("scope", ["", "us", "geo:", "geo:US", "region:", "base "])
def test_what_is_no_scope_is_refused(scope: str) -> None:
    with pytest.raises(ValueError, match="no scope"):
        check_scope(scope)


def test_scopes_name_their_geography_or_region() -> None:
    assert (geography_of_scope("geo:us-gov"), region_of_scope("geo:us-gov")) == ("us-gov", None)
    assert (geography_of_scope("region:eu-west-1"), region_of_scope("region:eu-west-1")) == (
        None,
        "eu-west-1",
    )
    assert geography_of_scope(BASE) is None


@pytest.mark.parametrize(
    ("model", "place"),
    [
        ("us.anthropic.claude-opus-5", ("anthropic.claude-opus-5", "geo:us")),
        ("global.anthropic.claude-opus-5", ("anthropic.claude-opus-5", GLOBAL)),
        ("anthropic.claude-opus-5", ("anthropic.claude-opus-5", BASE)),
        (
            "arn:aws:bedrock:us-east-1:1:custom-model-deployment/x",
            ("arn:aws:bedrock:us-east-1:1:custom-model-deployment/x", BASE),
        ),
    ],
)
def test_a_model_as_named_in_logs_has_a_place(model: str, place: tuple[str, str]) -> None:
    assert place_of(model) == place


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
    ],
)
def test_a_card_takes_effect_on_a_full_second_of_utc(moment: datetime) -> None:
    with pytest.raises(ValueError, match=r"UTC|second"):
        card(since=moment, input="1")


def test_a_card_has_a_model_and_a_rate() -> None:
    with pytest.raises(ValueError, match="has no rate"):
        card()
    with pytest.raises(ValueError, match="no model id"):
        card("a#b", input="1")


@pytest.mark.parametrize("percent", ["-1", "100.1", "NaN", "1.00001"])
def test_a_discount_is_a_percentage_with_few_decimals(percent: str) -> None:
    with pytest.raises(ValueError, match="discount"):
        Discount(percent=Decimal(percent), effective_from=BEGINNING)


def test_a_discount_may_be_everything_and_sources_have_stable_names() -> None:
    assert Discount(percent=Decimal(100), effective_from=BEGINNING).percent == 100
    assert [source.value for source in RateSource] == ["aws", "litellm", "manual"]


def test_a_word_that_is_neither_size_nor_steps_is_a_quality() -> None:
    assert ImageClass.parse("fewsteps") == ImageClass(quality="fewsteps")
    assert ImageClass.parse("") == ImageClass()
