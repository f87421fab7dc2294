from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.rate_card import BASE, BEGINNING, GLOBAL, RateSource
from bedrock_analytics.storage import price_list
from bedrock_analytics.storage.price_list import PriceList, read_price_list

GOOD: dict[str, object] = {"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": 1e-06}


def read(**entries: Mapping[str, object]) -> PriceList:
    return read_price_list(json.dumps(entries).encode())


def rates(listed: PriceList, model_id: str, scope: str = BASE) -> dict[str, Decimal]:
    found = [card for card in listed.cards if (card.model_id, card.scope) == (model_id, scope)]
    return {str(key): rate for key, rate in found[0].rates.items()}


def entry(**fields: object) -> dict[str, object]:
    return {"litellm_provider": "bedrock", "mode": "chat"} | fields


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", BASE)),
        ("us.amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "geo:us")),
        ("mars.amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "geo:mars")),
        ("us-gov.amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "geo:us-gov")),
        ("global.amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", GLOBAL)),
        ("bedrock/eu-west-2/amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "region:eu-west-2")),
        ("bedrock/us-gov-west-1/amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "region:us-gov-west-1")),
        ("bedrock/amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", BASE)),
        ("bedrock/us.amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", "geo:us")),
        ("bedrock/invoke/amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", BASE)),
        ("bedrock/converse/amazon.nova-x-v1:0", ("amazon.nova-x-v1:0", BASE)),
    ],
)
def test_the_name_of_an_entry_says_model_and_scope(name: str, place: tuple[str, str]) -> None:
    (card,) = read(**{name: GOOD}).cards

    assert (card.model_id, card.scope) == place
    assert (card.effective_from, card.source, card.listed_as) == (BEGINNING, RateSource.LITELLM, name)


def test_every_field_of_a_price_becomes_one_rate_for_a_million_units() -> None:
    listed = read(
        **{
            "anthropic.m": entry(
                input_cost_per_token=1.4437500000000002e-07,
                input_cost_per_token_above_100k_tokens=2e-06,
                input_cost_per_token_flex=5e-07,
                input_cost_per_token_above_272k_tokens_ultrafast=0.00012,
                output_cost_per_token_batches=3e-06,
                output_cost_per_token_sometiers=4e-06,
                cache_read_input_token_cost=0,
                cache_creation_input_token_cost=1.25e-06,
                cache_creation_input_token_cost_above_1hr=2e-06,
                cache_creation_input_token_cost_above_1hr_above_200k_tokens=4e-06,
                input_cost_per_image=6e-05,
                output_cost_per_image=0.04,
                input_cost_per_query=0.002,
                input_cost_per_video_per_second=0.0007,
                input_cost_per_audio_per_second=0.00014,
                input_cost_per_audio_token=3e-06,
                output_cost_per_audio_token=5e-06,
                input_cost_per_image_token=6e-06,
                output_cost_per_video_per_second=0.08,
                input_cost_per_character=7e-06,
                output_cost_per_character=8e-06,
                search_context_cost_per_query={"search_context_size_low": 0.01},
                output_cost_per_pixel=1,
                max_tokens=5,
            )
        }
    )

    assert rates(listed, "anthropic.m") == {
        "input": Decimal("0.144375"),
        "input>100000": Decimal(2),
        "input@flex": Decimal("0.5"),
        "input>272000@ultrafast": Decimal(120),
        "output@batch": Decimal(3),
        "output@sometiers": Decimal(4),
        "cache_read": Decimal(0),
        "cache_write_5m": Decimal("1.25"),
        "cache_write_1h": Decimal(2),
        "cache_write_1h>200000": Decimal(4),
        "input_image": Decimal(60),
        "output_image": Decimal(40_000),
        "query": Decimal(2000),
        "input_video": Decimal(700),
        "input_audio": Decimal(140),
        "input_audio_token": Decimal(3),
        "output_audio_token": Decimal(5),
        "input_image_token": Decimal(6),
        "output_video": Decimal(80_000),
        "input_character": Decimal(7),
        "output_character": Decimal(8),
    }
    assert listed.ignored_fields == {"output_cost_per_pixel": 1}


@pytest.mark.parametrize(
    ("listed", "rate"),
    [
        (2.7500000000000003e-06, "2.75"),
        (1.0833333333333334e-07, "0.108333333"),
        (0.1234567890125, "123456.789012"),
        (1e-15, "0.000000001"),
        (1000, "1000000000"),
    ],
)
def test_digits_that_binary_arithmetic_leaves_behind_are_rounded_away(listed: float, rate: str) -> None:
    assert rates(read(**{"a.b": entry(input_cost_per_token=listed)}), "a.b") == {"input": Decimal(rate)}


@pytest.mark.parametrize(
    ("name", "scope"),
    [("us.openai.gpt-x", "geo:us"), ("bedrock/eu-west-2/openai.gpt-x", "region:eu-west-2")],
)
def test_the_cache_of_openai_models_lasts_30_minutes(name: str, scope: str) -> None:
    listed = read(**{name: entry(cache_creation_input_token_cost=1e-06)})

    assert rates(listed, "openai.gpt-x", scope) == {
        "cache_write_5m": Decimal(1),
        "cache_write_30m": Decimal(1),
    }


