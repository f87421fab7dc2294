"""One model's prices: in force, earlier and later ones, and who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.model_id import display_name
from bedrock_analytics.domain.rate_card import BASE, RateCard, RateSource
from bedrock_analytics.reporting.price_reader import ModelHistory
from bedrock_analytics.storage.price_history import PriceChange
from dashboard.prices.forms import Do, PriceForm
from dashboard.prices.parts import form_button, rates_table
from dashboard.prices.texts import (
    SOURCES,
    change_kind_text,
    difference_text,
    key_text,
    moment_text,
    per_text,
    rate_text,
    scope_text,
    sorted_rates,
    when_text,
)


def history_of(history: ModelHistory, now: datetime, zone: ZoneInfo, *, may_edit: bool) -> list[Component]:
    """The side panel of a model."""
    add = PriceForm(do=Do.ADD, model_id=history.model_id, scope=BASE)
    actions = [form_button("Add a price", add, kind="primary")] if may_edit else []
    return [
        html.P(history.model_id, className="price-model-id"),
        html.Div(actions, className="price-entry-actions"),
        html.H3("Changes"),
        _changes(history.changes, zone),
        *_scopes(history.cards, now, zone, may_edit=may_edit),
    ]


def title_of(model_id: str) -> str:
    """What the side panel is called."""
    return f"Prices of {display_name(model_id)}"


def _scopes(cards: Sequence[RateCard], now: datetime, zone: ZoneInfo, *, may_edit: bool) -> list[Component]:
    if not cards:
        return [
            html.P("This model is in no price list, and nobody has entered a price.", className="price-lead")
        ]
    found: list[Component] = []
    for scope in dict.fromkeys(card.scope for card in cards):
        found.append(html.H3(f"For {scope_text(scope)}"))
        of_scope = [card for card in cards if card.scope == scope]
        found += [
            _card(card, of_scope, now, zone, may_edit=may_edit)
            for card in sorted(of_scope, key=lambda card: card.effective_from, reverse=True)
        ]
    return found


def _card(
    card: RateCard, of_scope: Sequence[RateCard], now: datetime, zone: ZoneInfo, *, may_edit: bool
) -> Component:
    state = state_of(card, of_scope, now)
    rows = [[key_text(key), rate_text(rate), per_text(key)] for key, rate in sorted_rates(card.rates)]
    title = f"{SOURCES[card.source]}, from {moment_text(card.effective_from, zone)}"
    is_manual = card.source is RateSource.MANUAL
    by = f"{card.changed_by}: " if card.changed_by else ""
    told = f"{by}{card.note or ''}" if is_manual else card.listed_as or ""
    return html.Section(
        [
            html.Div(
                [html.H4(title), html.Span(state, className=f"chip price-{state.replace(' ', '-')}")],
                className="price-card-head",
            ),
            html.P(told.removesuffix(": "), className="price-card-note") if told else None,
            rates_table(("Rate", "USD", ""), rows, title)
            if rows
            else html.P("The listed price applies again."),
            html.Div(_card_actions(card, state), className="price-entry-actions")
            if may_edit and is_manual
            else None,
        ],
        className=f"price-card price-card-{state.replace(' ', '-')}",
    )


def state_of(card: RateCard, of_scope: Sequence[RateCard], now: datetime) -> str:
    """Where a card stands in its scope: `in force`, `past`, `upcoming`, or `overridden`.

    A listed card is overridden where a price entered by hand is in force beside it with all of its rates.
    """
    if card.effective_from > now:
        return "upcoming"
    began = [other for other in of_scope if other.effective_from <= now]
    latest = max(
        (other for other in began if other.source is card.source), key=lambda other: other.effective_from
    )
    if card is not latest:
        return "past"
    manual = [other for other in began if other.source is RateSource.MANUAL]
    above = max(manual, key=lambda other: other.effective_from, default=None)
    if above is not None and card.source is not RateSource.MANUAL and card.rates.keys() <= above.rates.keys():
        return "overridden"
    return "in force"


def _card_actions(card: RateCard, state: str) -> list[Component]:
    about = PriceForm(do=Do.DELETE, model_id=card.model_id, scope=card.scope, at=card.effective_from)
    where = f"the price for {scope_text(card.scope)}"
    buttons = []
    if card.rates:
        buttons.append(form_button("Correct", replace(about, do=Do.CORRECT), label=f"Correct {where}"))
    if card.rates and state == "in force":
        buttons.append(form_button("End", replace(about, do=Do.END, at=None), label=f"End {where}"))
    return [*buttons, form_button("Delete", about, label=f"Delete {where}")]


def _changes(changes: Sequence[PriceChange], zone: ZoneInfo) -> Component:
    if not changes:
        return html.P("Nothing has changed since the first list.", className="price-lead")
    rows = [
        [
            when_text(change.seen_at, zone),
            f"{change_kind_text(change)}, {scope_text(change.scope or BASE)}",
            difference_text(change),
            change.changed_by or "price list",
            change.note or "",
        ]
        for change in changes
    ]
    return rates_table(("When", "What", "Difference", "By", "Note"), rows, "Changes of this model's prices")
