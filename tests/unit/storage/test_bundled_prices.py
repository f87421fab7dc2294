from __future__ import annotations

import hashlib
from decimal import Decimal

import pytest

from bedrock_analytics.domain.rate_card import BASE, BEGINNING, RateSource
from bedrock_analytics.storage.bundled_prices import bundled_list, supplement
from bedrock_analytics.storage.price_list import read_price_list
from tests.pricing.books import card

SHA256 = "6af7959a3a1c7513b401d95d2c654bda9c1b1342064d6f0b30cff0f071ae4f86"


def test_no_rate_of_the_bundled_list_is_changed() -> None:
    assert hashlib.sha256(bundled_list().document).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("model", "scope", "rates"),
    [
        (
            "amazon.nova-canvas-v1:0",
            scope,
            {
                "output_image[1024/standard]": 40_000,
                "output_image[1024/premium]": 60_000,
                "output_image[2048/standard]": 60_000,
                "output_image[2048/premium]": 80_000,
            },
        )
        for scope in (BASE, "geo:us")
    ]
    + [
        (
            "anthropic.claude-mythos-5",
            "global",
            {
                "input": 10,
                "output": 50,
                "cache_read": 1,
                "cache_write_5m": Decimal("12.5"),
                "cache_write_1h": 20,
            },
        )
    ],
)
def test_the_supplement_states_rates_with_their_source(
    model: str, scope: str, rates: dict[str, Decimal]
) -> None:
    (found,) = [card for card in supplement([]) if (card.model_id, card.scope) == (model, scope)]

    assert {str(key): rate for key, rate in found.rates.items()} == rates
    assert (found.source, found.effective_from) == (RateSource.AWS, BEGINNING)
    assert found.note


def test_writing_the_cache_of_nova_is_free_wherever_reading_it_has_a_rate() -> None:
    reads = card("amazon.nova-x-v1:0", "geo:eu", input="1", cache_read="0.25")
    others = [card("amazon.nova-y-v1:0", input="1"), card("amazon.titan-z", input="1", cache_read="1")]

    added = [card for card in supplement([reads, *others]) if card not in supplement([])]

    assert [(card.model_id, card.scope) for card in added] == [("amazon.nova-x-v1:0", "geo:eu")]
    assert {str(key): rate for key, rate in added[0].rates.items()} == {"cache_write_5m": 0}


def test_the_supplement_adds_nothing_to_rates_that_the_list_has() -> None:
    """So that no line of the supplement is without effect, and none is in doubt."""
    listed = {
        (card.model_id, card.scope): card.rates for card in read_price_list(bundled_list().document).cards
    }

    assert all(
        not card.rates.keys() & listed.get((card.model_id, card.scope), {}).keys()
        for card in supplement(read_price_list(bundled_list().document).cards)
    )
