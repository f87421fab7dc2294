from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from bedrock_analytics.embedded.simulator import (
    Granularity,
    ObjectKind,
    SimulatedObject,
    objects_between,
    objects_of_hour,
)
from bedrock_analytics.embedded.simulator.faults import LONGEST_DELAY, faults_of_hour
from bedrock_analytics.embedded.simulator.world import SOURCES
from tests.unit.embedded.simulator.spans import (
    MONDAY,
    SEED,
    calls_of_hours,
    counts_of,
    hours_from,
    lines_of,
    logs_among,
)

pytestmark = pytest.mark.long

_LOG_KEY = re.compile(
    r"bedrock-logs/AWSLogs/\d{12}/BedrockModelInvocationLogs/[a-z]{2}-[a-z]+-\d"
    r"/\d{4}/\d{2}/\d{2}/\d{2}/\d{8}T\d{9}Z_[0-9a-f]{16}\.json\.gz"
)
_BODY_KEY = re.compile(
    r"bedrock-logs/AWSLogs/\d{12}/BedrockModelInvocationLogs/[a-z]{2}-[a-z]+-\d"
    r"/\d{4}/\d{2}/\d{2}/\d{2}/data/[0-9a-f-]{36}_(input|output)\.json\.gz"
)
_MIDDLE = MONDAY + timedelta(days=2, hours=9, minutes=17, seconds=23)


def _lines(objects: Iterable[SimulatedObject]) -> Counter[bytes]:
    return Counter(line for item in logs_among(objects) for line in lines_of(item))


def _request_ids(objects: Iterable[SimulatedObject]) -> Counter[str]:
    ids: Counter[str] = Counter()
    for line, times in _lines(objects).items():
        try:
            ids[json.loads(line)["requestId"]] += times
        except (json.JSONDecodeError, KeyError):
            continue
    return ids


def test_keys_are_those_of_bedrock() -> None:
    patterns = {ObjectKind.LOG: _LOG_KEY, ObjectKind.BODY: _BODY_KEY}
    objects = list(objects_between(SEED, MONDAY, MONDAY + timedelta(hours=20)))

    assert {item.kind for item in objects} == set(ObjectKind)
    for item in objects:
        if item.kind is ObjectKind.MARKER:
            assert item.key.endswith("/amazon-bedrock-logs-permission-check")
            assert item.body == b""
        else:
            assert patterns[item.kind].fullmatch(item.key)
    for item in logs_among(objects):
        name = item.key.rpartition("/")[2]
        assert name.startswith(item.written_at.strftime("%Y%m%dT%H%M%S"))
        assert item.written_at.strftime("/%Y/%m/%d/%H/") in item.key


@pytest.mark.parametrize("granularity", list(Granularity))
def test_keys_are_unique(granularity: Granularity) -> None:
    objects = logs_among(objects_between(SEED, MONDAY, MONDAY + timedelta(days=3), granularity))

    assert len({item.key for item in objects}) == len(objects)


def test_both_granularities_deliver_the_same_lines() -> None:
    start, end = MONDAY, _MIDDLE
    fine = list(objects_between(SEED, start, end))
    coarse = list(objects_between(SEED, start, end, Granularity.HOUR))

    assert _lines(fine) == _lines(coarse)
    assert counts_of(fine) == counts_of(coarse)
    assert {item.key for item in fine if item.kind is not ObjectKind.LOG} == {
        item.key for item in coarse if item.kind is not ObjectKind.LOG
    }
    assert len(coarse) < len(fine) / 5


@pytest.mark.parametrize("granularity", list(Granularity))
def test_a_switch_to_live_at_any_moment_neither_loses_nor_doubles_a_line(granularity: Granularity) -> None:
    start, end = MONDAY + timedelta(hours=40), MONDAY + timedelta(hours=64)
    whole = _lines(objects_between(SEED, start, end))
    for switch in (_MIDDLE, _MIDDLE.replace(minute=0, second=0), _MIDDLE.replace(minute=0, second=31)):
        parts = [
            *objects_between(SEED, start, switch, granularity),
            *objects_between(SEED, switch, end),
        ]
        assert _lines(parts) == whole


def test_a_gap_is_filled_after_a_restart_without_a_line_twice() -> None:
    start, stopped, back, end = (
        MONDAY,
        MONDAY + timedelta(hours=5, minutes=42, seconds=7),
        MONDAY + timedelta(hours=11, minutes=3, seconds=50),
        MONDAY + timedelta(hours=13),
    )
    parts = [
        *objects_between(SEED, start, stopped),
        *objects_between(SEED, stopped, back, Granularity.HOUR),
        *objects_between(SEED, back, end),
    ]

    assert _lines(parts) == _lines(objects_between(SEED, start, end))


def test_short_live_spans_add_up() -> None:
    start = _MIDDLE
    steps = [start + timedelta(seconds=7 * number) for number in range(60)]
    parts = [item for step in steps for item in objects_between(SEED, step, step + timedelta(seconds=7))]

    assert parts == list(objects_between(SEED, start, start + timedelta(seconds=420)))


