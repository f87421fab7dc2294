"""Folders, files and S3 prefixes as sources of log objects."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.domain.errors import ConfigurationError, LogObjectError
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.ingest_ledger import ObjectCounts
from bedrock_analytics.embedded.log_address import require_logs, split_s3_address
from bedrock_analytics.embedded.log_folder import LogFolder
from bedrock_analytics.embedded.log_sources import (
    ParsedLogs,
    RejectsAside,
    S3Prefix,
    folder_listing,
)
from bedrock_analytics.jobs.parse_object import ParseTools
from bedrock_analytics.storage.log_objects import S3LogStore

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LAYOUT = "AWSLogs/111122223333/BedrockModelInvocationLogs/eu-central-1"


class Sink:
    def __init__(self) -> None:
        self.rows: list[UsageEvent] = []

    def put(self, events: Iterable[UsageEvent]) -> int:
        before = len(self.rows)
        self.rows.extend(events)
        return len(self.rows) - before


def content(*request_ids: str, broken: bool = False) -> bytes:
    lines = [
        json.dumps(
            {
                "schemaType": "ModelInvocationLog",
                "schemaVersion": "1.0",
                "timestamp": "2026-11-20T10:00:00Z",
                "accountId": "111122223333",
                "region": "eu-central-1",
                "requestId": request_id,
                "operation": "Converse",
                "modelId": "amazon.nova-lite-v1:0",
                "identity": {"arn": "arn:aws:iam::111122223333:user/ana"},
                "input": {"inputTokenCount": 1},
                "output": {"outputTokenCount": 1},
            }
        )
        for request_id in request_ids
    ]
    return gzip.compress("\n".join([*lines, *(["{cut"] if broken else [])]).encode())


def key(hour: int) -> str:
    return f"{LAYOUT}/2026/11/20/{hour:02}/20261120T{hour:02}0100000Z_0123456789abcdef.json.gz"


def logs_of(folder: Path, path: Path | None = None, *, is_live: bool = False) -> ParsedLogs:
    listing, root = folder_listing(path or folder / "logs", data_directory=folder / "data", is_live=is_live)
    return ParsedLogs(listing, ParseTools(store=LogFolder(root, folder / "rejected"), now=lambda: NOW))


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_the_newest_object_by_its_name_is_read_first(tmp_path: Path) -> None:
    for hour in (9, 11, 10):
        write(tmp_path / "logs" / key(hour), content("r"))

    found = logs_of(tmp_path).found()

    assert [item.key for item in found] == [str(tmp_path / "logs" / key(hour)) for hour in (11, 10, 9)]


def test_reading_counts_every_line_and_keeps_rejected_ones_in_the_data_directory(tmp_path: Path) -> None:
    write(tmp_path / "logs" / key(9), content("a", "b", broken=True))
    logs, sink = logs_of(tmp_path), Sink()
    (item,) = logs.found()

    counts = logs.read(item, sink)

    assert counts == ObjectCounts(lines=3, events=2, rejections=1, skipped=0)
    assert [row.request_id for row in sink.rows if row.rejection is None] == ["a", "b"]
    assert {row.source_s3_key for row in sink.rows} == {item.key}
    assert [path.is_file() for path in (tmp_path / "rejected").rglob("*.rejected.gz")] == [True]


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "logs" / key(9)
    write(path, content("a"))
    (before,) = logs_of(tmp_path).found()
    os.utime(path, (1, 1))

    (after,) = logs_of(tmp_path).found()

    assert (after.key, after.size) == (before.key, before.size)
    assert after.stamp != before.stamp


def test_a_broken_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "logs" / key(9), content("a")[:-9])
    logs = logs_of(tmp_path)
    (item,) = logs.found()

    with pytest.raises(LogObjectError, match="broken gzip"):
        logs.read(item, Sink())


def test_an_object_that_was_missed_is_shown_again(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.json.gz"
    write(path, content("a"))
    os.utime(path.parent, (1, 1))
    logs = logs_of(tmp_path)
    found = logs.found()
    assert logs.found() == []

    logs.missed(found)

    assert logs.found() == found


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a.json.gz", content("a"))
    write(tmp_path / "logs" / "b.json.gz", content("b"))
    logs, sink = logs_of(tmp_path, tmp_path / "logs" / "a.json.gz"), Sink()

    for item in logs.found():
        logs.read(item, sink)

    assert [row.request_id for row in sink.rows] == ["a"]
    assert len(logs.found()) == 1


def test_live_a_file_written_this_moment_waits(tmp_path: Path) -> None:
    write(tmp_path / "logs" / "a.json.gz", content("a"))

    assert logs_of(tmp_path, is_live=True).found() == []
    assert len(logs_of(tmp_path).found()) == 1


@pytest.fixture
def bucket() -> Iterator[S3LogStore]:
    """A store over a bucket that allows nothing to be written into it afterwards."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="some-logs")
        client.put_object(Bucket="some-logs", Key=f"mine/{key(9)}", Body=content("a", broken=True))
        client.put_object(
            Bucket="some-logs", Key=f"mine/{LAYOUT}/2026/11/20/09/data/a_input.json.gz", Body=b""
        )
        client.put_object(Bucket="some-logs", Key=f"other/{key(10)}", Body=content("b"))
        client.put_object = None  # type: ignore[method-assign,assignment]
        yield S3LogStore(client)


def test_objects_under_an_s3_prefix_are_read_and_nothing_is_written_there(
    tmp_path: Path, bucket: S3LogStore
) -> None:
    store = RejectsAside(bucket, LogFolder(tmp_path, tmp_path / "rejected"))
    logs, sink = (
        ParsedLogs(S3Prefix(bucket, "some-logs", "mine/"), ParseTools(store=store, now=lambda: NOW)),
        Sink(),
    )

    (item,) = logs.found()
    counts = logs.read(item, sink)

    assert item.key == f"s3://some-logs/mine/{key(9)}"
    assert counts == ObjectCounts(lines=2, events=1, rejections=1, skipped=0)
    assert len(list((tmp_path / "rejected").rglob("*.rejected.gz"))) == 1
    assert logs.found() == [item]


def test_an_address_is_split_into_bucket_and_prefix() -> None:
    assert split_s3_address("s3://bucket/a/b") == ("bucket", "a/b")
    assert split_s3_address("s3://bucket") == ("bucket", "")
    with pytest.raises(ConfigurationError, match="write s3://bucket/prefix"):
        split_s3_address("s3:///a")


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist: name a folder or file"):
        require_logs(str(tmp_path / "absent"))
    require_logs(str(tmp_path))
    require_logs("s3://bucket/prefix")


def test_live_a_settled_file_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.json.gz"
    write(path, content("a"))
    moment = (datetime.now(UTC) - timedelta(seconds=10)).timestamp()
    os.utime(path, (moment, moment))

    assert len(logs_of(tmp_path, is_live=True).found()) == 1
