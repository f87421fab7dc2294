"""What the page asks: one question for all its panels, renewed by a tick only where something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from bedrock_analytics.reporting.metrics import AMBER_AFTER_MISSED, RED_AFTER_MISSED
from dashboard import ids
from dashboard.filters import parse_filters
from dashboard.guard import trouble_of
from dashboard.page_state import asked, parse_query
from dashboard.phrases import local_span, zone_text
from dashboard.ranges import Preset, step
from dashboard.services import Services
from dashboard.theme import LIGHT, TEMPLATES
from dashboard.view_models import Pulse, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """What the frame knows from the start, so that panels need not wait until the page has asked.

    All of it is None where the tables did not answer: the page then asks by itself, and tells.
    """

    asked: dict[str, Any] | None = None
    question: dict[str, Any] | None = None
    pulse: dict[str, Any] | None = None
    resolved: str = ""
    compared: str = ""


def first_answer(services: Services, query: str) -> FirstAnswer:
    """The question of an address's query."""
    values = parse_query(query)
    is_custom = values["range"] == Preset.CUSTOM
    # in the order in which the browser gathers it: the two are compared as text
    wanted = {
        "range": values["range"],
        "from": values["from"] if is_custom else "",
        "to": values["to"] if is_custom else "",
        "zone": values["zone"],
        "compare": values["compare"],
        "filters": parse_filters(query),
    }
    try:
        pulse = services.queries.pulse()
        meant = asked(wanted, services.settings.zone)
        question = services.queries.question(meant, pulse)
    except BedrockAnalyticsError:
        return FirstAnswer()
    _, resolved, compared = _question_parts(question, None)
    interval = services.settings.compute_interval.total_seconds()
    return FirstAnswer(
        asked=wanted,
        question=question.to_json(),
        pulse=pulse_document(pulse, meant.zone.key, interval),
        resolved=resolved,
        compared=compared,
    )


def register(app: Dash, services: Services) -> None:
    """Register the callback that asks with an app."""
    queries, settings = services.queries, services.settings

    @app.callback(
        Output(ids.QUESTION, "data"),
        Output(ids.RESOLVED, "children"),
        Output(ids.COMPARED, "children"),
        Output(ids.PULSE, "data"),
        Output(ids.TROUBLE, "data"),
        Input(ids.ASKED, "data"),
        Input(ids.TICK, "n_intervals"),
        Input(ids.REFRESH_BUTTON, "n_clicks"),
        Input(ids.WAKE, "data"),
        Input(ids.ATTEMPT, "data"),
        State(ids.QUESTION, "data"),
        State(ids.PULSE, "data"),
        State(ids.TROUBLE, "data"),
        prevent_initial_call=True,
    )
    def ask(
        values: dict[str, Any] | None,
        _tick: int,
        _clicks: int,
        _wake: int,
        attempt: int,
        before: dict[str, Any] | None,
        pulse_before: dict[str, Any] | None,
        trouble: dict[str, Any] | None,
    ) -> tuple[Any, ...]:
        """Read the checkpoint; send only what differs from what the page has."""
        if values is None:
            raise PreventUpdate
        try:
            pulse = queries.pulse()
            wanted = asked(values, settings.zone)
            question = queries.question(wanted, pulse, attempt_of(attempt, before, trouble))
        except BedrockAnalyticsError as error:
            return told(*[no_update] * 4, changed(trouble_of(error), trouble))
        fresh = pulse_document(pulse, wanted.zone.key, settings.compute_interval.total_seconds())
        return told(
            *_question_parts(question, before),
            changed(fresh, pulse_before),
            changed(None, trouble),
        )

    _register_step(app)


def _question_parts(question: Question, before: dict[str, Any] | None) -> tuple[Any, Any, Any]:
    """The question and what it comes to in words, where the page has another one."""
    document = question.to_json()
    if document == before:
        return no_update, no_update, no_update
    times = local_span(question.span.start, question.span.end, question.zone)
    compared = question.comparison
    return (
        document,
        f"{times} · {zone_text(question.zone, question.span.end)}",
        f"vs {compared.name}" if compared else "",
    )


def _register_step(app: Dash) -> None:
    @app.callback(
        Output(ids.CHOSEN_SPAN, "data"),
        Input(ids.STEP, "data"),
        State(ids.QUESTION, "data"),
        prevent_initial_call=True,
    )
    def take_step(steps: dict[str, int], document: dict[str, Any] | None) -> list[str]:
        """The period before the one shown, or after it."""
        question = question_of(document)
        span = step(question.preset, question.span, question.zone, steps["steps"])
        return [span.start.isoformat(), span.end.isoformat()]


def attempt_of(wished: int | None, before: dict[str, Any] | None, trouble: Any) -> int:
    """The number of the attempt: another one where a person wished so, and after a trouble is over.

    A higher number is another question, so that panels that had failed are loaded again.
    """
    last = before["attempt"] if before else 0
    return max(wished or 0, last + 1 if trouble and before else last)


def told(*updates: Any) -> tuple[Any, ...]:
    """The updates; an empty answer where there is none."""
    if all(update is no_update for update in updates):
        raise PreventUpdate
    return updates


def changed(value: Any, before: Any) -> Any:
    """The value, or nothing to send where the page has it."""
    return no_update if value == before else value


def pulse_document(pulse: Pulse, zone: str, interval_seconds: float) -> dict[str, Any]:
    """What the browser needs to tell the age of the data by itself."""
    return {
        "data_up_to": None if pulse.data_up_to is None else pulse.data_up_to.isoformat(),
        "newest_call": None if pulse.newest_call is None else pulse.newest_call.isoformat(),
        "checked_at": None if pulse.checked_at is None else pulse.checked_at.isoformat(),
        "interval": interval_seconds,
        "amber_after": AMBER_AFTER_MISSED,
        "red_after": RED_AFTER_MISSED,
        "zone": zone,
        "ever_used": pulse.ever_used,
    }


def question_of(document: dict[str, Any] | None) -> Question:
    """The question that the page asks; nothing is answered before there is one."""
    if document is None:
        raise PreventUpdate
    return Question.from_json(document)


def template_of(theme: str | None) -> dict[str, Any]:
    """The Plotly template of the page's theme."""
    return TEMPLATES.get(theme or LIGHT, TEMPLATES[LIGHT])
