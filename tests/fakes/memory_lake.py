"""An event lake in memory, written straight from the protocol's docstrings, without SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import LakeError, QueryRefused
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import Column, UsageEvent
from bedrock_analytics.storage.lake import (
    ARRIVAL_BUCKET,
    Arrivals,
    Fingerprint,
    QueryResult,
    UsageGroup,
    UsageQuery,
)

_SUMS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_write_other_tokens",
    "input_images",
    "output_images",
    "output_video_ms",
    "query_units",
)
_BASE_ONLY = ("caller", "operation", "inference_region")
_COMMON = (
    "model_id",
    "route",
    "logged_model_id",
    "service_tier",
    "latency_optimized",
    "cache_ttl_known",
    "cache_write_other_ttl",
    "inference_profile_arn",
    "inference_profile_name",
    "profile_model_id",
    "response_model_id",
    "image_size",
    "image_quality",
    "image_steps",
    "token_source",
    "error_code",
    "rejection",
)


class MemoryLake:
    """EventLake over a list of rows. `tick` is asked before each answer and may raise."""

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        self.rows: list[UsageEvent] = []
        self.tick = tick
        self.queries = 0
        self.broken_hours: set[datetime] = set()
        self.missing: Callable[[], Iterable[Column]] = tuple
        """Columns that are read as null."""

    def append(self, rows: Iterable[UsageEvent]) -> None:
        self.rows.extend(rows)

    def version(self) -> str:
        self.tick()
        return str(len(self.rows))

    def arrivals(self, since: datetime | None) -> Arrivals:
        self._query()
        counts: dict[tuple[datetime, datetime], int] = {}
        rows = [row for row in self.rows if since is None or row.parsed_at >= since]
        for row in rows:
            width = int(ARRIVAL_BUCKET.total_seconds())
            bucket = datetime.fromtimestamp(int(row.parsed_at.timestamp()) // width * width, UTC)
            key = (periods.hour_of(row.ts), bucket)
            counts[key] = counts.get(key, 0) + 1
        return Arrivals(
            counts,
            max((row.parsed_at for row in rows), default=None),
            max((row.ts for row in rows), default=None),
        )

    def usage(self, query: UsageQuery) -> Iterator[UsageGroup]:
        self._query()
        nulls: dict[str, Any] = {column.name: None for column in self.missing()}
        rows = [
            msgspec.structs.replace(row, **nulls)
            for row in latest_parses(self.rows)
            if any(span.contains(row.ts) for span in query.spans)
        ]
        if any(periods.hour_of(row.ts) in self.broken_hours for row in rows):
            raise LakeError("this hour cannot be read")
        groups: dict[tuple[object, ...], list[UsageEvent]] = {}
        for row in rows:
            common = tuple(getattr(row, name) for name in _COMMON)
            context = sum(
                count or 0
                for count in (row.input_tokens, row.cache_read_tokens, row.cache_write_total_tokens)
            )
            classes = (
                sum(context > threshold for threshold in query.context_thresholds),
                sum(row.ts >= instant for instant in query.price_instants),
                sum(1 << bit for bit, name in enumerate(_SUMS) if (getattr(row, name) or 0) > 0),
            )
            place = (row.account_id, row.region, periods.half_hour_of(row.ts))
            base = tuple(getattr(row, name) for name in _BASE_ONLY)
            groups.setdefault((*place, None, None, *base, *common, *classes), []).append(row)
            metadata = msgspec.json.decode(row.request_metadata or "{}")
            for name in query.metadata_keys:
                key = (*place, name, metadata.get(name), None, None, None, *common, *classes)
                groups.setdefault(key, []).append(row)
        for key, members in groups.items():
            yield _group(key, members)

    def fingerprints(self, span: Span) -> Mapping[datetime, Fingerprint]:
        self._query()
        hours: dict[datetime, list[UsageEvent]] = {}
        for row in latest_parses(self.rows):
            if span.contains(row.ts):
                hours.setdefault(periods.hour_of(row.ts), []).append(row)
        return {hour: _fingerprint(rows) for hour, rows in hours.items()}

    def names(self, span: Span) -> Sequence[str]:
        self._query()
        rows = [row for row in self.rows if span.contains(row.ts)]
        return sorted({name for row in rows for name in names_of(row)})

    def hours(
        self, span: Span, names: Sequence[str] | None = None, *, account_id: str | None = None
    ) -> Sequence[datetime]:
        self._query()
        return sorted(
            {
                periods.hour_of(row.ts)
                for row in self.rows
                if span.contains(row.ts)
                and (names is None or names_of(row) & set(names))
                and account_id in {None, row.account_id}
            }
        )

    def days(self) -> Sequence[date]:
        self._query()
        return sorted({row.ts.date() for row in self.rows})

    def query(self, sql: str, *, max_rows: int) -> QueryResult:
        raise QueryRefused("this lake speaks no SQL")

    def _query(self) -> None:
        self.tick()
        self.queries += 1


def names_of(row: UsageEvent) -> set[str]:
    """What a row may name its model by."""
    found = (
        row.model_id,
        row.logged_model_id,
        row.response_model_id,
        row.profile_model_id,
        row.inference_profile_arn,
    )
    return {name for name in found if name is not None}


def latest_parses(rows: Iterable[UsageEvent]) -> list[UsageEvent]:
    """One row for each call: the latest parse."""
    best: dict[tuple[str, str, str, datetime], UsageEvent] = {}
    for row in rows:
        key = (row.account_id, row.region, row.request_id, row.ts)
        if key not in best or _rank(row) > _rank(best[key]):
            best[key] = row
    return list(best.values())


def _rank(row: UsageEvent) -> tuple[int, datetime, str]:
    return row.schema_version, row.parsed_at, row.source_s3_key or ""


def _group(key: tuple[object, ...], rows: list[UsageEvent]) -> UsageGroup:
    names = [field.name for field in fields(UsageGroup)][: len(key)]
    values: dict[str, object] = dict(zip(names, key, strict=True))
    values |= {name: sum(getattr(row, name) or 0 for row in rows) for name in _SUMS}
    return UsageGroup(
        **values,  # type: ignore[arg-type]
        calls=len(rows),
        newest_ts=max(row.ts for row in rows),
        newest_parsed_at_ms=max(round(row.parsed_at.timestamp() * 1000) for row in rows),
        latency_ms=Distribution.of(row.latency_ms for row in rows if row.latency_ms is not None),
        time_to_first_token_ms=Distribution.of(
            row.time_to_first_token_ms for row in rows if row.time_to_first_token_ms is not None
        ),
        time_per_output_token_us=Distribution.of(
            (row.latency_ms - row.time_to_first_token_ms) * 1000 // (row.output_tokens - 1)
            for row in rows
            if row.latency_ms is not None
            and row.time_to_first_token_ms is not None
            and row.output_tokens is not None
            and row.output_tokens >= 2
            and row.latency_ms >= row.time_to_first_token_ms
        ),
        latency_per_output_token_us=Distribution.of(
            row.latency_ms * 1000 // row.output_tokens
            for row in rows
            if row.latency_ms is not None and row.output_tokens
        ),
    )


def _fingerprint(rows: list[UsageEvent]) -> Fingerprint:
    calls = [row for row in rows if row.rejection is None]

    def total(*names: str) -> int:
        return sum(getattr(row, name) or 0 for row in rows for name in names)

    return Fingerprint(
        calls=len(calls),
        rejections=len(rows) - len(calls),
        errors=sum(row.error_code is not None for row in calls),
        input_tokens=total("input_tokens"),
        output_tokens=total("output_tokens"),
        cache_read_tokens=total("cache_read_tokens"),
        cache_write_tokens=total(
            "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_write_other_tokens"
        ),
        latency_ms=total("latency_ms"),
        newest_parsed_at_ms=max(round(row.parsed_at.timestamp() * 1000) for row in rows),
    )
