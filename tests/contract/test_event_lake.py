"""What both lakes answer. Every expected figure is written by hand from the protocol's docstrings."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bedrock_analytics.domain.histogram import ZERO_BUCKET, Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.storage.lake import UsageGroup, UsageQuery
from tests.contract.lakes import (
    HOUR,
    MINUTE,
    MODEL,
    PARSED,
    SECOND,
    TEN,
    LoadedLake,
    event,
    groups,
    hour,
    one_group,
)


def test_a_group_carries_every_column_that_prices_and_dimensions_read(loaded: LoadedLake) -> None:
    profile = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc"
    first = event(
        "r1",
        inference_region="us-west-2",
        cache_read_tokens=7,
        cache_write_5m_tokens=5,
        cache_write_1h_tokens=3,
        cache_write_other_tokens=2,
        cache_write_total_tokens=10,
        time_to_first_token_ms=250,
        service_tier="flex",
        latency_optimized=False,
        cache_ttl_known=True,
        cache_write_other_ttl="30m",
        inference_profile_arn=profile,
        inference_profile_name="chat",
        profile_model_id=f"us.{MODEL}",
        response_model_id="claude-sonnet-4",
        image_size="512x512",
        image_quality="premium",
        image_steps=30,
        token_source="envelope",
        error_code="ModelTimeoutException",
        input_images=1,
        output_images=2,
        output_video_ms=6000,
        query_units=4,
    )
    second = {name: getattr(first, name) for name in first.__struct_fields__} | {
        "request_id": "r2",
        "ts": TEN + 29 * MINUTE + 59 * SECOND,
        "output_tokens": 3,
        "latency_ms": 1251,
    }
    loaded.load(first, UsageEvent(**second))
    assert one_group(loaded) == UsageGroup(
        account_id="111111111111",
        region="us-east-1",
        half_hour=TEN,
        metadata_key=None,
        metadata_value=None,
        caller="user/ada",
        operation="Converse",
        inference_region="us-west-2",
        model_id=MODEL,
        route="us",
        logged_model_id=f"us.{MODEL}",
        service_tier="flex",
        latency_optimized=False,
        cache_ttl_known=True,
        cache_write_other_ttl="30m",
        inference_profile_arn=profile,
        inference_profile_name="chat",
        profile_model_id=f"us.{MODEL}",
        response_model_id="claude-sonnet-4",
        image_size="512x512",
        image_quality="premium",
        image_steps=30,
        token_source="envelope",
        error_code="ModelTimeoutException",
        rejection=None,
        context_class=0,
        price_epoch=0,
        usage_kinds=0b11_1111_1111,
        calls=2,
        input_tokens=200,
        output_tokens=14,
        cache_read_tokens=14,
        cache_write_5m_tokens=10,
        cache_write_1h_tokens=6,
        cache_write_other_tokens=4,
        input_images=2,
        output_images=4,
        output_video_ms=12000,
        query_units=8,
        newest_ts=TEN + 29 * MINUTE + 59 * SECOND,
        newest_parsed_at_ms=int(datetime(2026, 11, 2, 10, 20, 1, tzinfo=UTC).timestamp()) * 1000 + 250,
        # 1000 lies in (2^(79/8), 2^(80/8)], 1251 in (2^(82/8), 2^(83/8)], 250 in (2^(63/8), 2^(64/8)].
        latency_ms=Distribution(2, 2251, 1000, 1251, {79: 1, 82: 1}),
        time_to_first_token_ms=Distribution(2, 500, 250, 250, {63: 2}),
        # 750 ms over 10 tokens; 1001 ms over 2 tokens.
        time_per_output_token_us=Distribution(2, 575_500, 75_000, 500_500, {129: 1, 151: 1}),
        # 1000 ms over 11 tokens is 90,909.09 us; 1251 ms over 3 tokens.
        latency_per_output_token_us=Distribution(2, 507_909, 90_909, 417_000, {131: 1, 149: 1}),
    )


def test_unknown_counts_add_up_to_zero_and_measure_nothing(loaded: LoadedLake) -> None:
    loaded.load(event(input_tokens=None, output_tokens=None, latency_ms=None, caller=None, route=None))
    group = one_group(loaded)
    assert (group.calls, group.input_tokens, group.output_tokens, group.cache_read_tokens) == (1, 0, 0, 0)
    assert (group.caller, group.route, group.latency_optimized, group.image_steps) == (None, None, None, None)
    assert group.latency_ms == group.time_per_output_token_us == Distribution()


def test_a_call_that_arrived_twice_counts_once(loaded: LoadedLake) -> None:
    loaded.load(event(), event(), event(parsed_at=PARSED + HOUR, source_s3_key="s3://logs/2.json.gz"))
    assert one_group(loaded).calls == 1


def test_the_higher_schema_version_wins_whenever_it_was_parsed(loaded: LoadedLake) -> None:
    loaded.load(
        event(schema_version=2, input_tokens=222, parsed_at=PARSED),
        event(schema_version=1, input_tokens=111, parsed_at=PARSED + HOUR),
    )
    group = one_group(loaded)
    assert (group.calls, group.input_tokens) == (1, 222)


def test_of_one_schema_version_the_latest_parse_wins(loaded: LoadedLake) -> None:
    loaded.load(
        event(input_tokens=1, parsed_at=PARSED),
        event(input_tokens=3, parsed_at=PARSED + 2 * SECOND),
        event(input_tokens=2, parsed_at=PARSED + SECOND),
    )
    assert one_group(loaded).input_tokens == 3


def test_of_one_parse_the_greatest_source_key_wins(loaded: LoadedLake) -> None:
    loaded.load(
        event(input_tokens=2, source_s3_key="s3://logs/b"),
        event(input_tokens=1, source_s3_key="s3://logs/a"),
        event(input_tokens=3, source_s3_key=None),
    )
    assert one_group(loaded).input_tokens == 2


def test_a_replay_replaces_the_columns_it_corrects(loaded: LoadedLake) -> None:
    loaded.load(event(model_id=None), event(schema_version=2, parsed_at=PARSED + HOUR))
    assert one_group(loaded).model_id == MODEL


@pytest.mark.parametrize(
    "other",
    [
        {"account_id": "222222222222"},
        {"region": "eu-west-1"},
        {"ts": TEN + 16 * MINUTE},
        {"request_id": "r2"},
    ],
)
def test_calls_that_differ_in_one_part_of_the_key_are_two(loaded: LoadedLake, other: dict[str, Any]) -> None:
    loaded.load(event(), event(**{"request_id": "r1"} | other))
    assert sum(group.calls for group in groups(loaded)) == 2


def test_rejections_are_groups_of_their_own(loaded: LoadedLake) -> None:
    rejected = event(
        "hash", operation="Rejected", rejection="not_json", model_id=None, input_tokens=None, latency_ms=None
    )
    loaded.load(event(), rejected, rejected)
    found = {group.rejection: group.calls for group in groups(loaded)}
    assert found == {None: 1, "not_json": 1}


def test_a_latency_of_zero_is_counted_as_zero(loaded: LoadedLake) -> None:
    loaded.load(event(latency_ms=0, time_to_first_token_ms=0), event("r2", latency_ms=1))
    group = one_group(loaded)
    assert group.latency_ms == Distribution(2, 1, 0, 1, {ZERO_BUCKET: 1, -1: 1})
    assert group.time_to_first_token_ms == Distribution(1, 0, 0, 0, {ZERO_BUCKET: 1})
    assert group.time_per_output_token_us == Distribution(1, 0, 0, 0, {ZERO_BUCKET: 1})


def test_powers_of_two_stay_below_their_boundary(loaded: LoadedLake) -> None:
    for exponent in (1, 3, 10, 20, 31):
        loaded.load(event(f"r{exponent}", latency_ms=2**exponent, output_tokens=None))
    assert one_group(loaded).latency_ms.buckets == {7: 1, 23: 1, 79: 1, 159: 1, 247: 1}


@pytest.mark.parametrize(
    ("latency", "first_token", "tokens", "expected"),
    [
        (1000, 1000, 2, Distribution(1, 0, 0, 0, {ZERO_BUCKET: 1})),
        (1000, 1001, 2, Distribution()),
        (1000, 500, 1, Distribution()),
        (1000, None, 9, Distribution()),
        (None, 500, 9, Distribution()),
        (1000, 999, 4, Distribution(1, 333, 333, 333, {67: 1})),
    ],
)
def test_time_per_output_token_needs_both_times_in_order_and_two_tokens(
    loaded: LoadedLake, latency: int | None, first_token: int | None, tokens: int, expected: Distribution
) -> None:
    loaded.load(event(latency_ms=latency, time_to_first_token_ms=first_token, output_tokens=tokens))
    assert one_group(loaded).time_per_output_token_us == expected


def test_latency_per_output_token_needs_one_token(loaded: LoadedLake) -> None:
    loaded.load(event(output_tokens=0), event("r2", output_tokens=1), event("r3", output_tokens=None))
    found = sorted((group.latency_per_output_token_us for group in groups(loaded)), key=lambda one: one.count)
    assert found == [Distribution(), Distribution(1, 1_000_000, 1_000_000, 1_000_000, {159: 1})]


def test_a_context_class_begins_strictly_above_its_threshold(loaded: LoadedLake) -> None:
    loaded.load(
        event("at", input_tokens=128_000, cache_read_tokens=None),
        event("above", input_tokens=128_000, cache_read_tokens=1),
        event("write", input_tokens=199_000, cache_write_5m_tokens=600, cache_write_1h_tokens=400),
        event("other", input_tokens=199_000, cache_write_other_tokens=1001),
        event("none", input_tokens=None),
    )
    found = groups(loaded, hour(context_thresholds=(128_000, 200_000)))
    assert sorted((group.context_class, group.calls) for group in found) == [
        (0, 1),
        (0, 1),
        (1, 1),
        (1, 1),
        (2, 1),
    ]


def test_the_price_instant_itself_belongs_to_the_new_epoch(loaded: LoadedLake) -> None:
    first, second = TEN + 10 * MINUTE, TEN + 20 * MINUTE
    loaded.load(
        event("a", ts=first - SECOND),
        event("b", ts=first),
        event("c", ts=second - SECOND),
        event("d", ts=second),
        event("e", ts=second + SECOND),
    )
    found = groups(loaded, hour(price_instants=(first, second)))
    assert {group.price_epoch: group.calls for group in found} == {0: 1, 1: 2, 2: 2}


def test_a_price_instant_between_milliseconds_takes_the_next_call(loaded: LoadedLake) -> None:
    instant = TEN + 10 * MINUTE + timedelta(microseconds=1)
    loaded.load(
        event("a", ts=TEN + 10 * MINUTE), event("b", ts=TEN + 10 * MINUTE + timedelta(milliseconds=1))
    )
    found = groups(loaded, hour(price_instants=(instant,)))
    assert {group.price_epoch: group.calls for group in found} == {0: 1, 1: 1}


def test_groups_are_cut_at_half_hours_and_spans_end_before_their_end(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", ts=TEN - SECOND),
        event("b", ts=TEN),
        event("c", ts=TEN + 30 * MINUTE - SECOND),
        event("d", ts=TEN + 30 * MINUTE),
        event("e", ts=TEN + HOUR - timedelta(microseconds=1000)),
        event("f", ts=TEN + HOUR),
    )
    found = {group.half_hour: group.calls for group in groups(loaded)}
    assert found == {TEN: 2, TEN + 30 * MINUTE: 2}


def test_spans_with_a_gap_answer_without_the_gap(loaded: LoadedLake) -> None:
    loaded.load(*(event(f"r{number}", ts=TEN + number * HOUR) for number in range(5)))
    spans = (Span.of_hour(TEN + 3 * HOUR), Span.of_hour(TEN), Span.of_hour(TEN + HOUR))
    found = {group.half_hour for group in groups(loaded, UsageQuery(spans=spans))}
    assert found == {TEN, TEN + HOUR, TEN + 3 * HOUR}


def test_without_spans_there_are_no_groups(loaded: LoadedLake) -> None:
    loaded.load(event())
    assert groups(loaded, UsageQuery(spans=())) == []


def metadata_groups(loaded: LoadedLake, *keys: str) -> Counter[tuple[str | None, str | None, int]]:
    """How many groups there are of each key, value and number of calls."""
    found = groups(loaded, hour(metadata_keys=keys))
    return Counter((group.metadata_key, group.metadata_value, group.calls) for group in found)


def test_each_metadata_key_partitions_the_calls_once_more(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", request_metadata='{"team":"red","app":"chat"}', caller="user/ada"),
        event("b", request_metadata='{"team":"red"}', caller="user/bob", operation="InvokeModel"),
        event("c", request_metadata='{"team":""}', inference_region="us-west-2"),
        event("d", request_metadata=None),
        event("e", request_metadata="{}"),
    )
    assert metadata_groups(loaded, "team", "app") == {
        (None, None, 3): 1,  # a, d and e agree in everything
        (None, None, 1): 2,
        ("team", "red", 2): 1,
        ("team", "", 1): 1,
        ("team", None, 2): 1,
        ("app", "chat", 1): 1,
        ("app", None, 4): 1,
    }


def test_groups_of_a_metadata_key_carry_no_caller_operation_or_inference_region(loaded: LoadedLake) -> None:
    loaded.load(event(request_metadata='{"team":"red"}', inference_region="us-west-2", error_code="X"))
    (tagged,) = [group for group in groups(loaded, hour(metadata_keys=("team",))) if group.metadata_key]
    assert (tagged.caller, tagged.operation, tagged.inference_region) == (None, None, None)
    assert (tagged.model_id, tagged.error_code, tagged.input_tokens) == (MODEL, "X", 100)
    assert tagged.latency_ms == Distribution(1, 1000, 1000, 1000, {79: 1})


@pytest.mark.parametrize(
    "key",
    ["a.b", "a b", 'a"b', "a'b", "a\\b", "a/b", "a~b", "équipe", "团队", "a[0]", "$", "-", "@x:y=z+1,#"],
)
def test_any_metadata_key_is_found_as_it_is_written(loaded: LoadedLake, key: str) -> None:
    loaded.load(event(request_metadata=json.dumps({key: "v", "a": {"b": "w"}, "x": "y"}, ensure_ascii=False)))
    assert metadata_groups(loaded, key) == {(None, None, 1): 1, (key, "v", 1): 1}


def test_a_metadata_value_may_be_any_text(loaded: LoadedLake) -> None:
    value = 'it\'s "red", {a=b}\n団'
    loaded.load(event(request_metadata=json.dumps({"team": value})))
    assert ("team", value, 1) in metadata_groups(loaded, "team")


def test_more_groups_than_a_page_of_results_arrive_once_each(loaded: LoadedLake) -> None:
    loaded.load(*(event(f"r{number}", caller=f"user/{number}") for number in range(2500)))
    found = [group.caller for group in groups(loaded)]
    assert len(found) == 2500
    assert set(found) == {f"user/{number}" for number in range(2500)}


def test_calls_agree_in_the_kinds_of_usage_that_they_have(loaded: LoadedLake) -> None:
    loaded.load(
        event("a"),
        event("b", cache_write_other_tokens=4),
        event("c", cache_write_other_tokens=0),
        event("d", input_tokens=None, output_tokens=0, query_units=1),
    )
    found = {group.usage_kinds: group.calls for group in groups(loaded)}
    assert found == {0b11: 2, 0b10_0011: 1, 0b10_0000_0000: 1}
