"""The side panel of the pricing page: a model's history, and the forms by which editors change prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from bedrock_analytics.domain.rate_card import RateCard, RateSource
from bedrock_analytics.jobs.change_prices import Author
from bedrock_analytics.reporting.price_reader import ModelHistory
from bedrock_analytics.storage.price_history import PriceChange
from dashboard.auth.people import Person, current_person, require_editor
from dashboard.guard import reason
from dashboard.ids import QUESTION
from dashboard.pages.asking import question_of
from dashboard.prices import ids
from dashboard.prices.desk import PriceDesk
from dashboard.prices.editing import TITLES, FormView, faults_of, form_of
from dashboard.prices.forms import Do, FormFault, PriceForm, operation_of
from dashboard.prices.history import history_of, title_of
from dashboard.prices.parts import FIELD_TYPE, SAVE_TYPE
from dashboard.prices.texts import change_kind_text
from dashboard.view_models import Question

NOBODY = "dashboard"
"""Who changes a price where nobody signs in."""


def register(app: Dash, desk: PriceDesk) -> None:
    """Register the callbacks of the side panel with an app."""
    app.clientside_callback(
        ClientsideFunction("pricing", "opened"),
        Output(ids.DRAWER, "is_open"),
        Input(ids.MODEL, "value"),
        Input(ids.FORM, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pricing", "closed"),
        Output(ids.MODEL, "value", allow_duplicate=True),
        Output(ids.FORM, "data", allow_duplicate=True),
        Input(ids.DRAWER, "is_open"),
        prevent_initial_call=True,
    )
    _register_content(app, desk)
    _register_saving(app, desk)


def _register_content(app: Dash, desk: PriceDesk) -> None:
    @app.callback(
        Output(ids.SIDE, "children"),
        Output(ids.SIDE_TITLE, "children"),
        Input(ids.MODEL, "value"),
        Input(ids.FORM, "data"),
        Input(ids.CHANGED, "value"),
        Input(QUESTION, "data"),
        State(ids.SIDE, "children"),
    )
    def show(
        model: str | None, form: Any, _changed: str, document: dict[str, Any] | None, shown: Any
    ) -> list[Any]:
        """The open form, else the open model's history.

        Another question of the page brings it only where nothing is shown yet: a form keeps what was typed.
        """
        opened, question = PriceForm.from_json(form), question_of(document)
        if shown and set(ctx.triggered_prop_ids.values()) == {QUESTION}:
            raise PreventUpdate
        try:
            if opened is not None and current_person().may_edit:
                return [form_of(_view(desk, opened, question)), TITLES[opened.do]]
            if model:
                history = desk.history(model)
                may_edit = current_person().may_edit
                return [history_of(history, desk.now(), question.zone, may_edit=may_edit), title_of(model)]
        except BedrockAnalyticsError as error:
            return [reason(error), "Prices"]
        raise PreventUpdate


def _view(desk: PriceDesk, form: PriceForm, question: Question) -> FormView:
    """What a form shows of the prices there are."""
    if not form.model_id or form.do not in {Do.ADD, Do.CORRECT}:
        return FormView(form=form, zone=question.zone)
    history = desk.history(form.model_id)
    return FormView(
        form=form,
        zone=question.zone,
        listed=_rates(_latest(history, form, desk, is_manual=False)),
        entered=_rates(_corrected(history, form)),
        is_first=not history.cards,
    )


def _latest(history: ModelHistory, form: PriceForm, desk: PriceDesk, *, is_manual: bool) -> RateCard | None:
    now = form.at or desk.now()
    cards = [
        card
        for card in history.cards
        if card.scope == form.scope
        and (card.source is RateSource.MANUAL) == is_manual
        and card.effective_from <= now
    ]
    return max(cards, key=lambda card: card.effective_from, default=None)


def _corrected(history: ModelHistory, form: PriceForm) -> RateCard | None:
    if form.do is not Do.CORRECT:
        return None
    manual = [card for card in history.cards if card.source is RateSource.MANUAL]
    place = (form.scope, form.at)
    return next((card for card in manual if (card.scope, card.effective_from) == place), None)


def _rates(card: RateCard | None) -> Mapping[Any, Any]:
    return {} if card is None else card.rates


def _register_saving(app: Dash, desk: PriceDesk) -> None:
    @app.callback(
        Output(ids.TOLD, "children"),
        Output(ids.FORM, "data", allow_duplicate=True),
        Output(ids.MODEL, "value", allow_duplicate=True),
        Output(ids.SAVED, "children"),
        Output(ids.CHANGED, "value", allow_duplicate=True),
        Input({"type": SAVE_TYPE, "form": ALL}, "n_clicks"),
        State(ids.FORM, "data"),
        State({"type": FIELD_TYPE, "name": ALL}, "value"),
        State({"type": FIELD_TYPE, "name": ALL}, "id"),
        State(QUESTION, "data"),
        prevent_initial_call=True,
    )
    def save(
        clicks: Sequence[int | None],
        form: Any,
        values: Sequence[Any],
        names: Sequence[Mapping[str, str]],
        document: dict[str, Any] | None,
    ) -> list[Any]:
        """Do what the form says, or tell what is wrong with it."""
        opened = PriceForm.from_json(form)
        if opened is None or not any(clicks):
            raise PreventUpdate
        fields = {name["name"]: value for name, value in zip(names, values, strict=True)}
        return _saved(desk, opened, fields, question_of(document))


def _saved(desk: PriceDesk, form: PriceForm, fields: Mapping[str, Any], question: Question) -> list[Any]:
    try:
        author = Author(who=_author(require_editor()), note=str(fields.get("note") or "") or None)
        change = desk.change(operation_of(form, fields, desk.now(), question.zone), author)
    except FormFault as fault:
        return [faults_of(fault.faults), *[no_update] * 4]
    except BedrockAnalyticsError as error:
        return [reason(error), *[no_update] * 4]
    model = change.model_id if change.scope is not None else ""
    return [None, None, model or "", saved_text(change), f"saved {desk.now().isoformat()}"]


def _author(person: Person) -> str:
    return person.name or NOBODY


def saved_text(change: PriceChange) -> str:
    """What is told once a change is made."""
    what = change_kind_text(change)
    return f"Price {what}." if change.scope is not None else f"{what.capitalize()}."
