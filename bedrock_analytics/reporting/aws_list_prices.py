"""List prices of the AWS services that a deployment uses: us-east-1, USD, without any free tier."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price of us-east-1 in USD, without any free tier."""

    usd: Decimal
    unit: str
    source: str
    """Where it is listed, and when that was read or written."""


def _price(usd: str, unit: str, source: str) -> Price:
    return Price(usd=Decimal(usd), unit=unit, source=source)


WRITE = _price(
    "0.625",
    "million DynamoDB write units, on demand",
    "https://airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07-21",
)
READ = _price(
    "0.125",
    "million DynamoDB read units, on demand",
    "https://airbyte.com/data-engineering-resources/dynamodb-pricing, 2025-07-21",
)
LAMBDA_TIME = _price(
    "0.0000133334", "GB-second of Lambda, arm64", "https://cloudchipr.com/blog/aws-lambda-pricing, 2024"
)
LAMBDA_RUN = _price(
    "0.20", "million Lambda requests", "https://aws.amazon.com/lambda/pricing/, as quoted 2026-05-11"
)
STREAM = _price(
    "0.029",
    "GB taken in by Firehose, each row rounded up to 5 KB",
    "https://aws.amazon.com/kinesis/data-firehose/pricing/ (the rounding); the rate as widely quoted, 2026",
)
ATHENA = _price(
    "5",
    "TB read by Athena, 10 MB a query at least",
    "https://athena.guide/articles/athena-basics-pricing-model, 2026-11-23",
)
QUEUE = _price("0.40", "million SQS requests", "https://cloudburn.io/blog/amazon-sqs-pricing, 2026-03-14")
SCHEDULE = _price(
    "1.00", "million scheduled runs", "https://cloudburn.io/blog/amazon-eventbridge-pricing, 2026-03-13"
)
GET = _price(
    "0.40",
    "million S3 GET requests",
    "https://devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples",
)
ALARM = _price(
    "0.10",
    "CloudWatch alarm of a standard metric",
    "https://cloudburn.io/blog/amazon-cloudwatch-pricing, 2026-02",
)
METRIC = _price(
    "0.30", "CloudWatch metric of one's own", "https://signoz.io/guides/cloudwatch-pricing, 2026-02-15"
)
LOGS = _price(
    "0.50",
    "GB of logs taken in by CloudWatch",
    "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/, 2026-06-13",
)
PRICES: Final = (
    WRITE, READ, LAMBDA_TIME, LAMBDA_RUN, STREAM, ATHENA, QUEUE, SCHEDULE, GET, METRIC, ALARM, LOGS,
)  # fmt: skip
