"""Usage pages in the `usage-stats` table: keys, items, parts and retention.

A page is every row of one (scope, granularity, dimension, period):
PK = `{scope}#{granularity}#{dimension}`, SK = `{period}`; the further parts of a page whose document
outgrows `PART_LIMIT` have SK = `{period}#{n}`. Writer and reader both use this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import OTHER, key_columns
from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.domain.usage_stats import UsageStats, sum_money
from bedrock_analytics.storage.item_table import Item, Value
from bedrock_analytics.storage.page_codec import RowKey, decode_rows, encode_rows, money_text

PART_LIMIT = 300_000
"""Greatest size of one part's document, bytes; DynamoDB takes items up to 400 KB."""
MAX_VALUES = 20_000
"""Most values of a dimension in one period; what is beyond is summed in one row `(other)`."""
TTL_ATTRIBUTE = "ttl"


class Granularity(StrEnum):
    """Kinds of pages: the period they cover and how their rows are cut.

    HOURLY: one hour, rows split at the half hour. HOURS: one closed day, rows split by half hour (slot 0
    to 47), without histograms. DAILY, MONTHLY: one UTC day or month.
    """

    HOURLY = "HOURLY"
    HOURS = "HOURS"
    DAILY = "DAILY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days that pages are kept after their period; None keeps them for ever."""

    hourly_days: int | None = 14
    hours_days: int | None = 400
    daily_days: int | None = 400

    def expires_at(self, granularity: Granularity, period: str) -> datetime | None:
        """When a page of the period may be dropped."""
        days = {
            Granularity.HOURLY: self.hourly_days,
            Granularity.HOURS: self.hours_days,
            Granularity.DAILY: self.daily_days,
            Granularity.MONTHLY: None,
        }[granularity]
        return None if days is None else period_end(granularity, period) + timedelta(days=days)

    def keeps(self, granularity: Granularity, period: str, now: datetime) -> bool:
        """Whether a page of the period is still wanted."""
        expiry = self.expires_at(granularity, period)
        return expiry is None or now < expiry


def period_end(granularity: Granularity, period: str) -> datetime:
    """End (exclusive) of a page's period."""
    if granularity is Granularity.HOURLY:
        return periods.parse_hour_key(period) + periods.HOUR
    if granularity is Granularity.MONTHLY:
        return periods.day_start(periods.next_month_start(period))
    return periods.day_start(date.fromisoformat(period)) + periods.DAY


@dataclass(slots=True, kw_only=True)
class Page:
    """Every row of one (scope, granularity, dimension, period).

    `fingerprints` (of the pages of scope ALL and dimension TOTAL) tell by hour what the lake held when the
    page was computed.
    """

    scope: str
    granularity: Granularity
    dimension: str
    period: str
    rows: dict[RowKey, UsageStats] = field(default_factory=dict)
    truncated: bool = False
    fingerprints: dict[str, str] = field(default_factory=dict)

    def add(self, key: tuple[str, ...], slot: int, stats: UsageStats) -> None:
        """Add counters to a row."""
        row = self.rows.get((key, slot))
        if row is None:
            row = self.rows[key, slot] = UsageStats()
        row.merge(stats)

    def total(self) -> UsageStats:
        """Sum of the rows."""
        total = UsageStats()
        for row in self.rows.values():
            total.merge(row)
        return total


def partition_key(scope: str, granularity: Granularity, dimension: str) -> str:
    return f"{scope}#{granularity.value}#{dimension}"


def last_sort_key(period: str) -> str:
    """Greatest sort key of any part of a period's page."""
    return f"{period}#~"


def page_items(page: Page, retention: Retention) -> list[Item]:
    """The items of a page: its first part carries the totals. Put the other parts before it."""
    rows, cut = _limit_values(page)
    width = len(key_columns(page.scope, page.dimension))
    documents = _split(rows, width)
    expiry = retention.expires_at(page.granularity, page.period)
    common: dict[str, Value] = {"PK": partition_key(page.scope, page.granularity, page.dimension)}
    if expiry is not None:
        common[TTL_ATTRIBUTE] = int(expiry.timestamp())
    page_id = hashlib.sha256(b"".join(documents)).hexdigest()[:16]
    further: list[Item] = [
        {**common, "SK": f"{page.period}#{number}", "page_id": page_id, "doc": document}
        for number, document in enumerate(documents[1:], start=1)
    ]
    first: dict[str, Value] = {**common, "SK": page.period, "doc": documents[0], **_totals(rows)}
    if further:
        first |= {"parts": len(documents), "page_id": page_id}
    if page.truncated or cut:
        first["truncated"] = True
    if page.fingerprints:
        first["fingerprints"] = dict(page.fingerprints)
    return [*further, first]


