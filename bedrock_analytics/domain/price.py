"""What the cost computation asks of a price book, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BillableUsage:
    """Everything of one call, or of a group of like calls, that its price can depend on.

    `quantities` are whole numbers by kind of `usage_stats.COST_KINDS` (video in milliseconds).
    `context_tokens` is input + cache read + cache write of a single call, or of a group any number in
    the same context class.
    """

    account_id: str
    region: str
    model_id: str | None
    route: str | None
    logged_model_id: str | None = None
    profile_model_id: str | None = None
    response_model_id: str | None = None
    inference_profile_arn: str | None = None
    service_tier: str | None = None
    latency_optimized: bool | None = None
    cache_ttl_known: bool | None = None
    cache_write_other_ttl: str | None = None
    image_size: str | None = None
    image_quality: str | None = None
    image_steps: int | None = None
    token_source: str | None = None
    context_tokens: int = 0
    quantities: Mapping[str, int]


class PriceStatus(StrEnum):
    """How much of a call's usage was priced."""

    PRICED = "priced"
    PARTIAL = "partial"
    UNPRICED = "unpriced"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """One kind of usage at one rate."""

    kind: str
    quantity: int
    unit: str
    rate_usd_per_million: Decimal
    cost_usd: Decimal
    """Exact."""
    card: str
    """Which rate card, with scope, tier, threshold, effective date and source, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The answer of a price book."""

    status: PriceStatus
    reason: str | None
    """Why something is unpriced: no_rate_card, unresolved_profile, time_based_capacity, units_unknown, …"""
    lines: tuple[CostLine, ...]
    unpriced: Mapping[str, int]
    """Quantities by kind that no rate was found for."""
    discounts: Mapping[str, Decimal]
    """USD by kind taken off the list cost (positive)."""
    upper_extra_usd: Decimal
    """What the total could be more, where the lifetime of cache writes is unknown."""
    cache_saved: Mapping[str, Decimal] = field(default_factory=dict)
    """USD by kind of cached tokens that they cost less than plain input; negative where they cost more.

    Kinds are left out where the rate of plain input is unknown.
    """


class PriceBook(Protocol):
    """Effective-dated prices of one version of the price table."""

    @property
    def version(self) -> str:
        """Changes whenever any price or discount changes."""
        ...

    def thresholds(self) -> tuple[int, ...]:
        """Union of all context thresholds, ascending; a threshold applies strictly above its token count."""
        ...

    def instants(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Moments in (start, end) at which any price or discount changes, ascending.

        The moment itself pays the new rate.
        """
        ...

    def cost(self, usage: BillableUsage, at: datetime) -> Cost:
        """List cost and discount of usage at a moment; unknown prices are a status, never zero."""
        ...
