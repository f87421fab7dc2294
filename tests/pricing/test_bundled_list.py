"""Receipts of every chat and embedding entry against a plain computation from the raw JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.billable import billable_of_question
from bedrock_analytics.domain.price import BillableUsage, Cost, PriceStatus
from bedrock_analytics.domain.receipt import receipt_of
from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.price_list import read_price_list
from tests.pricing.books import NOON, ask, bundled_book

RAW: dict[str, dict[str, object]] = json.loads(
    resources.files("bedrock_analytics").joinpath("data", "litellm-bedrock-prices.json").read_text("utf-8"),
    parse_float=Decimal,
)
FIELDS = {
    "input": ("input_cost_per_token", ""),
    "output": ("output_cost_per_token", ""),
    "cache_read": ("cache_read_input_token_cost", ""),
    "cache_write_5m": ("cache_creation_input_token_cost", ""),
    "cache_write_1h": ("cache_creation_input_token_cost", "_above_1hr"),
}
CONTEXT = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
SUFFIXES = {
    "standard": "",
    "flex": "_flex",
    "priority": "_priority",
    "batch": "_batches",
    "ultrafast": "_ultrafast",
}
THRESHOLDS = (100, 200, 272)
NOWHERE = "mx-central-1"
"""A Region without rows of its own in the list."""
GEOGRAPHIES = ("us", "eu", "apac", "au", "in", "jp")


def _is_on_demand(name: str) -> bool:
    return "-month-commitment/" not in name and not name.startswith("bedrock_mantle/")


NAMES = [
    name for name, entry in RAW.items() if entry["mode"] in {"chat", "embedding"} and _is_on_demand(name)
]


def _call(name: str) -> tuple[str, str]:
    """The model id as logged and the Region of a call that an entry of the list prices."""
    parts = name.split("/")
    if len(parts) == 3 and parts[1] != "invoke":
        return parts[2], parts[1]
    return parts[-1], NOWHERE


def _paying_entry(name: str) -> dict[str, object]:
    """The entry whose rates a call pays: of a bare id with a dearer geographic sibling, the sibling's."""
    entry = RAW[name]
    plain = name.rpartition("/")[2]
    if name.count("/") == 2 and "/invoke/" not in name:
        return entry
    worldwide = RAW.get(f"global.{plain}")
    base = RAW.get(plain, entry)
    prices = ("input_cost_per_token", "output_cost_per_token")
    if worldwide is None or any(worldwide.get(price) != base.get(price) for price in prices):
        return base
    for geography in GEOGRAPHIES:
        sibling = RAW.get(f"{geography}.{plain}")
        if sibling is not None and _input_price(sibling) > _input_price(base):
            return sibling
    return base


def _input_price(entry: dict[str, object]) -> Decimal:
    return Decimal(str(entry.get("input_cost_per_token", 0)))


def _rate(entry: dict[str, object], kind: str, tier: str, context: int) -> Decimal | None:
    """USD for one token, None where the list has no rate for the tier and context."""
    field, lifetime = FIELDS[kind]
    exceeded = [thousands for thousands in reversed(THRESHOLDS) if context > thousands * 1000]
    for thousands in exceeded:
        long = f"{field}{lifetime}_above_{thousands}k_tokens"
        if long in entry:
            rate = entry.get(long + SUFFIXES[tier])
            return None if rate is None else Decimal(str(rate))
    rate = entry.get(field + lifetime + SUFFIXES[tier])
    return None if rate is None else Decimal(str(rate))


def _tiers(entry: dict[str, object]) -> list[str]:
    return [tier for tier, suffix in SUFFIXES.items() if f"input_cost_per_token{suffix}" in entry]


@st.composite
def mixes(draw: st.DrawFn) -> tuple[dict[str, int], str]:
    """Quantities on both sides of every threshold, and a tier."""
    edge = draw(st.sampled_from([0, *(thousands * 1000 for thousands in THRESHOLDS)]))
    total = max(0, edge + draw(st.integers(-1, 1) | st.integers(0, 900_000)))
    first, second, third = sorted(draw(st.lists(st.integers(0, total), min_size=3, max_size=3)))
    parts = {
        "input": first,
        "cache_read": second - first,
        "cache_write_5m": third - second,
        "cache_write_1h": total - third,
        "output": draw(st.integers(0, 200_000)),
    }
    return {kind: count for kind, count in parts.items() if count}, draw(st.sampled_from(list(SUFFIXES)))


