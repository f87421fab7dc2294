from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.billable import billable_of_event, billable_of_question, context_tokens
from bedrock_analytics.domain.price import BillableUsage, PriceStatus
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import Discount
from bedrock_analytics.domain.receipt import plain, receipt_of
from bedrock_analytics.domain.usage_event import UsageEvent
from tests.pricing.books import NOON, bundled_book, card

MODEL = "us.anthropic.claude-sonnet-4-6"
EVENT = UsageEvent(
    account_id="111122223333",
    region="us-east-1",
    request_id="r",
    ts=NOON,
    parsed_at=NOON,
    model_id="anthropic.claude-sonnet-4-6",
    logged_model_id=MODEL,
    route="us",
    token_source="envelope",
    input_tokens=1000,
    output_tokens=100,
    cache_read_tokens=10,
    cache_write_5m_tokens=3,
    cache_write_1h_tokens=2,
)


def question(**quantities: int) -> BillableUsage:
    return billable_of_question(MODEL, quantities, region="us-east-1")


def test_a_receipt_as_json_is_the_whole_derivation() -> None:
    prices = EffectivePriceBook(
        [card("anthropic.claude-sonnet-4-6", "geo:us", input="3.3", output="16.5")], version="1"
    )

    made = receipt_of(prices, question(input=1000, output=10), NOON).as_json()

    words = (
        "anthropic.claude-sonnet-4-6, scope geo:us (profile of the geography); model by the logged id; "
        "tier standard, assumed as the log shows none; any context; effective 1970-01-01T00:00:00Z; "
        "source litellm"
    )
    assert json.loads(json.dumps(made)) == {
        "model_id": "anthropic.claude-sonnet-4-6",
        "route": "us",
        "status": "priced",
        "reason": None,
        "lines": [
            {
                "kind": "input",
                "quantity": 1000,
                "unit": "token",
                "rate_usd_per_million": "3.3",
                "cost_usd": "0.0033",
                "card": words,
            },
            {
                "kind": "output",
                "quantity": 10,
                "unit": "token",
                "rate_usd_per_million": "16.5",
                "cost_usd": "0.000165",
                "card": words,
            },
        ],
        "total_usd": "0.003465",
    }


def test_what_has_no_price_has_no_total_either() -> None:
    made = receipt_of(
        bundled_book(), billable_of_question("acme.unknown", {"input": 5}, region="eu-west-1"), NOON
    )

    assert made.as_json() == {
        "model_id": "acme.unknown",
        "route": "regional",
        "status": "unpriced",
        "reason": "no_rate_card",
        "lines": [],
        "total_usd": None,
    }
    assert made.unpriced == {"input": 5}


def test_an_unresolved_model_is_shown_as_called() -> None:
    arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"

    made = receipt_of(bundled_book(), billable_of_question(arn, {"input": 5}, region="us-east-1"), NOON)

    assert (made.model_id, made.route, made.reason) == (arn, None, "unresolved_profile")
    nameless = dataclasses.replace(question(input=1), model_id=None, logged_model_id=arn)
    assert receipt_of(bundled_book(), nameless, NOON).model_id == arn


def test_discounts_are_lines_of_their_own() -> None:
    discount = Discount(
        percent=Decimal("12.5"), effective_from=NOON, account_id="A", model_id="amazon.m", note="EDP"
    )
    prices = EffectivePriceBook([card("amazon.m", input="4", output="8")], version="1", discounts=[discount])
    asked = billable_of_question("amazon.m", {"input": 1000, "output": 500}, region="r", account_id="A")

    made = receipt_of(prices, asked, NOON)

    assert [(line.kind, line.quantity, line.rate_usd_per_million, line.cost_usd) for line in made.lines] == [
        ("input", 1000, Decimal(4), Decimal("0.004")),
        ("output", 500, Decimal(8), Decimal("0.004")),
        ("discount_input", 1000, Decimal("-0.5"), Decimal("-0.0005")),
        ("discount_output", 500, Decimal(-1), Decimal("-0.0005")),
    ]
    assert made.total_usd == Decimal("0.007")
    assert made.lines[2].card == (
        "discount of 12.5 % (EDP); account A, amazon.m; effective 2026-11-24T12:00:00Z"
    )
    assert len(receipt_of(prices, asked, NOON - timedelta(seconds=1)).lines) == 2


def test_a_logged_call_has_the_receipt_of_its_quantities() -> None:
    asked = question(input=1000, output=100, cache_read=10, cache_write_5m=3, cache_write_1h=2)

    of_call, of_question = (
        receipt_of(bundled_book(), usage, NOON) for usage in (billable_of_event(EVENT), asked)
    )

    assert of_call == of_question
    assert of_call.status is PriceStatus.PRICED


def test_a_failed_call_without_counts_costs_nothing() -> None:
    failed = UsageEvent(
        account_id="1",
        region="us-east-1",
        request_id="r",
        ts=NOON,
        parsed_at=NOON,
        model_id="anthropic.claude-sonnet-4-6",
        route="us",
        token_source="none",
        error_code="ThrottlingException",
    )

    made = receipt_of(bundled_book(), billable_of_event(failed), NOON)

    assert (made.status, made.total_usd, len(made.lines)) == (PriceStatus.PRICED, Decimal(0), 0)


def test_everything_that_a_price_depends_on_is_taken_over_from_the_event() -> None:
    """Every field of the billable usage that bears the name of a lake column has that column's value."""
    values: dict[str, object] = {
        "account_id": "a", "region": "b", "model_id": "c", "route": "d", "logged_model_id": "e",
        "profile_model_id": "f", "response_model_id": "g", "inference_profile_arn": "h",
        "service_tier": "i", "latency_optimized": True, "cache_ttl_known": False,
        "cache_write_other_ttl": "30m", "image_size": "1x1", "image_quality": "j", "image_steps": 7,
        "token_source": "body",
    }  # fmt: skip
    counts = {
        "input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_5m_tokens": 4,
        "cache_write_1h_tokens": 5, "cache_write_other_tokens": 6, "input_images": 7, "output_images": 8,
        "output_video_ms": 9, "query_units": 10,
    }  # fmt: skip
    event = UsageEvent(request_id="r", ts=NOON, parsed_at=NOON, **values, **counts)  # type: ignore[arg-type]

    usage = billable_of_event(event)

    names = {field.name for field in dataclasses.fields(usage)} - {"context_tokens", "quantities"}
    assert {name: getattr(usage, name) for name in names} == values
    assert usage.quantities == {
        "input": 1, "output": 2, "cache_read": 3, "cache_write_5m": 4, "cache_write_1h": 5,
        "cache_write_other": 6, "input_image": 7, "output_image": 8, "output_video": 9, "query": 10,
    }  # fmt: skip
    assert usage.context_tokens == 1 + 3 + 4 + 5 + 6


def test_context_is_input_and_both_sides_of_the_cache() -> None:
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other")

    assert context_tokens({kind: 10**place for place, kind in enumerate(kinds)}) == 11111
    assert context_tokens({"output": 5, "output_image": 5, "query": 5}) == 0


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("6E+4", "60000"),
        ("0.0000330", "0.000033"),
        ("0E-9", "0"),
        ("1E-15", "0.000000000000001"),
        ("-0.50", "-0.5"),
    ],
)
def test_decimals_are_written_plainly(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
