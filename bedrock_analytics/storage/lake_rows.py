"""From rows of the statements of `lake_sql` to domain values, whichever engine ran them.

A row is a sequence of int, str, bool, None and dict[int, int]: what both adapters make of their
engine's answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import DAY, HALF_HOUR, HOUR
from bedrock_analytics.storage import lake_sql
from bedrock_analytics.storage.lake import ARRIVAL_BUCKET, Arrivals, Fingerprint, UsageGroup, UsageQuery

Row: TypeAlias = Sequence[Any]

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


class UsageDecoder:
    """Makes groups of the rows of `lake_sql.usage` for one query."""

    def __init__(self, query: UsageQuery) -> None:
        self._names = [name for name, _ in lake_sql.usage_columns(query)]
        self._keys = query.metadata_keys
        self._base = (1 << len(self._keys)) - 1

    def decode(self, row: Row) -> UsageGroup:
        """One group; ValueError where the row has another shape than the statement's."""
        values = dict(zip(self._names, row, strict=True))
        key_index = self._key_index(values["absent_tags"])
        fields = {column.name: values[column.name] for column in lake_sql.GROUP_COLUMNS}
        fields["half_hour"] = EPOCH + values["half_hour"] * HALF_HOUR
        fields |= {name: values[f"sum_{name}"] for name in lake_sql.SUMS}
        fields |= {name: _distribution(values, name) for name in lake_sql.DISTRIBUTIONS}
        return UsageGroup(
            **fields,
            metadata_key=None if key_index is None else self._keys[key_index],
            metadata_value=None if key_index is None else values[f"tag_{key_index}"],
            calls=values["calls"],
            newest_ts=moment_at(values["newest_ts"]),
            newest_parsed_at_ms=values["newest_parsed_at_ms"],
        )

    def _key_index(self, absent_tags: int) -> int | None:
        """Index of the metadata key that a row is grouped by, None in a base group."""
        present = self._base & ~absent_tags
        if not present:
            return None
        return len(self._keys) - present.bit_length()


def _distribution(values: Mapping[str, Any], name: str) -> Distribution:
    return Distribution(
        values[f"{name}_count"],
        values[f"{name}_sum"],
        values[f"{name}_min"],
        values[f"{name}_max"],
        values[f"{name}_buckets"] or {},
    )
