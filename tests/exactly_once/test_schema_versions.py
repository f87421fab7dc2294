"""Hub, spokes and lake may differ by one schema version, and no number is wrong meanwhile.

The tokens read from the cache play the column that a second version brought.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

import msgspec
import pytest

from bedrock_analytics.domain.usage_event import COLUMN_NAMES, COLUMNS, UsageEvent
from bedrock_analytics.jobs.compute_cost import ComputeReport
from bedrock_analytics.storage.event_stream import FirehoseStream
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable, SendableColumns, later_names
from tests.exactly_once.events import call
from tests.exactly_once.world import START, World
from tests.fakes.memory_table import MemoryTable

NEW = "cache_read_tokens"
SECOND_VERSION = tuple(replace(column, since=2) if column.name == NEW else column for column in COLUMNS)
MINUTE = timedelta(minutes=1)


class Firehose:
    """Delivers to the lake as the service does: a field that the table lacks is dropped silently."""

    def __init__(self, world: Versions) -> None:
        self._world = world

    def put_record_batch(self, *, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
        assert DeliveryStreamName == "events"
        for record in Records:
            fields = json.loads(record["Data"])
            if not self._world.lake_has_column:
                assert fields.pop(NEW, None) is None, "a value was lost for good"
            self._world.lake.append([msgspec.convert(fields, UsageEvent)])
        return {"FailedPutCount": 0, "RequestResponses": [{} for _ in Records]}


@dataclass
class Versions(World):
    """A deployment whose lake is of the first version until it is migrated."""

    lake_has_column: bool = False
    confirmed: MemoryTable = field(default_factory=MemoryTable)

    def columns(self) -> LakeColumns:
        return LakeColumns(SchemaTable(self.confirmed), SECOND_VERSION)

    def migrate(self) -> None:
        self.lake_has_column = True
        SchemaTable(self.confirmed).confirm(COLUMN_NAMES, self.now)

    def stream(self, *, new: bool) -> Callable[[UsageEvent], int]:
        """L1 of the second version, or of the first, which knows no such column."""
        later = later_names(SECOND_VERSION)
        left_out = SendableColumns(self.columns(), later, now=lambda: self.now).left_out
        stream = FirehoseStream(
            cast(Any, Firehose(self)),
            "events",
            now=lambda: self.now,
            sleep=lambda _: None,
            left_out=left_out if new else partial(frozenset, later),
        )
        return lambda event: stream.put([event])

    def compute(self) -> ComputeReport:
        """A run of L2 of the second version."""
        job = self.job("one")
        columns = self.columns()
        job.missing_columns = columns.missing
        self.lake.missing = columns.missing
        return job.run(self.now + 10 * MINUTE)

    def settle(self) -> None:
        for _ in range(40):
            self.now += MINUTE
            if self.compute().idle:
                return
        raise AssertionError("L2 never comes to rest")


@pytest.fixture
def world() -> Versions:
    found = Versions()
    found.now = START + 30 * MINUTE
    return found


def with_cache(number: int) -> UsageEvent:
    return call(number, ts=START + number * MINUTE, cache_read_tokens=70)


def test_a_new_parser_sends_an_old_lake_what_it_has(world: Versions) -> None:
    send = world.stream(new=True)
    send(with_cache(1))
    world.settle()

    world.check()
    assert [row.cache_read_tokens for row in world.lake.rows] == [None]


def test_an_old_parser_and_a_new_one_fill_a_new_lake_together(world: Versions) -> None:
    world.migrate()
    world.stream(new=False)(with_cache(1))
    world.stream(new=True)(with_cache(2))
    world.settle()

    world.check()
    assert [row.cache_read_tokens for row in world.lake.rows] == [None, 70]


def test_a_run_names_what_the_lake_lacks_and_counts_what_it_has(world: Versions) -> None:
    world.stream(new=True)(with_cache(1))
    report = world.compute()

    assert report.missing_columns == (NEW,)
    assert (report.failed, report.parked) == ([], [])
    assert world.table().checkpoint().missing_columns == (NEW,)
    world.check()


def test_an_idle_run_goes_on_naming_it(world: Versions) -> None:
    world.stream(new=True)(with_cache(1))
    world.settle()
    report = world.compute()

    assert (report.idle, report.missing_columns) == (True, (NEW,))


def test_the_warning_ends_with_the_migration_though_nothing_is_new(world: Versions) -> None:
    world.stream(new=True)(with_cache(1))
    world.settle()
    world.migrate()
    report = world.compute()

    assert report.missing_columns == ()
    assert world.table().checkpoint().missing_columns == ()


def test_values_that_came_while_a_run_went_on_without_the_column_are_counted_by_the_next(
    world: Versions,
) -> None:
    send = world.stream(new=True)
    send(with_cache(1))
    world.settle()
    job = world.job("one")
    lacking = world.columns().missing()
    job.missing_columns = lambda: lacking  # the run asked just before the migration
    world.lake.missing = lambda: lacking
    world.migrate()
    world.now += 6 * MINUTE
    send(with_cache(2))
    job.run(world.now + 10 * MINUTE)
    world.settle()

    world.check()
    assert [row.cache_read_tokens for row in world.lake.rows] == [None, 70]
