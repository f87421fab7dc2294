"""Times to the first token as CloudWatch has them, under the page's filters and beside those of the logs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from bedrock_analytics.domain.model_id import REGIONAL
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.cloudwatch import FirstTokenReading, FirstTokenSeries
from dashboard.filters import Filters

OF_ALL_CALLS: Final = "CloudWatch knows no callers, operations and metadata: its times are of all calls."
P99_IS_GREATEST: Final = (
    "CloudWatch's p99 is the greatest of the points and models in it, as 99th percentiles do not add up."
)


class FirstTokenSource(Protocol):
    """What reads CloudWatch: `storage.cloudwatch.FirstTokenTimes`, or a test's own."""

    def read(self, span: Span) -> FirstTokenReading: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedModel:
    """A model on a route in all accounts and Regions: calls, mean and greatest p99, milliseconds."""

    model_id: str
    route: str
    calls: int
    average_ms: float
    p99_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCourse:
    """Mean and greatest p99 of some series at each moment, milliseconds."""

    times: tuple[datetime, ...]
    averages_ms: tuple[float, ...]
    p99s_ms: tuple[float | None, ...]


def fitting(reading: FirstTokenReading, filters: Filters, models: frozenset[str]) -> list[FirstTokenSeries]:
    """The series that the page's filters and the panel's own model leave."""
    wanted = models or filters.models
    return [
        series
        for series in reading.series
        if (not wanted or series.model_id in wanted)
        and (not filters.routes or _route(series) in filters.routes)
        and (not filters.accounts or series.account_id in filters.accounts)
        and (not filters.regions or series.region in filters.regions)
    ]


def by_model(series: Iterable[FirstTokenSeries]) -> list[WatchedModel]:
    """The series of each model and route together, those of most calls first."""
    groups: dict[tuple[str, str], list[FirstTokenSeries]] = {}
    for one in series:
        groups.setdefault((one.model_id, _route(one)), []).append(one)
    found = [
        WatchedModel(
            model_id=model,
            route=route,
            calls=sum(one.calls for one in group),
            average_ms=_mean([(one.average_ms, one.calls) for one in group]),
            p99_ms=_greatest(one.highest_p99_ms for one in group),
        )
        for (model, route), group in groups.items()
    ]
    return sorted(found, key=lambda model: (-model.calls, model.model_id, model.route))


def course(series: Sequence[FirstTokenSeries]) -> WatchedCourse:
    """All series together at each moment that any of them has."""
    points: dict[datetime, list[tuple[float, int, float]]] = {}
    for one in series:
        for moment, average, p99, count in zip(
            one.times, one.averages_ms, one.p99s_ms, one.counts, strict=True
        ):
            points.setdefault(moment, []).append((average, count, p99))
    times = tuple(sorted(points))
    return WatchedCourse(
        times=times,
        averages_ms=tuple(_mean([(average, count) for average, count, _ in points[at]]) for at in times),
        p99s_ms=tuple(_greatest(p99 for _, _, p99 in points[at]) for at in times),
    )


def watch_notes(reading: FirstTokenReading, filters: Filters) -> list[str]:
    """What the reading lacks, in one sentence each."""
    narrowed = filters.callers or filters.operations or filters.metadata
    failed = [f"No answer from CloudWatch of {name}: {why}" for name, why in reading.failed[:3]]
    more = len(reading.failed) - len(failed)
    return [
        P99_IS_GREATEST,
        *([OF_ALL_CALLS] if narrowed else []),
        *failed,
        *([f"{more} more accounts and Regions did not answer."] if more > 0 else []),
    ]


def _route(series: FirstTokenSeries) -> str:
    return series.route or REGIONAL


def _mean(values: Sequence[tuple[float, int]]) -> float:
    calls = sum(count for _, count in values)
    return sum(average * count for average, count in values) / calls


def _greatest(values: Iterable[float]) -> float | None:
    return max((value for value in values if not math.isnan(value)), default=None)
