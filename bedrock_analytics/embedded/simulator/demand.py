"""How many calls each app makes in an hour, and what goes wrong in it.

Load follows the app's local day and week, grows by 5 % a week within each calendar quarter and falls
back in the quarter's last week, so that a demo started in any year is as large as one started today.
Days of runaway use, throttling bursts and degraded Regions are drawn once for a block of days, from
the seed and the block alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from bedrock_analytics.embedded.simulator.apps import APPS
from bedrock_analytics.embedded.simulator.streams import stream
from bedrock_analytics.embedded.simulator.world import SOURCES, App, LogSource, Rhythm


def _shape(hours: str) -> tuple[float, ...]:
    loads = [float(load) for load in hours.split()]
    return tuple(load / sum(loads) for load in loads)


_DAY_SHAPES: dict[Rhythm, tuple[float, ...]] = {
    Rhythm.OFFICE: _shape("2 1 1 1 1 2 5 14 40 76 92 88 58 74 96 90 78 54 30 20 15 11 7 4"),
    Rhythm.DAYTIME: _shape("12 8 6 5 6 10 20 36 55 72 80 82 78 76 74 72 74 80 84 78 62 46 30 19"),
    Rhythm.NIGHT: _shape("60 100 100 96 70 24 4 1 1 2 2 1 1 1 2 2 1 1 1 1 2 4 8 26"),
    Rhythm.ALWAYS: _shape("44 43 42 42 43 45 47 48 49 50 52 52 50 52 54 52 50 48 47 46 45 45 44 44"),
}
"""Share of each local hour in a day's calls."""

_WEEKLY_GROWTH = 1.05
_RUNAWAY_BLOCK, _BURST_BLOCK, _OUTAGE_BLOCK = 16, 2, 9
_FIRST_DAY = date(2024, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Throttled calls of one app, all within one minute and the next."""

    app: App
    minute: int
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Minutes [first, last) of an hour in which half the calls of a source fail."""

    source: LogSource
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourOfDemand:
    """What is asked of Bedrock in one hour: calls a minute, cumulated over `APPS`, and incidents."""

    hour: datetime
    cumulated_rates: tuple[float, ...]
    bursts: tuple[Burst, ...]
    outage: Outage | None

    @property
    def calls_a_minute(self) -> float:
        """Mean over all apps, bursts aside."""
        return self.cumulated_rates[-1]


def demand_of_hour(seed: int, hour: datetime) -> HourOfDemand:
    """The demand of the hour that starts at `hour` (UTC)."""
    runaway = _runaway(seed, hour)
    growth = _growth(hour.date())
    rates = (
        _calls_a_minute(app, hour) * growth * (runaway[1] if runaway and runaway[0] is app else 1.0)
        for app in APPS
    )
    return HourOfDemand(
        hour=hour,
        cumulated_rates=tuple(accumulate(rates)),
        bursts=_bursts(seed, hour),
        outage=_outage(seed, hour),
    )


def _calls_a_minute(app: App, hour: datetime) -> float:
    local = hour.astimezone(ZoneInfo(app.zone))
    share = _DAY_SHAPES[app.rhythm][local.hour]
    weekend = app.weekend if local.weekday() >= 5 else 1.0
    return app.calls_a_day * share / 60 * weekend


def _growth(day: date) -> float:
    quarter = (day.month - 1) // 3
    start = date(day.year, 3 * quarter + 1, 1)
    end = date(day.year + quarter // 3, (3 * quarter + 3) % 12 + 1, 1)
    grown = float(_WEEKLY_GROWTH ** ((day - start).days / 7))
    left = (end - day).days
    return grown if left > 7 else 1 + (grown - 1) * left / 8


def _block(seed: int, hour: datetime, days: int, name: str) -> tuple[Random, int]:
    """The generator of the block of days that `hour` is in, and the hours since its start."""
    number = (hour.date() - _FIRST_DAY).days // days
    start = datetime.combine(_FIRST_DAY + timedelta(days=number * days), time(), tzinfo=UTC)
    return stream(seed, start, name), int((hour - start).total_seconds()) // 3600


def _runaway(seed: int, hour: datetime) -> tuple[App, float] | None:
    """The app that runs away in this hour and by which factor; some hours of one day in a block."""
    rng, since = _block(seed, hour, _RUNAWAY_BLOCK, "runaway")
    app = rng.choice([app for app in APPS if app.runaway])
    start = 24 * rng.randrange(_RUNAWAY_BLOCK) + rng.randrange(8, 16)
    length, factor = rng.randrange(3, 7), rng.uniform(4.0, 7.0)
    return (app, factor) if start <= since < start + length else None


def _bursts(seed: int, hour: datetime) -> tuple[Burst, ...]:
    rng, since = _block(seed, hour, _BURST_BLOCK, "burst")
    if rng.randrange(24 * _BURST_BLOCK) != since:
        return ()
    app = rng.choices(APPS, weights=[app.calls_a_day for app in APPS])[0]
    return (Burst(app=app, minute=rng.randrange(59), calls=rng.randrange(24, 64)),)


def _outage(seed: int, hour: datetime) -> Outage | None:
    rng, since = _block(seed, hour, _OUTAGE_BLOCK, "outage")
    if rng.randrange(24 * _OUTAGE_BLOCK) != since:
        return None
    first = rng.randrange(40)
    return Outage(source=rng.choice(SOURCES), first=first, last=first + rng.randrange(10, 20))
