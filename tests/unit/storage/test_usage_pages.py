"""Pages as items: parts, totals, retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage import usage_pages
from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.usage_pages import Granularity, Page, Retention, page_items, read_pages
from bedrock_analytics.storage.usage_table import UsageTable
from tests.fakes.memory_table import MemoryTable

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PERIOD = "2026-03-10T11"


def page(callers: int, calls: int = 1, period: str = PERIOD, dimension: str = "CALLER") -> Page:
    random = Random(callers)
    found = Page(scope="1#us-east-1", granularity=Granularity.HOURLY, dimension=dimension, period=period)
    for number in range(callers):
        row = UsageStats(invocations=calls, list_cost_usd={"input": Decimal(number + 1)})
        row.latency_ms.record(random.randrange(1_000_000))
        found.add((f"role/{random.getrandbits(128):x}",), number % 2, row)
    return found


def read(table: MemoryTable, now: datetime = NOW) -> Iterator[Page]:
    return UsageTable(table, Retention()).pages(
        "1#us-east-1", Granularity.HOURLY, "CALLER", PERIOD, PERIOD, now=now
    )


def stored(*pages: Page) -> MemoryTable:
    table = MemoryTable()
    UsageTable(table, Retention()).put_pages(pages)
    return table


def test_a_page_is_read_back_with_its_rows() -> None:
    written = page(20)
    assert [found.rows for found in read(stored(written))] == [written.rows]


def test_totals_stand_in_plain_attributes() -> None:
    item = page_items(page(3, calls=7), Retention())[-1]
    assert (item["PK"], item["SK"]) == ("1#us-east-1#HOURLY#CALLER", PERIOD)
    assert (item["rows"], item["invocations"], item["list_cost_usd"]) == (3, 21, Decimal(6))


def test_a_page_that_outgrows_an_item_is_stored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_pages, "PART_LIMIT", 4000)
    written = page(600)
    items = page_items(written, Retention())
    assert len(items) > 4
    assert all(len(item["doc"]) <= 4000 for item in items if isinstance(item["doc"], bytes))
    assert next(read(stored(written))).rows == written.rows


def test_parts_left_over_from_a_larger_page_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_pages, "PART_LIMIT", 4000)
    table = stored(page(600))
    smaller = page(5)
    UsageTable(table, Retention()).put_pages([smaller])
    assert next(read(table)).rows == smaller.rows


@pytest.mark.parametrize("lost", [PERIOD, f"{PERIOD}#1"])
def test_a_page_with_a_part_missing_or_being_replaced_is_an_error(
    monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(usage_pages, "PART_LIMIT", 4000)
    table = stored(page(600))
    del table.items["1#us-east-1#HOURLY#CALLER", lost]
    with pytest.raises(PageError, match="incomplete"):
        list(read(table))


def test_a_page_past_its_retention_is_not_read() -> None:
    table = stored(page(1))
    assert len(list(read(table, NOW + timedelta(days=13)))) == 1
    assert list(read(table, NOW + timedelta(days=14))) == []


def test_a_page_with_too_many_values_is_cut_and_its_sum_stays_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_pages, "MAX_VALUES", 10)
    written = page(25)
    found = next(read(stored(written)))
    assert found.truncated
    assert len({key for key, _ in found.rows}) == 10
    assert found.total().list_cost_usd == written.total().list_cost_usd
    assert found.rows[("(other)",), 0].invocations == 8


@pytest.mark.parametrize(
    ("granularity", "period", "expiry"),
    [
        (Granularity.HOURLY, "2026-03-10T11", datetime(2026, 3, 24, 12, tzinfo=UTC)),
        (Granularity.HOURS, "2026-03-10", datetime(2027, 4, 15, tzinfo=UTC)),
        (Granularity.DAILY, "2026-03-10", datetime(2027, 4, 15, tzinfo=UTC)),
        (Granularity.MONTHLY, "2026-03", None),
    ],
)
def test_retention_counts_from_the_end_of_the_period(
    granularity: Granularity, period: str, expiry: datetime | None
) -> None:
    assert Retention().expires_at(granularity, period) == expiry


def test_a_page_without_a_document_is_an_error() -> None:
    items: list[dict[str, Value]] = [{"PK": "1#us-east-1#HOURLY#CALLER", "SK": PERIOD, "doc": "text"}]
    with pytest.raises(PageError, match="holds no document"):
        list(read_pages(iter(items), "1#us-east-1", Granularity.HOURLY, "CALLER", NOW))
