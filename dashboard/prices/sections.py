"""The sections above the tables: the list's state, usage without a price, approvals, discounts, progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.model_id import display_name
from bedrock_analytics.domain.price_subject import Unpriced
from bedrock_analytics.domain.rate_card import BASE, Discount
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.reporting.formats import compact, exact
from bedrock_analytics.reporting.price_reader import UnpricedUsage
from bedrock_analytics.reporting.unpriced_reasons import reason_text
from bedrock_analytics.storage.price_history import HeldCard
from dashboard.phrases import count_of
from dashboard.prices.desk import UNPRICED_DAYS, Known, Repricing
from dashboard.prices.forms import Do, PriceForm
from dashboard.prices.parts import all_well, entry, fact, form_button, model_button, rates_table
from dashboard.prices.texts import (
    age_text,
    factor_text,
    key_text,
    list_text,
    moment_text,
    named,
    percent_text,
    periods_text,
    rate_text,
    requested_text,
    scope_text,
    sync_text,
    when_text,
    who_text,
)
from dashboard.widgets.attributes import aria

_NO_PRICE_HELPS: Final = frozenset({Unpriced.UNITS_UNKNOWN, Unpriced.MODEL_UNKNOWN})
"""Reasons that no price removes: the log does not say enough."""
_WAITING_SHOWN: Final = 3


def facts(known: Known, zone: ZoneInfo) -> list[Component]:
    """The price list, its last sync, and how much waits for a person."""
    return [_list_fact(known), _sync_fact(known, zone), _unpriced_fact(known), *_people_facts(known)]


def _list_fact(known: Known) -> Component:
    state = known.list_state
    return fact("Price list", list_text(state), age_text(state), "warn" if state.is_old else "")


def _sync_fact(known: Known, zone: ZoneInfo) -> Component:
    state = known.list_state
    if state.last_sync_at is None:
        return fact("Last sync", "None", sync_text(state))
    failed = state.last_sync_status == "failed"
    when = when_text(state.last_sync_at, zone)
    return fact(
        "Last sync", "Failed" if failed else "Done", f"{when}. {sync_text(state)}", "bad" if failed else ""
    )


def _unpriced_fact(known: Known) -> Component:
    calls = sum(usage.calls for usage in known.unpriced)
    if not known.unpriced:
        return fact("Without a price", "0 calls", f"in the last {UNPRICED_DAYS} days")
    models = f"{count_of(len(known.unpriced), 'model')} in the last {UNPRICED_DAYS} days"
    return fact("Without a price", count_of(calls, "call"), models, "warn")


def _people_facts(known: Known) -> list[Component]:
    held = named([display_name(one.card.model_id) for one in known.held])
    current = discounts_in_force(known.discounts, known.now)
    discounts = named([_discount_text(one) for one in current])
    return [
        fact("To approve", exact(len(known.held)), held or "no listed price waits", "warn" if held else ""),
        fact("Discounts", exact(len(current)), discounts or "list prices apply"),
    ]


def _discount_text(discount: Discount) -> str:
    return f"{percent_text(discount.percent)} off {who_text(discount.account_id, discount.model_id)}"


def unpriced_list(unpriced: Sequence[UnpricedUsage], *, may_edit: bool) -> Component:
    """Models with usage that no price was found for, most tokens first; one click leads to a price."""
    if not unpriced:
        return all_well(f"Every call of the last {UNPRICED_DAYS} days has a price")
    return html.Ul([_unpriced(usage, may_edit=may_edit) for usage in unpriced], className="price-list")


def _unpriced(usage: UnpricedUsage, *, may_edit: bool) -> Component:
    reasons = sorted(usage.calls_by_reason.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{exact(calls)} × {reason_text(reason)}" for reason, calls in reasons)
    form = PriceForm(do=Do.ADD, model_id=usage.model_id, scope=BASE)
    can_help = any(reason not in _NO_PRICE_HELPS for reason in usage.calls_by_reason)
    actions = [form_button("Set a price", form, label=f"Set a price of {usage.name}", kind="primary")]
    return entry(
        [model_button(usage.model_id, usage.name)],
        [
            usage.model_id if usage.model_id != usage.name else "",
            f"{count_of(usage.calls, 'call')}, {compact(usage.tokens)} tokens: {told}",
            "" if can_help else "No price helps: the logs do not say what was used.",
        ],
        actions if may_edit and can_help else [],
    )


def held_list(held: Sequence[HeldCard], zone: ZoneInfo, *, may_edit: bool) -> Component | None:
    """Listed prices that moved more than tenfold, with what they were."""
    if not held:
        return None
    return html.Section(
        [
            html.H2("To approve", className="panel-title", id="pricing-held-title"),
            html.P(
                "These listed moved more than tenfold. Until somebody approves them, the old ones apply.",
                className="price-lead",
            ),
            html.Ul([_held(one, zone, may_edit=may_edit) for one in held], className="price-list"),
        ],
        className="panel",
        **aria(labelledby="pricing-held-title"),
    )


def _held(held: HeldCard, zone: ZoneInfo, *, may_edit: bool) -> Component:
    card, name = held.card, display_name(held.card.model_id)
    moved = []
    for text, old in held.old.items():
        key = RateKey.parse(text)
        new = card.rates.get(key)
        if new is not None and new != old:
            moved.append(f"{key_text(key)} {rate_text(old)} → {rate_text(new)} ({factor_text(old, new)})")
    form = PriceForm(do=Do.APPROVE, model_id=card.model_id, scope=card.scope)
    return entry(
        [model_button(card.model_id, name), f" {scope_text(card.scope)}"],
        ["; ".join(moved) or "Other rates changed.", f"Seen {when_text(held.seen_at, zone)}"],
        [form_button("Approve", form, label=f"Approve the price of {name}", kind="primary")]
        if may_edit
        else [],
    )


def discount_list(
    discounts: Sequence[Discount], now: datetime, zone: ZoneInfo, *, may_edit: bool
) -> Component:
    """Every discount with its time; list cost stays what it is."""
    if not discounts:
        return html.P("No discount. Costs are list costs.", className="price-lead")
    current = discounts_in_force(discounts, now)
    rows = [
        [
            who_text(one.account_id, one.model_id),
            percent_text(one.percent) if one.percent else "ends",
            moment_text(one.effective_from, zone),
            "in force" if one in current else "upcoming" if one.effective_from > now else "past",
            one.changed_by or "",
            one.note or "",
            html.Div(
                _discount_actions(one, is_current=one in current) if may_edit else [],
                className="price-entry-actions",
            ),
        ]
        for one in sorted(discounts, key=lambda one: one.effective_from, reverse=True)
    ]
    return rates_table(("For", "Off", "From", "State", "By", "Note", ""), rows, "Discounts")


def _discount_actions(discount: Discount, *, is_current: bool) -> list[Component]:
    about = PriceForm(
        do=Do.DELETE_DISCOUNT,
        model_id=discount.model_id or "",
        account_id=discount.account_id or "",
        at=discount.effective_from,
    )
    name = who_text(discount.account_id, discount.model_id)
    end = form_button("End", replace(about, do=Do.END_DISCOUNT), label=f"End the discount of {name}")
    delete = form_button("Delete", about, label=f"Delete the discount of {name}")
    return [end, delete] if is_current and discount.percent else [delete]


def discounts_in_force(discounts: Sequence[Discount], now: datetime) -> list[Discount]:
    """The latest discount of each account and model that has begun, but no ends."""
    latest: dict[tuple[str | None, str | None], Discount] = {}
    for one in sorted(discounts, key=lambda one: one.effective_from):
        if one.effective_from <= now:
            latest[one.account_id, one.model_id] = one
    return [one for one in discounts if one in latest.values() and one.percent]


def progress_list(repricing: Repricing, zone: ZoneInfo) -> list[Component]:
    """How far the computation has come with changed prices; nothing where none changed lately."""
    running = [
        (requested_text(one, zone), periods_text(one), one.done / one.total if one.total else 1.0)
        for one in repricing.running
    ]
    waiting: list[tuple[str, str, float | None]] = [
        (requested_text(one, zone), "waits for the computation", None) for one in repricing.waiting
    ]
    if len(waiting) > _WAITING_SHOWN:
        waiting = [(f"{count_of(len(waiting), 'change')} of prices", "wait for the computation", None)]
    finished = [(requested_text(one, zone), periods_text(one), 1.0) for one in repricing.finished]
    return [_progress(what, told, part) for what, told, part in (*running, *waiting, *finished)]


def _progress(what: str, told: str, part: float | None) -> Component:
    bar = (
        html.Progress(value=str(part), max="1", **aria(label=what))
        if part is not None
        else html.Progress(max="1", **aria(label=what))
    )
    return html.Div(
        [html.Span(f"{what}: {told}", className="price-progress-text"), bar],
        className="price-progress" + (" done" if told.startswith("done") else ""),
    )
