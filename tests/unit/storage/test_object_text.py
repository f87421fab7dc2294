from __future__ import annotations

import gzip
import io
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.storage.object_text import read_text, text_chunks

zipped = partial(gzip.compress, mtime=0)
"""Gzip without a time in it: the same bytes in every worker, which name the tests by them."""


class Trickle:
    """A stream that gives a few bytes at a time, as a slow connection does."""

    def __init__(self, data: bytes, at_most: int) -> None:
        self._stream = io.BytesIO(data)
        self._at_most = at_most

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._at_most))


@given(st.lists(st.binary(max_size=200), max_size=4), st.integers(1, 50))
def test_gzip_of_any_number_of_members_is_read_as_one_text(parts: list[bytes], at_most: int) -> None:
    stored = b"".join(zipped(part) for part in parts)
    assert b"".join(text_chunks(Trickle(stored, at_most), "x")) == b"".join(parts)


@given(st.binary(max_size=200).filter(lambda data: not data.startswith(b"\x1f\x8b")), st.integers(1, 50))
def test_what_is_not_gzip_is_read_as_it_stands(data: bytes, at_most: int) -> None:
    assert b"".join(text_chunks(Trickle(data, at_most), "x")) == data


@pytest.mark.parametrize(
    "broken",
    [
        zipped(b"x" * 1000)[:-9],
        zipped(b"x" * 1000)[:12],
        zipped(b"abc")[:-8] + b"\0" * 8,
        zipped(b"abc") + b"trailing",
        b"\x1f\x8b\x08\0garbage that is no gzip",
    ],
)
def test_broken_gzip_is_a_fault_of_the_object(broken: bytes) -> None:
    with pytest.raises(LogObjectError, match="cannot read s3://logs/x: broken gzip"):
        list(text_chunks(io.BytesIO(broken), "s3://logs/x"))
    assert read_text(io.BytesIO(broken), 10_000) is None


def test_a_text_is_read_up_to_its_limit_and_no_further() -> None:
    stored = zipped(b"x" * 3_000_000)
    assert read_text(io.BytesIO(stored), 3_000_000) == b"x" * 3_000_000
    assert read_text(io.BytesIO(stored), 2_999_999) is None