def _listed_alone(entry: dict[str, object], kind: str, tier: str) -> bool:
    """Whether the entry itself has a rate of the kind and tier, at any context size."""
    field, lifetime = FIELDS[kind]
    return field + lifetime + SUFFIXES[tier] in entry


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(mix=mixes())
def test_every_receipt_is_what_the_raw_list_says(name: str, mix: tuple[dict[str, int], str]) -> None:
    quantities, tier = mix
    entry = _paying_entry(name)
    tier = tier if tier in _tiers(entry) else "standard"
    quantities = {kind: count for kind, count in quantities.items() if _listed_alone(entry, kind, tier)}
    context = sum(quantities.get(kind, 0) for kind in CONTEXT)
    rates = {kind: _rate(entry, kind, tier, context) for kind in quantities}

    model, region = _call(name)
    cost = ask(bundled_book(), model, quantities, region=region, tier=tier)

    assert {line.kind: line.cost_usd for line in cost.lines} == {
        kind: quantities[kind] * rate for kind, rate in rates.items() if rate is not None
    }
    assert dict(cost.unpriced) == {kind: quantities[kind] for kind, rate in rates.items() if rate is None}


def _all_tiers_and_sides() -> Iterator[tuple[str, str, int]]:
    for name in NAMES:
        for tier in _tiers(_paying_entry(name)):
            for thousands in (0, *THRESHOLDS):
                yield name, tier, thousands * 1000
                yield name, tier, thousands * 1000 + 1


def test_the_context_threshold_is_passed_strictly_above_it_in_every_tier() -> None:
    checked = 0
    for name, tier, context in _all_tiers_and_sides():
        entry = _paying_entry(name)
        if not context or not _listed_alone(entry, "output", tier):
            continue
        model, region = _call(name)
        quantities = {"input": context, "output": 7}
        cost = ask(bundled_book(), model, quantities, region=region, tier=tier)
        expected = {kind: _rate(entry, kind, tier, context) for kind in quantities}

        priced = {line.kind: line.cost_usd for line in cost.lines}
        wanted = {kind: quantities[kind] * rate for kind, rate in expected.items() if rate is not None}
        assert priced == wanted, (name, tier, context)
        checked += 1
    assert checked > 3000


def test_entries_that_are_not_about_calls_on_demand_are_left_out_by_rule_and_counted() -> None:
    listed = read_price_list(bundled_list().document)

    assert listed.entries == len(RAW) == 591
    assert listed.omitted == {
        "alias": 3,
        "commitment": sum("-month-commitment/" in name for name in RAW),
        "guardrail": 1,
        "mantle": sum(name.startswith("bedrock_mantle/") for name in RAW),
    }
    assert listed.ignored_fields == {}


ALIASES = {
    "bedrock/invoke/anthropic.claude-3-5-sonnet-20240620-v1:0",
    "bedrock/moonshotai.kimi-k2.5",
    "bedrock/us.anthropic.claude-3-5-haiku-20241022-v1:0",
}
IMAGE_CLASSES = {
    "amazon.nova-canvas-v1:0": "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0",
    "1024-x-1024/max-steps/stability.stable-diffusion-xl-v1": (
        "1024-x-1024/50-steps/stability.stable-diffusion-xl-v1"
    ),
    **{
        f"{size}/{steps}/stability.stable-diffusion-xl-v0": (
            "512-x-512/50-steps/stability.stable-diffusion-xl-v0"
        )
        for size, steps in (("512-x-512", "max-steps"), ("max-x-max", "50-steps"), ("max-x-max", "max-steps"))
    },
}
"""Entries with a rate on the card of another entry of the same model."""


def _rates_in(name: str) -> int:
    """How many rates an entry lists; OpenAI's one lifetime of cache writes is asked for by two names."""
    fields = [
        field for field, value in RAW[name].items() if "cost" in field and isinstance(value, Decimal | int)
    ]
    written = [field for field in fields if "cache_creation" in field and "openai." in name]
    return len(fields) + len(written)


