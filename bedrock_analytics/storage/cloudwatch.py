"""Times to the first token from CloudWatch, for the calls whose log does not tell them.

Bedrock publishes `TimeToFirstToken` in namespace `AWS/Bedrock` for streaming calls, by `ModelId` as called,
in the account and Region of the call. Source: Amazon Bedrock user guide, "Monitoring Amazon Bedrock",
runtime metrics; CloudWatch API reference, GetMetricData (500 queries a request; points of 5 minutes are
kept for 63 days, of an hour for 455 days).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bedrock_analytics.domain.errors import BedrockAnalyticsError, CredentialsExpired
from bedrock_analytics.domain.model_id import resolve_model
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.aws_credentials import looking

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

NAMESPACE: Final = "AWS/Bedrock"
METRIC: Final = "TimeToFirstToken"
NO_CLOUDWATCH: Final = (
    "This deployment runs on one machine and has no CloudWatch: "
    "times to the first token come from logs alone."
)
FETCHED_AT_MOST_EVERY: Final = timedelta(minutes=5)
POINTS: Final = 200
"""About how many points a series has at most."""
_STATISTICS: Final = ("Average", "p99", "SampleCount")
_MODELS_A_REQUEST: Final = 500 // len(_STATISTICS)
_PERIODS: Final = (300, 900, 3_600, 21_600, 86_400)
_FINE_KEPT: Final = timedelta(days=63)
_HOUR: Final = 3_600
_KEPT_SPANS: Final = 16
_WORKERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsPlace:
    """An account in a Region, and how to reach its CloudWatch; `client` is called when first needed."""

    account_id: str
    region: str
    client: Callable[[], CloudWatchClient]

    @property
    def name(self) -> str:
        return f"{self.account_id} {self.region}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTokenSeries:
    """Times to the first token of a model as called in one account and Region, in milliseconds.

    `average_ms` is over all `calls` of the span; `highest_p99_ms` is the greatest of the points' 99th
    percentiles, which do not add up to one of the span. Points without calls are left out.
    """

    account_id: str
    region: str
    model_id: str
    """Canonical model."""
    logged_model_id: str
    """Model as called."""
    route: str | None
    calls: int
    average_ms: float
    highest_p99_ms: float
    times: tuple[datetime, ...]
    averages_ms: tuple[float, ...]
    p99s_ms: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTokenReading:
    """What CloudWatch told of a span.

    `covered` names the accounts and Regions that answered, `failed` those that did not, with a sentence.
    """

    series: tuple[FirstTokenSeries, ...]
    covered: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    period: timedelta
    """Distance of points."""
    fetched_at: datetime


class FirstTokenTimes:
    """Reads several accounts at once, at most every five minutes for a span. Safe to share between threads.

    Reading costs about a cent for each thousand models, accounts and statistics; call it only while
    somebody looks.
    """

    def __init__(
        self,
        places: Callable[[], Sequence[MetricsPlace]],
        clock: Callable[[], datetime],
        *,
        profile: str | None = None,
    ) -> None:
        """`places` may ask which accounts there are; `profile` is named where credentials have expired."""
        self._places = places
        self._clock = clock
        self._profile = profile
        self._lock = threading.Lock()
        self._kept: dict[tuple[datetime, datetime], FirstTokenReading] = {}

    def read(self, span: Span) -> FirstTokenReading:
        """The series of a span, cut at five minutes; CredentialsExpired where no account can be asked."""
        start, end = _floor(span.start, 300), _floor(span.end, 300)
        key = (start, end)
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or now - kept.fetched_at >= FETCHED_AT_MOST_EVERY:
                kept = self._kept[key] = self._fetch(Span(start, end), now)
                while len(self._kept) > _KEPT_SPANS:
                    del self._kept[next(iter(self._kept))]
        return kept

    def _fetch(self, span: Span, now: datetime) -> FirstTokenReading:
        period = _period(span, now)
        places = list(self._places())
        with ThreadPoolExecutor(min(_WORKERS, max(len(places), 1))) as pool:
            answers = list(pool.map(lambda place: self._try(place, span, period), places))
        series = [
            one for answer in answers if not isinstance(answer, BedrockAnalyticsError) for one in answer
        ]
        failed = [
            (place.name, str(answer))
            for place, answer in zip(places, answers, strict=True)
            if isinstance(answer, BedrockAnalyticsError)
        ]
        expired = next((answer for answer in answers if isinstance(answer, CredentialsExpired)), None)
        if expired is not None and len(failed) == len(places):
            raise expired
        unanswered = {name for name, _ in failed}
        return FirstTokenReading(
            series=tuple(sorted(series, key=lambda one: (-one.calls, one.logged_model_id, one.account_id))),
            covered=tuple(place.name for place in places if place.name not in unanswered),
            failed=tuple(failed),
            period=timedelta(seconds=period),
            fetched_at=now,
        )

    def _try(
        self, place: MetricsPlace, span: Span, period: int
    ) -> list[FirstTokenSeries] | BedrockAnalyticsError:
        try:
            with looking(f"CloudWatch of {place.name}", self._profile):
                client = place.client()
                models = sorted(set(_models(client)))
                return [
                    one
                    for start in range(0, len(models), _MODELS_A_REQUEST)
                    for one in _series(client, place, models[start : start + _MODELS_A_REQUEST], span, period)
                ]
        except BedrockAnalyticsError as error:
            return error


def _floor(moment: datetime, seconds: int) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % seconds)


def _period(span: Span, now: datetime) -> int:
    """Seconds between points: few enough points, and no finer than CloudWatch still keeps."""
    wanted = (span.end - span.start).total_seconds() / POINTS
    least = _HOUR if now - span.start > _FINE_KEPT else 0
    return next((period for period in _PERIODS if period >= max(wanted, least)), _PERIODS[-1])


def _models(client: CloudWatchClient) -> Iterator[str]:
    """Models that have the metric, as called: metrics with the one dimension ModelId."""
    pages = client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE, MetricName=METRIC)
    for page in pages:
        for metric in page["Metrics"]:
            match metric.get("Dimensions", []):
                case [{"Name": "ModelId", "Value": model}]:
                    yield model


def _series(
    client: CloudWatchClient, place: MetricsPlace, models: Sequence[str], span: Span, period: int
) -> Iterator[FirstTokenSeries]:
    queries = [
        _query(f"q{number}_{kind}", model, statistic, period)
        for number, model in enumerate(models)
        for kind, statistic in enumerate(_STATISTICS)
    ]
    found: dict[str, dict[datetime, float]] = {}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=span.start, EndTime=span.end, ScanBy="TimestampAscending"
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            points = zip(result["Timestamps"], result["Values"], strict=True)
            found.setdefault(result["Id"], {}).update(points)
    for number, model in enumerate(models):
        average, p99, count = (found.get(f"q{number}_{kind}", {}) for kind in range(len(_STATISTICS)))
        times = sorted(moment for moment in count if count[moment] and moment in average and moment in p99)
        if times:
            yield _one_series(place, model, times, (average, p99, count))


def _query(name: str, model: str, statistic: str, period: int) -> Any:
    metric = {
        "Namespace": NAMESPACE,
        "MetricName": METRIC,
        "Dimensions": [{"Name": "ModelId", "Value": model}],
    }
    return {
        "Id": name,
        "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic},
        "ReturnData": True,
    }


def _one_series(
    place: MetricsPlace,
    model: str,
    times: Sequence[datetime],
    statistics: tuple[Mapping[datetime, float], Mapping[datetime, float], Mapping[datetime, float]],
) -> FirstTokenSeries:
    averages, p99s, counts = ([values[moment] for moment in times] for values in statistics)
    calls = [round(count) for count in counts]
    weighted = sum(average * count for average, count in zip(averages, calls, strict=True))
    identity = resolve_model(model)
    return FirstTokenSeries(
        account_id=place.account_id,
        region=place.region,
        model_id=identity.model_id,
        logged_model_id=model,
        route=identity.route,
        calls=sum(calls),
        average_ms=weighted / sum(calls),
        highest_p99_ms=max(p99s),
        times=tuple(times),
        averages_ms=tuple(averages),
        p99s_ms=tuple(p99s),
        counts=tuple(calls),
    )
