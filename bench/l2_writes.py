"""What L2 costs in DynamoDB at live running: write units for each event, and an idle run.

The reference design makes 14 requests and about 18 write units for each event at any rate. Here the cost
depends on pages, so it falls with the rate.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.jobs.compute_cost import ComputeCost, ComputeReport
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.sync_prices import seed_prices
from bedrock_analytics.storage.metered_table import Consumption, MeteredTable
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from bench.synthetic_lake import MIDNIGHT, Load, SyntheticLake

INTERVAL = timedelta(minutes=5)
MEASURED_HOUR = 22
REFERENCE_WRITE_UNITS = 18


@dataclass
class Deployment:
    """L2 over a synthetic lake and metered tables."""

    lake: SyntheticLake
    usage: MeteredTable
    prices: MeteredTable
    job: ComputeCost

    def run_at(self, now: datetime) -> ComputeReport:
        self.lake.now = now
        return self.job.run(now + timedelta(hours=1))


@contextmanager
def deployment(load: Load, start: datetime = MIDNIGHT) -> Iterator[Deployment]:
    """A new deployment whose load begins at `start`, seeded with the bundled price list."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.sqlite"
        usage, prices = (MeteredTable(SQLiteTable(file, name)) for name in ("usage-stats", "model-pricing"))
        seed_prices(PriceTable(prices), MIDNIGHT)
        lake = SyntheticLake(load=load, start=start, now=start)
        numbers = itertools.count()
        job = ComputeCost(
            lake=lake,
            table=UsageTable(usage, Retention()),
            prices=PriceTable(prices),
            settings=ComputeSettings(metadata_keys=("team",)),
            now=lambda: lake.now,
            owner="bench",
            new_generation=lambda: str(next(numbers)),
        )
        yield Deployment(lake, usage, prices, job)


@dataclass(frozen=True)
class LiveCost:
    """Write units of a day of five-minute runs, from one measured hour and the closing of a day.

    The closing of a day of which only some hours were simulated is counted for every hour it lacks too.
    """

    load: Load
    hour: Consumption
    closing: Consumption
    hours_closed: int
    seconds_a_run: float

    @property
    def units_a_day(self) -> int:
        return 24 * self.hour.write_units + self.closing.write_units * 24 // self.hours_closed

    @property
    def units_an_event(self) -> float:
        return self.units_a_day / self.load.events_a_day


def live_cost(load: Load, first_hour: int) -> LiveCost:
    """Run L2 hourly from an hour of the day, then every five minutes for an hour, then close the day."""
    with deployment(load, MIDNIGHT + timedelta(hours=first_hour)) as found:
        for hour in range(first_hour + 1, MEASURED_HOUR + 1):
            found.run_at(MIDNIGHT + timedelta(hours=hour, minutes=3))
        found.usage.take()
        started = time.perf_counter()
        for run in range(1, 13):
            found.run_at(MIDNIGHT + timedelta(hours=MEASURED_HOUR, minutes=3) + run * INTERVAL)
        seconds = (time.perf_counter() - started) / 12
        hour_cost = found.usage.take()
        found.run_at(MIDNIGHT + timedelta(hours=24) - timedelta(minutes=1))
        found.usage.take()
        found.run_at(MIDNIGHT + timedelta(hours=24, minutes=5))
        return LiveCost(load, hour_cost, found.usage.take(), 24 - first_hour, seconds)


def idle_cost() -> tuple[Consumption, Consumption]:
    """What a run consumes of the usage table and the price table when nothing is new."""
    with deployment(Load(events_a_day=100_000)) as found:
        moment = MIDNIGHT + timedelta(hours=3)
        for run in range(3):
            found.lake.now = moment
            found.job.now = lambda at=moment + run * INTERVAL: at  # type: ignore[misc]
            found.job.run(moment + timedelta(hours=1))
            found.job.now = lambda: found.lake.now
        found.usage.take()
        found.prices.take()
        found.job.now = lambda: moment + 3 * INTERVAL
        report = found.job.run(moment + timedelta(hours=1))
        if not report.idle:
            raise AssertionError("the run was not idle")
        return found.usage.take(), found.prices.take()


LOADS = (
    (Load(events_a_day=100_000), 0.3, 0),
    (Load(events_a_day=10_000_000), 0.005, 0),
    (Load(events_a_day=10_000_000, scopes=20, callers=25, models=30, models_of_a_caller=10), 0.2, 0),
    (Load(events_a_day=10_000_000, scopes=20, callers=500, models=30, models_of_a_caller=3), 0.2, 21),
)
"""Load, write units an event that are promised, and the hour of the day from which it is simulated."""


def table() -> str:
    """The markdown table."""
    names = (
        "events a day",
        "scopes",
        "callers a scope",
        "models",
        "models a caller",
        "write units an event",
        "at most",
        "reference",
        "ratio",
        "units a day",
        "seconds a run",
    )
    lines = [f"| {' | '.join(names)} |", "|---:" * len(names) + "|"]
    for load, limit, first_hour in LOADS:
        cost = live_cost(load, first_hour)
        lines.append(
            f"| {load.events_a_day:,} | {load.scopes} | {load.callers} | {load.models} "
            f"| {load.models_of_a_caller} "
            f"| {cost.units_an_event:.4f} | {limit} | {REFERENCE_WRITE_UNITS} "
            f"| {REFERENCE_WRITE_UNITS / cost.units_an_event:,.0f}x | {cost.units_a_day:,} "
            f"| {cost.seconds_a_run:.2f} |"
        )
    usage, prices = idle_cost()
    idle = (
        f"An idle run: {dict(usage.requests)} on usage-stats ({usage.write_units} write units), "
        f"{dict(prices.requests)} on model-pricing, one metadata call on the lake, no query."
    )
    lines += ["", idle]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
