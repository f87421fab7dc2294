"""Spans of simulated time that several tests look at, and how their objects read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from isal import isal_zlib

from bedrock_analytics.embedded.simulator import (
    LineCounts,
    ObjectKind,
    SimulatedCall,
    SimulatedObject,
    minutes_of_hour,
)

_GZIP_FORMAT = 31

SEED = 7
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def hours_from(start: datetime, count: int) -> Iterator[datetime]:
    return (start + timedelta(hours=number) for number in range(count))


@cache
def calls_of_two_weeks() -> tuple[SimulatedCall, ...]:
    return tuple(calls_of_hours(MONDAY, 14 * 24))


def calls_of_hours(start: datetime, count: int) -> Iterator[SimulatedCall]:
    for hour in hours_from(start, count):
        for _, calls in minutes_of_hour(SEED, hour):
            yield from calls


def lines_of(item: SimulatedObject) -> list[bytes]:
    return bytes(isal_zlib.decompress(item.body, _GZIP_FORMAT)).splitlines()


def logs_among(objects: Iterable[SimulatedObject]) -> list[SimulatedObject]:
    return [item for item in objects if item.kind is ObjectKind.LOG]


def counts_of(objects: Iterable[SimulatedObject]) -> LineCounts:
    return sum((item.counts for item in objects), LineCounts())
