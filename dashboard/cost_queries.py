"""What the cost page asks: usage by any dimension with its course, and the month so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from bedrock_analytics.domain.dimensions import NONE, TAG_PREFIX, TOTAL
from bedrock_analytics.domain.periods import Span, day_start, half_hour_of
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.forecast import DAYS_LOOKED_AT, forecast
from bedrock_analytics.reporting.metrics import discounted_cost_usd
from bedrock_analytics.reporting.usage_filter import Bucket, TrendDetail, UsageFilter
from bedrock_analytics.storage.usage_table import Checkpoint
from dashboard.cost_models import Courses, MonthCost, MonthDay
from dashboard.dimensions import stored_dimension
from dashboard.names import Names
from dashboard.queries import UsageSource, usage_filter
from dashboard.ranges import bucket_end, buckets_for, local_midnight
from dashboard.view_models import Question, UsageRow, UsageRows

NOT_SET: Final = "Not set"


class CostQueries:
    """View models of the cost page. Every method raises what the source raises.

    `budget_usd` is what all usage of a month may cost.
    """

    def __init__(
        self,
        source: UsageSource,
        names: Names,
        now: Callable[[], datetime],
        budget_usd: Decimal | None = None,
    ) -> None:
        self._source = source
        self._names = names
        self._now = now
        self._budget_usd = budget_usd

    def metadata_keys(self) -> tuple[str, ...]:
        """The metadata keys that usage is kept by: one read."""
        return self._source.checkpoint().metadata_keys

    def usage_by(self, question: Question, dimension: str) -> UsageRows:
        """Usage by the values of a dimension (`dashboard.dimensions`), dearest first.

        Accounts stand with all their Regions.
        """
        found = self._source.breakdown(usage_filter(question), stored_dimension(dimension), histograms=False)
        sums = _summed((_row_key(dimension, key), stats) for key, stats in found.rows.items())
        rows = [_named(self._names, found.key_columns, key, stats) for key, stats in sums.items()]
        rows.sort(key=lambda row: (-row.stats.total_list_cost_usd, -(row.stats.invocations or 0), row.key))
        return UsageRows(rows=tuple(rows), total=found.total, notes=found.notes)

    def courses(self, question: Question, dimension: str) -> Courses:
        """Usage in each bucket of the range, by the key of each row of `usage_by`."""
        width = buckets_for(question.span)[0]
        plain = TrendDetail(histograms=False)
        found = self._source.trend(usage_filter(question), width, stored_dimension(dimension), plain)
        courses: dict[tuple[str, ...], list[UsageStats]] = {}
        for index, rows in enumerate(found.rows):
            for key, stats in rows.items():
                name = _row_key(dimension, key)
                if name not in courses:
                    courses[name] = [UsageStats() for _ in found.starts]
                courses[name][index].merge(stats)
        return courses

    def month(self, question: Question) -> MonthCost:
        """The month that it is now in the question's zone, under its filters."""
        checkpoint, now, zone = self._source.checkpoint(), self._now(), question.zone
        first = now.astimezone(zone).date().replace(day=1)
        start, end = local_midnight(first, zone), local_midnight(_next_month(first), zone)
        history = local_midnight(first - timedelta(days=DAYS_LOOKED_AT), zone)
        asked = usage_filter(question, Span(history, half_hour_of(now) + timedelta(minutes=30)))
        found = self._source.trend(asked, Bucket.DAY, TOTAL, TrendDetail(histograms=False))
        until = min(now, checkpoint.data_up_to or now)
        days = [
            MonthDay(
                start=day,
                end=bucket_end(day, Bucket.DAY, zone),
                stats=_sum(rows.values()),
                is_over=bucket_end(day, Bucket.DAY, zone) <= until,
            )
            for day, rows in zip(found.starts, found.rows, strict=True)
        ]
        of_month = tuple(day for day in days if day.start >= start)
        total = _sum(day.stats for day in of_month)
        return MonthCost(
            start=start,
            end=end,
            until=until,
            zone=zone,
            days=of_month,
            total=total,
            forecast=forecast(
                discounted_cost_usd(total), _past(days, checkpoint), complete_until=until, month_end=end
            ),
            budget_usd=None if _is_narrowed(asked) else self._budget_usd,
            billed=None,
            notes=found.notes,
        )

    def estimate_through(self, question: Question, month_start: date, through: date) -> Decimal:
        """Cost of UTC days of a month up to and with one, after discounts, under the question's filters."""
        span = Span(day_start(month_start), day_start(through + timedelta(days=1)))
        wanted = replace(usage_filter(question, span), zone=question.zone)
        return discounted_cost_usd(self._source.breakdown(wanted, TOTAL, histograms=False).total)


def _named(names: Names, columns: tuple[str, ...], key: tuple[str, ...], stats: UsageStats) -> UsageRow:
    """A row under its name; an account stands without its Region, and a call without a key says so."""
    if columns == ("account_id", "region"):
        row = names.row(columns, (key[0], ""), stats)
        return replace(row, key=key, detail=row.detail if row.detail != row.name else "", chip="")
    row = names.row(columns, key, stats)
    if columns[0].startswith(TAG_PREFIX) and key[0] == NONE:
        return replace(row, name=NOT_SET, detail="calls without this key")
    return row


def is_narrowed(question: Question) -> bool:
    """Whether filters leave anything out."""
    return _is_narrowed(usage_filter(question))


def _is_narrowed(wanted: UsageFilter) -> bool:
    return any(
        (
            wanted.accounts,
            wanted.regions,
            wanted.models,
            wanted.routes,
            wanted.callers,
            wanted.operations,
            wanted.metadata,
        )
    )


def _row_key(dimension: str, key: tuple[str, ...]) -> tuple[str, ...]:
    return key[:1] if dimension == "account" else key


def _summed(rows: Iterable[tuple[tuple[str, ...], UsageStats]]) -> dict[tuple[str, ...], UsageStats]:
    sums: dict[tuple[str, ...], UsageStats] = {}
    for key, stats in rows:
        sums.setdefault(key, UsageStats()).merge(stats)
    return sums


def _sum(rows: Iterable[UsageStats]) -> UsageStats:
    total = UsageStats()
    for stats in rows:
        total.merge(stats)
    return total


def _past(days: Iterable[MonthDay], checkpoint: Checkpoint) -> list[Decimal]:
    """USD of the days that are over; the day that logging began on is none, as it is only a part."""
    if checkpoint.first_day is None:
        return []
    whole_from = day_start(checkpoint.first_day + timedelta(days=1))
    return [day.cost_usd for day in days if day.is_over and day.start >= whole_from]


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
