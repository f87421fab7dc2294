from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.storage.record_lines import TooLarge, records, side_by_side

TEXT = st.text(st.sampled_from('ab{}[]",:\\\n é'), max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(TEXT, VALUE, min_size=1, max_size=4), min_size=1, max_size=6)


def _lines(found: list[Any]) -> str:
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in found) + "\n"


def _unended(found: list[Any]) -> str:
    return _lines(found)[:-1]


def _windows(found: list[Any]) -> str:
    return _lines(found).replace("\n", "\r\n")


def _blank_lines(found: list[Any]) -> str:
    return "\n\n" + _lines(found).replace("\n", "\n  \n")


def _concatenated(found: list[Any]) -> str:
    return "".join(json.dumps(one) for one in found)


def _pretty(found: list[Any]) -> str:
    return "\n".join(json.dumps(one, indent=2) for one in found)


def _flush_left(found: list[Any]) -> str:
    return "".join(json.dumps(one, indent=0) for one in found)


def _array(found: list[Any]) -> str:
    return json.dumps(found)


def _pretty_array(found: list[Any]) -> str:
    return json.dumps(found, indent=1)


def _array_of_lines(found: list[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(one) for one in found) + "\n]\n"


def _marked(found: list[Any]) -> str:
    return "\ufeff" + _lines(found)


def _chunks(text: str, size: int) -> list[bytes]:
    data = text.encode()
    return [data[start : start + size] for start in range(0, len(data), size)]


def _values(chunks: list[bytes]) -> list[Any]:
    found: list[Any] = []
    for record in records(chunks):
        assert isinstance(record, bytes)
        found += [json.loads(part) for part in side_by_side(record)]
    return found


@pytest.mark.parametrize(
    "write",
    [
        _lines,
        _unended,
        _windows,
        _blank_lines,
        _concatenated,
        _pretty,
        _flush_left,
        _array,
        _pretty_array,
        _array_of_lines,
        _marked,
    ],
)
@given(found=RECORDS, size=st.integers(1, 200))
def test_records_are_found_in_every_layout_whatever_the_chunks(
    write: Any, found: list[Any], size: int
) -> None:
    assert _values(_chunks(write(found), size)) == found


RECORD = '{"requestId": "r-1", "text": "a } b"}'


@pytest.mark.parametrize("size", [1, 3, 17, 10_000])
@pytest.mark.parametrize(
    "broken",
    [
        "garbage",
        '{"requestId": "r-0", "text": "cut off',
        '{"a": 1, "b":',
        '"a string"',
        "12",
        '{"a": {"b": 1}',
    ],
)
def test_a_broken_line_is_a_record_of_its_own_and_costs_no_other(broken: str, size: int) -> None:
    found = list(records(_chunks(f"{RECORD}\n{broken}\n{RECORD}\n{RECORD}", size)))
    assert found == [RECORD.encode(), broken.encode(), RECORD.encode(), RECORD.encode()]


def test_a_text_that_ends_inside_a_record_gives_what_there_is_of_it() -> None:
    assert list(records([RECORD.encode() + b'\n{"requestId":', b' "r-2"'])) == [
        RECORD.encode(),
        b'{"requestId": "r-2"',
    ]


@pytest.mark.parametrize("size", [7, 64, 100_000])
def test_a_record_above_the_limit_is_passed_over_and_the_next_one_found(size: int) -> None:
    long = '{"requestId": "' + "x" * 5000 + '"}'
    text = f"{RECORD}\n{long}\n{RECORD}\n[{long},{RECORD}]"
    found = list(records(_chunks(text, size), max_record_bytes=1000))
    assert found == [RECORD.encode(), TooLarge(5017), RECORD.encode(), TooLarge(5017), RECORD.encode()]


def test_a_long_text_without_a_line_end_is_cut_into_its_records() -> None:
    text = "[" + ",".join([RECORD] * 60_000) + "]"
    assert len(text) > 2 * 1024 * 1024
    found = list(records(_chunks(text, 256 * 1024)))
    assert found == [RECORD.encode()] * 60_000


def test_objects_side_by_side_are_separated_and_what_is_none_stays_whole() -> None:
    assert side_by_side(b'{"a": 1}{"b": {}} {"c": "}"}') == [b'{"a": 1}', b'{"b": {}}', b'{"c": "}"}']
    assert side_by_side(b'{"a": 1') == [b'{"a": 1']


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_bytes_are_cut_without_error_and_none_but_punctuation_is_lost(chunks: list[bytes]) -> None:
    found = [record for record in records(chunks) if isinstance(record, bytes)]
    ignored = b" \t\n\r\x0b\x0c\x1e,[]\xef\xbb\xbf"
    kept = b"".join(found).translate(None, ignored)
    assert kept == b"".join(chunks).translate(None, ignored)
