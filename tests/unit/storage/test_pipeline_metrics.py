"""The state of queues, functions and the stream, against answers of CloudWatch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from bedrock_analytics.storage.pipeline_metrics import (
    MonitoredPlace,
    PipelineMetrics,
    PlaceReading,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST, SECOND = NOON - timedelta(minutes=10), NOON - timedelta(minutes=5)


def _place(client: Any, **parts: Any) -> MonitoredPlace:
    fields: dict[str, Any] = {
        "queues": {"dead letters": "hub-dlq"},
        "functions": {"compute": "hub-compute"},
        "stream": "hub-events",
    }
    return MonitoredPlace(
        account_id="111122223333", region="us-east-1", client=lambda: client, **fields | parts
    )


def _answering(*values: list[float]) -> tuple[Any, Stubber]:
    """CloudWatch with one list of values for each metric, ending five minutes before noon."""
    client = boto3.client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    stub = Stubber(client)
    results = [
        {"Id": f"q{number}", "Timestamps": [FIRST, SECOND][-len(found) :] if found else [], "Values": found}
        for number, found in enumerate(values)
    ]
    request = {
        "MetricDataQueries": ANY,
        "StartTime": NOON - timedelta(hours=24),
        "EndTime": NOON,
        "ScanBy": "TimestampAscending",
    }
    stub.add_response("get_metric_data", {"MetricDataResults": results}, request)
    stub.activate()
    return client, stub


def _read(*places: MonitoredPlace) -> tuple[PlaceReading, ...]:
    return PipelineMetrics(lambda: places, lambda: NOON).read()


def test_queues_functions_and_the_stream_are_read_at_once() -> None:
    client, stub = _answering(
        [3.0, 2.0],
        [90.0, 120.0],
        [4.0, 5.0],
        [1.0, 0.0],
        [500.0, 1_500.0],
        [100.0, 50.0],
        [2.0],
        [0.0],
        [61.0],
    )
    (found,) = _read(_place(client))
    (queue,), (function,), stream = found.queues, found.functions, found.stream
    assert (queue.title, queue.name, queue.messages, queue.oldest_seconds) == (
        "dead letters",
        "hub-dlq",
        2,
        120,
    )
    assert (function.runs, function.errors, function.average_seconds) == (9, 1, 1.0)
    assert (function.last_run_at, function.last_error_at) == (SECOND, FIRST)
    assert stream is not None
    assert (stream.delivered_rows, stream.failed_rows, stream.throttled_records) == (150, 2, 0)
    assert stream.oldest_waiting_seconds == 61
    stub.assert_no_pending_responses()


def test_what_is_not_published_is_unknown_and_not_zero() -> None:
    client, _ = _answering(*([[]] * 9))
    (found,) = _read(_place(client))
    assert (found.queues[0].messages, found.queues[0].oldest_seconds) == (None, None)
    assert (found.functions[0].runs, found.functions[0].last_run_at) == (0, None)
    assert found.functions[0].average_seconds is None


def test_a_spoke_has_no_stream() -> None:
    client, _ = _answering([1.0], [2.0])
    (found,) = _read(_place(client, functions={}, stream=None))
    assert (found.stream, found.functions) == (None, ())


class _Refusing:
    def get_paginator(self, _: str) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")


def test_a_place_that_does_not_answer_says_why_and_leaves_the_others() -> None:
    client, _ = _answering(*([[1.0]] * 9))
    good, bad = _read(_place(client), _place(_Refusing()))
    assert good.failure is None
    assert bad.failure is not None
    assert "AccessDenied" in bad.failure


def test_places_are_read_at_most_once_a_minute() -> None:
    now = NOON
    client, stub = _answering(*([[1.0]] * 9))
    metrics = PipelineMetrics(lambda: [_place(client)], lambda: now)
    first = metrics.read()
    now += timedelta(seconds=59)
    assert metrics.read() is first
    stub.assert_no_pending_responses()
    now += timedelta(seconds=1)
    assert metrics.read()[0].failure is not None, "a second request, which the stub does not expect"
