"""Usage from the serving pages, and from the event lake where these do not hold what is asked.

Nobody waits for the lake: a panel starts a query, and looks again until it has ended. The tickets of its
queries are all that is kept, in the browser.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.errors import LakeError, UnsupportedCombination
from bedrock_analytics.reporting.lake_answers import CallsPage, LoggedCall, Peaks, RejectionsPage
from bedrock_analytics.reporting.lake_questions import BreakdownQuestion, Question, TrendQuestion
from bedrock_analytics.reporting.usage_filter import (
    EVERYTHING,
    Breakdown,
    Bucket,
    Trend,
    TrendDetail,
    UsageFilter,
)
from bedrock_analytics.storage.lake_desk import AskState, AskStatus
from bedrock_analytics.storage.usage_table import Checkpoint, Scope

if TYPE_CHECKING:
    from dashboard.queries import UsageSource

_MOST_ANSWERS = 32
_Answer = TypeVar("_Answer")


class AskedLake(Protocol):
    """The lake as panels ask it: `reporting.lake_reader.LakeReader`, or a test's own."""

    def start(self, question: Question) -> str: ...

    def poll(self, ticket: str) -> AskStatus: ...

    def cancel(self, ticket: str) -> None: ...

    def breakdown(self, ticket: str) -> Breakdown: ...

    def trend(self, ticket: str) -> Trend: ...

    def calls(self, ticket: str) -> CallsPage: ...

    def call(self, ticket: str) -> LoggedCall | None: ...

    def peaks(self, ticket: str) -> Peaks: ...

    def rejections(self, ticket: str) -> RejectionsPage: ...


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


@contextmanager
def starting_also(*loads: Callable[[], object]) -> Iterator[None]:
    """Where what happens within has to wait for the lake, ask it what `loads` need, too: at once, not one
    after the other."""
    try:
        yield
    except LakeIsAsked:
        for load in loads:
            with suppress(LakeIsAsked):
                load()
        raise


class LakeBackedSource:
    """A `UsageSource` whose pages are backed by the event lake."""

    def __init__(self, pages: UsageSource, lake: AskedLake) -> None:
        self._pages = pages
        self._lake = lake
        self._answers = _Answers()

    def checkpoint(self) -> Checkpoint:
        """How far the computation has come."""
        return self._pages.checkpoint()

    def scopes(self) -> Sequence[Scope]:
        """The accounts and Regions seen."""
        return self._pages.scopes()

    def breakdown(self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True) -> Breakdown:
        """As the pages', else as the lake's, which has histograms always."""
        try:
            return self._pages.breakdown(usage_filter, dimension, histograms=histograms)
        except UnsupportedCombination as refusal:
            question = BreakdownQuestion(usage_filter=usage_filter, dimensions=(dimension,))
            return self._answer(question, self._lake.breakdown, refusal)

    def trend(
        self, usage_filter: UsageFilter, bucket: Bucket, dimension: str, detail: TrendDetail = EVERYTHING
    ) -> Trend:
        """As the pages', else as the lake's, which tells everything apart."""
        try:
            return self._pages.trend(usage_filter, bucket, dimension, detail)
        except UnsupportedCombination as refusal:
            question = TrendQuestion(usage_filter=usage_filter, bucket=bucket, dimensions=(dimension,))
            return self._answer(question, self._lake.trend, refusal)

    def _answer(
        self,
        question: BreakdownQuestion | TrendQuestion,
        fetch: Callable[[str], _Answer],
        refusal: UnsupportedCombination,
    ) -> _Answer:
        tickets = _TICKETS.get()
        if tickets is None:
            raise refusal
        held = self._answers.held(tickets.by_question.get(_key(question), ""))
        if held is not None:
            tickets.used.add(_key(question))
            answer: _Answer = held
            return answer
        return lake_answer(self._lake, question, lambda ticket: self._answers.of(ticket, fetch))


class _Answers:
    """The latest answers by ticket, so that another look or a file of a panel fetches nothing again."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def held(self, ticket: str) -> Any:
        """The answer to a ticket; None where it is not held."""
        with self._lock:
            return self._held.get(ticket)

    def of(self, ticket: str, fetch: Callable[[str], _Answer]) -> _Answer:
        """Fetch and hold an answer."""
        answer = fetch(ticket)
        with self._lock:
            self._held[ticket] = answer
            while len(self._held) > _MOST_ANSWERS:
                self._held.popitem(last=False)
        return answer


def lake_answer(lake: AskedLake, question: Question, fetch: Callable[[str], _Answer]) -> _Answer:
    """The lake's answer to a question, fetched by `fetch` with its ticket; LakeIsAsked until there is one.

    For what a panel loads: it needs `asking_the_lake` around it. LakeError where the query failed.
    """
    tickets = _TICKETS.get()
    if tickets is None:
        raise UnsupportedCombination("the event lake is asked by panels only")
    key = _key(question)
    tickets.used.add(key)
    ticket = tickets.by_question.get(key)
    status = None if ticket is None else lake.poll(ticket)
    # CANCELLED: another panel that shares the query has given it up
    if ticket is None or status is None or status.state in {AskState.GONE, AskState.CANCELLED}:
        tickets.by_question[key] = lake.start(question)
        raise LakeIsAsked("")
    if not status.state.is_final:
        raise LakeIsAsked(status.message)
    if status.state is not AskState.DONE:
        raise LakeError(status.message)
    return fetch(ticket)


def _key(question: Question) -> str:
    """A short name of a question: equal questions have equal ones, in every process."""
    return hashlib.sha256(repr(_plain(question)).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = [(field.name, _plain(getattr(value, field.name))) for field in fields(value)]
        return (type(value).__name__, named)
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    return str(value) if isinstance(value, datetime | ZoneInfo) else value
