"""The state of queues, functions and the stream, from the metrics that AWS keeps of them.

One GetMetricData request reads an account and Region, so that a reader needs no right on queues or
functions. Sources: SQS, Lambda and Firehose developer guides, "CloudWatch metrics".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from bedrock_analytics.storage.aws_credentials import looking

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

WINDOW: Final = timedelta(hours=24)
PERIOD_SECONDS: Final = 300
READ_AT_MOST_EVERY: Final = timedelta(minutes=1)
_MILLISECONDS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredPlace:
    """What runs in one account and Region. Queues and functions by title; `client` is its CloudWatch's."""

    account_id: str
    region: str
    queues: Mapping[str, str]
    functions: Mapping[str, str]
    stream: str | None
    client: Callable[[], CloudWatchClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReading:
    """A queue as last measured. None: SQS publishes nothing of a queue that is idle for hours."""

    title: str
    name: str
    messages: int | None
    oldest_seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReading:
    """A function's runs of the last 24 hours; `last_run_at` is known within five minutes."""

    title: str
    name: str
    runs: int
    errors: int
    last_run_at: datetime | None
    last_error_at: datetime | None
    average_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReading:
    """Rows of the last 24 hours that the stream took to the lake, or could not."""

    name: str
    delivered_rows: int
    failed_rows: int
    throttled_records: int
    oldest_waiting_seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceReading:
    """What one account and Region told; `failure` says why it did not."""

    account_id: str
    region: str
    queues: tuple[QueueReading, ...] = ()
    functions: tuple[FunctionReading, ...] = ()
    stream: StreamReading | None = None
    failure: str | None = None


_QUEUE: Final = (
    ("ApproximateNumberOfMessagesVisible", "Maximum"),
    ("ApproximateAgeOfOldestMessage", "Maximum"),
)
_FUNCTION: Final = (("Invocations", "Sum"), ("Errors", "Sum"), ("Duration", "Average"))
_STREAM: Final = (
    ("DeliveryToIceberg.SuccessfulRowCount", "Sum"),
    ("DeliveryToIceberg.FailedRowCount", "Sum"),
    ("ThrottledRecords", "Sum"),
    ("DeliveryToIceberg.DataFreshness", "Maximum"),
)
_Points = list[tuple[datetime, float]]
_Source = tuple[str, str, str]
"""Namespace, name of the dimension, and its value."""


class PipelineMetrics:
    """Reads every place at most once a minute. Safe to share between threads."""

    def __init__(
        self,
        places: Callable[[], Sequence[MonitoredPlace]],
        clock: Callable[[], datetime],
        *,
        profile: str | None = None,
    ) -> None:
        self._places = places
        self._clock = clock
        self._profile = profile
        self._lock = threading.Lock()
        self._kept: tuple[datetime, tuple[PlaceReading, ...]] | None = None

    def read(self) -> tuple[PlaceReading, ...]:
        """What each place tells; one that does not answer says why."""
        now = self._clock()
        with self._lock:
            if self._kept is None or now - self._kept[0] >= READ_AT_MOST_EVERY:
                self._kept = now, tuple(self._try(place, now) for place in self._places())
            return self._kept[1]

    def _try(self, place: MonitoredPlace, now: datetime) -> PlaceReading:
        try:
            with looking(f"CloudWatch of {place.account_id} {place.region}", self._profile):
                return _reading(place, _Measured.of(place, now))
        except BedrockAnalyticsError as error:
            return PlaceReading(account_id=place.account_id, region=place.region, failure=str(error))


class _Measured:
    """Points of every metric of a place, ascending."""

    def __init__(self, points: Mapping[tuple[_Source, str], _Points]) -> None:
        self._points = points

    @classmethod
    def of(cls, place: MonitoredPlace, now: datetime) -> _Measured:
        wanted = [(source, metric, stat) for source, metrics in _sources(place) for metric, stat in metrics]
        queries = [_query(f"q{number}", *one) for number, one in enumerate(wanted)]
        points: dict[str, _Points] = {}
        if queries:
            pages = (
                place.client()
                .get_paginator("get_metric_data")
                .paginate(
                    MetricDataQueries=queries,
                    StartTime=now - WINDOW,
                    EndTime=now,
                    ScanBy="TimestampAscending",
                )
            )
            for page in pages:
                for result in page["MetricDataResults"]:
                    found = zip(result["Timestamps"], result["Values"], strict=True)
                    points.setdefault(result["Id"], []).extend(found)
        return cls(
            {
                (source, metric): points.get(f"q{number}", [])
                for number, (source, metric, _) in enumerate(wanted)
            }
        )

    def total(self, source: _Source, metric: str) -> int:
        return round(sum(value for _, value in self._points[source, metric]))

    def last(self, source: _Source, metric: str) -> int | None:
        points = self._points[source, metric]
        return round(points[-1][1]) if points else None

    def last_time(self, source: _Source, metric: str) -> datetime | None:
        """Start of the latest period with a value above 0."""
        return max((moment for moment, value in self._points[source, metric] if value), default=None)

    def mean(self, source: _Source, metric: str) -> float | None:
        values = [value for _, value in self._points[source, metric]]
        return sum(values) / len(values) if values else None


def _sources(place: MonitoredPlace) -> list[tuple[_Source, Sequence[tuple[str, str]]]]:
    found: list[tuple[_Source, Sequence[tuple[str, str]]]] = []
    found += [(_queue(name), _QUEUE) for name in place.queues.values()]
    found += [(_function(name), _FUNCTION) for name in place.functions.values()]
    return found + ([] if place.stream is None else [(_stream(place.stream), _STREAM)])


def _queue(name: str) -> _Source:
    return "AWS/SQS", "QueueName", name


def _function(name: str) -> _Source:
    return "AWS/Lambda", "FunctionName", name


def _stream(name: str) -> _Source:
    return "AWS/Firehose", "DeliveryStreamName", name


def _query(name: str, source: _Source, metric: str, statistic: str) -> Any:
    namespace, dimension, value = source
    named = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": dimension, "Value": value}],
    }
    return {"Id": name, "MetricStat": {"Metric": named, "Period": PERIOD_SECONDS, "Stat": statistic}}


