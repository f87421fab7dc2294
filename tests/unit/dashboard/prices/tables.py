"""A price table with a listed model, a price by hand, a discount and a held card, and its desk."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bedrock_analytics.domain.rate_card import BASE, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import AddPrice, Author, PutDiscount
from bedrock_analytics.reporting.price_reader import UnpricedUsage
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.storage.item_table import Put
from bedrock_analytics.storage.price_history import HeldCard, held_item
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from dashboard.prices.desk import PriceDesk
from tests.fakes.memory_table import MemoryTable
from tests.pricing.books import card

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SONNET, MYSTERY = "anthropic.claude-sonnet-4-6", "mistral.meridian-large-2611-v1:0"
HOSTILE = '<img src=x onerror="alert(1)">'
UNPRICED = UnpricedUsage(
    model_id=MYSTERY,
    name="Meridian Large 2611",
    calls=185,
    tokens=158_000,
    calls_by_reason={"no_rate_card": 180, "units_unknown": 5},
)


@dataclass(slots=True)
class Shelf:
    """A price table and what stands beside it."""

    items: MemoryTable = field(default_factory=MemoryTable)
    unpriced: tuple[UnpricedUsage, ...] = (UNPRICED,)
    progress: tuple[RepriceProgress, ...] = ()
    asked: list[UsageFilter] = field(default_factory=list)
    table: PriceTable = field(init=False)
    desk: PriceDesk = field(init=False)

    def __post_init__(self) -> None:
        numbers = itertools.count(1)
        self.table = PriceTable(self.items, new_id=lambda: f"id-{next(numbers)}")
        self.desk = PriceDesk(self.table, self._unpriced, lambda: self.progress, lambda: NOW)

    def _unpriced(self, usage_filter: UsageFilter) -> tuple[UnpricedUsage, ...]:
        self.asked.append(usage_filter)
        return self.unpriced

    def filled(self) -> Shelf:
        """With a listed price of three scopes, one by hand, a discount, and a held one."""
        listed = [
            card(SONNET, input="3", output="15", cache_read="0.3", input_over_200000="6"),
            card(SONNET, "global", input="3", output="15"),
            card(SONNET, "geo:us", input="3.3", output="16.5"),
        ]
        self.table.put_cards(listed, [])
        self.desk.change(
            AddPrice(
                model_id=SONNET,
                scope=BASE,
                effective_from=NOW - timedelta(days=3),
                rates={RateKey(kind="input"): Decimal("2.5")},
            ),
            Author(who=HOSTILE, note=HOSTILE),
        )
        self.desk.change(
            PutDiscount(percent=Decimal("12.5"), effective_from=NOW - timedelta(days=9)), Author(who="ana")
        )
        self.hold(card(SONNET, "geo:us", since=NOW, input="99", output="16.5"))
        return self

    def hold(self, waiting: RateCard) -> None:
        """Have a listed card wait for approval."""
        old = {"input": Decimal("3.3"), "output": Decimal("16.5")}
        self.table.put_rows([Put(held_item(HeldCard(card=waiting, old=old, seen_at=NOW)))])


def manual(since: datetime, **rates: str) -> RateCard:
    """A card entered by hand."""
    return card(SONNET, since=since, source=RateSource.MANUAL, **rates)
