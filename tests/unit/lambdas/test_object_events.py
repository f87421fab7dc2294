from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.object_events import UnknownMessage, log_objects_of

TIME = datetime(2026, 11, 20, 10, 5, 31, tzinfo=UTC)


def event_bridge(key: str = "AWSLogs/x.json.gz", **changes: Any) -> dict[str, Any]:
    item = {"key": key, "size": 5, "etag": "e", "sequencer": "0"}
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-20T10:05:31Z",
        "detail": {"version": "0", "bucket": {"name": "logs"}, "object": item, "reason": "PutObject"},
    } | changes


def notification(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    s3 = {"bucket": {"name": "logs"}, "object": {"key": key, "size": 5, "eTag": "e"}}
    return {"Records": [{"eventName": name, "eventTime": "2026-11-20T10:05:31.000Z", "s3": s3}]}


def test_eventbridge_names_the_object_by_its_key_as_it_is() -> None:
    [item] = log_objects_of(json.dumps(event_bridge("a b/c+d%20e.json.gz")))
    assert (item.bucket, item.key) == ("logs", "a b/c+d%20e.json.gz")
    assert item.source == "s3://logs/a b/c+d%20e.json.gz"
    assert (item.modified_at, item.size) == (TIME, 5)


def test_a_bucket_notification_encodes_its_key() -> None:
    [item] = log_objects_of(json.dumps(notification("a+b/c%2Bd.json.gz")))
    assert (item.key, item.modified_at) == ("a b/c+d.json.gz", TIME)


def test_the_test_message_of_s3_names_nothing() -> None:
    assert log_objects_of(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})) == []


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(event_bridge(source="aws.ec2")),
        json.dumps(event_bridge(**{"detail-type": "Object Deleted"})),
        json.dumps(event_bridge(detail={"bucket": {"name": "logs"}})),
        json.dumps(event_bridge(time=None)),
        json.dumps(event_bridge(time="2026-11-20T10:05:31")),
        json.dumps(notification("x", "ObjectRemoved:Delete")),
        json.dumps({"Records": []}),
        "\ud800",
    ],
)
def test_any_other_message_is_refused_without_repeating_it(body: str) -> None:
    with pytest.raises(UnknownMessage, match=r"^(a message|an S3 event)[a-zA-Z0-9 ]*$"):
        log_objects_of(body)
