"""The forms by which editors change prices, in the side panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.model_id import GEOGRAPHIES, display_name
from bedrock_analytics.domain.rate_card import BASE, GLOBAL, geography_scope, region_of_scope
from bedrock_analytics.domain.rate_key import RateKey
from dashboard.prices import ids
from dashboard.prices.forms import OF_REGION, Do, From, PriceForm
from dashboard.prices.parts import SAVE_TYPE, dom_id, field_id
from dashboard.prices.texts import KIND_TITLES, STANDARD_KINDS, moment_text, scope_text, who_text
from dashboard.widgets.attributes import aria, data

MAX_TEXT: Final = 2048
TITLES: Final = {
    Do.ADD: "Set a price",
    Do.CORRECT: "Correct a price",
    Do.END: "End a price",
    Do.DELETE: "Delete a price",
    Do.APPROVE: "Approve a price",
    Do.DISCOUNT: "Set a discount",
    Do.END_DISCOUNT: "End a discount",
    Do.DELETE_DISCOUNT: "Delete a discount",
}
_SAVES: Final = {
    Do.ADD: "Save and reprice",
    Do.CORRECT: "Save and reprice",
    Do.END: "End and reprice",
    Do.DELETE: "Delete and reprice",
    Do.APPROVE: "Approve",
    Do.DISCOUNT: "Save and reprice",
    Do.END_DISCOUNT: "End and reprice",
    Do.DELETE_DISCOUNT: "Delete and reprice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    """What a form shows beside itself: rates in force, by which it is filled in or hinted at; the zone."""

    form: PriceForm
    zone: ZoneInfo
    listed: Mapping[RateKey, Decimal] = field(default_factory=dict)
    """Rates that apply where a field stays empty."""
    entered: Mapping[RateKey, Decimal] = field(default_factory=dict)
    """Rates that are to be corrected."""
    is_first: bool = False
    """The model has no price yet, so that calls of the past wait for this one."""


def form_of(view: FormView) -> Component:
    """A form with its fields, filled in as far as anything is known.

    It is no form element, which would leave the page; `assets/pages-pricing.js` saves on Enter.
    """
    do = view.form.do
    return html.Div(
        [
            html.P(_lead(view.form, view.zone), className="price-lead"),
            html.Div(id=ids.TOLD, className="price-told", role="alert"),
            *_FIELDS[do](view),
            _text("note", "Note", hint="Why, for those who read the history. Optional."),
            html.Div([_save_button(do), _cancel_button()], className="price-entry-actions"),
        ],
        className="price-form",
        role="form",
        **aria(label=TITLES[do]),
    )


def _save_button(do: Do) -> Component:
    kind = "danger" if do in {Do.DELETE, Do.DELETE_DISCOUNT} else "primary"
    identity = {"type": SAVE_TYPE, "form": do.value}
    return html.Button(
        _SAVES[do], id=identity, type="button", className=f"price-button {kind}", **data(save="1")
    )


def _cancel_button() -> Component:
    return html.Button("Cancel", type="button", className="price-button", **data(**{"price-form": "null"}))


def _lead(form: PriceForm, zone: ZoneInfo) -> str:
    where = f"{display_name(form.model_id)} for {scope_text(form.scope or BASE)}"
    whose = who_text(form.account_id or None, form.model_id or None)
    at = "" if form.at is None else f" of {moment_text(form.at, zone)}"
    return {
        Do.ADD: "Rates are USD per million units. What stays empty keeps the listed rate.",
        Do.CORRECT: f"The price of {where} from {'' if form.at is None else moment_text(form.at, zone)} on. "
        "Calls of that time are computed again.",
        Do.END: f"From then on the listed price of {where} applies again. Until then this one stays.",
        Do.DELETE: f"The entry{at} of {where} is taken back as if it had never been; the history keeps it.",
        Do.APPROVE: f"The listed price of {where} comes into force now.",
        Do.DISCOUNT: "A percentage off the list cost; list cost stays visible beside it.",
        Do.END_DISCOUNT: f"From then on no discount applies to {whose}.",
        Do.DELETE_DISCOUNT: f"The discount{at} of {whose} is taken back as if it had never been.",
    }[form.do]


def _price_fields(view: FormView) -> list[Component]:
    model = view.form.model_id
    named = (
        [html.P([html.Strong(display_name(model)), html.Span(model, className="price-model-id")])]
        if model
        else [_text("model", "Model id", hint="As in the logs, or an ARN: us.anthropic.claude-sonnet-4-6")]
    )
    return [*named, *_scope_fields(view.form.scope), *_rate_fields(view), *_moment_fields(view)]


def _scope_fields(scope: str) -> list[Component]:
    region = region_of_scope(scope)
    options = [
        (BASE, "Everywhere, where nothing more specific is priced"),
        (GLOBAL, "Calls through global profiles"),
        *[
            (geography_scope(name), f"Calls through {name} profiles")
            for name in sorted(GEOGRAPHIES - {GLOBAL})
        ],
        (OF_REGION, "Calls in one Region, without a profile"),
    ]
    chosen = OF_REGION if region is not None else scope or BASE
    return [
        choice_field("scope", "For", options, chosen),
        html.Div(
            _text("region", "Region", value=region or "", hint="Such as eu-central-1"),
            className="price-when-region",
        ),
    ]


def _rate_fields(view: FormView) -> list[Component]:
    fields = [
        _text(
            kind,
            KIND_TITLES[kind],
            value=_plain(view.entered.get(RateKey(kind=kind))),
            shown=_plain(view.listed.get(RateKey(kind=kind))),
        )
        for kind in STANDARD_KINDS
    ]
    others = {key: rate for key, rate in view.entered.items() if key not in _STANDARD}
    more = "\n".join(f"{key} = {_plain(rate)}" for key, rate in others.items())
    return [
        html.Fieldset(
            [html.Legend("USD per 1M tokens"), html.Div(fields, className="price-rates")],
            className="price-fieldset",
        ),
        html.Details(
            [
                html.Summary("Other rates: long context, tiers, images"),
                area_field("more", "One a line", more, "input>200000 = 6.00\noutput@flex = 7.50"),
            ],
            open=bool(more),
        ),
    ]


_STANDARD: Final = frozenset(RateKey(kind=kind) for kind in STANDARD_KINDS)


def _plain(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate.normalize():f}"


def _moment_fields(view: FormView) -> list[Component]:
    zone = "UTC" if view.zone.key == "UTC" else view.zone.key
    options = [
        (From.BEGINNING, "the beginning: all calls, past ones too"),
        (From.NOW, "now"),
        (From.AT, "a day and time"),
    ]
    chosen = From.BEGINNING if view.is_first else From.NOW
    return [
        choice_field("from", "In force from", options, chosen),
        html.Div(_text("at", f"Day and time in {zone}", kind="datetime-local"), className="price-when-at"),
    ]


def _end_fields(view: FormView) -> list[Component]:
    options = [(From.NOW, "now"), (From.AT, "a day and time")]
    return [
        choice_field("from", "Ends", options, From.NOW),
        html.Div(
            _text("at", f"Day and time in {view.zone.key}", kind="datetime-local"),
            className="price-when-at",
        ),
    ]


def _discount_fields(view: FormView) -> list[Component]:
    return [
        _text("percent", "Percent off", hint="Such as 12.5"),
        _text("account", "Account id", hint="Empty: every account"),
        _text("model", "Model id", hint="Empty: every model"),
        *_moment_fields(view),
    ]


def _no_fields(_view: FormView) -> list[Component]:
    return []


_FIELDS: Final[Mapping[Do, Callable[[FormView], list[Component]]]] = {
    Do.ADD: _price_fields,
    Do.CORRECT: _rate_fields,
    Do.END: _end_fields,
    Do.DELETE: _no_fields,
    Do.APPROVE: _no_fields,
    Do.DISCOUNT: _discount_fields,
    Do.END_DISCOUNT: _end_fields,
    Do.DELETE_DISCOUNT: _no_fields,
}


def _text(name: str, label: str, **more: str) -> Component:
    return text_field(TextField(name=name, label=label, **more))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField:
    """A field of one line; `shown` is what applies while it is empty."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    shown: str = ""
    kind: str = "text"


