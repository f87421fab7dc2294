"""What every log store does: S3 (moto) and a folder."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.embedded.log_folder import LogFolder
from bedrock_analytics.storage.log_objects import LogObject, LogStore, S3LogStore, path_key, s3_object
from tests.fakes.log_lines import KEY

zipped = partial(gzip.compress, mtime=0)
"""Gzip without a time in it: the same bytes in every worker, which name the tests by them."""

BUCKET = "log-bucket"
BODY_KEY = f"{KEY.rpartition('/')[0]}/data/r-1_output.json.gz"


@dataclass
class Place:
    """A store with its test access."""

    store: LogStore
    write: Callable[[str, bytes], LogObject]
    read: Callable[[str], bytes]
    """What is stored at a place that the store named."""


@pytest.fixture
def s3_place() -> Iterator[Place]:
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)

        def write(key: str, data: bytes) -> LogObject:
            client.put_object(Bucket=BUCKET, Key=key, Body=data)
            return s3_object(BUCKET, key, datetime(2026, 11, 20, tzinfo=UTC))

        def read(place: str) -> bytes:
            return client.get_object(Bucket=BUCKET, Key=place.removeprefix(f"s3://{BUCKET}/"))["Body"].read()

        yield Place(store=S3LogStore(client), write=write, read=read)


@pytest.fixture
def folder_place(tmp_path: Path) -> Place:
    root = tmp_path / "logs"

    def write(key: str, data: bytes) -> LogObject:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        time = datetime(2026, 11, 20, tzinfo=UTC)
        return LogObject(bucket=str(root), key=key, source=path.as_posix(), modified_at=time)

    return Place(
        store=LogFolder(root, tmp_path / "rejected"), write=write, read=lambda place: Path(place).read_bytes()
    )


@pytest.fixture(params=["s3_place", "folder_place"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def test_an_object_is_read_in_pieces(place: Place) -> None:
    log_object = place.write(KEY, b"stored bytes")
    with place.store.open(log_object) as stream:
        assert stream.read(6) == b"stored"
        assert stream.read(100) == b" bytes"
        assert stream.read(100) == b""


def test_an_object_that_is_not_there_is_a_fault(place: Place) -> None:
    log_object = place.write(KEY, b"")
    missing = LogObject(
        bucket=log_object.bucket,
        key=f"{KEY}x",
        source=f"{log_object.source}x",
        modified_at=log_object.modified_at,
    )
    with pytest.raises(LogObjectError, match="cannot read"), place.store.open(missing):
        pass


def test_a_moved_out_body_is_found_in_the_objects_own_bucket_whatever_bucket_its_path_names(
    place: Place,
) -> None:
    log_object = place.write(KEY, b"")
    place.write(BODY_KEY, zipped(b'{"usage": {}}'))
    assert place.store.read_body(log_object, f"s3://elsewhere/{BODY_KEY}", 1000) == b'{"usage": {}}'


@pytest.mark.parametrize("stored", [None, zipped(b"x" * 2000), zipped(b"x" * 500)[:-9]])
def test_a_body_that_is_missing_too_long_or_broken_is_none(place: Place, stored: bytes | None) -> None:
    log_object = place.write(KEY, b"")
    if stored is not None:
        place.write(BODY_KEY, stored)
    assert place.store.read_body(log_object, f"s3://logs/{BODY_KEY}", 1000) is None


@pytest.mark.parametrize("path", ["", "no address", "https://example.com/x", "s3://logs/"])
def test_a_path_that_names_no_object_leads_nowhere(place: Place, path: str) -> None:
    log_object = place.write(KEY, b"")
    assert place.store.read_body(log_object, path, 1000) is None


def test_rejected_lines_are_kept_apart_and_replaced_by_the_next_delivery(place: Place) -> None:
    log_object = place.write(KEY, b"")
    first = place.store.keep_rejected(log_object, b"first")
    again = place.store.keep_rejected(log_object, b"second")
    assert first == again
    assert place.read(again) == b"second"
    assert not again.startswith(log_object.source.removesuffix(KEY) + "AWSLogs/")


def test_a_store_that_fails_for_another_reason_says_so(s3_place: Place) -> None:
    elsewhere = s3_object("no-such-bucket", KEY, datetime(2026, 11, 20, tzinfo=UTC))
    with pytest.raises(LogObjectError, match="cannot read a body of s3://no-such-bucket"):
        s3_place.store.read_body(elsewhere, f"s3://logs/{BODY_KEY}", 1000)
    with pytest.raises(LogObjectError, match="cannot keep rejected lines of s3://no-such-bucket"):
        s3_place.store.keep_rejected(elsewhere, b"x")


def test_objects_of_a_bucket_are_listed_in_the_order_of_their_keys(s3_place: Place) -> None:
    for key in ("b/2.json", "a/1.json", "b/1.json"):
        s3_place.write(key, b"12345")
    assert isinstance(s3_place.store, S3LogStore)
    listed = list(s3_place.store.objects(BUCKET))
    assert [item.key for item in listed] == ["a/1.json", "b/1.json", "b/2.json"]
    assert {item.size for item in listed} == {5}
    assert [item.key for item in s3_place.store.objects(BUCKET, "b/", "b/1.json")] == ["b/2.json"]
    with pytest.raises(LogObjectError):
        list(s3_place.store.objects("no-such-bucket"))


def test_a_key_keeps_its_special_characters() -> None:
    assert path_key("s3://logs/a b/100%25?x=1#y.json.gz") == "a b/100%25?x=1#y.json.gz"
