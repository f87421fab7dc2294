"""The size of the lake as its metadata tells it."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_analytics.domain.errors import MetricsUnavailable
from bedrock_analytics.storage.lake_size import LakeSize, StoredLakeSize, size_of

METADATA = json.dumps(
    {
        "format-version": 2,
        "current-snapshot-id": 2,
        "snapshots": [
            {"snapshot-id": 1, "timestamp-ms": 1_000, "summary": {"total-records": "5"}},
            {
                "snapshot-id": 2,
                "timestamp-ms": 1_795_521_600_000,
                "summary": {
                    "operation": "append",
                    "total-records": "1084048",
                    "total-data-files": "31",
                    "total-files-size": "70000123",
                },
            },
        ],
    }
).encode()
SIZE = LakeSize(
    rows=1_084_048,
    files=31,
    size_bytes=70_000_123,
    snapshots=2,
    changed_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
)


@pytest.mark.parametrize("document", [METADATA, gzip.compress(METADATA)])
def test_the_current_snapshot_tells_the_size(document: bytes) -> None:
    assert size_of(document) == SIZE


def test_a_table_without_a_snapshot_is_empty() -> None:
    found = size_of(b'{"format-version": 2, "current-snapshot-id": null, "snapshots": []}')
    assert found == LakeSize(rows=0, files=0, size_bytes=0, snapshots=0, changed_at=None)


@pytest.mark.parametrize("document", [b"", b"no json", b"\x1f\x8bbroken", b"[]"])
def test_what_is_no_metadata_says_so(document: bytes) -> None:
    with pytest.raises(MetricsUnavailable, match="metadata cannot be read"):
        size_of(document)


class _S3:
    def get_object(self, **request: Any) -> dict[str, Any]:
        if request != {"Bucket": "lake--table-s3", "Key": "metadata/7.metadata.json"}:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(METADATA)}


def _stored(location: str) -> StoredLakeSize:
    client: Any = _S3()
    return StoredLakeSize(lambda: client, lambda: location)


def test_the_metadata_lies_where_the_lake_s_version_says() -> None:
    assert _stored("s3://lake--table-s3/metadata/7.metadata.json")() == SIZE


def test_a_file_that_is_gone_and_a_table_without_one_say_so() -> None:
    with pytest.raises(MetricsUnavailable, match="S3 Tables did not answer"):
        _stored("s3://lake--table-s3/metadata/6.metadata.json")()
    with pytest.raises(MetricsUnavailable, match="no metadata file yet"):
        _stored("a version token")()


def test_a_commit_is_read_once() -> None:
    location = "s3://lake--table-s3/metadata/7.metadata.json"
    size = _stored(location)
    assert size() is size()
