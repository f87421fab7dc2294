"""L2: find hours that changed and replace their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from bedrock_analytics.domain.errors import LeaseHeld
from bedrock_analytics.reporting.month_cost import MonthCost, month_cost
from lambdas import clients, compute_wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from bedrock_analytics.jobs.compute_cost import ComputeReport

logger = Logger(service="compute_cost")
metrics = Metrics(namespace="BedrockAnalytics", service="compute_cost")

RESERVE = timedelta(minutes=3)
"""Time kept for the chunk of work that is under way when no further one may begin."""


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do one run; what it leaves, the next one does. A run that finds another at work does nothing."""
    metrics.add_metric("ParkedPeriods", MetricUnit.Count, 0)  # a run without any is a zero, not a gap
    computing = compute_wiring.computing()
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    try:
        report = computing.job.run(clients.now() + max(remaining - RESERVE, remaining / 2))
    except LeaseHeld as error:
        logger.info("nothing done", extra={"why": str(error)})
        return {"idle": True, "why": str(error)}
    _measure(report)
    if report.missing_columns:
        logger.error(
            "the lake lacks columns",
            extra={"columns": report.missing_columns, "next_step": "run `bedrock-analytics migrate`"},
        )
    if not report.idle:  # pages that nothing changed cost what they cost
        _measure_cost(month_cost(computing.reader, clients.now()))
    answer: dict[str, Any] = {
        "idle": report.idle,
        "computed": {kind.value: count for kind, count in report.computed.items()},
        "missing_columns": list(report.missing_columns),
        "failed": report.failed,
        "parked": report.parked,
        "remaining": report.remaining,
        "data_up_to": report.data_up_to.isoformat() if report.data_up_to else None,
        "closed_through": report.closed_through.isoformat() if report.closed_through else None,
    }
    logger.info("run done", extra={"report": answer})
    return answer


def _measure(report: ComputeReport) -> None:
    """Emit what the alarms watch. A run that did not end emits no age, which is how staleness shows."""
    if report.data_up_to is not None:
        age = clients.now() - report.data_up_to
        metrics.add_metric("DataAgeSeconds", MetricUnit.Seconds, age.total_seconds())
    metrics.add_metric("ParkedPeriods", MetricUnit.Count, len(report.parked))
    metrics.add_metric("MissingColumns", MetricUnit.Count, len(report.missing_columns))


def _measure_cost(cost: MonthCost) -> None:
    """Emit what the budget's alarms watch, USD. CloudWatch keeps floating-point numbers."""
    metrics.add_metric("MonthCost", MetricUnit.NoUnit, float(cost.spent_usd))
    if cost.forecast_usd is not None:
        metrics.add_metric("MonthCostForecast", MetricUnit.NoUnit, float(cost.forecast_usd))
