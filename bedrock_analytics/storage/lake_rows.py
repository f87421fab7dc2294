"""From rows of the statements of `lake_sql` to domain values, whichever engine ran them.

A row is a sequence of int, str, bool, None and dict[int, int]: what both adapters make of their
engine's answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any, TypeAlias

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import DAY, HALF_HOUR, HOUR
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake import ARRIVAL_BUCKET, Arrivals, Fingerprint, UsageGroup, UsageQuery
from bedrock_analytics.storage.lake_measures import DISTRIBUTIONS

Row: TypeAlias = Sequence[Any]

_DISTRIBUTION_PARTS = ("count", "sum", "min", "max", "buckets")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_at(number: int) -> datetime:
    """Start of an hour by its number since the epoch."""
    return EPOCH + number * HOUR


def day_at(number: int) -> date:
    """A UTC day by its number since the epoch."""
    return (EPOCH + number * DAY).date()


def moment_at(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def decode_arrivals(rows: Iterable[Row]) -> Arrivals:
    """Arrivals from rows of `lake_sql.arrivals`."""
    counts: dict[tuple[datetime, datetime], int] = {}
    newest_parsed_at = newest_ts = None
    for hour, bucket, count, parsed_at, ts in rows:
        counts[hour_at(hour), EPOCH + bucket * ARRIVAL_BUCKET] = count
        newest_parsed_at = parsed_at if newest_parsed_at is None else max(newest_parsed_at, parsed_at)
        newest_ts = ts if newest_ts is None else max(newest_ts, ts)
    return Arrivals(
        counts,
        None if newest_parsed_at is None else moment_at(newest_parsed_at),
        None if newest_ts is None else moment_at(newest_ts),
    )


def decode_fingerprints(rows: Iterable[Row]) -> Mapping[datetime, Fingerprint]:
    """Fingerprints by hour from rows of `lake_sql.fingerprints`."""
    return {hour_at(hour): Fingerprint(*values) for hour, *values in rows}


def decode_names(rows: Iterable[Row]) -> list[str]:
    """The names in rows of `lake_sql.names`, each once, ascending."""
    return sorted({name for row in rows for name in row if name is not None})


class UsageDecoder:
    """Makes groups of the rows of `lake_sql.usage` for one query."""

    def __init__(self, query: UsageQuery) -> None:
        names = [name for name, _ in lake_sql.usage_columns(query)]
        self._width = len(names)
        self._position = {name: number for number, name in enumerate(names)}
        self._keys = query.metadata_keys
        self._all_absent = (1 << len(self._keys)) - 1
        plain = [column.name for column in lake_sql.GROUP_COLUMNS if column.name != "half_hour"]
        self._fields = [*plain, *lake_sql.SUMS, "calls", "newest_parsed_at_ms"]
        columns = [*plain, *(f"sum_{name}" for name in lake_sql.SUMS), "calls", "newest_parsed_at_ms"]
        self._pick = itemgetter(*(self._position[name] for name in columns))
        self._distributions = [
            (name, itemgetter(*(self._position[f"{name}_{part}"] for part in _DISTRIBUTION_PARTS)))
            for name in DISTRIBUTIONS
        ]

    def decode(self, row: Row) -> UsageGroup:
        """One group; ValueError where the row has another width than the statement's."""
        if len(row) != self._width:
            raise ValueError(f"a usage row has {len(row)} columns instead of {self._width}")
        fields = dict(zip(self._fields, self._pick(row), strict=True))
        for name, pick in self._distributions:
            count, total, least, greatest, buckets = pick(row)
            fields[name] = Distribution(count, total, least, greatest, buckets or {})
        index = self._key_index(row[0])
        return UsageGroup(
            **fields,
            half_hour=EPOCH + row[self._position["half_hour"]] * HALF_HOUR,
            newest_ts=moment_at(row[self._position["newest_ts"]]),
            metadata_key=None if index is None else self._keys[index],
            metadata_value=None if index is None else row[1 + index],
        )

    def _key_index(self, absent_tags: int) -> int | None:
        """Index of the metadata key that a row is grouped by, None in a base group."""
        present = self._all_absent & ~absent_tags
        return len(self._keys) - present.bit_length() if present else None
