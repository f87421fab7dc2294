"""The calls of a minute or an hour: a pure function of seed and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from bedrock_analytics.domain.periods import hour_of
from bedrock_analytics.embedded.simulator.apps import APPS
from bedrock_analytics.embedded.simulator.callers import identity_arn
from bedrock_analytics.embedded.simulator.calls import SimulatedCall
from bedrock_analytics.embedded.simulator.demand import HourOfDemand, demand_of_hour
from bedrock_analytics.embedded.simulator.outcomes import outcome
from bedrock_analytics.embedded.simulator.streams import poisson, request_id, stream
from bedrock_analytics.embedded.simulator.world import App

_OUTAGE_FAILURES = 0.5
_OLD_KEY_ORDER = 0.04
_THROTTLED = "ThrottlingException"
_UNAVAILABLE = "ServiceUnavailableException"
_ERROR_CODES: tuple[str, ...] = (
    _THROTTLED,
    "ValidationException",
    "AccessDeniedException",
    _UNAVAILABLE,
    "ModelTimeoutException",
    "ModelErrorException",
    "InternalServerException",
    "ResourceNotFoundException",
    "ModelNotReadyException",
)
_ERROR_SHARES: tuple[int, ...] = (38, 24, 12, 8, 6, 4, 4, 2, 2)


def calls_of_minute(seed: int, minute: datetime) -> list[SimulatedCall]:
    """The calls that start in the minute beginning at `minute` (UTC), in no particular order."""
    return calls_of_demand(seed, demand_of_hour(seed, hour_of(minute)), minute)


def minutes_of_hour(seed: int, hour: datetime) -> Iterator[tuple[datetime, list[SimulatedCall]]]:
    """The calls of each minute of an hour, the same as `calls_of_minute` gives one by one."""
    demand = demand_of_hour(seed, hour_of(hour))
    for number in range(60):
        minute = demand.hour + timedelta(minutes=number)
        yield minute, calls_of_demand(seed, demand, minute)


def calls_of_demand(seed: int, demand: HourOfDemand, minute: datetime) -> list[SimulatedCall]:
    """The calls of a minute of the hour whose demand is already known."""
    rng = stream(seed, minute, "calls")
    count = poisson(rng, demand.calls_a_minute)
    apps = rng.choices(APPS, cum_weights=demand.cumulated_rates, k=count)
    return [
        _call(rng, app, minute, _error(rng, app, demand, minute.minute)) for app in apps
    ] + _throttled_calls(seed, demand, minute)


def _throttled_calls(seed: int, demand: HourOfDemand, minute: datetime) -> list[SimulatedCall]:
    """A burst: two thirds of its calls in its own minute, the retries that follow in the next."""
    calls: list[SimulatedCall] = []
    for burst in demand.bursts:
        offset = minute.minute - burst.minute
        if offset not in (0, 1):
            continue
        rng = stream(seed, minute, "burst calls")
        first = burst.calls * 2 // 3
        count = first if offset == 0 else burst.calls - first
        calls += [_call(rng, burst.app, minute, _THROTTLED) for _ in range(count)]
    return calls


def _error(rng: Random, app: App, demand: HourOfDemand, minute: int) -> str | None:
    outage = demand.outage
    down = outage and outage.source is app.source and outage.first <= minute < outage.last
    if down and rng.random() < _OUTAGE_FAILURES:
        return _UNAVAILABLE
    if rng.random() < app.errors:
        return rng.choices(_ERROR_CODES, _ERROR_SHARES)[0]
    return None


def _call(rng: Random, app: App, minute: datetime, error_code: str | None) -> SimulatedCall:
    kind = rng.choices(app.kinds, cum_weights=app.kind_weights)[0]
    caller = rng.choices(app.callers, cum_weights=app.caller_weights)[0]
    return SimulatedCall(
        ts=minute + timedelta(seconds=int(rng.random() * 60)),
        request_id=request_id(rng),
        app=app,
        kind=kind,
        identity_arn=identity_arn(caller, rng),
        request_metadata=_metadata(app) if rng.random() < app.tagged else None,
        schema_first=app.legacy_log or rng.random() < _OLD_KEY_ORDER,
        error_code=error_code,
        outcome=None if error_code else outcome(rng, app, kind),
    )


def _metadata(app: App) -> dict[str, str]:
    return {"team": app.team, "app": app.name, "environment": app.environment}
