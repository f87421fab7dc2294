"""One answer to a panel: its view, what went wrong, or what the event lake is being asked for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dash import no_update

from bedrock_analytics.domain.errors import BedrockAnalyticsError, LakeError
from bedrock_analytics.reporting.moments import one_moment
from dashboard.guard import reason
from dashboard.lake_source import AskedLake, LakeIsAsked, Tickets, asking_the_lake
from dashboard.view_models import Question
from dashboard.widgets.panels import asking_lake, cancelled, failed

_LOG = logging.getLogger(__name__)
_View = TypeVar("_View")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[_View]):
    """What came of asking: a view or a message in its place, and the document of the lake's queries."""

    view: _View | None
    message: Any
    asked: Any


class Answering:
    """One attempt to answer a panel, with the queries that its earlier attempts have begun."""

    def __init__(
        self, lake: AskedLake | None, asked: dict[str, Any] | None, question: Question, *, is_cancelled: bool
    ) -> None:
        before = asked if asked and asked["attempt"] == question.attempt else None
        self._lake = lake
        self._before = before
        self._attempt = question.attempt
        self._polls = before["polls"] if before else 0
        self._tickets = Tickets(dict(before["tickets"]) if before else {})
        self._is_cancelled = is_cancelled

    def answer(self, load: Callable[[], _View]) -> Found[_View]:
        """Ask, and tell what came of it; a failure leaves what the panel shows."""
        if self._is_cancelled:
            self._cancel(self._tickets.by_question)
            return Found(view=None, message=cancelled(), asked=None)
        try:
            with one_moment(), asking_the_lake(self._tickets):
                view = load()
        except LakeIsAsked as running:
            self._cancel(self._unused())
            return Found(view=None, message=asking_lake(running.told), asked=self._document(is_running=True))
        except BedrockAnalyticsError as error:
            _LOG.warning("a panel could not be loaded: %s", error)
            asked = None if isinstance(error, LakeError) else no_update
            return Found(view=None, message=failed(reason(error)), asked=asked)
        self._cancel(self._unused())
        return Found(view=view, message=None, asked=self._document(is_running=False))

    def _unused(self) -> list[str]:
        return [key for key in self._tickets.by_question if key not in self._tickets.used]

    def _cancel(self, keys: Sequence[str] | Mapping[str, str]) -> None:
        for key in list(keys):
            ticket = self._tickets.by_question.pop(key)
            if self._lake is not None:
                self._lake.cancel(ticket)

    def _document(self, *, is_running: bool) -> Any:
        """What the browser keeps; nothing new where there is and was no query."""
        if not self._tickets.by_question:
            return no_update if self._before is None else None
        return {
            "attempt": self._attempt,
            "tickets": self._tickets.by_question,
            "running": is_running,
            "polls": self._polls + is_running,
        }