def text_field(field: TextField) -> Component:
    """A labelled field."""
    identity = field_id(field.name)
    return html.Div(
        [
            html.Label(field.label, htmlFor=dom_id(identity)),
            dbc.Input(
                id=identity,
                type=field.kind,
                value=field.value,
                placeholder=field.shown,
                maxLength=MAX_TEXT,
                autocomplete="off",
                size="sm",
            ),
            *([html.P(field.hint, className="price-hint")] if field.hint else []),
        ],
        className="price-field",
    )


def area_field(name: str, label: str, value: str, shown: str) -> Component:
    """A labelled field of several lines."""
    identity = field_id(name)
    return html.Div(
        [
            html.Label(label, htmlFor=dom_id(identity)),
            dbc.Textarea(id=identity, value=value, placeholder=shown, rows=3, maxLength=4000, size="sm"),
        ],
        className="price-field",
    )


def choice_field(name: str, label: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    """A labelled native select."""
    identity = field_id(name)
    return html.Div(
        [
            html.Label(label, htmlFor=dom_id(identity)),
            dbc.Select(
                id=identity,
                options=[{"value": each, "label": text} for each, text in options],
                value=value,
                size="sm",
            ),
        ],
        className="price-field",
    )


def faults_of(faults: Mapping[str, str]) -> list[Component]:
    """What is wrong with a form, every field that it concerns named."""
    names = {**{kind: KIND_TITLES[kind] for kind in STANDARD_KINDS}, **_FIELD_NAMES}
    lines = [f"{names[field]}: {told}" if names.get(field) else told for field, told in faults.items()]
    return [html.P(line) for line in lines]


_FIELD_NAMES: Final = {
    "model": "Model id",
    "region": "Region",
    "more": "Other rates",
    "at": "Day and time",
    "percent": "Percent off",
    "account": "Account id",
}
