"""Nightly and monthly reconciliation, and backfills: marks periods that L2 then computes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import ConfigurationError
from lambdas import clients, compute_wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from bedrock_analytics.jobs.reconcile import Reconciler

logger = Logger(service="aggregate_stats")

BACKFILL = "backfill"


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Mark what must be computed again.

    `{}` compares every retained day with the lake; `{"close_month": true}` asks for last month to be folded
    again; `{"day": "2026-03-10"}`, `{"month": "2026-03"}` or `{"first": …, "last": …}` (days, both
    included) ask for a backfill. ConfigurationError for any other event.
    """
    reconciler = compute_wiring.computing().reconciler
    marked = _marked(event, reconciler)
    logger.info("periods marked", extra={"periods": marked})
    return {"marked": marked}


def _marked(event: dict[str, Any], reconciler: Reconciler) -> list[str]:
    match event:
        case {"close_month": True}:
            last = clients.now().date().replace(day=1) - timedelta(days=1)
            return reconciler.mark_month(periods.month_of(last), "month closed")
        case {"day": str(day)}:
            return reconciler.mark_days([_day(day)], BACKFILL)
        case {"month": str(month)}:
            return reconciler.mark_days(
                periods.days_of_month(periods.month_of(_day(f"{month}-01"))), BACKFILL
            )
        case {"first": str(first), "last": str(last_day)}:
            end = _day(last_day) + timedelta(days=1)
            return reconciler.mark_days(periods.days_between(_day(first), end), BACKFILL)
        case _ if not event.keys() & {"close_month", "day", "month", "first", "last"}:
            report = reconciler.reconcile()
            return sorted({*report.marked, *report.revived})
        case _:
            raise ConfigurationError(
                f"event {event} is none of {{}}, {{close_month: true}}, {{day}}, {{month}}, {{first, last}}"
            )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"{text!r} is not a day such as 2026-03-10") from error
