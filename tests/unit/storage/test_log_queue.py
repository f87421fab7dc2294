"""Messages to L1's queue, and L1's own reading of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.storage.log_objects import s3_object
from bedrock_analytics.storage.log_queue import LogQueue
from lambdas.object_events import log_objects_of

ITEMS = [
    s3_object(
        "logs", f"AWSLogs/1 & 2/{number}.json.gz", datetime(2026, 10, 1, 12, tzinfo=UTC), size=7, etag="e"
    )
    for number in range(3)
]


class FakeSqs:
    """Refuses what a script of sets of ids says, then nothing."""

    def __init__(self, *refused: set[str]) -> None:
        self._refused = list(refused)
        self.bodies: list[str] = []
        self.error: Exception | None = None

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "https://queue"
        if self.error is not None:
            raise self.error
        refused = self._refused.pop(0) if self._refused else set()
        self.bodies += [entry["MessageBody"] for entry in Entries if entry["Id"] not in refused]
        return {"Failed": [{"Id": name, "Code": "Busy"} for name in sorted(refused)]}


def queue(client: FakeSqs, waits: list[float] | None = None) -> LogQueue:
    sleep = (waits if waits is not None else []).append
    return LogQueue(cast(Any, client), "https://queue", account="1", region="us-east-1", sleep=sleep)


def test_the_parser_reads_what_is_sent_as_the_same_objects() -> None:
    client = FakeSqs()
    queue(client).announce(ITEMS, "Backfill")

    assert [log_objects_of(body) for body in client.bodies] == [[item] for item in ITEMS]
    assert json.loads(client.bodies[0])["time"] == "2026-10-01T12:00:00Z"


def test_messages_that_were_refused_are_sent_again_alone() -> None:
    client = FakeSqs({"1", "2"}, {"2"})
    waits: list[float] = []
    queue(client, waits).announce(ITEMS, "Backfill")

    assert sorted(json.loads(body)["detail"]["object"]["key"] for body in client.bodies) == [
        item.key for item in ITEMS
    ]
    assert len(waits) == 2


def test_a_message_that_is_never_taken_is_an_error() -> None:
    with pytest.raises(DeliveryError, match="refused 1 messages 6 times: Busy"):
        queue(FakeSqs(*[{"1"}] * 6)).announce(ITEMS, "Backfill")


def test_a_queue_that_is_not_there_is_named() -> None:
    client = FakeSqs()
    client.error = ClientError({"Error": {"Code": "QueueDoesNotExist", "Message": "no"}}, "SendMessageBatch")

    with pytest.raises(DeliveryError, match="https://queue takes no messages"):
        queue(client).announce(ITEMS, "Backfill")
