"""How calls of one kind are priced: the model they are, the card they pay, and each line of the receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bedrock_analytics.domain.price import BillableUsage
from bedrock_analytics.domain.price_subject import Subject, Unpriced
from bedrock_analytics.domain.rate_card import Discount
from bedrock_analytics.domain.rate_key import STANDARD, unit_of
from bedrock_analytics.domain.rate_sheet import Choice, ModelSheets, Rate, RateQuestion

RESERVED = "reserved"
"""The tier of reserved capacity, which is paid by time."""
LATENCY_OPTIMIZED = "latency-optimized"
BATCH = "batch"

_TIER_NAMES = {"default": STANDARD, "auto": STANDARD, "on_demand": STANDARD, "batches": BATCH}
_UNLOGGED_INPUTS = ("input_video", "input_audio", "input_character")
"""Units that some models are priced by and that no log shows."""
_PRICED_UNITS = ("input_image", "output_image", "output_video", "query")
"""Units other than tokens that a log may show; a call of such a model with none of them is unmeasured."""
_NO_TOKENS = "none"
"""The token source of a call whose log has no counts."""
_MILLISECONDS = "output_video"


def tier_of(service_tier: str | None, *, latency_optimized: bool | None = None) -> str:
    """The tier whose rates apply; one that the log does not show is taken for the standard tier."""
    name = (service_tier or STANDARD).strip().lower()
    tier = _TIER_NAMES.get(name, name)
    return LATENCY_OPTIMIZED if tier == STANDARD and latency_optimized else tier


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """How one kind of usage is priced: rate and the words of the receipt."""

    unit: str
    usd_per_million: Decimal
    card: str


@dataclass(slots=True)
class Plan:
    """How all calls are priced that agree in everything but quantities."""

    subject: Subject | Unpriced
    sheets: ModelSheets | None
    choice: Choice | None
    discount: Discount | None
    lines: dict[str, PlannedLine | Unpriced] = field(default_factory=dict)


def planned_line(plan: Plan, kind: str, usage: BillableUsage) -> PlannedLine | Unpriced:
    tier = tier_of(usage.service_tier, latency_optimized=usage.latency_optimized)
    if isinstance(plan.subject, Unpriced):
        return plan.subject
    if tier == RESERVED:
        return Unpriced.TIME_BASED_CAPACITY
    if plan.choice is None or plan.sheets is None:
        return Unpriced.NO_RATE_CARD
    question = RateQuestion(
        kind=_rate_kind(kind, usage.cache_write_other_ttl),
        tier=tier,
        context_tokens=usage.context_tokens,
        image_size=usage.image_size,
        image_quality=usage.image_quality,
        image_steps=usage.image_steps,
    )
    rate = plan.sheets.rate(plan.choice, question, usage.region)
    if rate is None:
        return _missing(plan.choice, question)
    return _line_of(kind, rate, plan.choice, plan.subject, usage)


def _rate_kind(kind: str, other_ttl: str | None) -> str:
    return f"cache_write_{(other_ttl or 'other').lower()}" if kind == "cache_write_other" else kind


def _missing(choice: Choice, question: RateQuestion) -> Unpriced:
    if choice.sheet.has_kind(question.kind):
        return Unpriced.NO_TIER_RATE
    unlogged = any(choice.sheet.has_kind(kind) for kind in _UNLOGGED_INPUTS)
    return Unpriced.UNITS_UNKNOWN if unlogged and question.kind == "input" else Unpriced.NO_UNIT_RATE


def _line_of(kind: str, rate: Rate, choice: Choice, subject: Subject, usage: BillableUsage) -> PlannedLine:
    unit, per_million = unit_of(rate.key.kind), rate.usd_per_million
    if kind == _MILLISECONDS:
        unit, per_million = "millisecond", per_million.scaleb(-3)
    return PlannedLine(unit, per_million, _words(rate, choice, subject, usage))


def _words(rate: Rate, choice: Choice, subject: Subject, usage: BillableUsage) -> str:
    """The card of a line in words: model, scope, why, tier, threshold, effective date and source."""
    card, key = rate.card, rate.key
    why = (
        choice.why
        if card.scope == choice.sheet.scope
        else f"same price as {choice.sheet.scope}, listed there"
    )
    assumed = ", assumed as the log shows none" if key.tier == STANDARD and not usage.service_tier else ""
    parts = [
        f"{card.model_id}, scope {card.scope} ({why})",
        f"model by {subject.found_by}",
        f"tier {key.tier}{assumed}",
        f"above {key.above} context tokens" if key.above else "any context",
        *([f"image class {key.image}"] if key.image else []),
        f"effective {card.effective_from:%Y-%m-%dT%H:%M:%SZ}",
        f"source {card.source.value}" + (f" ({card.listed_as})" if card.listed_as else ""),
    ]
    return "; ".join(parts)


def unmeasured(usage: BillableUsage, plan: Plan, *, priced: bool) -> list[Unpriced]:
    """Whether the log leaves out what the call used.

    Only where it is said where the counts come from: a failed call used nothing and has no token source.
    """
    if usage.token_source is None:
        return []
    if isinstance(plan.subject, Unpriced) or plan.choice is None:
        reason = plan.subject if isinstance(plan.subject, Unpriced) else Unpriced.NO_RATE_CARD
        return [reason] if usage.token_source == _NO_TOKENS and not priced else []
    sheet = plan.choice.sheet
    if usage.quantities.get("input") or any(usage.quantities.get(kind) for kind in _PRICED_UNITS):
        return []
    by_other_units = any(sheet.has_kind(kind) for kind in (*_PRICED_UNITS, *_UNLOGGED_INPUTS))
    unmeasured = by_other_units or (usage.token_source == _NO_TOKENS and not priced)
    return [Unpriced.UNITS_UNKNOWN] if unmeasured else []
