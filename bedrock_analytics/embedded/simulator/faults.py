"""What goes wrong on the way from Bedrock to the bucket, drawn for each hour in which calls began.

A slot is one source and minute, the contents of one log object. Slots come late, or a second time under
another name; lines are doubled, cut off, or belong to another schema. The lines of a slot are the same
however the objects are cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bedrock_analytics.embedded.simulator.streams import stream
from bedrock_analytics.embedded.simulator.world import SOURCES, LogSource

LONGEST_DELAY = timedelta(hours=26)

_LATE, _REDELIVERED, _DOUBLED, _CUT, _FOREIGN = 0.4, 0.2, 0.3, 0.12, 0.1
"""Chance of each fault in an hour."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The calls of one source that began in the minute starting at `minute`."""

    source: LogSource
    minute: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfFaults:
    """The faults of one hour of calls; `late` and `redelivered` say by how much."""

    late: dict[Slot, timedelta]
    redelivered: dict[Slot, timedelta]
    doubled: frozenset[Slot]
    cut: frozenset[Slot]
    foreign: frozenset[Slot]


def faults_of_hour(seed: int, hour: datetime) -> HourOfFaults:
    """The faults of the calls that begin in the hour starting at `hour` (UTC)."""
    rng = stream(seed, hour, "faults")
    return HourOfFaults(
        late={slot: _lateness(rng) for slot in _slots(rng, hour, _LATE)},
        redelivered={
            slot: timedelta(seconds=rng.randrange(180, 3 * 3600)) for slot in _slots(rng, hour, _REDELIVERED)
        },
        doubled=frozenset(_slots(rng, hour, _DOUBLED)),
        cut=frozenset(_slots(rng, hour, _CUT)),
        foreign=frozenset(_slots(rng, hour, _FOREIGN)),
    )


def _slots(rng: Random, hour: datetime, chance: float) -> list[Slot]:
    """At most one slot; the draws are made in any case, so that faults do not depend on each other."""
    hit, source, minute = rng.random() < chance, rng.choice(SOURCES), rng.randrange(60)
    return [Slot(source, hour + timedelta(minutes=minute))] if hit else []


def _lateness(rng: Random) -> timedelta:
    """Minutes mostly, sometimes hours, now and then a day."""
    if rng.random() < 0.6:
        return timedelta(seconds=rng.randrange(300, 3000))
    if rng.random() < 0.75:
        return timedelta(seconds=rng.randrange(3600, 8 * 3600))
    return timedelta(seconds=rng.randrange(20 * 3600, int(LONGEST_DELAY.total_seconds())))
