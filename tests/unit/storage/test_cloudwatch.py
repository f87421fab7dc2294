"""Times to the first token of several accounts, against stubbed answers of CloudWatch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError
from botocore.stub import ANY, Stubber

from bedrock_analytics.domain.errors import CredentialsExpired
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.cloudwatch import FirstTokenTimes, MetricsPlace

NOON = datetime(2026, 11, 24, 12, 3, 20, tzinfo=UTC)
LAST_HOUR = Span(NOON - timedelta(hours=1), NOON)
SONNET = "us.anthropic.claude-sonnet-4-20250514-v1:0"
FIRST, SECOND = datetime(2026, 11, 24, 11, 10, tzinfo=UTC), datetime(2026, 11, 24, 11, 15, tzinfo=UTC)
ACCOUNT_A, ACCOUNT_B = "111122223333", "444455556666"


def _client() -> Any:
    return boto3.client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


def _metric(*dimensions: tuple[str, str]) -> dict[str, Any]:
    named = [{"Name": name, "Value": value} for name, value in dimensions]
    return {"Namespace": "AWS/Bedrock", "MetricName": "TimeToFirstToken", "Dimensions": named}


def _results(average: list[float], p99: list[float], count: list[float]) -> list[dict[str, Any]]:
    times = [FIRST, SECOND][: len(count)]
    return [
        {"Id": f"q0_{kind}", "Timestamps": times, "Values": values, "StatusCode": "Complete"}
        for kind, values in enumerate((average, p99, count))
    ]


def _stubbed(*results: list[dict[str, Any]]) -> tuple[Any, Stubber]:
    """A client that answers one fetch, its data in one page for each of the results."""
    client = _client()
    stub = Stubber(client)
    metrics = [_metric(("ModelId", SONNET)), _metric(("ModelId", SONNET), ("ImageSize", "1024")), _metric()]
    stub.add_response("list_metrics", {"Metrics": metrics}, {"Namespace": "AWS/Bedrock", "MetricName": ANY})
    for number, result in enumerate(results):
        request: dict[str, Any] = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY, "ScanBy": ANY}
        if number:
            request["NextToken"] = str(number)
        answer: dict[str, Any] = {"MetricDataResults": result}
        if number + 1 < len(results):
            answer["NextToken"] = str(number + 1)
        stub.add_response("get_metric_data", answer, request)
    stub.activate()
    return client, stub


def _place(account_id: str, client: Callable[[], Any]) -> MetricsPlace:
    return MetricsPlace(account_id=account_id, region="us-east-1", client=client)


def _times(
    *places: MetricsPlace, clock: Callable[[], datetime] = lambda: NOON, profile: str | None = None
) -> FirstTokenTimes:
    return FirstTokenTimes(lambda: places, clock, profile=profile)


def test_two_accounts_stand_on_one_result() -> None:
    one, first = _stubbed(_results([400.0, 700.0], [900.0, 1_500.0], [3.0, 1.0]))
    two, second = _stubbed(_results([200.0], [250.0], [10.0]))
    found = _times(_place(ACCOUNT_A, lambda: one), _place(ACCOUNT_B, lambda: two)).read(LAST_HOUR)
    assert [(series.account_id, series.calls) for series in found.series] == [(ACCOUNT_B, 10), (ACCOUNT_A, 4)]
    mine = found.series[1]
    assert (mine.average_ms, mine.highest_p99_ms) == (475.0, 1_500.0)
    assert (mine.times, mine.averages_ms, mine.counts) == ((FIRST, SECOND), (400.0, 700.0), (3, 1))
    assert (mine.model_id, mine.route) == (SONNET.removeprefix("us."), "us")
    assert (found.covered, found.failed) == ((f"{ACCOUNT_A} us-east-1", f"{ACCOUNT_B} us-east-1"), ())
    first.assert_no_pending_responses()
    second.assert_no_pending_responses()


def test_pages_of_data_are_joined() -> None:
    head = [
        {**row, "Timestamps": [FIRST], "Values": row["Values"][:1]} for row in _results([1.0], [2.0], [1.0])
    ]
    tail = [{**row, "Timestamps": [SECOND]} for row in _results([3.0], [4.0], [1.0])]
    client, stub = _stubbed(head, tail)
    (series,) = _times(_place(ACCOUNT_A, lambda: client)).read(LAST_HOUR).series
    assert series.averages_ms == (1.0, 3.0)
    stub.assert_no_pending_responses()


def test_points_without_calls_are_left_out() -> None:
    client, _ = _stubbed(_results([0.0, 5.0], [0.0, 6.0], [0.0, 2.0]))
    (series,) = _times(_place(ACCOUNT_A, lambda: client)).read(LAST_HOUR).series
    assert series.times == (SECOND,)
    client, _ = _stubbed(_results([], [], []))
    assert _times(_place(ACCOUNT_A, lambda: client)).read(LAST_HOUR).series == ()


def test_a_span_is_fetched_at_most_every_five_minutes() -> None:
    now = NOON
    client, stub = _stubbed(_results([1.0], [2.0], [1.0]))
    times = _times(_place(ACCOUNT_A, lambda: client), clock=lambda: now)
    first = times.read(LAST_HOUR)
    now += timedelta(seconds=299)
    assert times.read(Span(LAST_HOUR.start, LAST_HOUR.end + timedelta(seconds=90))) is first
    stub.assert_no_pending_responses()
    now += timedelta(seconds=1)
    assert times.read(LAST_HOUR).failed, "a second fetch, which the stub does not expect"


def _refused(code: str) -> Callable[[], Any]:
    def client() -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "AssumeRole")

    return client


def test_an_account_that_does_not_answer_leaves_the_others() -> None:
    client, _ = _stubbed(_results([1.0], [2.0], [1.0]))
    places = (_place(ACCOUNT_A, lambda: client), _place(ACCOUNT_B, _refused("AccessDenied")))
    found = _times(*places).read(LAST_HOUR)
    assert len(found.series) == 1
    ((name, text),) = found.failed
    assert name == f"{ACCOUNT_B} us-east-1"
    assert "AccessDenied" in text


@pytest.mark.parametrize("profile", [None, "work"])
def test_expired_credentials_say_what_to_run(profile: str | None) -> None:
    def signed_out() -> Any:
        raise UnauthorizedSSOTokenError

    for client in (_refused("ExpiredToken"), signed_out):
        with pytest.raises(
            CredentialsExpired, match=r"aws sso login" + (" --profile work" if profile else "")
        ):
            _times(_place(ACCOUNT_A, client), profile=profile).read(LAST_HOUR)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (timedelta(hours=1), timedelta(0), 5),
        (timedelta(days=1), timedelta(0), 15),
        (timedelta(days=7), timedelta(0), 60),
        (timedelta(days=30), timedelta(0), 6 * 60),
        (timedelta(days=90), timedelta(days=89), 60),
        (timedelta(days=400), timedelta(0), 24 * 60),
    ],
)
def test_points_are_few_enough_and_no_finer_than_cloudwatch_keeps(
    start: timedelta, end: timedelta, minutes: int
) -> None:
    client, _ = _stubbed(_results([1.0], [2.0], [1.0]))
    found = _times(_place(ACCOUNT_A, lambda: client)).read(Span(NOON - start, NOON - end))
    assert found.period == timedelta(minutes=minutes)


def test_each_model_is_asked_for_average_p99_and_count() -> None:
    client, _ = _stubbed(_results([1.0], [2.0], [1.0]))
    sent: list[dict[str, Any]] = []
    client.meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData", lambda params, **_: sent.append(params)
    )
    _times(_place(ACCOUNT_A, lambda: client)).read(LAST_HOUR)
    (request,) = sent
    stats = [query["MetricStat"] for query in request["MetricDataQueries"]]
    assert [(stat["Stat"], stat["Period"]) for stat in stats] == [
        ("Average", 300),
        ("p99", 300),
        ("SampleCount", 300),
    ]
    assert stats[0]["Metric"]["Dimensions"] == [{"Name": "ModelId", "Value": SONNET}]
    assert (request["StartTime"], request["EndTime"]) == (
        datetime(2026, 11, 24, 11, tzinfo=UTC),
        datetime(2026, 11, 24, 12, tzinfo=UTC),
    )
