"""Which objects appear in the bucket, and when: a pure function of seed and time.

Every slot (one source, one minute) is delivered once, on time or late, and some twice. Two granularities
cut the same calls into objects: `MINUTE` writes an object for each slot, as Bedrock does; `HOUR` joins
the punctual slots of each past hour, so that weeks can be made up quickly. A slot belongs to the hour in
which its calls began, and an hour is joined only where all its punctual slots fall into the span asked
for; so spans of any granularity that follow each other deliver each slot exactly as often as the
simulation means it to be delivered, and overlapping ones repeat the same request ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bedrock_analytics.domain.periods import HOUR, hour_of, require_utc
from bedrock_analytics.embedded.simulator.calls import SimulatedCall
from bedrock_analytics.embedded.simulator.demand import HourOfDemand, demand_of_hour
from bedrock_analytics.embedded.simulator.faults import (
    LONGEST_DELAY,
    HourOfFaults,
    Slot,
    faults_of_hour,
)
from bedrock_analytics.embedded.simulator.names import log_key, marker_key
from bedrock_analytics.embedded.simulator.objects import (
    LineCounts,
    ObjectKind,
    SimulatedObject,
    compressed,
    slot_lines,
)
from bedrock_analytics.embedded.simulator.records import offloaded_bodies
from bedrock_analytics.embedded.simulator.streams import hexadecimal
from bedrock_analytics.embedded.simulator.traffic import calls_of_demand
from bedrock_analytics.embedded.simulator.world import SOURCES, LogSource

MINUTE = timedelta(minutes=1)
_MARKER_WEEKDAY, _MARKER_HOUR = 0, 6
"""Logging configurations are saved anew on Mondays, which rewrites their markers."""


class Granularity(StrEnum):
    """How calls are cut into objects."""

    MINUTE = "minute"
    HOUR = "hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """Slots of one source that are delivered together."""

    source: LogSource
    slots: tuple[Slot, ...]
    written_at: datetime
    late: bool = False
    copy: bool = False


def objects_between(
    seed: int, start: datetime, end: datetime, granularity: Granularity = Granularity.MINUTE
) -> Iterator[SimulatedObject]:
    """The objects delivered in [start, end) (UTC), in order of delivery.

    All objects that an hour of delivery brings are yielded before any of the next hour, so whoever
    stores them may note each full hour as done. The bodies beside a log object come before it.
    """
    joined = _joined_hours(start, end) if granularity is Granularity.HOUR else None
    window = hour_of(require_utc(start))
    while window < require_utc(end):
        bounds = (max(window, start), min(window + HOUR, end))
        hours = _Hours(seed)
        parcels = [
            parcel
            for parcel in hours.parcels_around(window, joined)
            if bounds[0] <= parcel.written_at < bounds[1]
        ]
        markers = [item for item in _markers(window) if bounds[0] <= item.written_at < bounds[1]]
        yield from _in_order(hours, parcels, markers)
        window += HOUR


def objects_of_hour(
    seed: int, hour: datetime, granularity: Granularity = Granularity.MINUTE
) -> Iterator[SimulatedObject]:
    """The objects with the calls that began in one hour, whenever they are delivered, in that order."""
    hours = _Hours(seed)
    start = hour_of(hour)
    if granularity is Granularity.HOUR:
        punctual = list(hours.joined_parcels(start))
    else:
        punctual = [
            parcel for number in range(60) for parcel in hours.minute_parcels(start + number * MINUTE)
        ]
    yield from _in_order(hours, [*punctual, *hours.astray(start)], _markers(start))


def _joined_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """First and last (excluded) hour of calls whose punctual slots are all delivered in the span."""
    first = hour_of(start)
    return (first if first == start else first + HOUR, hour_of(end - MINUTE))


def _in_order(
    hours: _Hours, parcels: list[_Parcel], markers: list[SimulatedObject]
) -> Iterator[SimulatedObject]:
    yield from markers
    for parcel in sorted(parcels, key=lambda parcel: parcel.written_at):
        yield from hours.objects(parcel)


def _markers(hour: datetime) -> list[SimulatedObject]:
    if (hour.weekday(), hour.hour) != (_MARKER_WEEKDAY, _MARKER_HOUR):
        return []
    return [
        SimulatedObject(
            key=marker_key(source),
            written_at=hour,
            body=b"",
            kind=ObjectKind.MARKER,
            counts=LineCounts(),
        )
        for source in SOURCES
    ]


class _Hours:
    """Demand, faults and calls of the hours at hand, each drawn once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._demand: dict[datetime, HourOfDemand] = {}
        self._faults: dict[datetime, HourOfFaults] = {}
        self._calls: dict[datetime, dict[LogSource, list[SimulatedCall]]] = {}

    def parcels_around(self, window: datetime, joined: tuple[datetime, datetime] | None) -> Iterator[_Parcel]:
        """All parcels that may be delivered in the hour `window`, and some delivered near it."""
        for number in range(-2, 60):
            minute = window + number * MINUTE
            if joined is None or not joined[0] <= minute < joined[1]:
                yield from self.minute_parcels(minute)
        if joined is not None and joined[0] <= window - HOUR < joined[1]:
            yield from self.joined_parcels(window - HOUR)
        earliest = hour_of(window - LONGEST_DELAY - 2 * MINUTE)
        while earliest <= window:
            yield from self.astray(earliest)
            earliest += HOUR

    def minute_parcels(self, minute: datetime) -> Iterator[_Parcel]:
        """One parcel for each punctual slot of a minute."""
        late = self._faults_of(hour_of(minute)).late
        for source in SOURCES:
            slot = Slot(source, minute)
            if slot not in late:
                yield _Parcel(source=source, slots=(slot,), written_at=_punctual(slot))

    def joined_parcels(self, hour: datetime) -> Iterator[_Parcel]:
        """One parcel for all punctual slots of a source in an hour."""
        late = self._faults_of(hour).late
        for source in SOURCES:
            slots = [Slot(source, hour + number * MINUTE) for number in range(60)]
            punctual = tuple(slot for slot in slots if slot not in late)
            yield _Parcel(source=source, slots=punctual, written_at=_punctual(slots[-1]))

    def astray(self, hour: datetime) -> Iterator[_Parcel]:
        """The late and the second deliveries of the calls that began in an hour."""
        faults = self._faults_of(hour)
        for slot, delay in faults.late.items():
            yield _Parcel(source=slot.source, slots=(slot,), written_at=_punctual(slot) + delay, late=True)
        for slot, delay in faults.redelivered.items():
            written_at = _punctual(slot) + faults.late.get(slot, timedelta()) + delay
            yield _Parcel(source=slot.source, slots=(slot,), written_at=written_at, copy=True)

    def objects(self, parcel: _Parcel) -> Iterator[SimulatedObject]:
        """A parcel's log object after the bodies that lie beside it; nothing where it has no calls."""
        lines: list[bytes] = []
        counts = LineCounts()
        for slot in parcel.slots:
            calls = self._calls_of(slot.minute).get(slot.source, [])
            more, counted = slot_lines(slot, calls, self._faults_of(hour_of(slot.minute)))
            lines += more
            counts += counted
            if not parcel.copy:
                yield from _bodies(calls, parcel.written_at)
        if lines:
            yield SimulatedObject(
                key=log_key(parcel.source, parcel.written_at, self._digits(parcel)),
                written_at=parcel.written_at,
                body=compressed(b"\n".join(lines) + b"\n"),
                kind=ObjectKind.LOG,
                counts=counts,
                late=parcel.late,
                copy=parcel.copy,
            )

    def _digits(self, parcel: _Parcel) -> str:
        name = f"{parcel.source.name} {len(parcel.slots)} {parcel.copy}"
        return hexadecimal(self._seed, parcel.slots[0].minute, name)

    def _faults_of(self, hour: datetime) -> HourOfFaults:
        if hour not in self._faults:
            self._faults[hour] = faults_of_hour(self._seed, hour)
        return self._faults[hour]

    def _calls_of(self, minute: datetime) -> dict[LogSource, list[SimulatedCall]]:
        if minute not in self._calls:
            hour = hour_of(minute)
            if hour not in self._demand:
                self._demand[hour] = demand_of_hour(self._seed, hour)
            calls: defaultdict[LogSource, list[SimulatedCall]] = defaultdict(list)
            for call in calls_of_demand(self._seed, self._demand[hour], minute):
                calls[call.app.source].append(call)
            self._calls[minute] = dict(calls)
        return self._calls[minute]


def _punctual(slot: Slot) -> datetime:
    return slot.minute + MINUTE + slot.source.lag


def _bodies(calls: list[SimulatedCall], written_at: datetime) -> Iterator[SimulatedObject]:
    for call in calls:
        for key, content in offloaded_bodies(call):
            yield SimulatedObject(
                key=key,
                written_at=written_at,
                body=compressed(content),
                kind=ObjectKind.BODY,
                counts=LineCounts(),
            )