def test_sizes_and_steps_of_images_are_classes_of_one_card() -> None:
    listed = read(
        **{
            "512-x-512/50-steps/stability.x": entry(output_cost_per_image=0.01),
            "max-x-max/max-steps/stability.x": entry(output_cost_per_image=0.04),
            "premium/1024-x-1024/bedrock/stability.x": entry(output_cost_per_image=0.03),
            "stability.x": entry(output_cost_per_image=0.02),
        }
    )

    assert rates(listed, "stability.x") == {
        "output_image[512/50steps]": Decimal(10_000),
        "output_image[]": Decimal(40_000),
        "output_image[1024/premium]": Decimal(30_000),
        "output_image": Decimal(20_000),
    }


def test_what_is_left_out_is_counted_by_rule() -> None:
    listed = read(
        **{
            "amazon.good": GOOD,
            "bedrock/amazon.good": GOOD,
            "bedrock/*/1-month-commitment/amazon.good": entry(input_cost_per_second=1),
            "bedrock/us-east-1/6-month-commitment/amazon.good": entry(input_cost_per_second=1),
            "bedrock_mantle/openai.x": entry(litellm_provider="bedrock_mantle", input_cost_per_token=1e-6),
            "bedrock_mantle/openai.y": GOOD,
            "openai.z": entry(litellm_provider="bedrock_mantle", input_cost_per_token=1e-6),
            "bedrock/guardrails": entry(mode="guardrail", guardrail_cost_per_unit={}),
            "amazon.free": entry(input_cost_per_token=0, output_cost_per_token=0.0),
            "amazon.nothing": entry(max_tokens=5),
            "bedrock/a/b/amazon.odd": GOOD,
            "bedrock/us-east-1/b/amazon.odd": GOOD,
            "bedrock/nowhere/amazon.odd": GOOD,
            "512-x-512/1024-x-1024/amazon.odd": GOOD,
            "512-x-512/5-steps/9-steps/amazon.odd": GOOD,
            "512-x-512/good/better/amazon.odd": GOOD,
            "gpt-x": entry(litellm_provider="openai", input_cost_per_token=1e-6),
        }
    )

    assert [card.model_id for card in listed.cards] == ["amazon.good"]
    assert (listed.entries, listed.omitted) == (
        16,
        {"alias": 1, "commitment": 2, "guardrail": 1, "mantle": 3, "no_rate": 2, "unknown_name": 6},
    )


def test_a_model_of_two_spellings_is_priced_by_both() -> None:
    name = "bedrock/sa-east-1/moonshotai.kimi-k2-thinking"
    listed = read(**{name: GOOD, "moonshot.kimi-k2-thinking": entry(input_cost_per_token=2e-06)})

    for model in ("moonshot.kimi-k2-thinking", "moonshotai.kimi-k2-thinking"):
        assert rates(listed, model, "region:sa-east-1") == {"input": Decimal(1)}
    assert rates(listed, "moonshot.kimi-k2-thinking") == {"input": Decimal(2)}


def _document(rate: str) -> bytes:
    entries = f'{{"a.b": {{"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": {rate}}}}}'
    return entries.encode()


@pytest.mark.parametrize(
    "rate",
    [
        "-1e-06",
        "-0.0000001",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "1e-400",
        "1e999999999999999999",
        "1" * 5000,
        "1001",
        '"0.1"',
        "true",
        "[1]",
        "1e-17",
    ],
)
def test_a_list_with_one_absurd_rate_is_refused_as_a_whole(rate: str) -> None:
    with pytest.raises(PriceListError):
        read_price_list(_document(rate))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"<!doctype html><html><body>429 Too Many Requests</body></html>",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"a": 1}',
        b'{"a.b": {"litellm_provider": "openai", "input_cost_per_token": 1}}',
        _document("1e-06")[:-3],
        _document("1e-06") + b"x",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a.b": {}, "a.b": {}}',
        _document("1e-06, " + '"input_cost_per_token": 2e-06'),
    ],
)
def test_a_broken_list_is_refused(document: bytes) -> None:
    with pytest.raises(PriceListError):
        read_price_list(document)


def test_a_list_of_a_million_entries_is_refused() -> None:
    document = ("{" + ",".join(f'"m{number}":{{}}' for number in range(1_000_000)) + "}").encode()

    with pytest.raises(PriceListError, match="entries"):
        read_price_list(document)


def test_a_list_beyond_the_size_limit_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_list, "MAX_BYTES", 10)

    with pytest.raises(PriceListError, match="more than 10 bytes"):
        read_price_list(_document("1e-06"))


def test_the_limits_of_a_list_themselves_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = _document("1e-06")
    monkeypatch.setattr(price_list, "MAX_BYTES", len(document))
    monkeypatch.setattr(price_list, "MAX_ENTRIES", 1)

    assert len(read_price_list(document).cards) == 1


def test_the_limits_are_those_that_are_documented() -> None:
    assert (price_list.MAX_BYTES, price_list.MAX_ENTRIES) == (67_108_864, 50_000)


def test_the_member_that_is_given_twice_is_named() -> None:
    with pytest.raises(PriceListError, match="'b' is given twice"):
        read_price_list(b'{"a": {}, "b": {}, "c": {}, "b": {}}')


def test_entries_of_other_vendors_are_not_judged() -> None:
    listed = read(**{"a.b": GOOD, "gpt": {"litellm_provider": "openai", "input_cost_per_token": -1}})

    assert listed.entries == 1
