"""Whatever is redelivered, late, out of order or interrupted: each call is counted exactly once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import LeaseHeld
from bedrock_analytics.domain.usage_event import UsageEvent
from tests.exactly_once.events import call
from tests.exactly_once.world import START, Interrupted, World

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


calls = st.builds(
    call,
    number=st.integers(1, 10_000),
    ts=st.integers(-120 * 24 * 60, 5 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    account_id=st.sampled_from(["111122223333", "444455556666"]),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    model_id=st.sampled_from(["model-a", "model-b", "model-unpriced", None]),
    caller=st.sampled_from(["role/app", "user/x", None]),
    route=st.sampled_from(["us", "global"]),
    input_tokens=st.one_of(st.none(), st.integers(0, 2000)),
    cache_read_tokens=st.one_of(st.none(), st.integers(0, 2000)),
    output_tokens=st.integers(0, 500),
    latency_ms=st.one_of(st.none(), st.integers(0, 100_000)),
    error_code=st.sampled_from([None, None, None, "ThrottlingException"]),
    request_metadata=st.sampled_from([None, '{"team":"search"}', '{"app":"x"}', '{"team":"ads","app":"x"}']),
    rejection=st.sampled_from([None, None, None, None, "not_json"]),
)


def as_rejection(event: UsageEvent) -> UsageEvent:
    """A rejected line carries no tokens, model or caller."""
    if event.rejection is None:
        return event
    return UsageEvent(
        account_id=event.account_id,
        region=event.region,
        request_id=event.request_id,
        ts=event.ts,
        operation="Rejected",
        parsed_at=event.parsed_at,
        rejection=event.rejection,
        source_s3_key=event.source_s3_key,
    )


@dataclass(frozen=True)
class Delivery:
    """A row of a call reaches the lake at a step of the story; its stamp may be wrong."""

    event: UsageEvent
    step: int
    stamp_error: timedelta


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """Calls, each delivered once or several times, some parsed again by a later parser."""
    found = []
    for event in draw(st.lists(calls.map(as_rejection), min_size=1, max_size=14)):
        for copy in range(draw(st.integers(1, 3))):
            again = msgspec.structs.replace(event, source_s3_key=f"s3://logs/{copy}.json.gz")
            if copy == 2 and event.rejection is None:
                again = msgspec.structs.replace(again, schema_version=2, output_tokens=77)
            error = draw(st.sampled_from([timedelta(0)] * 6 + [timedelta(hours=1), timedelta(days=-9)]))
            found.append(Delivery(again, draw(st.integers(0, 7)), error))
    return found


CLOCK_TOLERANCE = timedelta(minutes=15)
STEPS = st.lists(
    st.sampled_from([timedelta(minutes=5), timedelta(minutes=50), timedelta(hours=9), timedelta(days=4)]),
    min_size=8,
    max_size=8,
)


def story(
    world: World, rows: list[Delivery], steps: list[timedelta], interruptions: list[int | None]
) -> None:
    """Deliver rows and run L2 at each step, interrupted where the story says so."""

    def die() -> None:
        raise Interrupted

    def second_run() -> None:
        other = replace(world)
        try:
            other.run("two")
        except LeaseHeld:
            return

    waiting = list(rows)
    for number, step in enumerate(steps):
        world.now += step
        for row in list(waiting):
            # L1 refuses calls of the future, so a call is delivered once its time has come
            if row.step <= number and row.event.ts <= world.now + CLOCK_TOLERANCE:
                waiting.remove(row)
                stamp = world.now + row.stamp_error
                world.deliver(msgspec.structs.replace(row.event, parsed_at=stamp))
        at_call = interruptions[number]
        if at_call is None:
            world.settle()
        else:
            world.run_interrupted(at_call, die if at_call % 3 else second_run, f"run-{number}")


@SLOW
@given(deliveries(), STEPS, st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=8, max_size=8))
def test_the_tables_equal_those_of_a_naive_computation_whatever_happens(
    rows: list[Delivery], steps: list[timedelta], interruptions: list[int | None]
) -> None:
    world = World()
    story(world, rows, steps, interruptions)
    world.settle()
    world.reconcile()
    world.settle()
    world.check()
    before = dict(world.items.items)
    world.reconcile()
    world.run()
    pages = {key: item for key, item in world.items.items.items() if key[0] not in {"META", "STATE"}}
    assert pages == {key: item for key, item in before.items() if key[0] not in {"META", "STATE"}}


def test_an_interruption_at_every_single_storage_call_is_repaired() -> None:
    """The first run of a new deployment, then a late call for a closed day, each killed at every call."""
    at_call, interrupted = 0, True
    while interrupted:
        world = World()

        def die() -> None:
            raise Interrupted

        world.deliver(call(1), call(2, START - timedelta(days=1)), call(3, START - timedelta(days=40)))
        interrupted = world.run_interrupted(at_call, die, "dying")
        world.now += timedelta(hours=1)
        world.deliver(call(4, START - timedelta(days=1), world.now))
        interrupted = world.run_interrupted(at_call, die, "dying again") or interrupted
        world.now += timedelta(hours=1)
        world.settle()
        world.check()
        at_call += 1
    assert at_call > 100
