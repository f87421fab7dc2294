"""Price sync: looks hourly whether one is due, and brings the price table up to date with the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from bedrock_analytics.jobs.sync_prices import is_due, sync_prices
from bedrock_analytics.jobs.sync_report import SyncStatus
from lambdas import clients, price_wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="sync_pricing")
metrics = Metrics(namespace="BedrockAnalytics", service="sync_pricing")


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sync if one is due, or in any case where the event is `{"force": true}`; returns the report.

    A list that is unsound is no fault of the function: it is counted, told in META and tried again.
    """
    metrics.add_metric("PriceSyncFailed", MetricUnit.Count, 0)  # an hour without a sync is no gap
    dependencies = price_wiring.sync_pricing()
    now = clients.now()
    if event.get("force") is not True and not is_due(dependencies.table.load_meta(), now):
        return {"status": "not due"}
    report = sync_prices(dependencies.table, dependencies.source.read, now)
    if report.status is SyncStatus.FAILED:
        metrics.add_metric("PriceSyncFailed", MetricUnit.Count, 1)
    row: dict[str, Any] = report.row()
    logger.info("prices synced", extra={"report": row})
    return row