@pytest.mark.parametrize("granularity", list(Granularity))
def test_objects_come_in_order_of_delivery_within_the_span(granularity: Granularity) -> None:
    start, end = MONDAY + timedelta(minutes=13), _MIDDLE
    moments = [item.written_at for item in objects_between(SEED, start, end, granularity)]

    assert moments == sorted(moments)
    assert start <= moments[0]
    assert moments[-1] < end


def test_the_bodies_beside_a_log_object_come_before_it() -> None:
    seen: set[str] = set()
    followed = 0
    for item in objects_between(SEED, MONDAY, MONDAY + timedelta(days=1)):
        seen.add(item.key)
        if item.kind is not ObjectKind.LOG:
            continue
        for line in lines_of(item):
            for path in re.findall(rb'"(?:in|out)putBodyS3Path":"s3://[^/]+/([^"]+)"', line):
                assert path.decode() in seen
                followed += 1
    assert followed > 10


def test_the_objects_of_hours_are_those_that_spans_deliver() -> None:
    start, end = MONDAY + timedelta(hours=30), MONDAY + timedelta(hours=34)
    causes = hours_from(start - timedelta(hours=28), 32)
    by_hour = [item for hour in causes for item in objects_of_hour(SEED, hour)]
    delivered = [item for item in by_hour if start <= item.written_at < end]

    assert sorted(delivered, key=lambda item: (item.written_at, item.key)) == sorted(
        objects_between(SEED, start, end), key=lambda item: (item.written_at, item.key)
    )


@pytest.mark.parametrize("granularity", list(Granularity))
def test_every_call_is_delivered_and_the_manifest_tells_how_often(granularity: Granularity) -> None:
    hours = 48
    objects = [
        item for hour in hours_from(MONDAY, hours) for item in objects_of_hour(SEED, hour, granularity)
    ]
    calls = [call.request_id for call in calls_of_hours(MONDAY, hours)]
    delivered = _request_ids(objects)
    counts = counts_of(objects)

    assert set(delivered) == set(calls)
    assert sum(delivered.values()) == counts.calls + counts.doubled
    assert counts.calls == len(calls) + sum(item.counts.calls for item in objects if item.copy)


def test_the_manifest_of_an_object_counts_its_lines() -> None:
    faulty = Counter[str]()
    for item in logs_among(objects_between(SEED, MONDAY, MONDAY + timedelta(days=7), Granularity.HOUR)):
        lines = lines_of(item)
        broken = foreign = 0
        whole: Counter[bytes] = Counter()
        for line in lines:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                broken += 1
                continue
            if record["schemaType"] == "ModelInvocationLog":
                whole[line] += 1
            else:
                foreign += 1
        assert (item.counts.calls, item.counts.doubled) == (len(whole), whole.total() - len(whole))
        assert (item.counts.rejected, item.counts.skipped) == (broken, foreign)
        assert item.counts.lines == len(lines)
        faulty += Counter(
            doubled=item.counts.doubled,
            rejected=broken,
            skipped=foreign,
            late=int(item.late),
            copy=int(item.copy),
        )
    assert set(faulty) == {"doubled", "rejected", "skipped", "late", "copy"}


def test_punctual_objects_follow_their_calls_by_a_minute_or_so() -> None:
    late = 0
    for item in logs_among(objects_between(SEED, MONDAY, MONDAY + timedelta(days=2))):
        begun = datetime.fromisoformat(json.loads(lines_of(item)[0])["timestamp"])
        waited = item.written_at - begun
        if item.late:
            late += 1
            assert waited > timedelta(minutes=5)
        elif not item.copy:
            assert timedelta(seconds=5) < waited < timedelta(seconds=120)
    assert late > 1


def test_late_objects_are_late_by_minutes_to_a_day() -> None:
    hours = hours_from(MONDAY, 14 * 24)
    delays = sorted(delay for hour in hours for delay in faults_of_hour(SEED, hour).late.values())

    assert timedelta(minutes=5) <= delays[0] < timedelta(minutes=15)
    assert delays[len(delays) // 2] < timedelta(hours=2)
    assert timedelta(hours=20) < delays[-1] < LONGEST_DELAY


def test_a_redelivery_repeats_the_lines_of_an_object_under_another_name() -> None:
    objects = logs_among(objects_between(SEED, MONDAY, MONDAY + timedelta(days=3)))
    originals = {item.body for item in objects if not item.copy}
    copies = [item for item in objects if item.copy and item.written_at > MONDAY + timedelta(hours=4)]

    assert copies
    assert all(item.body in originals for item in copies)


def test_something_arrives_every_few_seconds() -> None:
    seconds = {source.lag.seconds for source in SOURCES}
    gaps = [after - before for before, after in zip(sorted(seconds), sorted(seconds)[1:], strict=False)]

    assert max(gaps) <= 10
    assert max(seconds) < 60


def test_a_span_in_local_time_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC"):
        next(objects_between(SEED, datetime(2026, 11, 16), MONDAY))  # noqa: DTZ001 - the point of the test
