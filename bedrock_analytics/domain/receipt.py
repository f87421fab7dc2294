"""Receipts: the derivation of a cost, line by line, as an object and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bedrock_analytics.domain.price import BillableUsage, Cost, CostLine, PriceStatus
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.price_subject import Subject
from bedrock_analytics.domain.rate_card import Discount
from bedrock_analytics.domain.usage_stats import MONEY, sum_money

DISCOUNT_PREFIX = "discount_"
"""Before the kind of a line that takes a discount off; its rate and cost are negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What usage costs at a moment and why.

    `lines` are quantity x rate, list cost first and discounts after it. `total_usd` is their sum; None
    where nothing could be priced, as an unknown price is not $0.
    """

    model_id: str | None
    route: str | None
    status: PriceStatus
    reason: str | None
    lines: tuple[CostLine, ...]
    unpriced: Mapping[str, int]
    """Quantities by kind that no rate was found for."""
    upper_extra_usd: Decimal
    """What the total could be more, where the lifetime of cache writes is unknown."""

    @property
    def total_usd(self) -> Decimal | None:
        if self.status is PriceStatus.UNPRICED:
            return None
        return sum_money(line.cost_usd for line in self.lines)

    def as_json(self) -> dict[str, object]:
        """The receipt as a JSON object; decimals are texts."""
        total = self.total_usd
        return {
            "model_id": self.model_id,
            "route": self.route,
            "status": self.status.value,
            "reason": self.reason,
            "lines": [_line_json(line) for line in self.lines],
            "total_usd": None if total is None else plain(total),
        }


def receipt_of(book: EffectivePriceBook, usage: BillableUsage, at: datetime) -> Receipt:
    """The receipt of usage at a moment (UTC)."""
    cost = book.cost(usage, at)
    subject = book.subject(usage, at)
    model_id: str | None
    route: str | None
    if isinstance(subject, Subject):
        model_id, route = subject.model_id, subject.route
    else:
        model_id, route = usage.model_id or usage.logged_model_id, usage.route
    return Receipt(
        model_id=model_id,
        route=route,
        status=cost.status,
        reason=cost.reason,
        lines=(*cost.lines, *_discount_lines(cost, book.discount(usage, at))),
        unpriced=cost.unpriced,
        upper_extra_usd=cost.upper_extra_usd,
    )


def plain(number: Decimal) -> str:
    """A decimal without exponent and trailing zeros."""
    return f"{number.normalize():f}" if number else "0"


def _discount_lines(cost: Cost, discount: Discount | None) -> list[CostLine]:
    if discount is None:
        return []
    share = MONEY.multiply(discount.percent, Decimal("0.01"))
    return [
        CostLine(
            kind=DISCOUNT_PREFIX + line.kind,
            quantity=line.quantity,
            unit=line.unit,
            rate_usd_per_million=-MONEY.multiply(line.rate_usd_per_million, share),
            cost_usd=-cost.discounts[line.kind],
            card=_discount_words(discount),
        )
        for line in cost.lines
        if line.kind in cost.discounts
    ]


def _discount_words(discount: Discount) -> str:
    account = f"account {discount.account_id}" if discount.account_id else "every account"
    model = discount.model_id or "every model"
    since = f"effective {discount.effective_from:%Y-%m-%dT%H:%M:%SZ}"
    note = f" ({discount.note})" if discount.note else ""
    return f"discount of {plain(discount.percent)} %{note}; {account}, {model}; {since}"


def _line_json(line: CostLine) -> dict[str, object]:
    return {
        "kind": line.kind,
        "quantity": line.quantity,
        "unit": line.unit,
        "rate_usd_per_million": plain(line.rate_usd_per_million),
        "cost_usd": plain(line.cost_usd),
        "card": line.card,
    }
