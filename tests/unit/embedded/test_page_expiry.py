"""Pages past their retention are deleted, all others stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bedrock_analytics.domain.dimensions import ALL, CUBE, TOTAL, tag_dimension
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.embedded.page_expiry import delete_expired_pages
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention
from bedrock_analytics.storage.usage_table import Scope, UsageTable

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SCOPE = Scope(account_id="111122223333", region="r", first_hour=NOW, last_hour=NOW)


def page(scope: str, granularity: Granularity, dimension: str, period: str) -> Page:
    found = Page(scope=scope, granularity=granularity, dimension=dimension, period=period)
    key = {TOTAL: (), CUBE: ("m", "us", "c", "o", "t")}.get(dimension, ("value",))
    found.add(key, 0, UsageStats(invocations=1))
    return found


def test_only_pages_past_their_retention_are_deleted(tmp_path: Path) -> None:
    retention = Retention(hourly_days=14, hours_days=None, daily_days=30)
    old_hour, young_hour = (f"{NOW - timedelta(days=days):%Y-%m-%dT%H}" for days in (15, 13))
    old_day, young_day = (f"{NOW - timedelta(days=days):%Y-%m-%d}" for days in (32, 29))
    expired = [
        page(ALL, Granularity.HOURLY, TOTAL, old_hour),
        page(SCOPE.name, Granularity.HOURLY, CUBE, old_hour),
        page(ALL, Granularity.HOURLY, tag_dimension("team"), old_hour),
        page(ALL, Granularity.DAILY, TOTAL, old_day),
    ]
    kept = [
        page(ALL, Granularity.HOURLY, TOTAL, young_hour),
        page(ALL, Granularity.DAILY, TOTAL, young_day),
        page(ALL, Granularity.HOURS, TOTAL, "2020-01-01"),
        page(ALL, Granularity.MONTHLY, TOTAL, "2020-01"),
    ]
    with SQLiteTable(tmp_path / "tables.sqlite", "usage-stats") as items:
        table = UsageTable(items, retention)
        table.put_scopes([SCOPE])
        table.put_pages([*expired, *kept])

        assert delete_expired_pages(items, table, ("team",), NOW) == len(expired)
        assert delete_expired_pages(items, table, ("team",), NOW) == 0

        for survivor in kept:
            pk = f"{survivor.scope}#{survivor.granularity.value}#{survivor.dimension}"
            assert [item["SK"] for item in items.query(pk)] == [survivor.period]
