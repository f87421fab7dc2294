"""What raw calls add up to: counts, exact costs and times, computed one call after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from tests.truth.raw_calls import UNPRICED, RawCall

PRICE_LIST: Final = Path(__file__).parents[2] / "bedrock_analytics" / "data" / "litellm-bedrock-prices.json"
_LISTED: Final[Mapping[str, dict[str, Any]]] = json.loads(PRICE_LIST.read_text("utf-8"), parse_float=Decimal)
_NAMES: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
KINDS: Final = tuple(_NAMES)

OWN_PRICE_OF: Final = "amazon.nova-micro-v1:0"
OWN_PRICE_FROM: Final = datetime(2025, 10, 26, 0, 47, tzinfo=UTC)
OWN_PRICE: Final = {"input": Decimal("0.0000000517"), "output": Decimal("0.000000213")}
"""USD a token, entered by hand, from within the hour before Vienna's change of clocks."""
DISCOUNTED: Final = "444455556666"
DISCOUNT_FROM: Final = datetime(2025, 11, 1, 13, 10, tzinfo=UTC)
DISCOUNT: Final = Decimal("0.075")

Key = TypeVar("Key")


def list_costs(call: RawCall) -> dict[str, Decimal] | None:
    """USD by kind of tokens at the rates of the call's moment; None where the model has no price."""
    if call.model == UNPRICED:
        return None if call.counts else {}
    rates = {kind: _LISTED[call.logged_model].get(name) for kind, name in _NAMES.items()}
    if call.model == OWN_PRICE_OF and call.ts >= OWN_PRICE_FROM:
        rates |= OWN_PRICE
    return {kind: Decimal(count) * Decimal(rates[kind] or 0) for kind, count in call.counts.items()}


def discount_of(call: RawCall) -> Decimal:
    """What is taken off the list cost, USD."""
    is_discounted = call.account == DISCOUNTED and call.ts >= DISCOUNT_FROM
    costs = list_costs(call) or {}
    return sum(costs.values(), Decimal(0)) * DISCOUNT if is_discounted else Decimal(0)


@dataclass(slots=True)
class Sums:
    """Sums of some calls."""

    calls: int = 0
    failed: int = 0
    unpriced: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    costs: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(KINDS, Decimal(0)))
    discount: Decimal = Decimal(0)

    def add(self, call: RawCall) -> None:
        costs = list_costs(call)
        self.calls += 1
        self.failed += call.error is not None
        self.unpriced += costs is None
        self.discount += discount_of(call)
        for kind, count in call.counts.items():
            self.tokens[kind] += count
            self.costs[kind] += (costs or {}).get(kind, Decimal(0))

    @property
    def cost(self) -> Decimal:
        return sum(self.costs.values(), Decimal(0))

    @property
    def all_tokens(self) -> int:
        return sum(self.tokens.values())

    def measured(self, measure: str) -> Decimal | int:
        """By the name of a measure in an address."""
        found: dict[str, Decimal | int] = {
            "cost": self.cost,
            "tokens": self.all_tokens,
            "invocations": self.calls,
            "errors": self.failed,
        }
        return found[measure]


def sums_by(calls: Iterable[RawCall], key: Callable[[RawCall], Key]) -> dict[Key, Sums]:
    """Sums of the calls by a key."""
    found: dict[Key, Sums] = {}
    for call in calls:
        found.setdefault(key(call), Sums()).add(call)
    return found


def total_of(calls: Iterable[RawCall]) -> Sums:
    """Sums of all the calls."""
    return sums_by(calls, lambda _: None).get(None, Sums())


def bucket_of(length: timedelta, zone: ZoneInfo) -> Callable[[datetime], datetime]:
    """The start of the bar that a moment falls in, in a chart of a range of some length: half hours up to
    6 hours, hours up to 3 days, else days, by the zone's clock."""

    def begin(moment: datetime) -> datetime:
        local = moment.astimezone(zone)
        if length > timedelta(days=3):
            return datetime(local.year, local.month, local.day, tzinfo=UTC)
        minutes = local.minute % 30 if length <= timedelta(hours=6) else local.minute
        return moment - timedelta(minutes=minutes, seconds=moment.second)

    return begin


def times(calls: Iterable[RawCall], name: str) -> list[float]:
    """Milliseconds of the calls that tell a time: latency, ttft or tpot."""
    found: list[float] = []
    for call in calls:
        first, latency, output = call.first_token, call.latency, call.counts.get("output", 0)
        if name == "latency" and latency is not None:
            found.append(latency)
        elif name == "ttft" and first is not None:
            found.append(first)
        elif name == "tpot" and first is not None and latency is not None and output > 1:
            found.append((latency - first) / (output - 1))
    return found
