"""Rates for ordering calls by cost inside the lake; the figures that are shown come from receipts.

What occurs in a range is known from the usage pages. Equal rates of a model share a vector, so that a
query carries some hundreds of them at most. Generated images are ordered as if their size and quality were
not known, and cache writes of an unusual lifetime as if they cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, product

from bedrock_analytics.domain.dimensions import MODEL, NONE
from bedrock_analytics.domain.price import BillableUsage
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_key import STANDARD
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Breakdown, UsageFilter
from bedrock_analytics.storage.lake_lists import PICODOLLARS, RATE_KINDS, RateVector

MAX_VECTORS = 400
UNITS = 1_000_000
STANDARD_NAMES = (NONE, STANDARD, "default", "auto", "on_demand")
"""What the log may show of a call at standard rates."""
MAX_DISCOUNTED = 60
"""Accounts whose own discounts count in the order."""

Called = tuple[str, str]
"""Model and route."""
_Range = tuple[int, int]


def models_called(
    breakdown: Callable[[UsageFilter, str], Breakdown], usage_filter: UsageFilter, regions: Iterable[str]
) -> dict[str, dict[Called, UsageStats]]:
    """What was called in each Region of the range, dearest first; conditions on callers are left out."""
    wanted = usage_filter.regions or frozenset(regions)
    broad = replace(usage_filter, callers=frozenset(), operations=frozenset(), metadata=frozenset())
    found: dict[str, dict[Called, UsageStats]] = {}
    for region in sorted(wanted):
        rows = breakdown(replace(broad, regions=frozenset({region})), MODEL).rows
        found[region] = {(model, route): stats for (model, route), stats in rows.items()}
    return found


class RateVectors:
    """Makes the vectors of a book for the price epochs of a span that begins at `start`."""

    def __init__(self, book: EffectivePriceBook, start: datetime, instants: Sequence[datetime]) -> None:
        self._book = book
        self._moments = (start, *instants)
        self._contexts = (0, *(threshold + 1 for threshold in book.thresholds()))
        tiers = {key.tier for card in book.cards for key in card.rates}
        self._tiers = tuple(sorted(tiers - {STANDARD}))
        accounts = sorted({discount.account_id for discount in book.discounts if discount.account_id})
        self.discounted_accounts = tuple(accounts[:MAX_DISCOUNTED])

    def of(self, called: dict[str, dict[Called, UsageStats]]) -> tuple[tuple[RateVector, ...], int]:
        """The vectors of what was called, and how many models are left out beyond `MAX_VECTORS`."""
        regions: dict[Called, list[str]] = {}
        cost: dict[Called, Decimal] = {}
        for region, models in called.items():
            for model, stats in models.items():
                regions.setdefault(model, []).append(region)
                cost[model] = cost.get(model, Decimal(0)) + stats.total_list_cost_usd
        vectors: list[RateVector] = []
        ranked = sorted(regions, key=lambda model: (-cost[model], model))
        for place, model in enumerate(ranked):
            more = list(self._of_model(model, regions[model]))
            if len(vectors) + len(more) > MAX_VECTORS:
                return tuple(vectors), len(ranked) - place
            vectors += more
        return tuple(vectors), 0

    def _of_model(self, called: Called, regions: Sequence[str]) -> Iterator[RateVector]:
        """Vectors that say the same of several Regions or tiers are joined."""
        cells: dict[tuple[str, _Range, _Range, tuple[int, ...]], list[tuple[str, str]]] = {}
        accounts = (*self.discounted_accounts, "")
        for account, region, tier in product(accounts, regions, (STANDARD, *self._tiers)):
            for classes, epochs, rates in self._ranges(called, account, region, tier):
                cells.setdefault((account, classes, epochs, rates), []).append((region, tier))
        for (account, classes, epochs, rates), places in cells.items():
            for tiers, same in _by_tiers(places).items():
                yield RateVector(
                    model_id=called[0],
                    route=called[1],
                    regions=tuple(same),
                    tiers=_logged(tiers),
                    account=account,
                    classes=classes,
                    epochs=epochs,
                    rates=rates,
                )

    def _ranges(
        self, called: Called, account: str, region: str, tier: str
    ) -> Iterator[tuple[_Range, _Range, tuple[int, ...]]]:
        """Ranges of context classes and price epochs with their rates; what costs nothing is left out."""
        for epoch, moment in enumerate(self._moments):
            rates_of = [
                self._rates(called, account, region, tier, context, moment) for context in self._contexts
            ]
            for rates, same in groupby(enumerate(rates_of), key=lambda pair: pair[1]):
                numbers = [number for number, _ in same]
                if any(rates):
                    yield (numbers[0], numbers[-1]), (epoch, epoch), rates

    def _rates(
        self, called: Called, account: str, region: str, tier: str, context: int, moment: datetime
    ) -> tuple[int, ...]:
        model, route = (None if name == NONE else name for name in called)
        usage = BillableUsage(
            account_id=account,
            region=region,
            model_id=model,
            route=route,
            service_tier=None if tier == STANDARD else tier,
            context_tokens=context,
            quantities=dict.fromkeys(RATE_KINDS, UNITS),
        )
        cost = self._book.cost(usage, moment)
        net = {line.kind: line.cost_usd - cost.discounts.get(line.kind, Decimal(0)) for line in cost.lines}
        return tuple(round(net.get(kind, Decimal(0)) * PICODOLLARS / UNITS) for kind in RATE_KINDS)


def _by_tiers(places: Sequence[tuple[str, str]]) -> dict[tuple[str, ...], list[str]]:
    """Regions by the tiers that they share."""
    tiers: dict[str, list[str]] = {}
    for region, tier in places:
        tiers.setdefault(region, []).append(tier)
    found: dict[tuple[str, ...], list[str]] = {}
    for region, names in tiers.items():
        found.setdefault(tuple(names), []).append(region)
    return found


def _logged(tiers: tuple[str, ...]) -> tuple[str, ...]:
    """The names that logs may show for tiers."""
    plain = [tier for tier in tiers if tier != STANDARD]
    return (*(STANDARD_NAMES if STANDARD in tiers else ()), *plain)
