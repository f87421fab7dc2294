from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import TOTAL
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.cost_explorer import BilledAmount, BilledState
from dashboard.billed import KNOWS_ACCOUNTS, KNOWS_NOT_THESE, with_bill
from dashboard.cost_models import BilledMonth, MonthCost
from dashboard.cost_queries import CostQueries
from dashboard.filters import Filters
from dashboard.names import Names
from dashboard.ranges import Preset, resolve
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.unit.dashboard.answers import WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")
ZONE = ZoneInfo("Europe/Vienna")
READY = BilledAmount(
    month="2026-11",
    state=BilledState.READY,
    amount_usd=Decimal("30.5"),
    by_account={"111": Decimal("20.5"), "222": Decimal(10)},
    through=date(2026, 11, 23),
    fetched_at=NOW,
)


@dataclass
class Bill:
    answer: BilledAmount = READY
    asked: list[str] = field(default_factory=list)

    def read(self, month: str) -> BilledAmount:
        self.asked.append(month)
        return self.answer


def month() -> MonthCost:
    return MonthCost(
        start=utc("2026-10-31 23:00"),
        end=utc("2026-11-30 23:00"),
        until=NOW,
        zone=ZONE,
        days=(),
        total=UsageStats(),
        forecast=None,
        budget_usd=None,
        billed=None,
    )


def billed(bill: Bill | None, filters: Filters | None = None) -> BilledMonth | None:
    answers = WrittenAnswers(rows={TOTAL: {(): calls(1, "31")}})
    cost = CostQueries(answers, Names(DashboardSettings()), lambda: NOW)
    question = Question(
        preset=Preset.DAYS_7,
        span=resolve(Preset.DAYS_7, NOW, ZONE),
        zone=ZONE,
        revision=1,
        complete_until=NOW,
        filters=filters or Filters(),
    )
    return with_bill(month(), bill, cost, question).billed


def test_the_bill_stands_beside_the_estimate_of_the_same_days() -> None:
    bill = Bill()
    found = billed(bill)
    assert bill.asked == ["2026-11"]
    assert found is not None
    assert found.amount_usd == Decimal("30.5")
    assert found.estimate_usd == Decimal(31)
    assert found.through == date(2026, 11, 23)


def test_accounts_are_billed_apart() -> None:
    found = billed(Bill(), Filters(accounts=frozenset({"222", "333"})))
    assert found is not None
    assert found.amount_usd == 10
    unseen = billed(Bill(), Filters(accounts=frozenset({"333"})))
    assert unseen is not None
    assert (unseen.amount_usd, unseen.message) == (None, KNOWS_NOT_THESE)


def test_a_part_that_cost_explorer_does_not_know_is_not_compared_nor_asked_for() -> None:
    bill = Bill()
    found = billed(bill, Filters(models=frozenset({"m"})))
    assert found is not None
    assert (found.amount_usd, found.message, bill.asked) == (None, KNOWS_ACCOUNTS, [])


def test_why_there_is_no_bill_is_told() -> None:
    refused = BilledAmount(
        month="2026-11", state=BilledState.NOT_ALLOWED, fetched_at=NOW, message="not allowed"
    )
    found = billed(Bill(refused))
    assert found is not None
    assert (found.amount_usd, found.message) == (None, "not allowed")


def test_a_deployment_without_cost_explorer_says_nothing_of_bills() -> None:
    assert billed(None) is None
