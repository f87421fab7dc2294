from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.domain.event_json import STAMP_BYTES
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.storage.event_stream import (
    MAX_BATCH_BYTES,
    MAX_ROW_BYTES,
    MAX_ROWS,
    FirehoseStream,
    Retries,
    batches,
)

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def event(number: int) -> UsageEvent:
    return UsageEvent(account_id="1", region="us-east-1", request_id=f"r-{number}", ts=START, parsed_at=START)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutRecordBatch")


class FakeFirehose:
    """Accepts rows except where a script of answers, one for each request, says otherwise."""

    def __init__(self, *script: Exception | Callable[[str], bool]) -> None:
        self._script = list(script)
        self.requests: list[list[dict[str, Any]]] = []

    def put_record_batch(self, *, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
        assert DeliveryStreamName == "events"
        rows = [json.loads(record["Data"]) for record in Records]
        self.requests.append(rows)
        answer = self._script.pop(0) if self._script else lambda _: False
        if isinstance(answer, Exception):
            raise answer
        refused = [answer(row["request_id"]) for row in rows]
        responses = [{"ErrorCode": "Busy"} if bad else {"RecordId": "1"} for bad in refused]
        return {"FailedPutCount": sum(refused), "RequestResponses": responses}

    def sent(self) -> list[list[str]]:
        return [[row["request_id"] for row in request] for request in self.requests]


def stream(client: FakeFirehose, waits: list[float] | None = None, attempts: int = 8) -> FirehoseStream:
    ticks = itertools.count()
    return FirehoseStream(
        cast("Any", client),
        "events",
        now=lambda: START + timedelta(seconds=next(ticks)),
        sleep=(waits if waits is not None else []).append,
        retries=Retries(attempts=attempts),
        chance=lambda: 0.0,
    )


@given(st.lists(st.integers(0, 400_000), max_size=60), st.integers(0, 1100))
def test_batches_keep_order_and_every_limit(lengths: list[int], small: int) -> None:
    rows = [b"x" * length for length in lengths] + [b"s"] * small
    found = list(batches(rows))
    assert [row for batch in found for row in batch] == rows
    for batch in found:
        assert 1 <= len(batch) <= MAX_ROWS
        assert sum(len(row) + STAMP_BYTES for row in batch) <= MAX_BATCH_BYTES
    for batch, following in itertools.pairwise(found):
        size = sum(len(row) + STAMP_BYTES for row in batch)
        full = len(batch) == MAX_ROWS or size + len(following[0]) + STAMP_BYTES > MAX_BATCH_BYTES
        assert full, "a batch is sent only when the next row does not fit"


def test_a_row_that_no_batch_can_hold_is_refused() -> None:
    assert list(batches([b"x" * (MAX_ROW_BYTES - STAMP_BYTES)]))
    with pytest.raises(DeliveryError):
        list(batches([b"x" * (MAX_ROW_BYTES - STAMP_BYTES + 1)]))


def test_events_are_put_as_they_come_and_counted() -> None:
    client = FakeFirehose()
    assert stream(client).put(event(number) for number in range(1201)) == 1201
    assert [len(request) for request in client.requests] == [500, 500, 201]
    assert stream(client).put([]) == 0


def test_refused_rows_alone_are_sent_again_with_a_new_stamp_after_a_wait() -> None:
    client = FakeFirehose(lambda name: name in {"r-1", "r-3"}, lambda name: name == "r-3")
    waits: list[float] = []
    assert stream(client, waits).put(map(event, range(5))) == 5
    assert client.sent() == [["r-0", "r-1", "r-2", "r-3", "r-4"], ["r-1", "r-3"], ["r-3"]]
    stamps = [request[0]["parsed_at"] for request in client.requests]
    assert stamps == ["2026-11-20T10:00:00.000Z", "2026-11-20T10:00:01.000Z", "2026-11-20T10:00:02.000Z"]
    assert waits == [0.1, 0.2]


def test_rows_that_stay_refused_are_an_error_and_never_a_success() -> None:
    client = FakeFirehose(*[lambda name: name == "r-1"] * 3)
    waits: list[float] = []
    with pytest.raises(DeliveryError, match=r"refused 1 of 2 rows 3 times, last with Busy"):
        stream(client, waits, attempts=3).put(map(event, range(2)))
    assert len(client.requests) == 3
    assert waits == [0.1, 0.2]


@pytest.mark.parametrize(
    "fault",
    [
        refusal("ServiceUnavailableException"),
        refusal("ThrottlingException"),
        ReadTimeoutError(endpoint_url="firehose"),
    ],
)
def test_a_request_that_fails_for_the_moment_is_sent_again_whole(fault: Exception) -> None:
    client = FakeFirehose(fault)
    assert stream(client).put(map(event, range(3))) == 3
    assert client.sent() == [["r-0", "r-1", "r-2"]] * 2


@pytest.mark.parametrize("fault", [refusal("ResourceNotFoundException"), NoCredentialsError()])
def test_a_request_that_cannot_succeed_is_an_error_at_once(fault: Exception) -> None:
    client = FakeFirehose(fault)
    with pytest.raises(DeliveryError):
        stream(client).put([event(1)])
    assert len(client.requests) == 1


@given(st.integers(2, 8), st.floats(0, 1, exclude_max=True))
def test_waits_double_and_are_shortened_by_at_most_half(attempt: int, chance: float) -> None:
    wait = Retries().wait_before(attempt, chance)
    longest = 0.1 * 2 ** (attempt - 2)
    assert longest / 2 <= wait <= longest
