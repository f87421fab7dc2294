"""One answer to a panel, and what the browser keeps of its queries."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from dash import no_update

from bedrock_analytics.domain.dimensions import MODEL
from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.usage_filter import Breakdown
from dashboard.filters import Filters
from dashboard.pages.answering import Answering, Found
from dashboard.queries import usage_filter
from dashboard.ranges import Preset
from dashboard.view_models import Question
from tests.fakes.asked_lake import AskedLakeFake
from tests.unit.dashboard.answers import utc
from tests.unit.dashboard.test_lake_source import lake_of, source_of


def question(team: str = "shop", attempt: int = 0) -> Question:
    return Question(
        preset=Preset.TODAY,
        span=Span(utc("2026-11-24 00:00"), utc("2026-11-24 02:00")),
        zone=ZoneInfo("UTC"),
        revision=1,
        complete_until=utc("2026-11-24 02:00"),
        filters=Filters(metadata=frozenset({("team", team)} if team else ())),
        attempt=attempt,
    )


def ask(
    lake: AskedLakeFake, asked: Any, wanted: Question | None = None, *, cancels: bool = False
) -> Found[Breakdown]:
    wanted = wanted or question()
    source = source_of(lake)
    answering = Answering(lake, asked, wanted, is_cancelled=cancels)
    return answering.answer(lambda: source.breakdown(usage_filter(wanted), MODEL))


def test_a_panel_that_the_pages_answer_keeps_nothing() -> None:
    found = ask(lake_of(), None, question(""))
    assert found.view is not None
    assert (found.message, found.asked) == (None, no_update)


def test_a_panel_waits_with_the_ticket_of_its_query_and_then_shows_the_answer() -> None:
    lake = lake_of()
    first = ask(lake, None)
    assert first.view is None
    assert "Asking the event lake" in json.dumps(first.message.to_plotly_json(), default=str)
    assert (first.asked["running"], list(first.asked["tickets"].values())) == (True, ["0"])
    second = ask(lake, json.loads(json.dumps(first.asked)))
    assert (second.asked["running"], second.asked["polls"]) == (True, 2)
    third = ask(lake, second.asked)
    assert third.view is not None
    assert third.view.total.invocations == 8
    assert third.asked["running"] is False


def test_a_query_that_other_filters_make_needless_is_cancelled() -> None:
    lake = lake_of()
    first = ask(lake, None)
    ask(lake, first.asked, question("ads"))
    assert lake.cancelled == ["0"]
    last = ask(lake, first.asked, question(""))
    assert (last.view is not None, last.asked) == (True, None)


def test_giving_up_cancels_the_query_and_another_attempt_asks_again() -> None:
    lake = lake_of()
    first = ask(lake, None)
    given_up = ask(lake, first.asked, cancels=True)
    assert (given_up.view, given_up.asked, lake.cancelled) == (None, None, ["0"])
    again = ask(lake, None, question(attempt=1))
    assert list(again.asked["tickets"].values()) == ["1"]


def test_a_new_attempt_does_not_take_up_the_tickets_of_the_last_one() -> None:
    lake = lake_of(polls=1)
    first = ask(lake, None)
    again = ask(lake, first.asked, question(attempt=1))
    assert list(again.asked["tickets"].values()) == ["1"]


def test_a_failure_is_told_and_leaves_what_is_kept() -> None:
    def fail() -> Breakdown:
        raise TableUnavailable("switched off")

    answering = Answering(None, None, question(), is_cancelled=False)
    found = answering.answer(fail)
    assert (found.view, found.asked) == (None, no_update)
    assert "do not answer" in json.dumps(found.message.to_plotly_json(), default=str)
