"""Log objects and the bodies moved out of them, in S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.domain.log_key import LogKey, read_key
from bedrock_analytics.storage.object_text import ByteStream, read_text

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound", "AccessDenied", "403", "InvalidObjectState"})
"""Without the right to list a bucket, S3 answers AccessDenied for a key that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogObject:
    """A stored object, as far as its place tells."""

    bucket: str
    """Bucket, or folder, that the key is relative to."""
    key: str
    source: str
    """Where it is, for people and for `source_s3_key`: s3://bucket/key or a path."""
    modified_at: datetime
    """When it was written (UTC)."""
    size: int = 0
    """Bytes as stored."""
    etag: str = ""
    """S3's tag of the content, where known."""

    @property
    def facts(self) -> LogKey:
        """What its place tells."""
        return read_key(self.source)


class LogStore(Protocol):
    """Where log objects are read from and rejected lines are kept."""

    def open(self, log_object: LogObject) -> AbstractContextManager[ByteStream]:
        """The object as stored, to be read in pieces; LogObjectError where it cannot be read."""
        ...

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        """The decompressed body that a record of the object names as moved out (s3://bucket/key).

        It is looked for in the object's own bucket or folder, whatever bucket the path names: logs may
        have been replicated, and a log line must not lead elsewhere. None where it is missing, broken or
        longer than allowed; LogObjectError where storage fails for the moment.
        """
        ...

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        """Store an object's rejected lines (gzip), replacing those of an earlier delivery; say where."""
        ...


def s3_object(bucket: str, key: str, modified_at: datetime, *, size: int = 0, etag: str = "") -> LogObject:
    """An object in S3."""
    source = f"s3://{bucket}/{key}"
    return LogObject(bucket=bucket, key=key, source=source, modified_at=modified_at, size=size, etag=etag)


def path_key(path: str) -> str:
    """The key of an s3:// path, empty where it is none."""
    parts = urlsplit(path, allow_fragments=False)
    key = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return key.removeprefix("/") if parts.scheme == "s3" else ""


class S3LogStore:
    """Log objects in S3 buckets."""

    def __init__(self, client: S3Client, rejected_prefix: str = "rejected/") -> None:
        self._client = client
        self._rejected_prefix = rejected_prefix

    @contextmanager
    def open(self, log_object: LogObject) -> Iterator[ByteStream]:
        """The object's stream; faults while reading are LogObjectError too."""
        try:
            response = self._client.get_object(Bucket=log_object.bucket, Key=log_object.key)
            with response["Body"] as body:
                yield body
        except (ClientError, BotoCoreError) as error:
            raise LogObjectError(f"cannot read {log_object.source}: {error}") from error

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        """The body by its key in the object's own bucket."""
        key = path_key(path)
        if not key:
            return None
        try:
            with self._client.get_object(Bucket=log_object.bucket, Key=key)["Body"] as body:
                return read_text(body, max_bytes)
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return None
            raise LogObjectError(f"cannot read a body of {log_object.source}: {error}") from error
        except BotoCoreError as error:
            raise LogObjectError(f"cannot read a body of {log_object.source}: {error}") from error

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        """Store the lines under the rejected prefix of the same bucket."""
        key = f"{self._rejected_prefix}{log_object.key}.rejected.gz"
        try:
            self._client.put_object(
                Bucket=log_object.bucket, Key=key, Body=content, ContentType="application/gzip"
            )
        except (ClientError, BotoCoreError) as error:
            raise LogObjectError(f"cannot keep rejected lines of {log_object.source}: {error}") from error
        return f"s3://{log_object.bucket}/{key}"

    def objects(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[LogObject]:
        """Objects of a bucket in the order of their keys, after a key."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, StartAfter=start_after
        )
        try:
            for page in pages:
                for entry in page.get("Contents", ()):
                    modified = entry["LastModified"].astimezone(UTC)
                    yield s3_object(
                        bucket, entry["Key"], modified, size=entry["Size"], etag=entry["ETag"].strip('"')
                    )
        except (ClientError, BotoCoreError) as error:
            raise LogObjectError(f"cannot list s3://{bucket}/{prefix}: {error}") from error

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Prefixes one folder below a prefix, each ending in a slash, in order."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, Delimiter="/"
        )
        try:
            return [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ())]
        except (ClientError, BotoCoreError) as error:
            raise LogObjectError(f"cannot list s3://{bucket}/{prefix}: {error}") from error
