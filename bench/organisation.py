"""Serving tables of a large organisation: made-up pages of ninety days, for what a person waits for.

Twenty account-Regions, thirty models on two routes, five hundred callers. Every page a dashboard reads in
UTC is there: days of the whole range, half hours of today and yesterday.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    ALL,
    CALLER,
    CUBE,
    INFERENCE_REGION,
    MODEL,
    OPERATION,
    PROFILE,
    ROUTE,
    TOTAL,
    scope_of,
)
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.item_table import ItemTable
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention
from bedrock_analytics.storage.usage_table import Change, Checkpoint, Scope, UsageTable
from bench.reading import NOW, usage_pool

Key = tuple[str, ...]

DAYS: Final = 90
SCOPES: Final = 20
MODELS: Final = 30
CALLERS: Final = 500
MODELS_OF_A_CALLER: Final = 4
_REGIONS: Final = ("us-east-1", "eu-central-1")
_OPERATIONS: Final = ("ConverseStream", "InvokeModel")
_ROUTES: Final = ("global", "us")


@dataclass(frozen=True, kw_only=True)
class Office:
    """One account in one Region, with its share of the callers."""

    number: int

    @property
    def account_id(self) -> str:
        return f"{111_111_111_111 + self.number // 2:012d}"

    @property
    def region(self) -> str:
        return _REGIONS[self.number % 2]

    @property
    def name(self) -> str:
        return scope_of(self.account_id, self.region)

    def callers(self) -> list[str]:
        each = CALLERS // SCOPES
        return [f"role-{self.number * each + n}/worker" for n in range(each)]

    def keys(self, dimension: str) -> list[Key]:
        """The keys of a dimension's rows."""
        match dimension:
            case "MODEL":
                return [model_key(self.number + n) for n in range(10)]
            case "CALLER":
                return [(caller,) for caller in self.callers()]
            case "CUBE":
                return [
                    (*model_key(self.number + place + n), caller, _OPERATIONS[n % 2], "standard")
                    for place, caller in enumerate(self.callers())
                    for n in range(MODELS_OF_A_CALLER)
                ]
            case _:
                return _shared_keys(dimension)


OFFICES: Final = tuple(Office(number=number) for number in range(SCOPES))


def model_key(number: int) -> Key:
    """Model and route."""
    return (f"vendor.model-{number % MODELS}-v1:0", _ROUTES[number // MODELS % 2])


def _shared_keys(dimension: str) -> list[Key]:
    keys: dict[str, list[Key]] = {
        TOTAL: [()],
        ROUTE: [(route,) for route in _ROUTES],
        OPERATION: [(operation,) for operation in _OPERATIONS],
        INFERENCE_REGION: [(region,) for region in _REGIONS],
        PROFILE: [("(none)", "(none)")],
    }
    return keys[dimension]


def _all_keys(dimension: str) -> list[Key]:
    match dimension:
        case "MODEL":
            return [model_key(number) for number in range(2 * MODELS)]
        case "CALLER":
            return [(office.account_id, caller) for office in OFFICES for caller in office.callers()]
        case "ACCOUNT":
            return [(office.account_id, office.region) for office in OFFICES]
        case _:
            return _shared_keys(dimension)


_SHARED = (TOTAL, MODEL, CALLER, ROUTE, OPERATION, INFERENCE_REGION, PROFILE)


def write_organisation(items: ItemTable) -> None:
    """Fill a table `usage-stats`."""
    table = UsageTable(items, Retention())
    today = periods.day_of(NOW)
    first_day = today - timedelta(days=DAYS)
    pool = usage_pool(2026)
    plain = [stats.without_histograms() for stats in pool]
    for day in periods.days_between(first_day, today + timedelta(days=1)):
        table.put_pages(_pages_of_day(day, pool, plain))
    hours = {"first_hour": periods.day_start(first_day), "last_hour": periods.hour_of(NOW)}
    table.put_scopes(Scope(account_id=office.account_id, region=office.region, **hours) for office in OFFICES)
    table.put_checkpoint(
        Checkpoint(
            revision=1,
            closed_through=today - timedelta(days=1),
            first_day=first_day,
            data_up_to=NOW,
            newest_call=NOW - timedelta(seconds=90),
            checked_at=NOW,
        )
    )


def replace_running_hour(items: ItemTable) -> None:
    """What L2 does when calls arrive: every page of the running hour anew, then the checkpoint."""
    table = UsageTable(items, Retention())
    before = table.checkpoint()
    revision, hour = before.revision + 1, periods.hour_key(periods.hour_of(NOW))
    pool = usage_pool(revision)
    table.put_pages(
        _page(scope, Granularity.HOURLY, dimension, hour, _cells(keys, range(1), pool))
        for scope, dimension, keys in _tables()
    )
    change = Change(revision=revision, days=(periods.day_of(NOW).isoformat(),))
    table.put_checkpoint(replace(before, revision=revision, changes=(*before.changes[-20:], change)))


def _pages_of_day(day: date, pool: list[UsageStats], plain: list[UsageStats]) -> Iterator[Page]:
    for scope, dimension, keys in _tables():
        rows = plain if dimension == CUBE else pool
        if day >= periods.day_of(NOW) - timedelta(days=1):
            for hour in periods.hours_of_day(day):
                if hour < NOW:
                    period = periods.hour_key(hour)
                    yield _page(scope, Granularity.HOURLY, dimension, period, _cells(keys, range(2), rows))
        if day < periods.day_of(NOW):
            period = day.isoformat()
            yield _page(scope, Granularity.DAILY, dimension, period, _cells(keys, range(1), rows))


def _tables() -> Iterator[tuple[str, str, list[Key]]]:
    for dimension in (*_SHARED, ACCOUNT):
        yield ALL, dimension, _all_keys(dimension)
    for office in OFFICES:
        for dimension in (*_SHARED, CUBE):
            yield office.name, dimension, office.keys(dimension)


def _cells(keys: list[Key], slots: range, pool: list[UsageStats]) -> dict[tuple[Key, int], UsageStats]:
    return {
        (key, slot): pool[(7 * number + slot) % len(pool)]
        for number, key in enumerate(keys)
        for slot in slots
    }


def _page(
    scope: str,
    granularity: Granularity,
    dimension: str,
    period: str,
    rows: dict[tuple[Key, int], UsageStats],
) -> Page:
    return Page(scope=scope, granularity=granularity, dimension=dimension, period=period, rows=rows)