def _totals(rows: Mapping[RowKey, UsageStats]) -> dict[str, Value]:
    return {
        "rows": len(rows),
        "invocations": _known_sum(row.invocations for row in rows.values()),
        "tokens": _known_sum(row.total_tokens for row in rows.values()),
        "errors": sum(row.error_count for row in rows.values()),
        "rejections": sum(row.rejection_count for row in rows.values()),
        "list_cost_usd": Decimal(money_text(sum_money(row.total_list_cost_usd for row in rows.values()))),
        "unpriced_invocations": sum(row.unpriced_invocation_count for row in rows.values()),
    }


def _known_sum(counts: Iterable[int | None]) -> int | None:
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


def _limit_values(page: Page) -> tuple[dict[RowKey, UsageStats], bool]:
    keys = {key for key, _ in page.rows}
    if len(keys) <= MAX_VALUES:
        return page.rows, False
    weights: dict[tuple[str, ...], tuple[Decimal, int]] = {}
    for (key, _), row in page.rows.items():
        cost, calls = weights.get(key, (Decimal(0), 0))
        weights[key] = (cost + row.total_list_cost_usd, calls + (row.invocations or 0))
    other = (OTHER,) * len(key_columns(page.scope, page.dimension))
    kept = set(sorted(weights, key=lambda key: (weights[key], key), reverse=True)[: MAX_VALUES - 1])
    limited = Page(
        scope=page.scope, granularity=page.granularity, dimension=page.dimension, period=page.period
    )
    for (key, slot), row in page.rows.items():
        limited.add(key if key in kept else other, slot, row)
    return limited.rows, True


def _split(rows: Mapping[RowKey, UsageStats], width: int) -> list[bytes]:
    document = encode_rows(rows, width)
    if len(document) <= PART_LIMIT:
        return [document]
    ordered = sorted(rows)
    middle = len(ordered) // 2
    halves = (ordered[:middle], ordered[middle:])
    return [part for half in halves for part in _split({key: rows[key] for key in half}, width)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page as it lies in the table: its documents are still encoded."""

    period: str
    documents: tuple[bytes, ...]
    truncated: bool = False
    fingerprints: dict[str, str] = field(default_factory=dict)

    def rows(self) -> dict[RowKey, UsageStats]:
        """The decoded rows; PageError where a document is damaged."""
        return {key: row for document in self.documents for key, row in decode_rows(document).items()}


def read_pages(
    items: Iterator[dict[str, Value]], scope: str, granularity: Granularity, dimension: str, now: datetime
) -> Iterator[Page]:
    """Decoded pages from the items of a partition in order of SK; as `read_stored_pages` otherwise."""
    for stored in read_stored_pages(items, partition_key(scope, granularity, dimension), now):
        yield Page(
            scope=scope,
            granularity=granularity,
            dimension=dimension,
            period=stored.period,
            rows=stored.rows(),
            truncated=stored.truncated,
            fingerprints=dict(stored.fingerprints),
        )


def read_stored_pages(
    items: Iterable[dict[str, Value]], partition: str, now: datetime
) -> Iterator[StoredPage]:
    """Pages from the items of a partition in order of SK; those past their retention are left out.

    PageError where parts of one page do not belong together (the page is being replaced: read again).
    """
    pending: list[dict[str, Value]] = []
    for item in items:
        if pending and _period_of(item) != _period_of(pending[0]):
            yield _stored_page(pending, partition)
            pending = []
        expiry = item.get(TTL_ATTRIBUTE)
        if not isinstance(expiry, int) or now < datetime.fromtimestamp(expiry, UTC):
            pending.append(item)
    if pending:
        yield _stored_page(pending, partition)


def _period_of(item: Mapping[str, Value]) -> str:
    return str(item["SK"]).partition("#")[0]


def _stored_page(items: Sequence[dict[str, Value]], partition: str) -> StoredPage:
    first = items[0]
    period = _period_of(first)
    parts = [first, *(item for item in items[1:] if item.get("page_id") == first.get("page_id"))]
    if "#" in str(first["SK"]) or len(parts) != first.get("parts", 1):
        raise PageError(f"page {partition} {period} is incomplete")
    fingerprints = first.get("fingerprints")
    return StoredPage(
        period=period,
        documents=tuple(_document(part, f"{partition} {period}") for part in parts),
        truncated=bool(first.get("truncated", False)),
        fingerprints={str(hour): str(text) for hour, text in fingerprints.items()}
        if isinstance(fingerprints, dict)
        else {},
    )


def _document(part: Mapping[str, Value], name: str) -> bytes:
    document = part["doc"]
    if not isinstance(document, bytes):
        raise PageError(f"page {name} holds no document")
    return document
