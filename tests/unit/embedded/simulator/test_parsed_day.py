"""A simulated day as the parser of the product reads it, against the facts of the simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from bedrock_analytics.domain.invocation_log import Outcome, parse_line
from bedrock_analytics.domain.log_key import read_key
from bedrock_analytics.domain.rejection import LineContext, SkipRule
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.simulator import Granularity, SimulatedCall, SimulatedObject, objects_of_hour
from bedrock_analytics.embedded.simulator.models import Family
from bedrock_analytics.embedded.simulator.world import Operation
from tests.unit.embedded.simulator.spans import (
    MONDAY,
    SEED,
    calls_of_hours,
    counts_of,
    hours_from,
    lines_of,
    logs_among,
)

_HOURS = 24
_PARSED_AT = MONDAY + timedelta(days=3)


@cache
def _objects() -> list[SimulatedObject]:
    return logs_among(
        item for hour in hours_from(MONDAY, _HOURS) for item in objects_of_hour(SEED, hour, Granularity.HOUR)
    )


def _parsed(item: SimulatedObject) -> Iterator[Outcome]:
    context = LineContext(
        source=item.key,
        key=read_key(item.key),
        object_time=item.written_at,
        parsed_at=_PARSED_AT,
    )
    for number, line in enumerate(lines_of(item), start=1):
        yield parse_line(line, number, context)


@cache
def _events() -> dict[str, UsageEvent]:
    """Calls by request id, each once."""
    outcomes = (outcome for item in _objects() for outcome in _parsed(item))
    return {
        outcome.request_id: outcome
        for outcome in outcomes
        if isinstance(outcome, UsageEvent) and not outcome.rejection
    }


@cache
def _pairs() -> list[tuple[SimulatedCall, UsageEvent]]:
    return [(call, _events()[call.request_id]) for call in calls_of_hours(MONDAY, _HOURS)]


def test_lines_are_events_rejections_and_skipped_as_the_manifest_says() -> None:
    found: Counter[str] = Counter()
    for item in _objects():
        for outcome in _parsed(item):
            if isinstance(outcome, SkipRule):
                found["skipped"] += 1
            else:
                found["rejected" if outcome.rejection else "events"] += 1
    counts = counts_of(_objects())

    assert found["events"] == counts.calls + counts.doubled
    assert (found["rejected"], found["skipped"]) == (counts.rejected, counts.skipped)
    assert counts.rejected > 0
    assert counts.skipped > 0
    assert found.total() == counts.lines


def test_every_call_is_found_once() -> None:
    assert _events().keys() == {call.request_id for call in calls_of_hours(MONDAY, _HOURS)}


def test_token_sums_are_those_of_the_simulation() -> None:
    simulated: Counter[str] = Counter()
    parsed: Counter[str] = Counter()
    for call, event in _pairs():
        simulated["input"] += call.tokens.input
        simulated["output"] += call.tokens.output
        simulated["cache read"] += call.tokens.cache_read
        simulated["cache write"] += call.tokens.cache_write
        parsed["input"] += event.input_tokens or 0
        parsed["output"] += event.output_tokens or 0
        parsed["cache read"] += event.cache_read_tokens or 0
        parsed["cache write"] += event.cache_write_total_tokens or 0

    assert parsed == simulated
    assert all(parsed.values())


def test_cache_writes_have_their_lifetime_wherever_the_record_shows_it() -> None:
    known = 0
    for call, event in _pairs():
        if call.outcome is None or not call.tokens.cache_write:
            continue
        if call.outcome.form.output_offloaded:
            assert event.cache_ttl_known is False
            continue
        assert event.cache_write_5m_tokens == call.tokens.cache_write_5m
        assert event.cache_write_1h_tokens == call.tokens.cache_write_1h
        known += bool(event.cache_ttl_known)
    assert known > 100


def test_times_are_known_where_bedrock_logs_them() -> None:
    for call, event in _pairs():
        shown = (
            call.outcome
            and call.app.source.bodies
            and not call.outcome.form.output_offloaded
            and call.operation is not Operation.INVOKE
        )
        assert event.latency_ms == (call.outcome.latency_ms if shown and call.outcome else None)
        streamed = shown and call.operation is Operation.INVOKE_STREAM
        assert event.time_to_first_token_ms == (
            call.outcome.first_byte_ms if streamed and call.outcome else None
        )


def test_models_routes_and_errors_are_read_as_simulated() -> None:
    for call, event in _pairs():
        assert event.error_code == call.error_code
        assert event.ts == call.ts
        assert (event.account_id, event.region) == (call.account_id, call.region)
        if call.kind.target.application_profile:
            assert event.inference_profile_arn == call.logged_model_id
            if call.app.source.bodies and call.outcome and not call.outcome.form.output_offloaded:
                assert call.outcome.guardrail or event.response_model_id == call.kind.target.model.name
        else:
            assert (event.model_id, event.route) == (call.model_id, call.route)


def test_images_are_counted_with_their_size_and_quality() -> None:
    images = [
        (call, event)
        for call, event in _pairs()
        if call.kind.target.model.family is Family.CANVAS and call.outcome
    ]
    assert images
    for call, event in images:
        assert call.outcome
        assert call.outcome.images
        assert event.output_images == call.outcome.images.count
        assert event.image_size == "1024x1024"
        assert event.image_quality == call.outcome.images.quality
