"""Bringing the price table up to date with a price list; the same code seeds a new deployment.

A card is written only where a rate changed, from the time of the sync on. Prices entered by hand are never
touched, a rate that moved more than tenfold waits for approval, and a list that is unsound changes
nothing: the old prices stay in force, and the report in META says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    GLOBAL,
    RateCard,
    RateKey,
    RateSource,
    geography_of_scope,
    region_of_scope,
)
from bedrock_analytics.storage.bundled_prices import ListDocument, bundled_list, supplement
from bedrock_analytics.storage.item_table import Delete, Key, Put, Value
from bedrock_analytics.storage.price_codec import card_item, decimal_text, moment_text
from bedrock_analytics.storage.price_list import PriceList, read_price_list
from bedrock_analytics.storage.price_table import (
    CHANGE,
    HELD,
    ListInfo,
    PriceTable,
    RepriceRequest,
    scheduled,
)

GREATEST_MOVE = 10
"""A rate that moves by more than this factor is more likely a mistake than a price."""
_LEAST_KNOWN = 20
_LEAST_SHARE = Decimal("0.5")
"""A list that lacks more than this share of the cards known (of at least so many) is taken for truncated."""
_MAX_NAMED = 8
_MANY_MODELS = 20


class SyncStatus(StrEnum):
    """How a sync ended."""

    OK = "ok"
    OLDER = "older"
    """The list is older than the one in force; nothing was changed."""
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What a sync did; stored in META and shown."""

    at: datetime
    status: SyncStatus = SyncStatus.OK
    origin: str = ""
    list_date: str = ""
    error: str | None = None
    entries: int = 0
    cards: int = 0
    omitted: Mapping[str, int] = field(default_factory=dict)
    ignored_fields: Mapping[str, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    """Cards of models and scopes that were not listed before."""
    changed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Cards that wait for approval."""
    review: list[str] = field(default_factory=list)
    """New cards of calls that a less specific card priced until now."""
    gone: list[str] = field(default_factory=list)
    """Cards that the list lacks; their last prices stay."""

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed)

    def row(self) -> dict[str, Value]:
        """The report as stored: counts, and the first names of each list."""
        named = {name: getattr(self, name) for name in ("added", "changed", "held", "review", "gone")}
        row: dict[str, Value] = {
            "at": moment_text(self.at),
            "status": self.status.value,
            "origin": self.origin,
            "list_date": self.list_date,
            "error": self.error,
            "entries": self.entries,
            "cards": self.cards,
            "omitted": dict(self.omitted),
            "ignored_fields": dict(self.ignored_fields),
        }
        for name, cards in named.items():
            row[name] = len(cards)
            row[f"{name}_cards"] = [*cards[:_MAX_NAMED]]
        return row


def seed_prices(table: PriceTable, now: datetime, source: ListDocument | None = None) -> SyncReport:
    """Fill a table from the bundled snapshot or another list; PriceListError where that is unsound.

    Seeding again with equal rates writes nothing, and a list older than the one in force changes nothing.
    """
    return _apply(table, source or bundled_list(), now.replace(microsecond=0))


def sync_prices(table: PriceTable, read: Callable[[], ListDocument], now: datetime) -> SyncReport:
    """Fetch a list and apply it. A list that cannot be had or is unsound is reported, not raised."""
    now = now.replace(microsecond=0)
    try:
        report = _apply(table, read(), now)
    except PriceListError as error:
        report = SyncReport(at=now, status=SyncStatus.FAILED, error=str(error))
    if report.status is not SyncStatus.OK:
        table.put_sync_report(report.row())
    return report


def approve_held(table: PriceTable, model_id: str, scope: str, now: datetime) -> RateCard | None:
    """Put a card that waited for approval in force from now on; None where none waits."""
    waiting = [card for card in table.held() if (card.model_id, card.scope) == (model_id, scope)]
    if not waiting:
        return None
    card = scheduled(waiting[0], now.replace(microsecond=0))
    request = table.request(model_id, card.effective_from, None, "price approved")
    known = _in_force(table.cards(), now).get(_key(card))
    also: list[Put | Delete] = [Delete(_held_key(card)), Put(_change_row(known, card, "approved"))]
    table.put_cards([card], [request], also=also)
    return card


def _apply(table: PriceTable, source: ListDocument, now: datetime) -> SyncReport:
    listed = read_price_list(source.document)
    meta = table.load_meta()
    if meta.unfinished:
        table.finish()
    report = SyncReport(
        at=now,
        origin=source.origin,
        list_date=source.date,
        entries=listed.entries,
        cards=len(listed.cards),
        omitted=listed.omitted,
        ignored_fields=listed.ignored_fields,
    )
    if meta.price_list is not None and source.date < meta.price_list.date:
        report.status = SyncStatus.OLDER
        return report
    _compare(table, listed, report)
    _note(table, ListInfo(date=source.date, origin=source.origin, checked_at=now), meta.price_list, report)
    return report


def _note(table: PriceTable, info: ListInfo, before: ListInfo | None, report: SyncReport) -> None:
    """Leave the report, unless a seed finds the very list in force and changes nothing."""
    same = before is not None and (before.date, before.origin) == (info.date, info.origin)
    if report.writes or report.held or not same or info.origin.startswith("https"):
        table.put_list_info(info, report.row())


def _compare(table: PriceTable, listed: PriceList, report: SyncReport) -> None:
    cards = table.cards()
    known = _in_force(cards, report.at)
    _refuse_truncated(known, listed, report)
    comparison = _Comparison(known, EffectivePriceBook(cards, version=""), report, first=not known)
    for card in (*listed.cards, *supplement(listed.cards)):
        comparison.add(card)
    comparison.release(table.held())
    if comparison.cards:
        table.put_cards(comparison.cards, _requests(table, comparison.starts()), also=comparison.rows)
    elif comparison.rows:
        table.put_rows(comparison.rows)


def _requests(table: PriceTable, starts: Mapping[str, datetime]) -> list[RepriceRequest]:
    """One request for each model, or one for all where there would be many."""
    if len(starts) > _MANY_MODELS:
        return [table.request(None, min(starts.values()), None, "price list changed")]
    return [table.request(model, start, None, "price list changed") for model, start in starts.items()]


_Key = tuple[str, str, RateSource]


def _key(card: RateCard) -> _Key:
    return (card.model_id, card.scope, card.source)


def _in_force(cards: Iterable[RateCard], now: datetime) -> dict[_Key, RateCard]:
    """The latest card of each model, scope and source that lists may replace."""
    latest: dict[_Key, RateCard] = {}
    for card in sorted(cards, key=lambda card: card.effective_from):
        if card.source is not RateSource.MANUAL and card.effective_from <= now:
            latest[_key(card)] = card
    return latest


def _refuse_truncated(known: Mapping[_Key, RateCard], listed: PriceList, report: SyncReport) -> None:
    keys = {key for key in known if key[2] is RateSource.LITELLM}
    gone = keys - {_key(card) for card in listed.cards}
    if len(keys) >= _LEAST_KNOWN and len(gone) > len(keys) * _LEAST_SHARE:
        raise PriceListError(
            f"the price list lacks {len(gone)} of the {len(keys)} cards known; it is taken for truncated"
        )
    report.gone = sorted(f"{model} {scope}" for model, scope, _ in gone)


@dataclass(slots=True)
class _Comparison:
    """Sorts listed cards into new, changed and held ones."""

    known: Mapping[_Key, RateCard]
    book: EffectivePriceBook
    report: SyncReport
    first: bool
    """Whether the table is empty: then nothing is a change."""
    cards: list[RateCard] = field(default_factory=list)
    rows: list[Put | Delete] = field(default_factory=list)
    _held: set[tuple[str, str]] = field(default_factory=set)

    def add(self, card: RateCard) -> None:
        before = self.known.get(_key(card))
        if before is None:
            self._add_new(card)
        elif before.rates != card.rates:
            self._add_changed(before, card)

    def release(self, held: Iterable[RateCard]) -> None:
        """Forget cards that waited for approval and are no longer listed so."""
        listed = [card for card in held if (card.model_id, card.scope) not in self._held]
        self.rows += [Delete(_held_key(card)) for card in listed]

    def starts(self) -> dict[str, datetime]:
        """Models whose prices change, and from when."""
        starts: dict[str, datetime] = {}
        for card in self.cards:
            start = starts.get(card.model_id, card.effective_from)
            starts[card.model_id] = min(start, card.effective_from)
        return starts

    def _add_new(self, card: RateCard) -> None:
        name = _name(card)
        self.report.added.append(name)
        if self._was_priced(card):
            card = scheduled(card, self.report.at)
            self.report.review.append(name)
        self.cards.append(card)
        if not self.first:
            change = "added" if card.effective_from == BEGINNING else "more specific, review"
            self.rows.append(Put(_change_row(None, card, change, self.report.at)))

    def _was_priced(self, card: RateCard) -> bool:
        """Whether calls of the card were priced until now by a less specific one.

        A supplement beside a listed card adds what could not be priced before.
        """
        if card.source is RateSource.AWS and (card.model_id, card.scope, RateSource.LITELLM) in self.known:
            return False
        route, region = _route_of(card.scope)
        return self.book.is_priced(card.model_id, route, region, self.report.at)

    def _add_changed(self, before: RateCard, card: RateCard) -> None:
        if _moved_too_far(before.rates, card.rates):
            self._held.add((card.model_id, card.scope))
            self.report.held.append(_name(card))
            held: dict[str, Value] = {**card_item(card), "PK": HELD, "SK": _held_key(card).sk}
            self.rows.append(
                Put({**held, "old_rates": _texts(before.rates), "seen_at": moment_text(self.report.at)})
            )
            return
        self.report.changed.append(_name(card))
        card = scheduled(card, self.report.at)
        self.cards.append(card)
        self.rows.append(Put(_change_row(before, card, "changed")))


def _name(card: RateCard) -> str:
    return f"{card.model_id} {card.scope}"


def _route_of(scope: str) -> tuple[str, str]:
    if scope in {BASE, GLOBAL}:
        return ("regional" if scope == BASE else "global"), ""
    region = region_of_scope(scope)
    return ("regional", region) if region else (geography_of_scope(scope) or "", "")


def _moved_too_far(old: Mapping[RateKey, Decimal], new: Mapping[RateKey, Decimal]) -> bool:
    """Whether a rate moved more than tenfold, to or from nothing, or a token rate vanished altogether."""
    if any(RateKey(kind=kind) in old and RateKey(kind=kind) not in new for kind in ("input", "output")):
        return True
    pairs = [(old[key], new[key]) for key in old.keys() & new.keys()]
    return any(a != b and max(a, b) > GREATEST_MOVE * min(a, b) for a, b in pairs)


def _texts(rates: Mapping[RateKey, Decimal]) -> dict[str, Value]:
    return {str(key): decimal_text(rate) for key, rate in rates.items()}


def _held_key(card: RateCard) -> Key:
    return Key(HELD, f"{card.model_id}#{card.scope}#{card.source.value}")


def _change_row(
    old: RateCard | None, new: RateCard, change: str, seen: datetime | None = None
) -> dict[str, Value]:
    """What changed: only the rates that differ."""
    before, after = ({} if old is None else old.rates), new.rates
    first_seen = moment_text(seen or new.effective_from)
    return {
        "PK": CHANGE,
        "SK": f"{first_seen}#{new.model_id}#{new.scope}#{new.source.value}",
        "model_id": new.model_id,
        "scope": new.scope,
        "first_seen": first_seen,
        "effective_from": moment_text(new.effective_from),
        "change": change,
        "old": _texts({key: rate for key, rate in before.items() if after.get(key) != rate}),
        "new": _texts({key: rate for key, rate in after.items() if before.get(key) != rate}),
    }
