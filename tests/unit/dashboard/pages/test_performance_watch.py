"""CloudWatch's times to the first token of several accounts, on the chart of the performance page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import MODEL, TOTAL
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.cloudwatch import FirstTokenReading, FirstTokenSeries
from bedrock_analytics.storage.usage_table import Checkpoint
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.fakes.asked_app import AskedApp
from tests.unit.dashboard.answers import Rows, WrittenAnswers, utc

NOW = utc("2025-10-26 12:00")
STARTS = tuple(utc("2025-10-25 22:00") + timedelta(hours=hour) for hour in range(6))
SONNET = "anthropic.claude-sonnet-4-6"
PANEL = "performance-watch"
ADDRESS = "range=custom&from=2025-10-25T22:00Z&to=2025-10-26T04:00Z&zone=Europe/Vienna"


def series(account: str, points: dict[datetime, tuple[float, float, int]]) -> FirstTokenSeries:
    """Average, p99 and calls of a model in an account, by moment."""
    calls = sum(count for _, _, count in points.values())
    return FirstTokenSeries(
        account_id=account,
        region="us-east-1",
        model_id=SONNET,
        logged_model_id=f"us.{SONNET}",
        route="us",
        calls=calls,
        average_ms=sum(average * count for average, _, count in points.values()) / calls,
        highest_p99_ms=max(p99 for _, p99, _ in points.values()),
        times=tuple(points),
        averages_ms=tuple(average for average, _, _ in points.values()),
        p99s_ms=tuple(p99 for _, p99, _ in points.values()),
        counts=tuple(count for _, _, count in points.values()),
    )


@dataclass
class TwoAccounts:
    """CloudWatch of two accounts; a third one refuses."""

    spans: list[Span] = field(default_factory=list)

    def read(self, span: Span) -> FirstTokenReading:
        self.spans.append(span)
        return FirstTokenReading(
            series=(
                series("111122223333", {STARTS[0]: (400.0, 900.0, 3), STARTS[2]: (500.0, 800.0, 1)}),
                series("444455556666", {STARTS[0]: (200.0, 950.0, 1), STARTS[3]: (100.0, 300.0, 2)}),
            ),
            covered=("111122223333 us-east-1", "444455556666 us-east-1"),
            failed=(("777788889999 us-east-1", "it refused."),),
            period=timedelta(minutes=5),
            fetched_at=NOW,
        )


def page_of(cloudwatch: TwoAccounts) -> AskedApp:
    """The dashboard over logs that tell one time to the first token an hour."""
    told = UsageStats(invocations=2, time_to_first_token_ms=Distribution.of([300]))
    zone = ZoneInfo("Europe/Vienna")
    rows: Rows = {(): told}
    of_hours = (rows,) * len(STARTS)
    answers = WrittenAnswers(
        rows={MODEL: {(SONNET, "us"): told}},
        trends={TOTAL: (tuple(start.astimezone(zone) for start in STARTS), of_hours)},
        state=Checkpoint(revision=1, first_day=NOW.date(), data_up_to=NOW, checked_at=NOW),
    )
    settings = DashboardSettings(zone=zone)
    queries = Queries(answers, settings, now=lambda: NOW)
    return AskedApp(Services(settings=settings, queries=queries, first_tokens=cloudwatch))


def lines_of(page: AskedApp, address: str) -> dict[str, dict[str, Any]]:
    answer = page.view(PANEL, page.question(address), "chart")
    figure = answer[f'{{"panel":"{PANEL}","type":"graph"}}']["figure"]
    return {line["name"]: line for line in figure["data"]}


def test_two_accounts_appear_on_one_chart_weighted_by_their_calls() -> None:
    cloudwatch = TwoAccounts()
    page = page_of(cloudwatch)
    lines = lines_of(page, ADDRESS)
    assert lines["CloudWatch average"]["y"] == [(400 * 3 + 200) / 4, 500, 100]
    assert lines["CloudWatch p99"]["y"] == [950, 800, 300]
    assert cloudwatch.spans == [Span(utc("2025-10-25 22:00"), utc("2025-10-26 04:00"))]
    notes = str(page.view(PANEL, page.question(ADDRESS), "chart")[f"{PANEL}-note"])
    assert "No answer from CloudWatch of 777788889999 us-east-1: it refused." in notes


def test_points_stand_on_the_axis_of_the_logs_through_a_clock_change() -> None:
    """At 01:00 UTC Vienna sets its clocks back; the axis keeps the first bucket's offset."""
    lines = lines_of(page_of(TwoAccounts()), ADDRESS)
    hours = lines["Logs average"]["x"]
    assert lines["CloudWatch average"]["x"] == [hours[0], hours[2], hours[3]]
    assert len(set(hours)) == len(hours)


def test_a_filter_on_an_account_leaves_its_own_times() -> None:
    lines = lines_of(page_of(TwoAccounts()), f"{ADDRESS}&account=444455556666")
    assert lines["CloudWatch average"]["y"] == [200, 100]


def test_the_table_sets_both_accounts_in_one_row_beside_the_logs() -> None:
    page = page_of(TwoAccounts())
    file = page.file(PANEL, page.question(ADDRESS))
    assert file is not None
    (row,) = file.rows
    assert (row["Calls, CloudWatch"], row["Average, CloudWatch"]) == (7, (400 * 3 + 500 + 200 + 100 * 2) / 7)
    assert (row["Calls, logs"], row["Average, logs"]) == (1, 300)
