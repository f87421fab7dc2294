"""Both implementations of the lake under one face, and the calls that the contract suite puts into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, cast

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import Column, UsageEvent
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.lake import EventLake, UsageGroup, UsageQuery
from tests.fakes.athena import BUCKET_ARN, CATALOG, NAMESPACE, FakeAthena, FakeS3Tables

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


class Clock:
    """A clock that moves only by sleeping or by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def athena_lake(
    athena: FakeAthena,
    s3tables: FakeS3Tables,
    clock: Clock,
    missing: Callable[[], Sequence[Column]] = tuple,
    **timing: timedelta,
) -> AthenaLake:
    def queries(workgroup: str) -> AthenaQueries:
        return AthenaQueries(
            cast(Any, athena),
            workgroup=workgroup,
            catalog=CATALOG,
            database=NAMESPACE,
            sleep=clock.sleep,
            clock=clock,
            **timing,
        )

    return AthenaLake(
        queries("pipeline"),
        cast(Any, s3tables),
        LakeTable(bucket_arn=BUCKET_ARN, namespace=NAMESPACE),
        people=queries("people"),
        missing=missing,
        sleep=clock.sleep,
        clock=clock,
    )


class LoadedLake(Protocol):
    """A lake, and how to have rows in it with the `parsed_at` that they carry."""

    lake: EventLake

    def load(self, *events: UsageEvent) -> None: ...

    def close(self) -> None: ...


class LoadedAthena:
    def __init__(self, _folder: Path) -> None:
        clock = Clock()
        self._athena = FakeAthena(clock)
        self.lake: EventLake = athena_lake(self._athena, FakeS3Tables(self._athena), clock)

    def load(self, *events: UsageEvent) -> None:
        self._athena.events.extend(events)

    def close(self) -> None:
        """Nothing is open."""


class LoadedIceberg:
    def __init__(self, folder: Path) -> None:
        self._clock = Clock()
        self._iceberg = IcebergLake(folder / "lake", clock=self._clock)
        self.lake: EventLake = self._iceberg

    def load(self, *events: UsageEvent) -> None:
        for parsed_at, batch in groupby(events, key=_parsed_at):
            self._clock.now = parsed_at
            _put_all(self._iceberg, batch)

    def close(self) -> None:
        self._iceberg.close()


def _parsed_at(event: UsageEvent) -> datetime:
    return event.parsed_at


def _put_all(lake: IcebergLake, batch: Iterable[UsageEvent]) -> None:
    rows = list(batch)
    assert lake.put(rows) == len(rows)


LAKES: dict[str, Callable[[Path], LoadedLake]] = {"athena": LoadedAthena, "iceberg": LoadedIceberg}


TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
PARSED = TEN + timedelta(minutes=20, seconds=1, milliseconds=250)
MODEL = "anthropic.claude-sonnet-4-20250514-v1:0"


def event(request_id: str = "r1", **changes: Any) -> UsageEvent:
    fields: dict[str, Any] = {
        "account_id": "111111111111",
        "region": "us-east-1",
        "request_id": request_id,
        "ts": TEN + 15 * MINUTE,
        "operation": "Converse",
        "model_id": MODEL,
        "caller": "user/ada",
        "input_tokens": 100,
        "output_tokens": 11,
        "latency_ms": 1000,
        "source_s3_key": "s3://logs/1.json.gz",
        "parsed_at": PARSED,
        "logged_model_id": f"us.{MODEL}",
        "route": "us",
    }
    return UsageEvent(**fields | changes)


def hour(start: datetime = TEN, **changes: Any) -> UsageQuery:
    return UsageQuery(spans=(Span.of_hour(start),), **changes)


def groups(loaded: LoadedLake, query: UsageQuery | None = None) -> list[UsageGroup]:
    return list(loaded.lake.usage(query or hour()))


def one_group(loaded: LoadedLake, query: UsageQuery | None = None) -> UsageGroup:
    (group,) = groups(loaded, query)
    return group
