"""What the serving tables must hold, computed naively: one call after the other, no pages, no merging."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from bedrock_analytics.domain.usage_event import UsageEvent
from tests.fakes.flat_prices import FlatBook
from tests.fakes.memory_table import MemoryTable

Row = tuple[str, str, str, str, tuple[str, ...], int]
"""Scope, granularity, dimension, period, key, slot."""
Numbers = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Clockwork:
    """How long pages are kept, and which days are kept by hours."""

    now: datetime
    hourly_days: int = 14
    daily_days: int = 400


def expected_rows(
    truth: Iterable[UsageEvent], book: FlatBook, keys: tuple[str, ...], clock: Clockwork
) -> dict[Row, Numbers]:
    """The rows of every page that must be there at the end."""
    table: dict[Row, Numbers] = {}
    for event in truth:
        numbers = _numbers(event, book)
        for scope, dimension, key in places_of(event, keys):
            for granularity, period, slot in periods_of(event.ts, clock):
                row = table.setdefault((scope, granularity, dimension, period, key, slot), {})
                for name, amount in numbers.items():
                    row[name] = row.get(name, 0) + amount
    return table


def periods_of(ts: datetime, clock: Clockwork) -> Iterable[tuple[str, str, int]]:
    """Granularity, period and slot of every page that covers a moment."""
    hour = ts.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    if clock.now < hour + timedelta(hours=1, days=clock.hourly_days):
        yield "HOURLY", f"{ts:%Y-%m-%dT%H}", ts.minute // 30
    if midnight + timedelta(days=1) <= clock.now:
        if clock.now < midnight + timedelta(days=1 + clock.daily_days):
            yield "HOURS", f"{ts:%Y-%m-%d}", ts.hour * 2 + ts.minute // 30
            yield "DAILY", f"{ts:%Y-%m-%d}", 0
        yield "MONTHLY", f"{ts:%Y-%m}", 0


def places_of(event: UsageEvent, keys: tuple[str, ...]) -> Iterable[tuple[str, str, tuple[str, ...]]]:
    """Scope, dimension and key of every row that counts a call."""
    scope = f"{event.account_id}#{event.region}"
    yield scope, "TOTAL", ()
    yield "ALL", "TOTAL", ()
    yield "ALL", "ACCOUNT", (event.account_id, event.region)
    if event.rejection:
        return
    model, route, caller = event.model_id or "(none)", event.route or "(none)", event.caller or "(none)"
    operation, tier = event.operation or "(none)", event.service_tier or "(none)"
    for place in (scope, "ALL"):
        yield place, "MODEL", (model, route)
        yield place, "ROUTE", (route,)
        yield place, "OPERATION", (operation,)
        yield place, "PROFILE", (event.inference_profile_arn or "(none)", "(none)")
        yield place, "INFERENCE_REGION", (event.inference_region or "(none)",)
        metadata = msgspec.json.decode(event.request_metadata or "{}")
        for name in keys:
            yield place, f"TAG:{name}", (metadata.get(name, "(none)"),)
    yield scope, "CALLER", (caller,)
    yield "ALL", "CALLER", (event.account_id, caller)
    yield scope, "CUBE", (model, route, caller, operation, tier)


def _numbers(event: UsageEvent, book: FlatBook) -> Numbers:
    if event.rejection:
        return {f"rejections.{event.rejection}": 1}
    numbers: Numbers = {
        "invocations": 1,
        "input_tokens": event.input_tokens or 0,
        "output_tokens": event.output_tokens or 0,
        "cache_read_tokens": event.cache_read_tokens or 0,
    }
    if event.error_code:
        numbers[f"errors.{event.error_code}"] = 1
    if event.latency_ms is not None:
        numbers |= {"latency_ms.count": 1, "latency_ms.sum": event.latency_ms}
    rate = book.rate(event.model_id, event.ts)
    context = (event.input_tokens or 0) + (event.cache_read_tokens or 0)
    tokens = context + (event.output_tokens or 0)
    if event.error_code and not tokens:
        return numbers
    if rate is None:
        numbers["unpriced_invocations.no_rate_card"] = 1
    else:
        factor = 2 if context > book.threshold else 1
        numbers["cost"] = rate * factor * tokens / Decimal(1_000_000)
    return numbers


def stored_rows(table: MemoryTable, now: datetime, decode: Any) -> dict[Row, Numbers]:
    """The rows of every page in the table that is not past its retention, in the reference's terms."""
    found: dict[Row, Numbers] = {}
    for (pk, sk), item in table.items.items():
        if pk in {"META", "STATE"} or ("ttl" in item and item["ttl"] <= now.timestamp()):  # type: ignore[operator]
            continue
        scope, granularity, dimension = _split_key(pk)
        for (key, slot), stats in decode(item["doc"]).items():
            found[scope, granularity, dimension, sk.partition("#")[0], key, slot] = _flat(stats)
    return found


def _split_key(pk: str) -> tuple[str, str, str]:
    for granularity in ("HOURLY", "HOURS", "DAILY", "MONTHLY"):
        scope, mark, dimension = pk.partition(f"#{granularity}#")
        if mark:
            return scope, granularity, dimension
    raise AssertionError(pk)


def _flat(stats: Any) -> Numbers:
    numbers: Numbers = {
        name: getattr(stats, name)
        for name in ("invocations", "input_tokens", "output_tokens", "cache_read_tokens")
    }
    for name in ("errors", "rejections", "unpriced_invocations"):
        numbers |= {f"{name}.{key}": count for key, count in getattr(stats, name).items()}
    numbers["latency_ms.count"], numbers["latency_ms.sum"] = stats.latency_ms.count, stats.latency_ms.sum
    numbers["cost"] = sum(stats.list_cost_usd.values(), Decimal(0))
    return numbers


def without_zeros(rows: Mapping[Row, Numbers]) -> dict[Row, Numbers]:
    """Rows with their non-zero numbers, and only rows that have any."""
    kept = {
        row: {name: amount for name, amount in numbers.items() if amount} for row, numbers in rows.items()
    }
    return {row: numbers for row, numbers in kept.items() if numbers}
