"""What the overview's first screen answers: lead tile, cards, what changed, what needs attention."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component

from dashboard import ids
from dashboard.card_texts import CARDS, card_text, lead_text
from dashboard.figures.usage_trend import lead_bars
from dashboard.guard import guarded
from dashboard.pages.asking import question_of, template_of
from dashboard.phrases import local_span, zone_text
from dashboard.queries import Queries
from dashboard.view_models import Baseline, Coverage, Overview, Question
from dashboard.widgets.attention import attention_strip, nothing_yet
from dashboard.widgets.cards import CARD_PARTS, card_values, delta_class, movers_list

_QUESTION = Input(ids.QUESTION, "data")
_THEME = State(ids.THEME, "data")
_LEAD_PARTS = (
    (ids.RESOLVED, "children"),
    (ids.NOTHING, "children"),
    (ids.BODY, "hidden"),
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
)


def register(app: Dash, queries: Queries) -> None:
    """Register the callback of the first screen with an app."""
    outputs = [Output(*part) for part in _LEAD_PARTS]
    outputs.append(Output(ids.graph(ids.LEAD_CHART), "figure"))
    outputs += [Output(ids.card(kind.name, part), prop) for kind in CARDS for part, prop in CARD_PARTS]

    @app.callback(Output(ids.message("overview"), "children"), *outputs, _QUESTION, _THEME)
    def show(document: dict[str, Any] | None, theme: str | None) -> list[Any]:
        """Cards, lead tile, movers and findings."""
        question = question_of(document)
        return guarded(lambda: _overview_parts(queries, question, theme), len(outputs) + 1)


def _overview_parts(queries: Queries, question: Question, theme: str | None) -> list[Any]:
    overview = queries.overview(question)
    since = computed_from(question)
    cards = [card_values(card_text(kind, overview), since) for kind in CARDS]
    return [
        None,
        *_lead_values(overview, question, queries.settings.next_step),
        lead_bars(overview.trend, template_of(theme)),
        *(value for card in cards for value in card),
    ]


def _movers(baseline: Baseline | None) -> Component:
    if baseline is None or baseline.coverage is Coverage.NONE:
        return movers_list((), "There is no earlier period to compare with yet.")
    return movers_list(baseline.movers, "No model's cost changed.")


def computed_from(question: Question) -> str:
    """What calls a number is of, and how complete they are."""
    until = question.complete_until.astimezone(question.zone)
    span = local_span(question.span.start, question.span.end, question.zone)
    return f"calls of {span}, complete until {until.day} {until:%b %H:%M}"


def _lead_values(overview: Overview, question: Question, next_step: str) -> list[Any]:
    lead = lead_text(overview)
    times = local_span(question.span.start, question.span.end, question.zone)
    baseline = overview.baseline
    return [
        f"{times} · {zone_text(question.zone, question.span.end)}",
        None if overview.ever_used else nothing_yet(next_step),
        not overview.ever_used,
        attention_strip(overview.findings),
        lead.value,
        f"{lead.full} · {computed_from(question)}",
        f"{lead.full} · {computed_from(question)}",
        lead.delta.text,
        delta_class(lead.delta),
        lead.baseline,
        lead.completeness,
        "complete" if lead.complete else "complete incomplete",
        _movers(baseline),
        f"cost by model, vs {baseline.comparison.name}" if baseline else "",
    ]
