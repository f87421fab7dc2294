"""What the overview's first screen answers: lead tile, cards, what changed, what needs attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from dashboard import ids
from dashboard.card_texts import CARDS, card_text, lead_text
from dashboard.figures.usage_trend import lead_bars
from dashboard.pages import overview_panels
from dashboard.pages.panels import Panel, PanelQuestion, Parts, answer_files, answer_parts
from dashboard.panel_views import PanelView, Table
from dashboard.phrases import local_span
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.view_models import Coverage, Overview, Question
from dashboard.widgets.attention import attention_strip
from dashboard.widgets.cards import CARD_PARTS, card_values, delta_class, movers_list
from dashboard.widgets.panels import notes
from dashboard.widgets.summary_tables import movers_table, summary_table

_LEAD_PARTS = (
    (ids.ATTENTION, "children"),
    (ids.LEAD_VALUE, "children"),
    (ids.LEAD_VALUE, "title"),
    ("lead-exact", "children"),
    (ids.LEAD_DELTA, "children"),
    (ids.LEAD_DELTA, "className"),
    (ids.LEAD_BASELINE, "children"),
    (ids.LEAD_COMPLETE, "children"),
    (ids.LEAD_COMPLETE, "className"),
    (ids.MOVERS, "children"),
    (ids.MOVERS_NOTE, "children"),
    (ids.note(ids.OVERVIEW), "children"),
)


def register(app: Dash, services: Services) -> None:
    """Register the callbacks of the page with an app."""
    answer_parts(app, services, first_screen(services.queries))
    overview_panels.register(app, services)
    _register_files(app, services.queries, services)


def first_screen(queries: Queries) -> Parts:
    """What the first screen shows beside the panels."""
    return Parts(
        name=ids.OVERVIEW,
        outputs=(
            *_LEAD_PARTS,
            (ids.graph(ids.LEAD_CHART), "figure"),
            *((ids.card(kind.name, part), prop) for kind in CARDS for part, prop in CARD_PARTS),
        ),
        load=lambda asked: _overview_parts(queries, asked),
    )


def _register_files(app: Dash, queries: Queries, services: Services) -> None:
    for name, title, table_of in (
        (ids.SUMMARY, "usage summary", summary_table),
        (ids.MOVERS, "what changed most", movers_table),
    ):

        def load(asked: PanelQuestion, table_of: Callable[[Overview], Table] = table_of) -> PanelView:
            overview = queries.overview(asked.question)
            return PanelView.of_table(table_of(overview), overview.notes)

        answer_files(app, services, Panel(name=name, title=title, load=load, has_looks=False))


def _overview_parts(queries: Queries, asked: PanelQuestion) -> list[Any]:
    question = asked.question
    overview = queries.overview(question)
    since = computed_from(question)
    cards = [card_values(card_text(kind, overview), since) for kind in CARDS]
    return [
        *_lead_values(overview, question, queries.settings.base_path),
        lead_bars(overview.trend, asked.template),
        *(value for card in cards for value in card),
    ]


def _movers(overview: Overview) -> Component:
    baseline = overview.baseline
    if not overview.compares:
        return movers_list((), "Choose to compare with the previous period to see what changed.")
    if baseline is None or baseline.coverage is Coverage.NONE:
        return movers_list((), "There is no earlier period to compare with yet.")
    return movers_list(baseline.movers, "No model's cost changed.")


def computed_from(question: Question) -> str:
    """What calls a number is of, and how complete they are."""
    until = question.complete_until.astimezone(question.zone)
    span = local_span(question.span.start, question.span.end, question.zone)
    return f"calls of {span}, complete until {until.day} {until:%b %H:%M}"


def _lead_values(overview: Overview, question: Question, base_path: str) -> list[Any]:
    lead = lead_text(overview)
    baseline = overview.baseline
    return [
        attention_strip(overview.findings, base_path),
        lead.value,
        f"{lead.full} · {computed_from(question)}",
        f"{lead.full} · {computed_from(question)}",
        lead.delta.text,
        delta_class(lead.delta),
        lead.baseline,
        lead.completeness,
        "complete" if lead.complete else "complete incomplete",
        _movers(overview),
        f"cost by model, vs {baseline.comparison.name}" if baseline else "",
        notes(overview.notes),
    ]
