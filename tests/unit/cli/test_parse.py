"""`parse`: events on standard output, rejections on standard error, and the exit code."""

from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.usage_event import COLUMN_NAMES

zipped = partial(gzip.compress, mtime=0)
"""Gzip without a time in it: the same bytes in every worker, which name the tests by them."""

REQUEST_IDS = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(1, 4)]


def record(request_id: str = REQUEST_IDS[0]) -> dict[str, object]:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-11-20T10:00:00Z",
        "accountId": "111122223333",
        "region": "eu-central-1",
        "requestId": request_id,
        "operation": "Converse",
        "modelId": "eu.amazon.nova-lite-v1:0",
        "identity": {"arn": "arn:aws:iam::111122223333:user/ana"},
        "input": {"inputContentType": "application/json", "inputTokenCount": 21},
        "output": {"outputContentType": "application/json", "outputTokenCount": 8},
    }


def parse(*arguments: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["parse", *arguments], input=text)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def compact(request_id: str) -> bytes:
    return json.dumps(record(request_id)).encode()


def pretty(request_id: str) -> bytes:
    return json.dumps(record(request_id), indent=2).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lines.json", b"\n".join(map(compact, REQUEST_IDS))),
        ("lines.ndjson", b"\n".join(map(compact, REQUEST_IDS)) + b"\n"),
        ("side-by-side.json", b"".join(map(compact, REQUEST_IDS))),
        ("pretty.json", b"\n".join(map(pretty, REQUEST_IDS))),
        ("one.json.gz", zipped(b"\n".join(map(compact, REQUEST_IDS)))),
        ("members.json.gz", b"".join(zipped(compact(name) + b"\n") for name in REQUEST_IDS)),
        ("no-suffix", b"\n".join(map(compact, REQUEST_IDS))),
    ],
)
def test_every_way_to_store_records_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    from_file, from_stdin = parse(str(path)), parse("-", text=content)

    for result in (from_file, from_stdin):
        assert result.exit_code == 0, result.stderr
        assert [row["request_id"] for row in lines(result.stdout)] == REQUEST_IDS
        assert result.stderr == ""


def test_an_event_has_the_lakes_column_names(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(compact(REQUEST_IDS[0]))

    (event,) = lines(parse(str(tmp_path / "a.json")).stdout)

    assert set(event) <= set(COLUMN_NAMES)
    assert (
        event
        | {
            "ts": "2026-11-20T10:00:00.000Z",
            "model_id": "amazon.nova-lite-v1:0",
            "route": "eu",
            "caller": "user/ana",
            "input_tokens": 21,
            "output_tokens": 8,
            "source_s3_key": str(tmp_path / "a.json"),
        }
        == event
    )


def test_a_rejected_line_goes_to_standard_error_and_fails_the_command() -> None:
    text = compact(REQUEST_IDS[0]) + b'\n{"half": \n' + compact(REQUEST_IDS[1]) + b"\n"

    result = parse("-", text=text)

    assert result.exit_code == 1
    assert [row["request_id"] for row in lines(result.stdout)] == REQUEST_IDS[:2]
    (rejected,) = lines(result.stderr)
    assert rejected["operation"] == "Rejected"
    assert rejected["rejection"]
    assert parse("--allow-rejections", "-", text=text).exit_code == 0


def test_lines_are_events_rejections_and_skipped_records() -> None:
    other = json.dumps({"schemaType": "SomethingElse", "schemaVersion": "1.0"}).encode()
    text = b"\n".join([compact(REQUEST_IDS[0]), b"{broken", other, b""])

    result = parse("--summary", "--allow-rejections", "-", text=text)

    summary = lines(result.stderr)[-1]
    rejected, skipped = summary["rejections"], summary["skipped"]
    assert isinstance(rejected, dict)
    assert isinstance(skipped, dict)
    assert summary["lines"] == 3
    assert summary["events"] == len(lines(result.stdout))
    assert summary["lines"] == summary["events"] + sum(rejected.values()) + sum(skipped.values())
    assert sum(rejected.values()) == 1


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "broken.json.gz").write_bytes(zipped(compact(REQUEST_IDS[0]))[:-9])
    (tmp_path / "good.json").write_bytes(compact(REQUEST_IDS[1]))

    result = parse(*(str(tmp_path / name) for name in ("absent.json", "broken.json.gz", "good.json")))

    assert result.exit_code == 1
    assert lines(result.stdout)[-1]["request_id"] == REQUEST_IDS[1]
    assert f"Error: cannot read {tmp_path / 'absent.json'}: " in result.stderr
    assert f"{tmp_path / 'broken.json.gz'}: broken gzip" in result.stderr


def test_a_file_without_records_is_named(tmp_path: Path) -> None:
    body = tmp_path / "data" / f"{REQUEST_IDS[0]}_input.json"
    body.parent.mkdir()
    body.write_text("{}")

    result = parse(str(body))

    assert (result.exit_code, result.stdout) == (0, "")
    assert "holds no records" in result.stderr


def test_without_a_file_the_usage_is_told() -> None:
    assert parse().exit_code == 2
