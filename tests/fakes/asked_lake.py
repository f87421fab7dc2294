"""A lake that answers questions about usage after some polls, with what the test says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.lake_answers import CallsPage, LoggedCall, Peaks, RejectionsPage
from bedrock_analytics.reporting.lake_questions import BreakdownQuestion, Question, TrendQuestion, columns_of
from bedrock_analytics.reporting.time_buckets import bars_of
from bedrock_analytics.reporting.usage_filter import Breakdown, Trend
from bedrock_analytics.storage.lake_desk import AskState, AskStatus

NOTE = "Read from the lake by a fake."
Rows = dict[tuple[str, ...], UsageStats]


@dataclass(slots=True)
class AskedLakeFake:
    """Answers every question with `rows` of it once it was polled `polls` times; `state` is then told."""

    rows: Callable[[BreakdownQuestion | TrendQuestion], Rows]
    polls: int = 1
    state: AskState = AskState.DONE
    questions: list[Question] = field(default_factory=list)
    polled: dict[str, int] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def start(self, question: Question) -> str:
        self.questions.append(question)
        return str(len(self.questions) - 1)

    def poll(self, ticket: str) -> AskStatus:
        if ticket in self.cancelled:
            return AskStatus(state=AskState.CANCELLED, message="It was cancelled.")
        self.polled[ticket] = self.polled.get(ticket, 0) + 1
        if self.polled[ticket] < self.polls:
            return AskStatus(state=AskState.RUNNING, message="The lake is being read.")
        return AskStatus(state=self.state, message=f"The lake says {self.state}.")

    def cancel(self, ticket: str) -> None:
        self.cancelled.append(ticket)

    def breakdown(self, ticket: str) -> Breakdown:
        question, rows = self._answer(ticket)
        assert isinstance(question, BreakdownQuestion)
        total = UsageStats()
        for stats in rows.values():
            total.merge(stats)
        return Breakdown(
            dimension=" + ".join(question.dimensions),
            key_columns=columns_of(question.dimensions),
            rows=rows,
            total=total,
            revision=1,
            notes=(NOTE,),
        )

    def trend(self, ticket: str) -> Trend:
        question, rows = self._answer(ticket)
        assert isinstance(question, TrendQuestion)
        wanted = question.usage_filter
        starts: tuple[datetime, ...] = tuple(
            bar.start for bar in bars_of(wanted.start, wanted.end, question.bucket, wanted.zone)
        )
        return Trend(
            dimension=" + ".join(question.dimensions),
            key_columns=columns_of(question.dimensions),
            bucket=question.bucket,
            starts=starts,
            rows=(rows, *({} for _ in starts[1:])),
            revision=1,
            notes=(NOTE,),
        )

    def calls(self, ticket: str) -> CallsPage:
        raise AssertionError("no page under test asks the lake for this")

    def call(self, ticket: str) -> LoggedCall | None:
        raise AssertionError("no page under test asks the lake for this")

    def peaks(self, ticket: str) -> Peaks:
        raise AssertionError("no page under test asks the lake for this")

    def rejections(self, ticket: str) -> RejectionsPage:
        raise AssertionError("no page under test asks the lake for this")

    def _answer(self, ticket: str) -> tuple[BreakdownQuestion | TrendQuestion, Rows]:
        self.fetched.append(ticket)
        question = self.questions[int(ticket)]
        assert isinstance(question, BreakdownQuestion | TrendQuestion)
        return question, self.rows(question)