def _reading(place: MonitoredPlace, measured: _Measured) -> PlaceReading:
    return PlaceReading(
        account_id=place.account_id,
        region=place.region,
        queues=tuple(_queue_reading(title, name, measured) for title, name in place.queues.items()),
        functions=tuple(_function_reading(title, name, measured) for title, name in place.functions.items()),
        stream=None if place.stream is None else _stream_reading(place.stream, measured),
    )


def _queue_reading(title: str, name: str, measured: _Measured) -> QueueReading:
    (count, _), (age, _) = _QUEUE
    return QueueReading(
        title=title,
        name=name,
        messages=measured.last(_queue(name), count),
        oldest_seconds=measured.last(_queue(name), age),
    )


def _function_reading(title: str, name: str, measured: _Measured) -> FunctionReading:
    source = _function(name)
    duration = measured.mean(source, "Duration")
    return FunctionReading(
        title=title,
        name=name,
        runs=measured.total(source, "Invocations"),
        errors=measured.total(source, "Errors"),
        last_run_at=measured.last_time(source, "Invocations"),
        last_error_at=measured.last_time(source, "Errors"),
        average_seconds=None if duration is None else duration / _MILLISECONDS,
    )


def _stream_reading(name: str, measured: _Measured) -> StreamReading:
    source = _stream(name)
    (delivered, _), (failed, _), (throttled, _), (freshness, _) = _STREAM
    return StreamReading(
        name=name,
        delivered_rows=measured.total(source, delivered),
        failed_rows=measured.total(source, failed),
        throttled_records=measured.total(source, throttled),
        oldest_waiting_seconds=measured.last(source, freshness),
    )
