"""A fold gives what decoding the rows and merging them gives."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.page_codec import decode_rows, encode_rows
from bedrock_analytics.storage.page_fold import PageFold

counts = st.integers(0, 10**9)
codes = st.sampled_from(["ThrottlingException", "ValidationException"])
amounts = st.integers(0, 10**15).map(lambda units: Decimal(units) / 10**12)
times = st.lists(st.integers(0, 10**6), max_size=4)


@st.composite
def stats(draw: st.DrawFn) -> UsageStats:
    row = UsageStats(
        invocations=draw(st.none() | counts),
        input_tokens=draw(counts),
        query_units=draw(st.none() | counts),
        errors=draw(st.dictionaries(codes, st.integers(1, 9))),
        unpriced_tokens=draw(st.dictionaries(st.just("no_rate_card"), st.integers(1, 9))),
        list_cost_usd=draw(st.dictionaries(st.sampled_from(["input", "output"]), amounts)),
        discount_usd=draw(st.dictionaries(st.just("input"), amounts)),
        cost_upper_usd=draw(amounts),
        latency_ms=Distribution.of(draw(times)),
        time_to_first_token_ms=Distribution.of(draw(times)),
    )
    return row.without_histograms() if draw(st.booleans()) else row


row_keys = st.tuples(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), st.integers(0, 3))
documents = st.lists(st.dictionaries(row_keys, stats(), max_size=5), min_size=1, max_size=4)


def group_of(key: tuple[str, ...]) -> str | None:
    return None if key[0] == "c" else key[0]


@given(documents, st.lists(st.none() | st.integers(0, 1), min_size=4, max_size=4))
def test_a_fold_equals_the_merged_rows_of_its_parts_and_groups(
    pages: list[dict[tuple[tuple[str, ...], int], UsageStats]], parts: list[int | None]
) -> None:
    fold: PageFold[str] = PageFold()
    expected: dict[tuple[int, str], UsageStats] = {}
    for page in pages:
        data = encode_rows(page, 2)
        fold.add(data, group_of, parts)
        for (key, slot), row in decode_rows(data).items():
            part, group = parts[slot], group_of(key)
            if part is not None and group is not None:
                expected.setdefault((part, group), UsageStats()).merge(row)
    assert fold.rows == expected


def test_a_page_without_keys_folds_into_one_row() -> None:
    fold: PageFold[tuple[str, ...]] = PageFold()
    fold.add(encode_rows({((), 0): UsageStats(invocations=2)}, 0), lambda key: key, [0])
    fold.add(encode_rows({}, 0), lambda key: key, [0])
    assert fold.rows == {(0, ()): UsageStats(invocations=2)}


def test_a_damaged_document_is_a_page_error() -> None:
    with pytest.raises(PageError):
        PageFold[str]().add(b"not a page", group_of, [0])
