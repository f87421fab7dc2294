"""Alarms and where they go. What is watched is plain data; AWS's own metrics cost nothing to keep.

The program's own metrics carry no dimension but the function's: each name costs once. `METRICS` lists them
all, at most eight in a hub and two in a spoke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import as_json
from components.naming import METRIC_NAMESPACE, DeploymentNames, FunctionName, HubNames

METRICS: Final[Mapping[FunctionName, tuple[str, ...]]] = {
    FunctionName.PARSE_LOG: ("ParsedCalls", "RejectedLines"),
    FunctionName.COMPUTE_COST: (
        "DataAgeSeconds",
        "MissingColumns",
        "MonthCost",
        "MonthCostForecast",
        "ParkedPeriods",
    ),
    FunctionName.SYNC_PRICING: ("PriceSyncFailed",),
}
"""Every metric that the functions emit."""

MISSED_RUNS: Final = 6
"""After so many missed runs of L2 its data is stale."""
LEAST_STALE_SECONDS: Final = 1800
STALE_DELIVERY_SECONDS: Final = 900
STALE_MESSAGE_SECONDS: Final = 3600
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm: it goes off while the statistic of a period is above the threshold."""

    part: str
    description: str
    """What it means and what to do."""
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"
    period_seconds: int = 300
    threshold: float = 0
    periods: int = 1
    missing: str = "notBreaching"
    """How a period without data counts: notBreaching, breaching or ignore."""


def log_alarms(names: DeploymentNames) -> list[Alarm]:
    """Of hub and spoke: log objects that are not read."""
    return [
        _messages(names.log_dead_letters, "log-dead-letters", "Log objects could not be parsed"),
        _messages(names.event_dead_letters, "event-dead-letters", "Events of log objects were not queued"),
        Alarm(
            part="log-queue-age",
            description="Log objects wait for an hour: parse_log fails, or a backfill is under way",
            namespace="AWS/SQS",
            metric="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": names.log_queue},
            statistic="Maximum",
            threshold=STALE_MESSAGE_SECONDS,
        ),
    ]


def hub_alarms(names: HubNames, compute_interval_seconds: int) -> list[Alarm]:
    """Of a hub: the stream, L2, the price sync and runs that failed."""
    stream = {"DeliveryStreamName": names.stream}
    return [
        *log_alarms(names),
        _messages(names.failed_runs, "failed-runs", "Runs of functions failed or were not started"),
        Alarm(
            part="stream-failures",
            description="Rows were not written to the lake: see firehose-errors/ in the log bucket",
            namespace="AWS/Firehose",
            metric="DeliveryToIceberg.FailedRowCount",
            dimensions=stream,
        ),
        Alarm(
            part="stream-freshness",
            description="The oldest row that waits for the lake is older than fifteen minutes",
            namespace="AWS/Firehose",
            metric="DeliveryToIceberg.DataFreshness",
            dimensions=stream,
            statistic="Maximum",
            threshold=STALE_DELIVERY_SECONDS,
        ),
        Alarm(
            part="stream-throttling",
            description="The stream refuses rows for a quarter of an hour: ask for a higher limit, or append",
            namespace="AWS/Firehose",
            metric="ThrottledRecords",
            dimensions=stream,
            periods=3,
        ),
        *_compute_alarms(names, compute_interval_seconds),
        *_sync_alarms(names),
    ]


def _compute_alarms(names: HubNames, interval_seconds: int) -> list[Alarm]:
    function = FunctionName.COMPUTE_COST
    stale = max(MISSED_RUNS * interval_seconds, LEAST_STALE_SECONDS)
    return [
        Alarm(
            part="compute-errors",
            description="Three periods of five minutes with failed L2 runs: see the log of compute-cost",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": names.function(function)},
            periods=3,
        ),
        replace(
            _own(
                function,
                "DataAgeSeconds",
                "compute-stale",
                "L2 has not finished a run for long: see the schedule and the log of compute-cost",
            ),
            threshold=stale,
            period_seconds=_whole_minutes(stale),
            missing="breaching",
        ),
        _own(
            function,
            "ParkedPeriods",
            "parked-periods",
            "Hours or days failed three times and are left out: the dashboard names them",
        ),
        _own(
            function,
            "MissingColumns",
            "missing-columns",
            "The lake lacks columns of this version: run `bedrock-analytics migrate`",
        ),
    ]


def _sync_alarms(names: HubNames) -> list[Alarm]:
    function = FunctionName.SYNC_PRICING
    failed = _own(
        function,
        "PriceSyncFailed",
        "price-sync",
        "The price list could not be read or is unsound: the old prices stay in force",
    )
    return [
        replace(failed, period_seconds=_HOUR),
        Alarm(
            part="price-sync-errors",
            description="The price sync failed: see the log of sync-pricing",
            namespace="AWS/Lambda",
            metric="Errors",
            dimensions={"FunctionName": names.function(function)},
            period_seconds=_HOUR,
        ),
    ]


def _messages(queue: str, part: str, description: str) -> Alarm:
    return Alarm(
        part=part,
        description=f"{description}: see the messages of {queue}, then redrive them",
        namespace="AWS/SQS",
        metric="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": queue},
        statistic="Maximum",
    )


def _own(function: FunctionName, metric: str, part: str, description: str) -> Alarm:
    """An alarm that goes off where a function's own metric is ever above 0."""
    return Alarm(
        part=part,
        description=description,
        namespace=METRIC_NAMESPACE,
        metric=metric,
        dimensions=metric_dimensions(function),
        statistic="Maximum",
    )


def metric_dimensions(function: FunctionName) -> dict[str, str]:
    """Dimensions of the metrics that a function emits."""
    return {"service": function.replace("-", "_")}


def _whole_minutes(seconds: int) -> int:
    """CloudWatch counts in whole minutes, up to a day."""
    return min(-(-seconds // 60) * 60, 24 * _HOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsArgs:
    """Arguments of alarms."""

    names: DeploymentNames
    alarms: Sequence[Alarm]
    emails: Sequence[str] = field(default_factory=tuple)
    """Who is told; each address confirms once."""
    topic_arn: str | None = None
    """A topic that was there before, left as it is; None to make one."""


class Alarms(pulumi.ComponentResource):
    """A topic, its `arn`, and the alarms that publish to it."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:Alarms", name, None, opts)
        self.topic_arn: pulumi.Input[str] = args.topic_arn or self._declare_topic(name, args).arn
        for alarm in args.alarms:
            self._declare_alarm(name, args.names, alarm)
        self.register_outputs({"topic_arn": self.topic_arn})

    def _declare_topic(self, name: str, args: AlarmsArgs) -> aws.sns.Topic:
        """The topic; without a key of its own, because alarms cannot publish under AWS's key for topics."""
        names = args.names
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(f"{name}-topic", name=names.alarm_topic, opts=child)
        policy = policies.alarm_topic(names.arn("sns", names.alarm_topic), names.account)
        aws.sns.TopicPolicy(f"{name}-topic-policy", arn=topic.arn, policy=as_json(policy), opts=child)
        for address in args.emails:
            aws.sns.TopicSubscription(
                f"{name}-email-{address}", topic=topic.arn, protocol="email", endpoint=address, opts=child
            )
        return topic

    def _declare_alarm(self, name: str, names: DeploymentNames, alarm: Alarm) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.part}",
            name=names.alarm(alarm.part),
            alarm_description=alarm.description,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=alarm.statistic,
            period=alarm.period_seconds,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.periods,
            threshold=alarm.threshold,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data=alarm.missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],  # whoever is woken also learns that it is over
            opts=pulumi.ResourceOptions(parent=self),
        )
