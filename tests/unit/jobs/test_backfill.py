"""Existing log objects are announced in order, at a limited rate, and from where an earlier run stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.jobs.backfill import Backfill, BackfillPlan, BackfillProgress
from bedrock_analytics.storage.log_objects import LogObject, s3_object

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


def key(number: int = 0, *, account: str = "1", region: str = "us-east-1", day: str = "2026/10/01") -> str:
    return (
        f"bedrock/AWSLogs/{account}/BedrockModelInvocationLogs/{region}/{day}/10/"
        f"20261001T1000{number:02}123Z_9b86bf49.json.gz"
    )


class Bucket:
    """A listing of keys."""

    def __init__(self, *keys: str) -> None:
        self.keys = sorted(keys)

    def folders(self, bucket: str, prefix: str) -> Sequence[str]:
        below = (key.removeprefix(prefix) for key in self.keys if key.startswith(prefix))
        return sorted({f"{prefix}{rest.partition('/')[0]}/" for rest in below if "/" in rest})

    def objects(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[LogObject]:
        for found in self.keys:
            if found.startswith(prefix) and found > start_after:
                yield s3_object(bucket, found, NOON, size=100)


class Queue:
    """Takes batches, until it is told to fail."""

    def __init__(self, takes: int = 1_000) -> None:
        self.batches: list[list[str]] = []
        self.takes = takes

    @property
    def keys(self) -> list[str]:
        return [key for batch in self.batches for key in batch]

    def announce(self, objects: Sequence[LogObject], reason: str) -> None:
        assert reason == "Backfill"
        if len(self.batches) == self.takes:
            raise DeliveryError("the queue takes no messages")
        self.batches.append([item.key for item in objects])


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def backfill(bucket: Bucket, queue: Queue, **changes: Any) -> Backfill:
    plan: dict[str, Any] = {
        "bucket": "logs",
        "records_prefix": "bedrock/AWSLogs/",
        "first": date(2026, 10, 1),
        "last": date(2026, 10, 2),
    }
    time = changes.pop("time", Time())
    rate = changes.pop("rate", 50.0)
    saved = changes.pop("saved", lambda progress: None)
    progress = changes.pop("progress", BackfillProgress())
    return Backfill(
        plan=BackfillPlan(**(plan | changes)),
        listing=bucket,
        queue=queue,
        rate=rate,
        sleep=time.sleep,
        clock=time,
        saved=saved,
        progress=progress,
    )


def test_every_record_object_of_the_days_is_announced_once_in_order() -> None:
    wanted = [
        *(key(number) for number in range(12)),
        key(day="2026/10/02"),
        key(account="2", region="eu-west-1"),
    ]
    others = [key(day="2026/09/30"), key(day="2026/10/03")]
    body = "bedrock/AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/10/01/10/data/r_input.json.gz"
    queue = Queue()

    done = backfill(Bucket(*wanted, *others, body), queue).run()

    assert queue.keys == sorted(wanted)
    assert max(map(len, queue.batches)) == 10
    assert (done.objects, done.size, done.finished) == (14, 1400, True)


def test_an_account_or_region_can_be_chosen() -> None:
    bucket = Bucket(key(account="1"), key(account="2"), key(account="2", region="eu-west-1"))
    queue = Queue()

    backfill(bucket, queue, account="2", region="eu-west-1").run()

    assert queue.keys == [key(account="2", region="eu-west-1")]


def test_an_interrupted_backfill_goes_on_where_it_stopped() -> None:
    bucket = Bucket(*(key(number, account=account) for number in range(15) for account in ("1", "2")))
    noted: list[BackfillProgress] = []
    broken = Queue(takes=2)
    with pytest.raises(DeliveryError):
        backfill(bucket, broken, saved=noted.append).run()

    rest = Queue()
    backfill(bucket, rest, progress=noted[-1]).run()

    assert broken.keys + rest.keys == bucket.keys


def test_no_more_objects_a_second_than_the_rate() -> None:
    time = Time()
    bucket = Bucket(*(key(number) for number in range(60)))

    backfill(bucket, Queue(), rate=5.0, time=time).run()

    assert time.now == pytest.approx(60 / 5.0, rel=0.2)


def test_days_without_logs_are_no_fault() -> None:
    assert backfill(Bucket(), Queue()).run().objects == 0
