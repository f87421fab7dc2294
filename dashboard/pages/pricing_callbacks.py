"""Answers of the pricing page: sections, tables, and how far the computation has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, no_update

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from dashboard.auth.people import current_person
from dashboard.guard import reason
from dashboard.ids import QUESTION
from dashboard.ids import table as table_id
from dashboard.pages.asking import question_of
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_panel, answer_parts
from dashboard.panel_views import PanelView, Table
from dashboard.prices import ids
from dashboard.prices.desk import PriceDesk
from dashboard.prices.sections import discount_list, facts, held_list, progress_list, unpriced_list
from dashboard.prices.tables import card_columns, card_rows, change_columns, change_rows, wanted_changes
from dashboard.services import Services


def register(app: Dash, services: Services, desk: PriceDesk) -> None:
    """Register the callbacks that show prices with an app."""
    sections = (ids.FACTS, ids.UNPRICED, ids.HELD, ids.DISCOUNTS)
    answer_parts(
        app,
        services,
        Parts(
            name=ids.TOP,
            outputs=tuple((section, "children") for section in sections),
            load=lambda asked: _sections(desk, asked),
            controls=(ids.CHANGED,),
        ),
    )
    answer_panel(app, services, _cards(desk))
    answer_panel(app, services, _changes(desk))
    _register_progress(app, desk)


def _sections(desk: PriceDesk, asked: PanelQuestion) -> list[Any]:
    known, zone, may_edit = desk.known(), asked.question.zone, current_person().may_edit
    return [
        facts(known, zone),
        unpriced_list(known.unpriced, may_edit=may_edit),
        held_list(known.held, zone, may_edit=may_edit),
        discount_list(known.discounts, known.now, zone, may_edit=may_edit),
    ]


def _cards(desk: PriceDesk) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        search, source = str(asked.values[ids.SEARCH] or ""), str(asked.values[ids.SOURCE])
        rows = card_rows(desk.models(), search, source, asked.question.zone)
        table = Table(columns=card_columns(), rows=rows)
        return PanelView.of_table(table, _found(len(rows), search), extra=[_table_class(rows)])

    return Panel(
        name=ids.CARDS,
        title="Prices in force",
        load=load,
        controls=(ids.SEARCH, ids.SOURCE, ids.CHANGED),
        extra=((table_id(ids.CARDS), "className"),),
        has_looks=False,
    )


def _table_class(rows: Sequence[Any]) -> str:
    """A table without rows takes no room: its footnote says why."""
    return "panel-table" if rows else "panel-table price-empty"


def _found(count: int, search: str) -> list[str]:
    """What the table's footnote says."""
    if not count and search:
        return [f"No price matches “{search[:60]}”."]
    if not count:
        return ["No price yet. `bedrock-analytics seed-pricing` fills in the list prices."]
    return ["USD per million tokens. A price by hand goes before a listed one, rate by rate."]


def _changes(desk: PriceDesk) -> Panel:
    def load(asked: PanelQuestion) -> PanelView:
        wanted = wanted_changes(desk.changes(), str(asked.values[ids.WHICH]))
        notes = [] if wanted else ["Nothing has changed since the first list."]
        table = Table(columns=change_columns(), rows=change_rows(wanted, asked.question.zone))
        return PanelView.of_table(table, notes, extra=[_table_class(wanted)])

    return Panel(
        name=ids.CHANGES,
        title="Price changes",
        load=load,
        controls=(ids.WHICH, ids.CHANGED),
        extra=((table_id(ids.CHANGES), "className"),),
        has_looks=False,
    )


def _register_progress(app: Dash, desk: PriceDesk) -> None:
    @app.callback(
        Output(ids.PROGRESS, "children"),
        Output(ids.POLL, "disabled"),
        Output(ids.BUSY, "data"),
        Output(ids.CHANGED, "value", allow_duplicate=True),
        Input(ids.POLL, "n_intervals"),
        Input(ids.CHANGED, "value"),
        Input(QUESTION, "data"),
        State(ids.BUSY, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def progress(_polls: int, _changed: str, document: dict[str, Any] | None, was_busy: bool) -> list[Any]:
        """How far changed prices have come; when all is computed, the sections are asked anew."""
        zone = question_of(document).zone
        try:
            found = desk.repricing()
        except BedrockAnalyticsError as error:
            return [reason(error), no_update, no_update, no_update]
        is_over = was_busy and not found.is_busy
        changed = f"computed {desk.now().isoformat()}" if is_over else no_update
        return [progress_list(found, zone), not found.is_busy, found.is_busy, changed]
