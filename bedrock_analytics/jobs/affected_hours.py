"""Which hours a change of prices concerns: those with a call that a changed card may price.

A call names its model in several ways: as logged, by a shorter spelling, through an application profile,
by the response. The lake tells every name that occurs; those that may mean the model select the hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price_subject import may_mean
from bedrock_analytics.storage.lake import EventLake
from bedrock_analytics.storage.price_meta import RepriceRequest

MOST_NAMES = 200
"""Names that one query takes; a model that more names may mean is looked for in every hour."""


class AffectedHours:
    """Answers for the requests of one run; asks the lake for names once, and only where a model is named."""

    def __init__(
        self,
        lake: EventLake,
        requests: Sequence[RepriceRequest],
        now: datetime,
        profiles: Callable[[], Mapping[str, str]],
    ) -> None:
        """`profiles` tells the models of application profiles."""
        self._lake = lake
        self._end = now + periods.DAY
        spans = [self._span(request) for request in requests if request.model_id is not None]
        spans = [span for span in spans if span.start < span.end]
        self._names: Sequence[str] = ()
        self._profiles: Mapping[str, str] = {}
        if spans:
            self._names = lake.names(Span(min(span.start for span in spans), max(span.end for span in spans)))
            self._profiles = profiles()

        self._models: dict[tuple[Span, str | None], set[str]] = {}
        for request in requests:
            if request.model_id is not None:
                place = (self._span(request), request.account_id)
                self._models.setdefault(place, set()).add(request.model_id)
        self._selected: dict[tuple[Span, str | None], tuple[str, ...] | None] = {}
        self._hours: dict[tuple[Span, str | None, tuple[str, ...] | None], Sequence[datetime]] = {}

    def of(self, request: RepriceRequest) -> Sequence[datetime]:
        """Hours with a call that the request concerns, or another of the same span and account, ascending.

        All of them are computed in the same run: hundreds of profiles learnt at once are one question.
        """
        span, account_id = self._span(request), request.account_id
        if span.start >= span.end:
            return ()
        names = None if request.model_id is None else self._names_in(span, account_id)
        key = (span, account_id, names)
        if key not in self._hours:
            self._hours[key] = self._lake.hours(span, names, account_id=account_id)
        return self._hours[key]

    def _names_in(self, span: Span, account_id: str | None) -> tuple[str, ...] | None:
        """Names of the models that requests of the span and account are about; None for any name."""
        place = (span, account_id)
        if place not in self._selected:
            names = {name for model in self._models[place] for name in self.names_of(model)}
            self._selected[place] = tuple(sorted(names)) if len(names) <= MOST_NAMES else None
        return self._selected[place]

    def names_of(self, model_id: str) -> list[str]:
        """Names in the lake by which a call may be priced as the model."""
        return [
            name
            for name in self._names
            if may_mean(name, model_id) or may_mean(self._profiles.get(name, name), model_id)
        ]

    def _span(self, request: RepriceRequest) -> Span:
        return Span(periods.hour_of(request.start), min(request.end or self._end, self._end))
