"""A price table with one rate for all tokens of a model, which may change at instants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bedrock_analytics.domain.price import BillableUsage, Cost, CostLine, PriceStatus
from bedrock_analytics.storage.price_meta import PriceMeta, RepriceRequest


@dataclass(frozen=True)
class FlatBook:
    """USD per million tokens by model: (effective from, rate), ascending."""

    version: str
    rates: dict[str, tuple[tuple[datetime, Decimal], ...]]
    threshold: int
    """Above this context every rate is doubled."""

    def thresholds(self) -> tuple[int, ...]:
        return (self.threshold,)

    def instants(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        moments = {moment for steps in self.rates.values() for moment, _ in steps}
        return tuple(sorted(moment for moment in moments if start < moment < end))

    def rate(self, model_id: str | None, at: datetime) -> Decimal | None:
        found = None
        for moment, rate in self.rates.get(model_id or "", ()):
            if moment <= at:
                found = rate
        return found

    def cost(self, usage: BillableUsage, at: datetime) -> Cost:
        rate = self.rate(usage.model_id, at)
        if rate is None:
            return Cost(
                status=PriceStatus.UNPRICED,
                reason="no_rate_card",
                lines=(),
                unpriced=usage.quantities,
                discounts={},
                upper_extra_usd=Decimal(0),
            )
        factor = 2 if usage.context_tokens > self.threshold else 1
        lines = tuple(
            CostLine(
                kind=kind,
                quantity=quantity,
                unit="token",
                rate_usd_per_million=rate * factor,
                cost_usd=(rate * factor * quantity).scaleb(-6),
                card="flat",
            )
            for kind, quantity in usage.quantities.items()
        )
        return Cost(
            status=PriceStatus.PRICED,
            reason=None,
            lines=lines,
            unpriced={},
            discounts={},
            upper_extra_usd=Decimal(0),
        )


@dataclass
class FlatPrices:
    """PriceSource over a FlatBook. `tick` is asked before each answer and may raise."""

    book: FlatBook
    tick: Callable[[], None] = lambda: None
    requests: list[RepriceRequest] = field(default_factory=list)
    learned: dict[str, str] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)

    def change(self, model_id: str, at: datetime, rate: Decimal) -> None:
        """Enter a rate and ask for what it changes to be computed again."""
        steps = dict(self.book.rates.get(model_id, ())) | {at: rate}
        rates = self.book.rates | {model_id: tuple(sorted(steps.items()))}
        self.book = FlatBook(f"{int(self.book.version) + 1}", rates, self.book.threshold)
        self.requests.append(
            RepriceRequest(model_id=model_id, start=at, end=None, reason="price change", id=self.book.version)
        )

    def load_meta(self) -> PriceMeta:
        self.tick()
        return PriceMeta(
            version=self.book.version,
            reprices=tuple(self.requests),
            price_list=None,
            sync_report=None,
            wanted_models=tuple(sorted(self.wanted)),
            tried_models=(),
            unfinished=False,
        )

    def load_book(self) -> FlatBook:
        self.tick()
        return self.book

    def take_reprice(self, request: RepriceRequest, /) -> None:
        self.tick()
        if request in self.requests:
            self.requests.remove(request)

    def profiles(self) -> Mapping[str, str]:
        self.tick()
        return dict(self.learned)

    def learn_profiles(self, found: Mapping[str, str]) -> Mapping[str, str]:
        self.tick()
        self.learned.update(found)
        return found

    def want_models(self, model_ids: Iterable[str]) -> None:
        self.tick()
        self.wanted = set(model_ids)
