from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import ACCOUNT, CALLER, NONE, TOTAL, tag_dimension
from bedrock_analytics.storage.usage_table import Checkpoint
from dashboard.cost_queries import CostQueries
from dashboard.filters import Filters
from dashboard.names import Names
from dashboard.ranges import Preset, resolve
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.unit.dashboard.answers import Rows, WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")
ZONE = ZoneInfo("Europe/Vienna")


def question(filters: Filters | None = None) -> Question:
    return Question(
        preset=Preset.DAYS_7,
        span=resolve(Preset.DAYS_7, NOW, ZONE),
        zone=ZONE,
        revision=1,
        complete_until=utc("2026-11-24 14:00"),
        filters=filters or Filters(),
    )


def queries_of(answers: WrittenAnswers, budget: str | None = None) -> CostQueries:
    names = Names(DashboardSettings(account_names={"111": "Production"}))
    return CostQueries(answers, names, lambda: NOW, None if budget is None else Decimal(budget))


def days_of_costs(first: date, costs: list[str]) -> WrittenAnswers:
    starts = [
        datetime.combine(first + timedelta(days=day), datetime.min.time(), tzinfo=ZONE)
        for day in range(len(costs))
    ]
    rows: tuple[Rows, ...] = tuple({(): calls(1, cost)} for cost in costs)
    return WrittenAnswers(
        trends={TOTAL: (tuple(starts), rows)},
        state=Checkpoint(first_day=date(2026, 1, 1), data_up_to=utc("2026-11-24 14:05")),
    )


def test_an_account_stands_with_all_its_regions() -> None:
    answers = WrittenAnswers(
        rows={
            ACCOUNT: {
                ("111", "us-east-1"): calls(2, "1.5"),
                ("111", "eu-west-1"): calls(3, "2"),
                ("222", "eu-west-1"): calls(1, "9"),
            }
        }
    )
    found = queries_of(answers).usage_by(question(), "account")
    assert [(each.name, each.detail, each.stats.invocations) for each in found.rows] == [
        ("222", "", 1),
        ("Production", "111", 5),
    ]
    assert found.rows[1].stats.total_list_cost_usd == Decimal("3.5")
    assert found.rows[1].chip == ""


def test_calls_without_a_metadata_key_are_a_row_of_their_own() -> None:
    answers = WrittenAnswers(
        rows={tag_dimension("team"): {("search",): calls(1, "1"), (NONE,): calls(4, "3")}}
    )
    found = queries_of(answers).usage_by(question(), "meta.team")
    assert [(each.name, each.detail) for each in found.rows] == [
        ("Not set", "calls without this key"),
        ("search", ""),
    ]


def test_each_row_has_its_course() -> None:
    starts = (utc("2026-11-23 00:00"), utc("2026-11-24 00:00"))
    rows: tuple[Rows, ...] = (
        {("1", "ana"): calls(1, "2")},
        {("1", "ana"): calls(1, "3"), ("1", "ben"): calls(1, "4")},
    )
    found = queries_of(WrittenAnswers(trends={CALLER: (starts, rows)})).courses(question(), "caller")
    assert [stats.total_list_cost_usd for stats in found["1", "ana"]] == [2, 3]
    assert [stats.total_list_cost_usd for stats in found["1", "ben"]] == [0, 4]


def test_the_month_holds_its_own_days_and_is_forecast_from_those_before_too() -> None:
    answers = days_of_costs(date(2026, 10, 4), ["10"] * 28 + ["20"] * 23 + ["7"])
    found = queries_of(answers, "900").month(question())
    (asked,) = answers.filters
    assert asked.start == utc("2026-10-03 22:00")
    assert (len(found.days), found.days[0].start.isoformat()) == (24, "2026-11-01T00:00:00+01:00")
    assert [day.is_over for day in found.days[-2:]] == [True, False]
    assert found.cost_usd == 467
    assert (found.start, found.end) == (utc("2026-10-31 23:00"), utc("2026-11-30 23:00"))
    assert found.forecast is not None
    assert found.forecast.days == 28
    assert found.forecast.high_usd == found.forecast.likely_usd
    assert found.forecast.low_usd < found.forecast.high_usd
    assert found.budget_usd == 900


def test_the_budget_of_all_usage_is_not_held_against_a_part_of_it() -> None:
    answers = days_of_costs(date(2026, 11, 1), ["1"] * 24)
    narrowed = question(Filters(models=frozenset({"m"})))
    assert queries_of(answers, "900").month(narrowed).budget_usd is None


def test_the_day_that_logging_began_on_is_no_cheap_day() -> None:
    answers = days_of_costs(date(2026, 11, 20), ["1", "8", "8", "8", "3"])
    answers.state = Checkpoint(first_day=date(2026, 11, 20), data_up_to=NOW)
    found = queries_of(answers).month(question())
    assert found.forecast is not None
    assert (found.forecast.days, found.forecast.low_usd) == (2, found.forecast.high_usd)


def test_what_is_billed_is_compared_with_the_same_days_of_utc() -> None:
    answers = WrittenAnswers(rows={TOTAL: {(): calls(1, "10", discount_usd={"input": Decimal(1)})}})
    estimate = queries_of(answers).estimate_through(question(), date(2026, 11, 1), date(2026, 11, 22))
    assert estimate == 9
    assert (answers.filters[0].start, answers.filters[0].end) == (
        utc("2026-11-01 00:00"),
        utc("2026-11-23 00:00"),
    )
