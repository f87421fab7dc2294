"""AWS's Price List of 2026-10-06 (us-east-1) against the bundled list and our rules."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bedrock_analytics.domain.billable import billable_of_question
from tests.pricing.books import NOON, ask, bundled_book, rates_of

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
GEOGRAPHIC = 1
GLOBAL = 0

# Models -> rates of KINDS through the global profile, and through a geographic one or in a Region.
PREMIUM: list[tuple[tuple[str, ...], str, str]] = [
    (
        ("anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        "3 0.3 3.75 6",
        "3.3 0.33 4.125 6.6",
    ),
    (
        (
            "anthropic.claude-opus-4-5-20251101-v1:0",
            "anthropic.claude-opus-4-6-v1",
            "anthropic.claude-opus-4-7",
            "anthropic.claude-opus-4-8",
            "anthropic.claude-opus-5",
        ),
        "5 0.5 6.25 10",
        "5.5 0.55 6.875 11",
    ),
    (("anthropic.claude-opus-5-5",), "4 0.2 5 8", "4.4 0.22 5.5 8.8"),
    (
        ("anthropic.claude-fable-5-1", "anthropic.claude-mythos-5-1"),
        "10 0.25 12.5 20",
        "11 0.275 13.75 22",
    ),
    (("anthropic.claude-fable-5", "anthropic.claude-mythos-5"), "10 1 12.5 20", "11 1.1 13.75 22"),
    (
        ("anthropic.claude-sonnet-5", "anthropic.claude-sonnet-5-5"),
        "2 0.2 2.5 4",
        "2.2 0.22 2.75 4.4",
    ),
    (("anthropic.claude-haiku-4-5-20251001-v1:0",), "1 0.1 1.25 2", "1.1 0.11 1.375 2.2"),
]
NO_PREMIUM = {
    "anthropic.claude-sonnet-4-20250514-v1:0": "3 0.3 3.75",
    "anthropic.claude-opus-4-20250514-v1:0": "15 1.5 18.75",
    "anthropic.claude-opus-4-1-20250805-v1:0": "15 1.5 18.75",
    "anthropic.claude-3-5-haiku-20241022-v1:0": "0.8 0.08 1",
}
# Where the bundled list, which is newer, differs: docs/pricing.md says so and why we trust the list.
LIST_DIFFERS = {
    ("anthropic.claude-sonnet-5-5", "cache_read"): (Decimal("0.1"), Decimal("0.11")),
}

ROWS = [(model, both[0], both[1]) for models, *both in PREMIUM for model in models]


def _expected(model: str, rates: str, column: int) -> dict[str, Decimal]:
    expected = dict(zip(KINDS, map(Decimal, rates.split()), strict=True))
    for (differs, kind), listed in LIST_DIFFERS.items():
        if differs == model:
            expected[kind] = listed[column]
    return expected


def _rates(model: str, region: str = "us-east-1") -> dict[str, Decimal]:
    return rates_of(ask(bundled_book(), model, dict.fromkeys(KINDS, 1000), region=region))


@pytest.mark.parametrize(("model", "rates"), [(model, rates) for model, rates, _ in ROWS])
def test_a_global_profile_pays_the_global_rates(model: str, rates: str) -> None:
    assert _rates(f"global.{model}") == _expected(model, rates, GLOBAL)


@pytest.mark.parametrize(("model", "rates"), [(model, rates) for model, _, rates in ROWS])
@pytest.mark.parametrize("route", ["us", "eu", "apac", "jp", "au", "a-geography-to-come"])
def test_a_geographic_profile_pays_the_geographic_rates(model: str, rates: str, route: str) -> None:
    assert _rates(f"{route}.{model}") == _expected(model, rates, GEOGRAPHIC)


@pytest.mark.parametrize(("model", "rates"), [(model, rates) for model, _, rates in ROWS])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-2", "ap-southeast-1", "mx-central-1"])
def test_a_bare_id_pays_the_geographic_rates(model: str, rates: str, region: str) -> None:
    assert _rates(model, region) == _expected(model, rates, GEOGRAPHIC)


@pytest.mark.parametrize(("model", "rates"), NO_PREMIUM.items())
@pytest.mark.parametrize("prefix", ["", "us.", "eu."])
def test_models_before_claude_4_5_have_no_regional_premium(model: str, rates: str, prefix: str) -> None:
    expected = dict(zip(KINDS, map(Decimal, rates.split()), strict=False))

    assert _rates(f"{prefix}{model}") == expected


def test_every_difference_from_the_price_list_of_aws_is_documented() -> None:
    text = Path(__file__).parents[2].joinpath("docs", "pricing.md").read_text(encoding="utf-8")

    missing = [model for model, _ in LIST_DIFFERS if model.removeprefix("anthropic.") not in text]

    assert missing == []


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("standard", "0.15"), ("flex", "0.075"), ("priority", "0.2625"), ("batch", "0.075")],
)
def test_tiers_of_qwen3_32b_are_those_of_the_price_list(tier: str, expected: str) -> None:
    cost = ask(bundled_book(), "qwen.qwen3-32b-v1:0", {"input": 1}, tier=tier)

    assert rates_of(cost) == {"input": Decimal(expected)}


def test_nova_reads_the_cache_at_a_quarter_and_writes_it_for_nothing() -> None:
    cost = ask(bundled_book(), "us.amazon.nova-pro-v1:0", {"input": 4, "cache_read": 4, "cache_write_5m": 4})

    assert rates_of(cost) == {
        "input": Decimal("0.8"),
        "cache_read": Decimal("0.2"),
        "cache_write_5m": Decimal(0),
    }


@pytest.mark.parametrize(
    ("size", "quality", "expected"),
    [
        ("1024x1024", "standard", "40000"),
        ("1280x720", None, "40000"),
        ("1024x1024", "premium", "60000"),
        ("2048x2048", "standard", "60000"),
        ("1025x1024", "premium", "80000"),
        (None, None, "60000"),
    ],
)
def test_nova_canvas_is_priced_by_size_and_quality(
    size: str | None, quality: str | None, expected: str
) -> None:
    usage = billable_of_question(
        "amazon.nova-canvas-v1:0",
        {"output_image": 3},
        region="us-east-1",
        image_size=size,
        image_quality=quality,
    )

    assert rates_of(bundled_book().cost(usage, NOON)) == {"output_image": Decimal(expected)}


@pytest.mark.parametrize(
    ("model", "size", "steps", "expected"),
    [
        ("stability.stable-diffusion-xl-v1", "1024x1024", 50, "40000"),
        ("stability.stable-diffusion-xl-v1", "1024x1024", 51, "80000"),
        ("stability.stable-diffusion-xl-v1", None, None, "40000"),
        ("stability.stable-diffusion-xl-v0", "512x512", 30, "18000"),
        ("stability.stable-diffusion-xl-v0", "512x512", 51, "36000"),
        ("stability.stable-diffusion-xl-v0", "512x513", 50, "36000"),
        ("stability.stable-diffusion-xl-v0", "1024x1024", 150, "72000"),
    ],
)
def test_stable_diffusion_is_priced_by_size_and_steps(
    model: str, size: str | None, steps: int | None, expected: str
) -> None:
    usage = billable_of_question(
        model, {"output_image": 1}, region="us-east-1", image_size=size, image_steps=steps
    )

    assert rates_of(bundled_book().cost(usage, NOON)) == {"output_image": Decimal(expected)}
