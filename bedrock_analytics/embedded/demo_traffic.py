"""Simulated traffic as log objects in a folder, carried on from where the last run stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from bedrock_analytics.domain.errors import ConfigurationError, DataDirectoryError
from bedrock_analytics.domain.periods import DAY, day_of, day_start
from bedrock_analytics.embedded.data_directory import replace_text
from bedrock_analytics.embedded.simulator import Granularity, SimulatedObject, objects_between
from bedrock_analytics.embedded.simulator.world import DATA, PLATFORM, PRODUCT, SANDBOX

DEFAULT_SEED: Final = 2026
DEFAULT_DAYS: Final = 35
CHUNK: Final = 5 * DAY
"""The past is made up in chunks of so many days, each read and computed before the next."""
JOIN_FROM: Final = timedelta(hours=2)
"""A gap at least so long is filled with an object for each hour instead of each minute."""

METADATA_KEYS: Final = ("team", "app", "environment")
ACCOUNT_NAMES: Final[Mapping[str, str]] = {
    PRODUCT: "Product",
    PLATFORM: "Platform",
    DATA: "Data & Analytics",
    SANDBOX: "Sandbox",
}


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What has been written: all log objects delivered in [start, until)."""

    seed: int
    start: datetime
    until: datetime


class DemoTraffic:
    """Writes the log objects of one data directory's simulated organisation.

    Objects are a function of seed and time and are put in place whole, under the time of their delivery;
    so writing a span again after a crash changes nothing.
    """

    def __init__(self, folder: Path, state_file: Path, simulation: Simulation) -> None:
        self._folder = folder
        self._state_file = state_file
        self.simulation = simulation

    @classmethod
    def resume(
        cls, folder: Path, state_file: Path, *, seed: int | None, days: int | None, now: datetime
    ) -> DemoTraffic:
        """Carry on, or begin `days` before today.

        ConfigurationError where the folder holds traffic of another seed, or begins on another day than
        was asked for.
        """
        found = _read(state_file)
        if found is None:
            start = day_start(day_of(now)) - (DEFAULT_DAYS if days is None else days) * DAY
            new = Simulation(seed=DEFAULT_SEED if seed is None else seed, start=start, until=start)
            return cls(folder, state_file, new)
        if seed is not None and seed != found.seed:
            raise ConfigurationError(
                f"{folder.parent} holds simulated traffic of seed {found.seed}: leave out --seed, "
                "or use another --data-dir"
            )
        return cls(folder, state_file, found)

    def gap(self, now: datetime) -> timedelta:
        """How long the time is that nothing has been written of."""
        return now - self.simulation.until

    def write_until(
        self, now: datetime, is_stopped: Callable[[], bool], on_object: Callable[[datetime], None]
    ) -> int:
        """Write what is delivered until now, and return the number of objects.

        `on_object` is told the time of each. Stopped, the span is written anew by the next call, which
        changes nothing that is there.
        """
        start = self.simulation.until
        granularity = Granularity.HOUR if now - start >= JOIN_FROM else Granularity.MINUTE
        written = 0
        for item in objects_between(self.simulation.seed, start, now, granularity):
            if is_stopped():
                return written
            self._write(item)
            on_object(item.written_at)
            written += 1
        self.simulation = msgspec.structs.replace(self.simulation, until=now)
        replace_text(self._state_file, msgspec.json.encode(self.simulation).decode() + "\n")
        return written

    def _write(self, item: SimulatedObject) -> None:
        path = self._folder / item.key
        draft = self._folder.with_name(f".{self._folder.name}.draft")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(item.body)
        moment = item.written_at.timestamp()
        os.utime(draft, (moment, moment))
        draft.replace(path)


def _read(state_file: Path) -> Simulation | None:
    try:
        return msgspec.json.decode(state_file.read_bytes(), type=Simulation)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise DataDirectoryError(f"{state_file} cannot be read: {error}") from error
