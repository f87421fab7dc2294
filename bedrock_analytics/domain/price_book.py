"""The price book: rate cards and discounts of one version, answering what usage costs at a moment.

Each unit is priced exactly once. Every answer names the card it used and why; what cannot be priced is
a status with a reason and never $0. Answers are remembered by everything that a price depends on, so
that a hundred thousand groups of usage cost little more than their multiplications.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from bedrock_analytics.domain.periods import require_utc
from bedrock_analytics.domain.price import BillableUsage, Cost, CostLine, PriceStatus
from bedrock_analytics.domain.price_plan import Plan, PlannedLine, planned_line, unmeasured
from bedrock_analytics.domain.price_subject import ModelNames, Subject, Unpriced, subject_of
from bedrock_analytics.domain.rate_card import Discount, RateCard, RateSource
from bedrock_analytics.domain.rate_sheet import ModelSheets, RateSheet
from bedrock_analytics.domain.usage_stats import CACHE_KINDS, COST_KINDS, MONEY

_PER_CENT = Decimal("0.01")


class EffectivePriceBook:
    """Implements `domain.price.PriceBook` over effective-dated cards."""

    def __init__(
        self,
        cards: Iterable[RateCard],
        *,
        version: str,
        discounts: Iterable[Discount] = (),
        profiles: Mapping[str, str] | None = None,
    ) -> None:
        self._version = version
        self._cards: dict[str, list[RateCard]] = {}
        for card in cards:
            self._cards.setdefault(card.model_id, []).append(card)
        self._discounts = tuple(discounts)
        self._profiles = dict(profiles or {})
        self._names = ModelNames(self._cards)
        every = [card for group in self._cards.values() for card in group]
        moments = {card.effective_from for card in every}
        moments |= {discount.effective_from for discount in self._discounts}
        self._instants = tuple(sorted(moments))
        self._thresholds = tuple(sorted({key.above for card in every for key in card.rates if key.above}))
        self._sheets: dict[tuple[str, int], ModelSheets] = {}
        self._plans: dict[tuple[object, ...], Plan] = {}

    @property
    def version(self) -> str:
        return self._version

    @property
    def cards(self) -> tuple[RateCard, ...]:
        """Every card, past and future ones too."""
        return tuple(card for group in self._cards.values() for card in group)

    @property
    def discounts(self) -> tuple[Discount, ...]:
        return self._discounts

    @property
    def profiles(self) -> Mapping[str, str]:
        """Application inference profiles and the models that they stand for."""
        return self._profiles

    def thresholds(self) -> tuple[int, ...]:
        """Union of all context thresholds, ascending; a threshold applies strictly above its token count."""
        return self._thresholds

    def instants(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """Moments in (start, end) at which any price or discount changes, ascending."""
        first = bisect_right(self._instants, require_utc(start))
        return self._instants[first : bisect_left(self._instants, require_utc(end))]

    def cost(self, usage: BillableUsage, at: datetime) -> Cost:
        """List cost and discount of usage at a moment; ValueError for a negative quantity."""
        plan = self._plan(usage, bisect_right(self._instants, require_utc(at)))
        lines: list[CostLine] = []
        unpriced: dict[str, int] = {}
        reasons: list[Unpriced] = []
        for kind, quantity in _present(usage):
            line = self._line(plan, kind, usage)
            if isinstance(line, Unpriced):
                unpriced[kind] = quantity
                reasons.append(line)
            else:
                lines.append(_cost_line(line, kind, quantity))
        reasons += unmeasured(usage, plan, priced=bool(lines) or bool(unpriced))
        return Cost(
            status=_status(lines, reasons),
            reason=reasons[0].value if reasons else None,
            lines=tuple(lines),
            unpriced=unpriced,
            discounts=_discounts(lines, plan.discount),
            upper_extra_usd=self._upper_extra(plan, usage, lines),
            cache_saved=self._cache_saved(plan, usage, lines),
        )

    def subject(self, usage: BillableUsage, at: datetime) -> Subject | Unpriced:
        """The model and route that usage is priced as at a moment, or why that cannot be told."""
        return self._subject(usage, bisect_right(self._instants, require_utc(at)))

    def discount(self, usage: BillableUsage, at: datetime) -> Discount | None:
        """The discount that usage gets at a moment."""
        return self._plan(usage, bisect_right(self._instants, require_utc(at))).discount

    def is_priced(self, model_id: str, route: str, region: str, at: datetime) -> bool:
        """Whether calls of a model on a route find any card at a moment."""
        return self._sheets_of(model_id, bisect_right(self._instants, at)).choose(route, region) is not None

    def _plan(self, usage: BillableUsage, epoch: int) -> Plan:
        key = _plan_key(usage, epoch, bisect_left(self._thresholds, usage.context_tokens))
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._new_plan(usage, epoch)
        return plan

    def _new_plan(self, usage: BillableUsage, epoch: int) -> Plan:
        subject = self._subject(usage, epoch)
        if isinstance(subject, Unpriced):
            return Plan(subject, None, None, None)
        sheets = self._sheets_of(subject.model_id, epoch)
        choice = sheets.choose(subject.route, usage.region)
        return Plan(subject, sheets, choice, self._discount(usage.account_id, subject.model_id, epoch))

    def _subject(self, usage: BillableUsage, epoch: int) -> Subject | Unpriced:
        def has_card(arn: str) -> bool:
            return bool(_in_force(self._cards.get(arn, ()), self._moment(epoch)))

        return subject_of(usage, self._names, self._profiles, has_card)

    def _sheets_of(self, model_id: str, epoch: int) -> ModelSheets:
        sheets = self._sheets.get((model_id, epoch))
        if sheets is None:
            cards = _in_force(self._cards.get(model_id, ()), self._moment(epoch))
            grouped: dict[str, list[RateCard]] = {}
            for card in cards:
                grouped.setdefault(card.scope, []).append(card)
            merged = {scope: RateSheet.of(scope, group) for scope, group in grouped.items()}
            sheets = self._sheets[model_id, epoch] = ModelSheets(model_id, merged)
        return sheets

    def _moment(self, epoch: int) -> datetime | None:
        return self._instants[epoch - 1] if epoch else None

    def _discount(self, account_id: str, model_id: str, epoch: int) -> Discount | None:
        """The most specific discount in force; of several dated ones the latest."""
        moment = self._moment(epoch)
        fitting = [
            discount
            for discount in self._discounts
            if moment is not None
            and discount.effective_from <= moment
            and discount.account_id in {None, account_id}
            and discount.model_id in {None, model_id}
        ]
        return max(
            fitting,
            key=lambda one: (one.account_id is not None, one.model_id is not None, one.effective_from),
            default=None,
        )

    def _line(self, plan: Plan, kind: str, usage: BillableUsage) -> PlannedLine | Unpriced:
        line = plan.lines.get(kind)
        if line is None:
            line = plan.lines[kind] = planned_line(plan, kind, usage)
        return line

    def _upper_extra(self, plan: Plan, usage: BillableUsage, lines: list[CostLine]) -> Decimal:
        """What the writes of unknown lifetime would cost more, had they been for an hour."""
        if usage.cache_ttl_known is not False:
            return Decimal(0)
        written = next((line for line in lines if line.kind == "cache_write_5m"), None)
        dearer = self._line(plan, "cache_write_1h", usage)
        if written is None or isinstance(dearer, Unpriced):
            return Decimal(0)
        extra = dearer.usd_per_million - written.rate_usd_per_million
        return _amount(written.quantity, extra) if extra > 0 else Decimal(0)

    def _cache_saved(self, plan: Plan, usage: BillableUsage, lines: list[CostLine]) -> dict[str, Decimal]:
        """By how much the tokens of the cache cost less than plain input of the same call."""
        cached = [line for line in lines if line.kind in CACHE_KINDS]
        if not cached:
            return {}
        plain = self._line(plan, "input", usage)
        if isinstance(plain, Unpriced):
            return {}
        rate = plain.usd_per_million
        return {line.kind: _amount(line.quantity, rate - line.rate_usd_per_million) for line in cached}


def _plan_key(usage: BillableUsage, epoch: int, context_class: int) -> tuple[object, ...]:
    return (
        epoch,
        context_class,
        usage.account_id,
        usage.region,
        usage.model_id,
        usage.route,
        usage.logged_model_id,
        usage.profile_model_id,
        usage.response_model_id,
        usage.inference_profile_arn,
        usage.service_tier,
        usage.latency_optimized,
        usage.cache_write_other_ttl,
        usage.image_size,
        usage.image_quality,
        usage.image_steps,
    )


def _present(usage: BillableUsage) -> list[tuple[str, int]]:
    """Kinds with a quantity, in the usual order; a kind with none needs no rate."""
    for kind, quantity in usage.quantities.items():
        if quantity < 0:
            raise ValueError(f"{quantity} units of {kind}")
        if kind not in COST_KINDS:
            raise ValueError(f"{kind!r} is no kind of usage; known are {', '.join(COST_KINDS)}")
    return [(kind, usage.quantities[kind]) for kind in COST_KINDS if usage.quantities.get(kind)]


def _in_force(cards: Iterable[RateCard], moment: datetime | None) -> list[RateCard]:
    """The latest card of each scope and source at a moment, without those that only end another."""
    latest: dict[tuple[str, RateSource], RateCard] = {}
    for card in cards:
        if moment is None or card.effective_from > moment:
            continue
        known = latest.get((card.scope, card.source))
        if known is None or known.effective_from < card.effective_from:
            latest[card.scope, card.source] = card
    return [card for card in latest.values() if card.rates]


def _cost_line(line: PlannedLine, kind: str, quantity: int) -> CostLine:
    return CostLine(
        kind=kind,
        quantity=quantity,
        unit=line.unit,
        rate_usd_per_million=line.usd_per_million,
        cost_usd=_amount(quantity, line.usd_per_million),
        card=line.card,
    )


def _amount(quantity: int, usd_per_million: Decimal) -> Decimal:
    return MONEY.multiply(Decimal(quantity), usd_per_million).scaleb(-6, MONEY)


def _discounts(lines: list[CostLine], discount: Discount | None) -> dict[str, Decimal]:
    if discount is None or not discount.percent:
        return {}
    share = MONEY.multiply(discount.percent, _PER_CENT)
    return {line.kind: MONEY.multiply(line.cost_usd, share) for line in lines}


def _status(lines: list[CostLine], reasons: list[Unpriced]) -> PriceStatus:
    if not reasons:
        return PriceStatus.PRICED
    return PriceStatus.PARTIAL if lines else PriceStatus.UNPRICED
