"""What is known of prices, for people: cards in force, history, the list's state and what lacks a price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bedrock_analytics.domain.dimensions import MODEL
from bedrock_analytics.domain.model_id import display_name, resolve_model
from bedrock_analytics.domain.rate_card import Discount, RateCard, RateSource
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.price_history import HeldCard, PriceChange
from bedrock_analytics.storage.price_meta import ListInfo, RepriceRequest
from bedrock_analytics.storage.price_table import PriceTable

OLD_AFTER = timedelta(days=30)
"""Age from which on a price list needs attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCards:
    """The cards of one model at a moment, by scope; a scope may have one of each source."""

    model_id: str
    name: str
    """For people; two models may share one."""
    vendor: str
    in_force: tuple[RateCard, ...]
    upcoming: tuple[RateCard, ...]
    """Cards that take effect later, the next first."""
    has_manual: bool
    """Whether a price entered by hand is in force or upcoming."""
    search: str
    """Lower-case text to look for what a person types in: id, name, vendor, listed names."""

    def standard(self, kind: str) -> tuple[RateCard, ...]:
        """The cards in force that have a standard rate of a kind at any context size."""
        return tuple(card for card in self.in_force if RateKey(kind=kind) in card.rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHistory:
    """What happened to the prices of one model: every card that ever was in the table, and every change."""

    model_id: str
    cards: tuple[RateCard, ...]
    """By scope and moment, ends too (cards without rates)."""
    changes: tuple[PriceChange, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """The price list in force and the last sync."""

    date: date | None
    """Day that the list dates from; None before the first."""
    origin: str | None
    checked_at: datetime | None
    age_days: int | None
    is_old: bool
    """Older than `OLD_AFTER`, or none at all: needs attention."""
    last_sync_at: datetime | None
    last_sync_status: str | None
    """`ok`, `older` (than the one in force: nothing changed) or `failed`."""
    last_sync_error: str | None
    counts: dict[str, int]
    """Of the last sync: entries, cards, added, changed, held, review, gone."""
    omitted: dict[str, int]
    """Entries left out by rule, by rule."""
    wanted_models: tuple[str, ...]
    """Models that calls were made to and that no price is known of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedUsage:
    """Calls and tokens of a model that no price was found for, by reason."""

    model_id: str
    name: str
    calls: int
    tokens: int
    calls_by_reason: dict[str, int]


@dataclass(frozen=True, slots=True)
class PriceReader:
    """Reads a price table. Every method reads the table anew; TableUnavailable where it cannot answer."""

    table: PriceTable

    def models(self, now: datetime) -> tuple[ModelCards, ...]:
        """Every model that has a card in force or upcoming, by name and id."""
        by_model: dict[str, list[RateCard]] = {}
        for card in self.table.cards():
            by_model.setdefault(card.model_id, []).append(card)
        found = (_model_cards(model_id, cards, now) for model_id, cards in by_model.items())
        return tuple(
            sorted(
                (model for model in found if model.in_force or model.upcoming),
                key=lambda model: (model.name.casefold(), model.model_id),
            )
        )

    def history(self, model_id: str, *, newest: int = 200) -> ModelHistory:
        """Cards and changes of one model."""
        cards = [card for card in self.table.cards() if card.model_id == model_id]
        return ModelHistory(
            model_id=model_id,
            cards=tuple(sorted(cards, key=lambda card: (card.scope, card.effective_from, card.source))),
            changes=tuple(self.table.changes(model_id=model_id, newest=newest)),
        )

    def changes(self, *, newest: int = 100) -> tuple[PriceChange, ...]:
        """The latest changes of any model and discount, newest first."""
        return tuple(self.table.changes(newest=newest))

    def held(self) -> tuple[HeldCard, ...]:
        """Listed cards that wait for approval."""
        return tuple(self.table.held())

    def discounts(self) -> tuple[Discount, ...]:
        """Every discount, past and future ones too, by account, model and moment."""
        return tuple(self.table.discounts())

    def waiting_reprices(self) -> tuple[RepriceRequest, ...]:
        """Requests that the computation has not begun to work off."""
        return self.table.load_meta().reprices

    def list_state(self, now: datetime) -> ListState:
        """The list in force, its age and what the last sync did."""
        meta = self.table.load_meta()
        return _state(meta.price_list, meta.sync_report or {}, meta.wanted_models, now)


def bundled_state(now: datetime) -> ListState:
    """The list that comes with this version, as if it were in force."""
    bundled = bundled_list()
    info = ListInfo(date=bundled.date, origin=bundled.origin, checked_at=now)
    return _state(info, {}, (), now)


def _state(
    info: ListInfo | None, report: Mapping[str, Value], wanted: tuple[str, ...], now: datetime
) -> ListState:
    day = None if info is None else date.fromisoformat(info.date)
    age = None if day is None else (now.date() - day).days
    return ListState(
        date=day,
        origin=None if info is None else info.origin,
        checked_at=None if info is None else info.checked_at,
        age_days=age,
        is_old=age is None or age > OLD_AFTER.days,
        last_sync_at=_moment(report.get("at")),
        last_sync_status=_text(report.get("status")),
        last_sync_error=_text(report.get("error")),
        counts={name: _number(report.get(name)) for name in _COUNTS if name in report},
        omitted=_numbers(report.get("omitted")),
        wanted_models=wanted,
    )


_COUNTS = ("entries", "cards", "added", "changed", "held", "review", "gone")


def unpriced_models(reader: UsageReader, usage_filter: UsageFilter) -> tuple[UnpricedUsage, ...]:
    """Models whose calls were not priced in full, those with the most tokens first."""
    reasons: dict[str, dict[str, int]] = {}
    tokens: dict[str, int] = {}
    for (model_id, *_), stats in reader.breakdown(usage_filter, MODEL).rows.items():
        for reason, calls in stats.unpriced_invocations.items():
            by_reason = reasons.setdefault(model_id, {})
            by_reason[reason] = by_reason.get(reason, 0) + calls
        tokens[model_id] = tokens.get(model_id, 0) + stats.unpriced_token_count
    found = [
        UnpricedUsage(
            model_id=model_id,
            name=display_name(model_id),
            calls=sum(by_reason.values()),
            tokens=tokens[model_id],
            calls_by_reason=by_reason,
        )
        for model_id, by_reason in reasons.items()
    ]
    return tuple(sorted(found, key=lambda usage: (-usage.tokens, -usage.calls, usage.model_id)))


def _model_cards(model_id: str, cards: Iterable[RateCard], now: datetime) -> ModelCards:
    latest: dict[tuple[str, RateSource], RateCard] = {}
    upcoming = []
    for card in sorted(cards, key=lambda card: card.effective_from):
        if card.effective_from <= now:
            latest[card.scope, card.source] = card
        else:
            upcoming.append(card)
    in_force = sorted(
        (card for card in latest.values() if card.rates), key=lambda card: (card.scope, card.source)
    )
    name, vendor = display_name(model_id), resolve_model(model_id).model_id.partition(".")[0]
    listed = [card.listed_as or "" for card in in_force]
    return ModelCards(
        model_id=model_id,
        name=name,
        vendor=vendor,
        in_force=tuple(in_force),
        upcoming=tuple(upcoming),
        has_manual=any(card.source is RateSource.MANUAL for card in (*in_force, *upcoming)),
        search=" ".join((model_id, name, vendor, *listed)).lower(),
    )


def _moment(value: Value) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _numbers(value: Value) -> dict[str, int]:
    return {key: _number(number) for key, number in value.items()} if isinstance(value, dict) else {}
