"""The document of a page."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.page_codec import RowKey, decode_rows, encode_rows
from tests.strategies.usage import texts, usage_stats


def pages(width: int) -> st.SearchStrategy[dict[RowKey, UsageStats]]:
    keys = st.tuples(st.tuples(*[texts] * width), st.integers(0, 47))
    return st.dictionaries(keys, usage_stats(unknown=True), max_size=6)


@given(st.integers(0, 3).flatmap(lambda width: st.tuples(st.just(width), pages(width))))
def test_rows_are_read_back_as_they_were(page: tuple[int, dict[RowKey, UsageStats]]) -> None:
    width, rows = page
    assert decode_rows(encode_rows(rows, width)) == rows


@given(pages(1))
def test_equal_rows_give_equal_bytes_whatever_their_order(rows: dict[RowKey, UsageStats]) -> None:
    turned = dict(reversed(rows.items()))
    assert encode_rows(rows, 1) == encode_rows(turned, 1)


def test_rows_without_histograms_stay_without() -> None:
    row = UsageStats(invocations=1)
    row.latency_ms.record(100)
    read = decode_rows(encode_rows({((), 5): row.without_histograms()}, 0))
    assert read[(), 5].latency_ms.buckets is None
    assert read[(), 5].latency_ms.mean == 100


def test_a_counter_that_an_old_page_lacks_is_unknown() -> None:
    document = msgspec.json.decode(zlib.decompress(encode_rows({(("a",), 0): UsageStats(invocations=2)}, 1)))
    del document["counters"]["query_units"]
    read = decode_rows(zlib.compress(msgspec.json.encode(document)))
    assert read[("a",), 0].query_units is None
    assert read[("a",), 0].input_tokens == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"not zlib", zlib.compress(b"{}"), zlib.compress(b"[]"), encode_rows({}, 1)[:-3]],
)
def test_a_damaged_document_is_an_error(data: bytes) -> None:
    with pytest.raises(PageError, match="cannot be decoded"):
        decode_rows(data)


def test_a_document_of_a_later_version_is_an_error_that_names_both_versions() -> None:
    document = msgspec.json.decode(zlib.decompress(encode_rows({}, 1)))
    document["v"] = 2
    with pytest.raises(PageError, match="version 2; this release reads 1"):
        decode_rows(zlib.compress(msgspec.json.encode(document)))
