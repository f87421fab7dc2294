"""Usage from the serving pages, and from the event lake where these do not hold what is asked.

Nobody waits for the lake: a panel starts a query, and looks again until it has ended. The tickets of its
queries are all that is kept, in the browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bedrock_analytics.domain.errors import LakeError, UnsupportedCombination
from bedrock_analytics.reporting.lake_questions import BreakdownQuestion, TrendQuestion
from bedrock_analytics.reporting.usage_filter import Breakdown, Bucket, Trend, UsageFilter
from bedrock_analytics.storage.lake_desk import AskState, AskStatus
from bedrock_analytics.storage.usage_table import Checkpoint, Scope
from dashboard.queries import UsageSource

UsageQuestion = BreakdownQuestion | TrendQuestion
_Answer = TypeVar("_Answer", Breakdown, Trend)


class AskedLake(Protocol):
    """The lake as panels ask it: `reporting.lake_reader.LakeReader`, or a test's own."""

    def start(self, question: UsageQuestion) -> str: ...

    def poll(self, ticket: str) -> AskStatus: ...

    def cancel(self, ticket: str) -> None: ...

    def breakdown(self, ticket: str) -> Breakdown: ...

    def trend(self, ticket: str) -> Trend: ...


class LakeIsAsked(Exception):
    """The answer is being computed from the event lake; `told` says how far it is."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told


@dataclass(slots=True)
class Tickets:
    """The queries of one panel by what they ask; `used` are those that its present question needs."""

    by_question: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


_TICKETS: ContextVar[Tickets | None] = ContextVar("tickets", default=None)


@contextmanager
def asking_the_lake(tickets: Tickets) -> Iterator[None]:
    """Within, what pages do not hold is asked of the lake under these tickets (LakeIsAsked until it has
    answered); elsewhere it is refused (UnsupportedCombination)."""
    token = _TICKETS.set(tickets)
    try:
        yield
    finally:
        _TICKETS.reset(token)


class LakeBackedSource:
    """A `UsageSource` whose pages are backed by the event lake."""

    def __init__(self, pages: UsageSource, lake: AskedLake) -> None:
        self._pages = pages
        self._lake = lake

    def checkpoint(self) -> Checkpoint:
        """How far the computation has come."""
        return self._pages.checkpoint()

    def scopes(self) -> Sequence[Scope]:
        """The accounts and Regions seen."""
        return self._pages.scopes()

    def breakdown(self, usage_filter: UsageFilter, dimension: str) -> Breakdown:
        """As the pages', else as the lake's."""
        try:
            return self._pages.breakdown(usage_filter, dimension)
        except UnsupportedCombination as refusal:
            question = BreakdownQuestion(usage_filter=usage_filter, dimensions=(dimension,))
            return self._answer(question, self._lake.breakdown, refusal)

    def trend(self, usage_filter: UsageFilter, bucket: Bucket, dimension: str) -> Trend:
        """As the pages', else as the lake's."""
        try:
            return self._pages.trend(usage_filter, bucket, dimension)
        except UnsupportedCombination as refusal:
            question = TrendQuestion(usage_filter=usage_filter, bucket=bucket, dimensions=(dimension,))
            return self._answer(question, self._lake.trend, refusal)

    def _answer(
        self,
        question: UsageQuestion,
        fetch: Callable[[str], _Answer],
        refusal: UnsupportedCombination,
    ) -> _Answer:
        tickets = _TICKETS.get()
        if tickets is None:
            raise refusal
        key = _key(question)
        tickets.used.add(key)
        ticket = tickets.by_question.get(key)
        if ticket is None:
            tickets.by_question[key] = self._lake.start(question)
            raise LakeIsAsked("")
        status = self._lake.poll(ticket)
        if not status.state.is_final:
            raise LakeIsAsked(status.message)
        if status.state is AskState.GONE:
            tickets.by_question[key] = self._lake.start(question)
            raise LakeIsAsked("")
        if status.state is not AskState.DONE:
            raise LakeError(status.message)
        return fetch(ticket)


def _key(question: UsageQuestion) -> str:
    """A short name of a question: equal questions have equal ones."""
    wanted = question.usage_filter
    bucket = question.bucket.value if isinstance(question, TrendQuestion) else ""
    sets = (
        wanted.accounts,
        wanted.regions,
        wanted.models,
        wanted.routes,
        wanted.callers,
        wanted.operations,
        wanted.metadata,
    )
    parts = (
        question.dimensions,
        bucket,
        wanted.start.isoformat(),
        wanted.end.isoformat(),
        wanted.zone.key,
        *(sorted(values) for values in sets),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
