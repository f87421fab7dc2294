"""Bringing the price table up to date with a price list; the same code seeds a new deployment.

A card is written only where a rate changed, from the time of the sync on. Prices entered by hand are never
touched, a rate that moved more than tenfold waits for approval, and a list that is unsound changes
nothing: the old prices stay in force, and the report in META says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from bedrock_analytics.domain.errors import PriceListError
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import RateCard, RateSource
from bedrock_analytics.jobs.price_comparison import (
    CardKey,
    Comparison,
    card_key,
    cards_in_force,
    change_row,
)
from bedrock_analytics.jobs.sync_report import SyncReport, SyncStatus
from bedrock_analytics.storage.bundled_prices import ListDocument, bundled_list, supplement
from bedrock_analytics.storage.item_table import Delete, Put
from bedrock_analytics.storage.price_history import ChangeKind, held_key
from bedrock_analytics.storage.price_list import PriceList, read_price_list
from bedrock_analytics.storage.price_meta import ListInfo, PriceMeta, RepriceRequest
from bedrock_analytics.storage.price_table import PriceTable, scheduled

_LEAST_KNOWN = 20
_LEAST_SHARE = Decimal("0.5")
"""A list that lacks more than this share of the cards known (of at least so many) is taken for truncated."""
_MANY_MODELS = 20
SYNC_EVERY = timedelta(days=7)


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


def is_due(meta: PriceMeta, now: datetime) -> bool:
    """Whether a sync is due: a week after the last one, for a new model without a price, or never done."""
    if meta.price_list is None or meta.price_list.origin == bundled_list().origin:
        return True
    untried = set(meta.wanted_models) - set(meta.tried_models)
    return bool(untried) or now - meta.price_list.checked_at >= SYNC_EVERY


def approve_held(
    table: PriceTable,
    model_id: str,
    scope: str,
    now: datetime,
    *,
    changed_by: str | None = None,
    note: str | None = None,
) -> RateCard | None:
    """Put a card that waited for approval in force from now on; None where none waits."""
    waiting = [
        held.card for held in table.held() if (held.card.model_id, held.card.scope) == (model_id, scope)
    ]
    if not waiting:
        return None
    now = now.replace(microsecond=0)
    card = replace(scheduled(waiting[0], now), changed_by=changed_by, note=note)
    request = table.request(model_id, card.effective_from, None, "price approved")
    known = cards_in_force(table.cards(), now).get(card_key(card))
    also: list[Put | Delete] = [
        Delete(held_key(card)),
        Put(change_row(known, card, ChangeKind.APPROVED, now)),
    ]
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
    _note(table, ListInfo(date=source.date, origin=source.origin, checked_at=now), meta, report)
    return report


def _note(table: PriceTable, info: ListInfo, meta: PriceMeta, report: SyncReport) -> None:
    """Leave the report, unless a seed finds the bundled list in force and changes nothing."""
    before = meta.price_list
    known = before is not None and (before.date, before.origin) == (info.date, info.origin)
    if report.writes or report.held or not known or info.origin != bundled_list().origin:
        table.put_list_info(info, report.row(), tried_models=meta.wanted_models)


def _compare(table: PriceTable, listed: PriceList, report: SyncReport) -> None:
    cards = table.cards()
    known = cards_in_force(cards, report.at)
    _refuse_truncated(known, listed, report)
    comparison = Comparison(known, EffectivePriceBook(cards, version=""), report, first=not known)
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


def _refuse_truncated(known: Mapping[CardKey, RateCard], listed: PriceList, report: SyncReport) -> None:
    keys = {key for key in known if key[2] is RateSource.LITELLM}
    gone = keys - {card_key(card) for card in listed.cards}
    if len(keys) >= _LEAST_KNOWN and len(gone) > len(keys) * _LEAST_SHARE:
        raise PriceListError(
            f"the price list lacks {len(gone)} of the {len(keys)} cards known; it is taken for truncated"
        )
    report.gone = sorted(f"{model} {scope}" for model, scope, _ in gone)
