from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.jobs.recompute import CHUNK, recompute
from tests.exactly_once.events import call
from tests.exactly_once.world import START
from tests.fakes.memory_lake import MemoryLake
from tests.pricing.books import card

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a"
OTHER_ARN = "arn:aws:bedrock:us-east-1:111122223333:prompt-router/b"
HOUR = timedelta(hours=1)
SPAN = Span(START - 30 * 24 * HOUR, START + HOUR)


@pytest.fixture
def lake() -> MemoryLake:
    made = MemoryLake()
    made.append(
        [
            call(1, START, model_id=SONNET, input_tokens=1000, output_tokens=0),
            call(2, START - 20 * 24 * HOUR, model_id=SONNET, input_tokens=5, output_tokens=0),
            call(3, model_id=ARN, logged_model_id=ARN, inference_profile_arn=ARN, input_tokens=7),
            call(4, model_id=OTHER_ARN, logged_model_id=OTHER_ARN, response_model_id="claude-sonnet-4-5"),
            call(5, model_id="amazon.nova", account_id="444455556666", input_tokens=9, output_tokens=0),
            call(6, model_id=None, logged_model_id=None),
            call(7, rejection="not_json"),
            call(8, START - 31 * 24 * HOUR, model_id="amazon.earlier"),
        ]
    )
    return made


@pytest.fixture
def book() -> EffectivePriceBook:
    change = START - 20 * 24 * HOUR
    cards = [card(SONNET, input="1"), card(SONNET, since=change, input="10"), card("amazon.nova", input="2")]
    return EffectivePriceBook(cards, version="1", profiles={ARN: f"us.{SONNET}"})


def test_usage_costs_what_it_costs_at_the_prices_of_now(lake: MemoryLake, book: EffectivePriceBook) -> None:
    found = recompute(lake, book, SPAN)
    assert {model: stats.invocations for model, stats in found.models.items()} == {
        SONNET: 2,
        ARN: 1,
        OTHER_ARN: 1,
        "amazon.nova": 1,
        "(none)": 1,
    }
    costs = {model: stats.total_list_cost_usd for model, stats in found.models.items()}
    assert (costs[SONNET], costs["amazon.nova"]) == (Decimal("0.01005"), Decimal("0.000018"))
    assert found.models["(none)"].unpriced_invocations == {"model_unknown": 1}
    assert found.concerned == set(found.models)


def test_a_model_concerns_whatever_may_be_priced_as_it(lake: MemoryLake, book: EffectivePriceBook) -> None:
    assert recompute(lake, book, SPAN, model_id=SONNET).concerned == {SONNET, ARN, OTHER_ARN}
    assert recompute(lake, book, SPAN, model_id="amazon.nova").concerned == {"amazon.nova"}


def test_one_account_is_counted_alone(lake: MemoryLake, book: EffectivePriceBook) -> None:
    assert set(recompute(lake, book, SPAN, account_id="444455556666").models) == {"amazon.nova"}


def test_a_long_span_is_asked_for_in_parts(lake: MemoryLake, book: EffectivePriceBook) -> None:
    assert timedelta(days=7) == CHUNK
    recompute(lake, book, Span(START, START + 2 * CHUNK + HOUR))
    assert lake.queries == 3
    assert recompute(lake, book, Span(START, START)).models == {}
    assert lake.queries == 3
