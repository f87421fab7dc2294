from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.embedded.parse_files import ParseFiles
from tests.fakes.log_lines import NOW, line, record

zipped = partial(gzip.compress, mtime=0)
"""Gzip without a time in it: the same bytes in every worker, which name the tests by them."""

ONE, TWO = line(record(requestId="r-1")), line(record(requestId="r-2"))


def _parse(*names: str | Path, stdin: bytes = b"") -> ParseFiles:
    return ParseFiles(names=[str(name) for name in names], stdin=BytesIO(stdin), now=lambda: NOW)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.json", ONE + b"\n" + TWO),
        ("x.ndjson", ONE + b"\n" + TWO + b"\n"),
        ("x.json.gz", zipped(ONE + b"\n") + zipped(TWO)),
        ("x.json.gz", zipped(ONE) + zipped(TWO)),
        ("x.json", ONE + TWO),
        ("x.json", json.dumps([json.loads(ONE), json.loads(TWO)], indent=4).encode()),
        ("without-suffix", json.dumps(json.loads(ONE), indent=2).encode() + TWO),
        ("misnamed.json", zipped(ONE + b"\n" + TWO)),
    ],
)
def test_every_layout_of_a_file_gives_its_records(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    files = _parse(tmp_path / name)
    assert [event.request_id for event in files] == ["r-1", "r-2"]
    assert (files.summary.lines, files.summary.events) == (2, 2)


def test_standard_input_is_read_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(ONE)
    events = list(_parse(tmp_path / "x.json", "-", stdin=zipped(TWO)))
    assert [event.request_id for event in events] == ["r-1", "r-2"]
    assert [event.source_s3_key for event in events] == [(tmp_path / "x.json").as_posix(), "-"]


def test_rejections_come_in_line_with_the_events(tmp_path: Path) -> None:
    path = tmp_path / "20261120T100500123Z_9b86bf4994c4ab1c.json"
    path.write_bytes(b"\n".join([ONE, b"broken", TWO]))
    files = _parse(path)
    events = list(files)
    assert [event.rejection for event in events] == [None, "not_json", None]
    assert events[1].ts == datetime(2026, 11, 20, 10, 5, 0, 123000, tzinfo=UTC)
    assert files.summary.rejections == {"not_json": 1}


def test_moved_out_bodies_and_permission_checks_are_passed_over_and_named(tmp_path: Path) -> None:
    names = ["data/r-1_output.json.gz", "amazon-bedrock-logs-permission-check"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"{}")
    files = _parse(*(tmp_path / name for name in names))
    assert list(files) == []
    assert files.passed_over == [str(tmp_path / name) for name in names]


def test_a_moved_out_response_beside_the_file_tells_the_lifetime(tmp_path: Path) -> None:
    logged = record(
        input={"inputTokenCount": 1, "cacheWriteInputTokenCount": 9},
        output={"outputBodyS3Path": "s3://logs/AWSLogs/data/r-1_output.json.gz", "outputTokenCount": 2},
    )
    (tmp_path / "data").mkdir()
    usage = {"cache_creation": {"ephemeral_1h_input_tokens": 9}}
    (tmp_path / "data/r-1_output.json.gz").write_bytes(zipped(json.dumps({"usage": usage}).encode()))
    (tmp_path / "x.json").write_bytes(line(logged))
    [event] = _parse(tmp_path / "x.json")
    assert (event.cache_write_1h_tokens, event.cache_ttl_known) == (9, True)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.json.gz").write_bytes(zipped(ONE)[:-5])
    for name in ("missing.json", "cut.json.gz"):
        with pytest.raises(LogObjectError, match=name):
            list(_parse(tmp_path / name))
