"""Simulated hours as log objects in a folder, and what they add up to, counted call by call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bedrock_analytics.embedded.simulator import (
    Granularity,
    LineCounts,
    ObjectKind,
    SimulatedCall,
    SimulatedObject,
    minutes_of_hour,
    objects_of_hour,
)

SEED = 11
LONG_AGO = datetime(2025, 3, 3, 8, tzinfo=UTC)


@cache
def hours() -> list[datetime]:
    """Hours long past, with a cut line, a foreign one and a late object among them, and the last two hours.

    The latter no day page covers yet. The same for the whole test run, whatever the clock does meanwhile.
    """
    cut = _first_hour(lambda objects: lines_of(objects).rejected > 0)
    foreign = _first_hour(lambda objects: lines_of(objects).skipped > 0)
    late = _first_hour(lambda objects: any(item.late for item in objects))
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    recent = [this_hour - timedelta(hours=number) for number in (2, 1)]
    return [*sorted({LONG_AGO, LONG_AGO + timedelta(hours=1), cut, foreign, late}), *recent]


def _first_hour(is_wanted: Callable[[Sequence[SimulatedObject]], bool]) -> datetime:
    hour = LONG_AGO
    while not is_wanted(objects_of([hour])):
        hour += timedelta(hours=1)
    return hour


def objects_of(hours: Iterable[datetime]) -> list[SimulatedObject]:
    """The objects with the calls of these hours, late and second deliveries among them."""
    return [item for hour in hours for item in objects_of_hour(SEED, hour, Granularity.HOUR)]


def calls_of(hours: Iterable[datetime]) -> list[SimulatedCall]:
    """The calls of these hours, each once."""
    return [call for hour in hours for _, calls in minutes_of_hour(SEED, hour) for call in calls]


def write_objects(folder: Path, objects: Iterable[SimulatedObject]) -> None:
    for item in objects:
        path = folder / item.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.body)


def lines_of(objects: Iterable[SimulatedObject]) -> LineCounts:
    """What the lines of the log objects are, each object once however often it is listed."""
    counts = LineCounts()
    for item in {item.key: item for item in objects if item.kind is ObjectKind.LOG}.values():
        counts += item.counts
    return counts


@dataclass(slots=True)
class Sums:
    """Counters of a set of calls, as `report` names them."""

    invocations: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def add(self, call: SimulatedCall) -> None:
        self.invocations += 1
        self.errors += call.error_code is not None
        self.input_tokens += call.tokens.input
        self.output_tokens += call.tokens.output
        self.cache_read_tokens += call.tokens.cache_read
        self.cache_write_tokens += call.tokens.cache_write


def sums_by(
    calls: Sequence[SimulatedCall], key: Callable[[SimulatedCall], tuple[str, ...]]
) -> dict[tuple[str, ...], dict[str, int]]:
    """Sums of the calls by a key, one call after the other."""
    found: defaultdict[tuple[str, ...], Sums] = defaultdict(Sums)
    for call in calls:
        found[key(call)].add(call)
    return {name: asdict(sums) for name, sums in found.items()}
