"""L1: new log objects, announced through SQS, into the event stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from bedrock_analytics.jobs.parse_object import ParseSummary, parse_object
from lambdas import parse_wiring
from lambdas.object_events import log_objects_of

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="parse_log")
metrics = Metrics(namespace="BedrockAnalytics", service="parse_log")


class _LoggedBatch(BatchProcessor):
    """Logs what failed a message, which is then delivered again and at last dead-lettered."""

    def failure_handler(self, record: Any, exception: Any) -> Any:
        logger.error(
            "message failed",
            extra={
                "message_id": record.message_id,
                "error": f"{type(exception[1]).__name__}: {exception[1]}",
            },
        )
        return super().failure_handler(record, exception)


@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Parse the objects of a batch of messages; what could not be done is named, to be delivered again."""
    metrics.add_metric("ParsedCalls", MetricUnit.Count, 0)  # an object without calls is a zero, not a gap
    dependencies = parse_wiring.parse_log()
    processor = _LoggedBatch(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(event["Records"], lambda record: _parse(record, dependencies)):
        processor.process()
    return processor.response()


def _parse(record: SQSRecord, dependencies: parse_wiring.ParseLog) -> None:
    settings = dependencies.settings
    for log_object in log_objects_of(record.body):
        if not log_object.key.startswith(settings.records_prefix):
            logger.info(
                "object passed over", extra={"object": log_object.source, "why": "outside the log prefix"}
            )
            continue
        _report(log_object.source, parse_object(log_object, dependencies.stream, dependencies.tools))


def _report(source: str, summary: ParseSummary) -> None:
    """Tell what became of every line; of metrics only two, because each costs in each account."""
    logger.info("object parsed", extra={"object": source, "summary": summary.as_json()})
    metrics.add_metric("ParsedCalls", MetricUnit.Count, summary.events)
    metrics.add_metric("RejectedLines", MetricUnit.Count, summary.rejected)
