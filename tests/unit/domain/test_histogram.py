"""Exponential histograms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.histogram import (
    BUCKETS_PER_DOUBLING,
    RELATIVE_ERROR,
    ZERO_BUCKET,
    Distribution,
    bucket_index,
    bucket_middle,
)

values = st.integers(0, 10_000_000)


def test_powers_of_two_lie_at_the_upper_end_of_their_bucket() -> None:
    for power in range(60):
        assert bucket_index(2**power) == power * BUCKETS_PER_DOUBLING - 1


@pytest.mark.parametrize("index", range(1, 31 * BUCKETS_PER_DOUBLING))
def test_integers_on_both_sides_of_a_boundary_lie_in_different_buckets(index: int) -> None:
    boundary = 2 ** (index / BUCKETS_PER_DOUBLING)
    inside, outside = math.floor(boundary), math.floor(boundary) + 1
    assert bucket_index(inside) < index
    assert bucket_index(outside) >= index


def test_zero_has_a_bucket_of_its_own_and_negative_values_are_refused() -> None:
    assert bucket_index(0) == ZERO_BUCKET
    with pytest.raises(ValueError, match="no negative value: -1"):
        bucket_index(-1)


def test_an_empty_distribution_has_neither_mean_nor_percentile() -> None:
    assert Distribution().mean is None
    assert Distribution().percentile(0.5) is None


@given(st.lists(values), st.lists(values))
def test_merging_equals_recording_everything_in_one(one: list[int], other: list[int]) -> None:
    merged = Distribution.of(one)
    merged.merge(Distribution.of(other))
    assert merged == Distribution.of([*one, *other])


@given(st.lists(values, min_size=1), st.floats(0, 1))
def test_a_percentile_is_as_exact_as_the_bucket_width_promises(found: list[int], share: float) -> None:
    exact = sorted(found)[max(1, math.ceil(share * len(found))) - 1]
    read = Distribution.of(found).percentile(share)
    assert read is not None
    assert abs(read - exact) <= exact * RELATIVE_ERROR + 1e-9


def test_the_middle_of_a_bucket_lies_in_it() -> None:
    assert bucket_index(round(bucket_middle(80))) == 80


def test_a_distribution_without_histogram_keeps_what_a_mean_needs_and_taints_what_it_joins() -> None:
    plain = Distribution.of([1, 2, 6]).without_histogram()
    assert (plain.mean, plain.min, plain.max, plain.percentile(0.5)) == (3.0, 1, 6, None)
    joined = Distribution.of([9])
    joined.merge(plain)
    assert (joined.count, joined.sum, joined.buckets) == (4, 18, None)
