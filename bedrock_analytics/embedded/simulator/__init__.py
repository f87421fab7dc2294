"""Deterministic traffic for the demo: Bedrock calls, and the log objects that Bedrock would write.

Everything is a pure function of a seed and a time, so any span can be made again, in any order and in
any process, with the same bytes. A demo makes up its past with `objects_between(seed, start, now,
Granularity.HOUR)` and goes on with `objects_between(seed, now, later)`: spans that follow each other
deliver every call, and none more often than the simulation intends.
"""

from __future__ import annotations

from bedrock_analytics.embedded.simulator.calls import SimulatedCall, Tokens
from bedrock_analytics.embedded.simulator.delivery import Granularity, objects_between, objects_of_hour
from bedrock_analytics.embedded.simulator.objects import LineCounts, ObjectKind, SimulatedObject
from bedrock_analytics.embedded.simulator.traffic import calls_of_minute, minutes_of_hour

__all__ = [
    "Granularity",
    "LineCounts",
    "ObjectKind",
    "SimulatedCall",
    "SimulatedObject",
    "Tokens",
    "calls_of_minute",
    "minutes_of_hour",
    "objects_between",
    "objects_of_hour",
]
