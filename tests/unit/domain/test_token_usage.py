import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.log_record import LoggedInput, LoggedOutput
from bedrock_analytics.domain.response_body import TokenCounts
from bedrock_analytics.domain.token_usage import CacheWrite, TokenSource, split_cache_write, token_usage

COUNTS = st.none() | st.integers(0, 10**6)


def test_the_envelope_goes_before_the_body() -> None:
    given_, made = (
        LoggedInput(input_token_count=1, cache_read_input_token_count=2, cache_write_input_token_count=3),
        LoggedOutput(output_token_count=4),
    )
    usage = token_usage(given_, made, TokenCounts(input=10, output=40, cache_read=20, cache_write=30))
    assert (usage.input, usage.cache_read, usage.cache_write.total, usage.output) == (1, 2, 3, 4)
    assert usage.source is TokenSource.ENVELOPE


def test_counts_that_the_envelope_lacks_come_from_the_body() -> None:
    usage = token_usage(
        LoggedInput(input_token_count=1), LoggedOutput(), TokenCounts(input=10, output=40, cache_read=20)
    )
    assert (usage.input, usage.cache_read, usage.output) == (1, 20, 40)
    assert usage.source is TokenSource.ENVELOPE


@pytest.mark.parametrize(
    ("body", "source"),
    [(TokenCounts(), TokenSource.NONE), (TokenCounts(input=0), TokenSource.BODY)],
)
def test_without_an_envelope_the_source_is_the_body_or_none(body: TokenCounts, source: TokenSource) -> None:
    usage = token_usage(None, None, body)
    assert (usage.source, usage.input) == (source, body.input)


@pytest.mark.parametrize(("envelope", "uncached"), [(100, 30), (30, 30), (55, 55)])
def test_cached_tokens_are_taken_off_an_envelope_that_the_body_proves_to_include_them(
    envelope: int, uncached: int
) -> None:
    body = TokenCounts(input=30, cache_read=70, inclusive_input=100)
    usage = token_usage(LoggedInput(input_token_count=envelope), None, body)
    assert (usage.input, usage.cache_read) == (uncached, 70)


@pytest.mark.parametrize(
    ("total", "by_ttl", "expected"),
    [
        (None, {"5m": 1}, CacheWrite()),
        (0, None, CacheWrite(total=0, five_minutes=0, one_hour=0)),
        (9, None, CacheWrite(total=9, five_minutes=9, one_hour=0, ttl_known=False)),
        (9, {"5m": 9, "1h": 0}, CacheWrite(total=9, five_minutes=9, one_hour=0, ttl_known=True)),
        (9, {"5m": 4, "1h": 5}, CacheWrite(total=9, five_minutes=4, one_hour=5, ttl_known=True)),
        (9, {"1h": 5}, CacheWrite(total=9, five_minutes=4, one_hour=5, ttl_known=False)),
        (9, {"5m": 0, "1h": 0}, CacheWrite(total=9, five_minutes=9, one_hour=0, ttl_known=False)),
        (9, {"5m": 10}, CacheWrite(total=9, five_minutes=9, one_hour=0, ttl_known=False)),
        (
            9,
            {"30m": 7, "1h": 2},
            CacheWrite(total=9, five_minutes=0, one_hour=2, other=7, other_ttl="30m", ttl_known=True),
        ),
        (
            9,
            {"30m": 7, "2h": 2},
            CacheWrite(total=9, five_minutes=0, one_hour=0, other=9, other_ttl="2h+30m", ttl_known=True),
        ),
    ],
)
def test_cache_writes_are_divided_by_lifetime_as_far_as_the_log_explains_them(
    total: int | None, by_ttl: dict[str, int] | None, expected: CacheWrite
) -> None:
    assert split_cache_write(total, by_ttl) == expected


@given(
    st.integers(1, 10**6),
    st.none() | st.dictionaries(st.sampled_from(["5m", "1h", "30m", "2h"]), st.integers(0, 10**6)),
)
def test_lifetimes_always_add_up_to_the_total(total: int, by_ttl: dict[str, int] | None) -> None:
    split = split_cache_write(total, by_ttl)
    parts = (split.five_minutes or 0) + (split.one_hour or 0) + (split.other or 0)
    assert parts == total == split.total
    assert (split.other is None) == (split.other_ttl is None)