def test_each_of_the_591_entries_is_on_a_card_with_every_rate_or_left_out_by_a_rule() -> None:
    listed = read_price_list(bundled_list().document)
    accounted = {
        "on a card": {name for name in RAW if name in {card.listed_as for card in listed.cards}},
        "commitment": {name for name in RAW if "-month-commitment/" in name},
        "mantle": {name for name in RAW if name.startswith("bedrock_mantle/")},
        "guardrail": {"bedrock/guardrails"},
        "alias": ALIASES,
        "image class": set(IMAGE_CLASSES),
    }
    assert set().union(*accounted.values()) == set(RAW)
    assert sum(map(len, accounted.values())) == len(RAW) == 591
    assert {rule: len(accounted[rule]) for rule in listed.omitted} == listed.omitted
    joined = [*IMAGE_CLASSES.items()]
    for card in listed.cards:
        assert card.listed_as is not None
        parts = [card.listed_as, *(name for name, home in joined if home == card.listed_as)]
        assert len(card.rates) == sum(map(_rates_in, parts)), card.listed_as


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in RAW
        if name.startswith("bedrock/") and name.count("/") == 1 and "guardrails" not in name
    ]
    + [name for name in RAW if name.startswith("bedrock/invoke/")],
)
def test_an_alias_has_no_other_rate_than_the_plain_entry(name: str) -> None:
    plain = RAW.get(name.rpartition("/")[2], RAW[name])
    prices = {field: value for field, value in RAW[name].items() if "cost" in field}

    assert prices == {field: plain.get(field) for field in prices}


@pytest.mark.parametrize(
    ("name", "kind", "unit", "field"),
    [
        (name, kind, unit, field)
        for name, entry in RAW.items()
        for field, kind, unit in (
            ("output_cost_per_image", "output_image", "image"),
            ("input_cost_per_image", "input_image", "image"),
            ("input_cost_per_query", "query", "query"),
        )
        if field in entry and "/" not in name
    ],
)
def test_images_and_queries_are_priced_by_the_piece(name: str, kind: str, unit: str, field: str) -> None:
    cost = ask(bundled_book(), name, {kind: 3}, region=NOWHERE)

    assert cost.status is PriceStatus.PRICED
    assert [(line.quantity, line.unit, line.cost_usd) for line in cost.lines] == [
        (3, unit, 3 * Decimal(str(RAW[name][field])))
    ]


@given(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
    st.lists(mixes(), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_cost_is_additive(names: list[str], drawn: list[tuple[dict[str, int], str]]) -> None:
    """Calls of one context class cost the same alone and together, to the last decimal."""
    book = bundled_book()
    for name in names:
        model, region = _call(name)
        single: list[Cost] = []
        sums: dict[tuple[str, int], dict[str, int]] = {}
        for quantities, tier in drawn:
            usage = billable_of_question(model, quantities, region=region, tier=tier)
            single.append(book.cost(usage, NOON))
            over = sum(usage.context_tokens > threshold for threshold in book.thresholds())
            together = sums.setdefault((tier, over), {})
            for kind, count in quantities.items():
                together[kind] = together.get(kind, 0) + count
        grouped = [
            book.cost(_in_class(model, quantities, region, tier, over), NOON)
            for (tier, over), quantities in sums.items()
        ]

        assert _by_kind(single) == _by_kind(grouped)


def _in_class(model: str, quantities: dict[str, int], region: str, tier: str, over: int) -> BillableUsage:
    usage = billable_of_question(model, quantities, region=region, tier=tier)
    thresholds = bundled_book().thresholds()
    return dataclasses.replace(usage, context_tokens=thresholds[over - 1] + 1 if over else 0)


def _by_kind(costs: list[Cost]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for cost in costs:
        for line in cost.lines:
            total[line.kind] = total.get(line.kind, Decimal(0)) + line.cost_usd
    return total


def test_a_receipt_adds_up_and_has_the_documented_keys() -> None:
    usage = billable_of_question(
        "us.anthropic.claude-sonnet-4-6", {"input": 1000, "output": 10, "cache_read": 5}, region="us-east-1"
    )

    receipt = receipt_of(bundled_book(), usage, NOON).as_json()

    assert list(receipt) == ["model_id", "route", "status", "reason", "lines", "total_usd"]
    assert (receipt["model_id"], receipt["route"]) == ("anthropic.claude-sonnet-4-6", "us")
    lines = receipt["lines"]
    assert isinstance(lines, list)
    assert all(
        list(line) == ["kind", "quantity", "unit", "rate_usd_per_million", "cost_usd", "card"]
        for line in lines
    )
    assert sum(Decimal(line["cost_usd"]) for line in lines) == Decimal(str(receipt["total_usd"]))
    assert receipt["total_usd"] == "0.00346665"
