"""L2: find hours that changed and replace their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from bedrock_analytics.domain.errors import LeaseHeld
from lambdas import wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="compute_cost")
metrics = Metrics(namespace="BedrockAnalytics", service="compute_cost")

RESERVE = timedelta(minutes=3)
"""Time kept for the chunk of work that is under way when no further one may begin."""


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do one run; what it leaves, the next one does. A run that finds another at work does nothing."""
    metrics.add_metric("ParkedPeriods", MetricUnit.Count, 0)  # a run without any is a zero, not a gap
    job = wiring.computing().job
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    try:
        report = job.run(wiring.now() + max(remaining - RESERVE, remaining / 2))
    except LeaseHeld as error:
        logger.info("nothing done", extra={"why": str(error)})
        return {"idle": True, "why": str(error)}
    metrics.add_metric("ParkedPeriods", MetricUnit.Count, len(report.parked))
    metrics.add_metric("RemainingPeriods", MetricUnit.Count, report.remaining)
    answer: dict[str, Any] = {
        "idle": report.idle,
        "computed": {kind.value: count for kind, count in report.computed.items()},
        "failed": report.failed,
        "parked": report.parked,
        "remaining": report.remaining,
        "data_up_to": report.data_up_to.isoformat() if report.data_up_to else None,
        "closed_through": report.closed_through.isoformat() if report.closed_through else None,
    }
    logger.info("run done", extra={"report": answer})
    return answer
