from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.embedded.log_folder import LogFolder, single_file
from tests.fakes.log_lines import KEY


def _write(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_files_with_records_are_listed_in_the_order_of_their_keys(tmp_path: Path) -> None:
    names = ["a/1.json", "a-b/1.json.gz", "a.json", "b.jsonl", "a/sub/2.ndjson.gz"]
    for name in names:
        _write(tmp_path / name)
    found = [item.key for item in LogFolder(tmp_path, tmp_path / "rejected").objects()]
    assert found == sorted(names)


def test_bodies_markers_hidden_and_other_files_are_not_listed(tmp_path: Path) -> None:
    _write(tmp_path / KEY)
    folder = KEY.rpartition("/")[0]
    for name in (
        f"{folder}/data/r-1_input.json.gz",
        f"{folder}/amazon-bedrock-logs-permission-check",
        "amazon-bedrock-logs-permission-check.json",
        ".hidden.json",
        ".git/x.json",
        "README.md",
    ):
        _write(tmp_path / name)
    assert [item.key for item in LogFolder(tmp_path, tmp_path / "r").objects()] == [KEY]


def test_a_listed_file_tells_its_place_size_and_time(tmp_path: Path) -> None:
    path = _write(tmp_path / KEY, b"12345")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    [item] = LogFolder(tmp_path, tmp_path / "r").objects()
    assert (item.source, item.size) == (path.as_posix(), 5)
    assert item.modified_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert item.facts.account_id == "111122223333"


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(LogFolder(tmp_path / "none", tmp_path).objects()) == []


def test_a_folder_opened_below_the_layout_still_knows_account_and_finds_bodies(tmp_path: Path) -> None:
    region = tmp_path / "AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1"
    _write(tmp_path / KEY)
    body = f"{KEY.rpartition('/')[0]}/data/r-1_output.json.gz"
    _write(tmp_path / body, b"{}")
    folder = LogFolder(region, tmp_path / "rejected")
    [item] = folder.objects()
    assert item.facts.region == "us-east-1"
    assert folder.read_body(item, f"s3://logs/some/prefix/{body}", 100) == b"{}"


def test_a_body_beside_its_record_is_found_without_the_layout(tmp_path: Path) -> None:
    _write(tmp_path / "copied/x.json.gz")
    _write(tmp_path / "copied/data/r-1_output.json.gz", b"{}")
    folder = LogFolder(tmp_path, tmp_path / "rejected")
    [item] = folder.objects()
    assert folder.read_body(item, "s3://logs/AWSLogs/1/data/r-1_output.json.gz", 100) == b"{}"


def test_a_log_line_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    _write(logs / KEY)
    _write(tmp_path / "secret", b"secret")
    (logs / "AWSLogs/link").symlink_to(tmp_path / "secret")
    folder = LogFolder(logs, tmp_path / "rejected")
    [item] = folder.objects()
    for path in ("s3://logs/AWSLogs/../../secret", "s3://logs/AWSLogs/link", "s3://logs/.."):
        assert folder.read_body(item, path, 100) is None


def test_a_single_file_must_be_one(tmp_path: Path) -> None:
    assert single_file(_write(tmp_path / "x.json")).key == "x.json"
    for name in ("missing.json", "."):
        with pytest.raises(LogObjectError, match="cannot read"):
            single_file(tmp_path / name)


def test_rejected_lines_that_cannot_be_written_are_a_fault(tmp_path: Path) -> None:
    _write(tmp_path / "logs" / KEY)
    folder = LogFolder(tmp_path / "logs", _write(tmp_path / "a-file"))
    [item] = folder.objects()
    with pytest.raises(LogObjectError, match="cannot keep rejected lines"):
        folder.keep_rejected(item, b"x")


def test_what_is_no_folder_cannot_be_listed(tmp_path: Path) -> None:
    with pytest.raises(LogObjectError, match="cannot list"):
        list(LogFolder(_write(tmp_path / "a-file"), tmp_path / "r").objects())


def test_a_file_that_is_removed_while_the_folder_is_listed_is_not_listed(tmp_path: Path) -> None:
    _write(tmp_path / "1.json")
    gone = _write(tmp_path / "2.json")
    found = LogFolder(tmp_path, tmp_path / "r").objects()
    assert next(found).key == "1.json"
    gone.unlink()
    assert list(found) == []
