"""The usage pages show what `bedrock-analytics report` prints: over the same tables, filters and zones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.report_formats import report_figures
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.reporting.usage_report import make_report
from dashboard.cost_queries import CostQueries
from dashboard.filters import Filters
from dashboard.performance_queries import timed_usage
from dashboard.queries import Queries, usage_filter
from dashboard.ranges import Preset, resolve
from dashboard.reliability_queries import error_course
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.browser.office_usage import Office

NOW = datetime.fromisoformat("2026-11-02T14:12:00+00:00")
"""A day after New York and St. John's set their clocks back."""
BY = {"model": "model", "caller": "caller", "account": "account", "route": "route", "meta.team": "tag:team"}
FILTERS = (
    Filters(),
    Filters(accounts=frozenset({"111122223333"})),
    Filters(models=frozenset({"amazon.nova-pro-v1:0"}), routes=frozenset({"us"})),
    Filters(regions=frozenset({"eu-west-1"}), callers=frozenset({"support-bot/*"})),
)


@pytest.fixture(scope="module")
def reader() -> UsageReader:
    office = Office(now=NOW, days=4)
    office.fill()
    return UsageReader(office.table, lambda: NOW, pause=lambda _: None)


def question(zone: str, filters: Filters) -> Question:
    place = ZoneInfo(zone)
    return Question(
        preset=Preset.DAYS_7,
        span=resolve(Preset.DAYS_7, NOW, place),
        zone=place,
        revision=1,
        complete_until=NOW - timedelta(minutes=12),
        filters=filters,
    )


def figures(rows: Mapping[tuple[str, ...], UsageStats]) -> dict[tuple[str, ...], object]:
    return {key: report_figures(stats) for key, stats in rows.items()}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize("filters", FILTERS)
def test_every_breakdown_is_the_report(reader: UsageReader, zone: str, filters: Filters) -> None:
    asked = question(zone, filters)
    queries = Queries(reader, DashboardSettings(), now=lambda: NOW)
    cost = CostQueries(reader, queries.names, queries.now)
    for dimension, by in BY.items():
        if by == "tag:team" and (filters.models or filters.callers):
            continue  # the pages do not hold it; the lake answers
        report = make_report(reader, by, usage_filter(asked))
        found = cost.usage_by(asked, dimension)
        assert figures({row.key: row.stats for row in found.rows}) == figures(
            {row.key: row.stats for row in report.rows}
        )
        assert report_figures(found.total) == report_figures(report.total)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_the_month_is_the_report_of_its_days(reader: UsageReader, zone: str) -> None:
    asked = question(zone, Filters())
    queries = Queries(reader, DashboardSettings(), now=lambda: NOW)
    month = CostQueries(reader, queries.names, queries.now).month(asked)
    report = make_report(reader, "day", usage_filter(asked))
    by_day = {row.key[0]: report_figures(row.stats) for row in report.rows}
    assert {f"{day.start:%Y-%m-%d}": report_figures(day.stats) for day in month.days} == {
        day: told for day, told in by_day.items() if day >= "2026-11-01"
    }


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_times_and_failures_are_the_report(reader: UsageReader, zone: str) -> None:
    asked = question(zone, Filters())
    queries = Queries(reader, DashboardSettings(), now=lambda: NOW)
    report = make_report(reader, "model", usage_filter(asked))
    timed = timed_usage(queries, asked, "model").usage
    assert figures({row.key: row.stats for row in timed.rows}) == figures(
        {row.key: row.stats for row in report.rows}
    )
    for by in ("code", "model", "caller"):
        course = error_course(queries, asked, by)
        assert sum(course.failed) == report.total.error_count > 0
        assert sum(course.calls) == report.total.invocations
