"""What Cost Explorer says of the month, beside our estimate of the same days."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final, Protocol

from bedrock_analytics.domain.periods import month_start
from bedrock_analytics.domain.usage_stats import sum_money
from bedrock_analytics.storage.cost_explorer import BilledAmount, BilledState
from dashboard.cost_models import BilledMonth, MonthCost
from dashboard.cost_queries import CostQueries
from dashboard.filters import Filters
from dashboard.view_models import Question

KNOWS_ACCOUNTS: Final = "Cost Explorer knows accounts only: clear the other filters to compare."
KNOWS_NOT_THESE: Final = "Cost Explorer of these credentials does not see the chosen accounts."


class BilledSource(Protocol):
    """What reads Cost Explorer: `storage.cost_explorer.BilledMonth`, or a test's own."""

    def read(self, month: str) -> BilledAmount: ...


def with_bill(
    month: MonthCost, source: BilledSource | None, cost: CostQueries, question: Question
) -> MonthCost:
    """The month with what was billed for it, where somebody can be asked."""
    if source is None:
        return month
    filters = question.filters
    if filters != Filters(accounts=filters.accounts):
        return replace(month, billed=_unknown(KNOWS_ACCOUNTS))
    name = f"{month.start.astimezone(month.zone):%Y-%m}"
    found = source.read(name)
    amount = _amount(found, filters.accounts)
    if found.state is not BilledState.READY or found.through is None:
        return replace(month, billed=_unknown(found.message))
    if amount is None:
        return replace(month, billed=_unknown(KNOWS_NOT_THESE))
    billed = BilledMonth(
        amount_usd=amount,
        estimate_usd=cost.estimate_through(question, month_start(name), found.through),
        through=found.through,
        fetched_at=found.fetched_at,
        message=found.message,
    )
    return replace(month, billed=billed)


def _amount(found: BilledAmount, accounts: frozenset[str]) -> Decimal | None:
    """What was billed for the accounts, or for all of them; None where none of them is known."""
    if not accounts:
        return found.amount_usd
    known = accounts & found.by_account.keys()
    return sum_money(found.by_account[account] for account in known) if known else None


def _unknown(message: str) -> BilledMonth:
    return BilledMonth(amount_usd=None, estimate_usd=None, through=None, fetched_at=None, message=message)
