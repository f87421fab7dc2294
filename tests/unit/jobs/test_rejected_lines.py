from __future__ import annotations

import gzip
import json

from bedrock_analytics.jobs.rejected_lines import RejectedLines


def _kept(lines: RejectedLines) -> list[dict[str, object]]:
    return [json.loads(row) for row in gzip.decompress(lines.content()).splitlines()]


def test_a_rejected_line_is_kept_with_its_number_and_reason() -> None:
    lines = RejectedLines()
    lines.add(3, "not_json", b'caf\xc3\xa9 \xff "x"')
    assert (lines.count, lines.dropped) == (1, 0)
    assert _kept(lines) == [{"number": 3, "reason": "not_json", "line": 'café \\xff "x"'}]


def test_lines_without_room_are_counted_and_lose_first_their_text_then_their_place() -> None:
    lines = RejectedLines(max_bytes=100)
    lines.add(1, "not_json", b"x" * 101)
    lines.add(2, "too_large", b"")
    lines.add(3, "not_json", b"y" * 10)
    lines.add(4, "not_json", b"z")
    assert (lines.count, lines.dropped) == (4, 3)
    assert _kept(lines) == [
        {"number": 1, "reason": "not_json"},
        {"number": 2, "reason": "too_large"},
        {"number": 3, "reason": "not_json", "line": "y" * 10},
    ]


def test_the_content_does_not_depend_on_the_clock() -> None:
    def content() -> bytes:
        lines = RejectedLines()
        lines.add(1, "not_json", b"x")
        return lines.content()

    assert content() == content()
