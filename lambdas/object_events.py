"""Messages about new log objects: S3 events of EventBridge, or of a bucket notification, in SQS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from bedrock_analytics.domain.errors import BedrockAnalyticsError
from bedrock_analytics.storage.log_objects import LogObject, s3_object


class UnknownMessage(BedrockAnalyticsError):
    """A message that names no S3 object; its content is not repeated."""


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct):
    key: str
    size: int = 0
    etag: str = ""


class _Detail(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _Notified(msgspec.Struct):
    bucket: _Bucket
    object: _Object


class _NotificationRecord(msgspec.Struct, rename="camel"):
    event_name: str
    event_time: datetime
    s3: _Notified


class _Message(msgspec.Struct, kw_only=True):
    source: str = ""
    detail_type: str = msgspec.field(default="", name="detail-type")
    time: datetime | None = None
    detail: _Detail | None = None
    records: list[_NotificationRecord] = msgspec.field(default_factory=list, name="Records")
    test_event: str = msgspec.field(default="", name="Event")


_decoder = msgspec.json.Decoder(_Message)


def log_objects_of(body: str) -> list[LogObject]:
    """The objects that a message names, none for S3's test message; UnknownMessage for anything else.

    EventBridge gives keys as they are, a bucket notification gives them URL-encoded.
    """
    try:
        message = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UnknownMessage("a message is no S3 event") from error
    if message.test_event == "s3:TestEvent":
        return []
    if message.source == "aws.s3" and message.detail_type == "Object Created" and message.detail:
        return [
            _object(message.detail.bucket, message.detail.object, message.detail.object.key, message.time)
        ]
    if message.records and all(record.event_name.startswith("ObjectCreated:") for record in message.records):
        return [
            _object(record.s3.bucket, record.s3.object, unquote_plus(record.s3.object.key), record.event_time)
            for record in message.records
        ]
    raise UnknownMessage("a message is no S3 event about a new object")


def _object(bucket: _Bucket, item: _Object, key: str, at: Any) -> LogObject:
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise UnknownMessage("an S3 event has no time")
    return s3_object(bucket.name, key, at.astimezone(UTC), size=item.size, etag=item.etag)
