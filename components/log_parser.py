"""From new log objects to `parse_log`: rule, queue, dead letters, function. Hub and spoke both have it.

S3 -> EventBridge rule -> queue -> parse_log
             |              |
             v              v  after five deliveries
      event dead letters   dead letters
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import Document, as_json
from components.naming import DeploymentNames
from components.python_function import PythonFunction, PythonFunctionArgs

MAX_DELIVERIES: Final = 5
VISIBILITY_FACTOR: Final = 6
"""Lambda asks for a visibility timeout of at least six function timeouts."""
KEPT_SECONDS: Final = 14 * 24 * 3600
"""The longest that SQS keeps a message."""
BATCH_SIZE: Final = 10
BATCH_WINDOW_SECONDS: Final = 5
RULE_RETRY_SECONDS: Final = 24 * 3600
RULE_RETRIES: Final = 185
"""EventBridge's own defaults, the longest it allows."""


def log_object_pattern(bucket: str, records_prefix: str) -> dict[str, Any]:
    """The events that the rule lets through: new record objects, `{time}Z_{hash}.json.gz`.

    Bodies that Bedrock moves out of records lie below the same prefix, in `data/`, named for request ids in
    lower case: the `Z_` of the time keeps them out, and a prefix keeps out what others write.
    """
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [bucket]},
            "object": {"key": [{"wildcard": f"{_literal(records_prefix)}*Z_*.json.gz"}]},
        },
    }


def _literal(text: str) -> str:
    """The text as a wildcard pattern that matches itself alone."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogParserArgs:
    """Arguments of a log parser. `function` is `parse_log` with its environment and its policy."""

    names: DeploymentNames
    log_bucket: str
    records_prefix: str
    """What the keys of log objects begin with, `AWSLogs/` included."""
    function: PythonFunctionArgs
    max_concurrency: int = 5
    """Most runs at once, so that a backfill stays below the stream's rate."""


class LogParser(pulumi.ComponentResource):
    """Rule, queues and function. `queue`, `dead_letters` and `event_dead_letters` are the queues."""

    def __init__(self, name: str, args: LogParserArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:LogParser", name, None, opts)
        names = args.names
        self.dead_letters = self._queue(f"{name}-dead-letters", names.log_dead_letters)
        self.event_dead_letters = self._queue(f"{name}-event-dead-letters", names.event_dead_letters)
        self.queue = self._queue(
            f"{name}-queue",
            names.log_queue,
            visibility_timeout_seconds=VISIBILITY_FACTOR * args.function.timeout_seconds,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": MAX_DELIVERIES}
            ),
        )
        self._declare_queue_policies(name, names)
        self.rule = self._declare_rule(name, args)
        self.parse_log = PythonFunction(
            f"{name}-parse-log", args.function, pulumi.ResourceOptions(parent=self)
        )
        self._declare_poller(name, args.max_concurrency)
        self.register_outputs({"queue_url": self.queue.url, "dead_letters_url": self.dead_letters.url})

    def _queue(self, name: str, physical: str, **settings: Any) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            name,
            name=physical,
            message_retention_seconds=KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
            **settings,
        )

    def _declare_queue_policies(self, name: str, names: DeploymentNames) -> None:
        """The rule may send to two of the queues; SQS itself moves messages to the third."""

        def arn(queue: str) -> str:
            return names.queue_arn(queue)

        granted: list[tuple[str, aws.sqs.Queue, Document]] = [
            ("queue", self.queue, policies.event_queue(arn(names.log_queue), names.log_rule_arn)),
            (
                "event-dead-letters",
                self.event_dead_letters,
                policies.event_queue(arn(names.event_dead_letters), names.log_rule_arn),
            ),
            ("dead-letters", self.dead_letters, policies.private_queue(arn(names.log_dead_letters))),
        ]
        for part, queue, policy in granted:
            aws.sqs.QueuePolicy(
                f"{name}-{part}-policy",
                queue_url=queue.url,
                policy=as_json(policy),
                opts=pulumi.ResourceOptions(parent=self),
            )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-letters-sources",
            queue_url=self.dead_letters.url,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [arn(names.log_queue)]}
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _declare_rule(self, name: str, args: LogParserArgs) -> aws.cloudwatch.EventRule:
        rule = aws.cloudwatch.EventRule(
            f"{name}-rule",
            name=args.names.log_rule,
            description="New Bedrock invocation logs",
            event_pattern=json.dumps(
                log_object_pattern(args.log_bucket, args.records_prefix), sort_keys=True
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            target_id="log-objects",
            arn=self.queue.arn,
            dead_letter_config={"arn": self.event_dead_letters.arn},
            retry_policy={
                "maximum_event_age_in_seconds": RULE_RETRY_SECONDS,
                "maximum_retry_attempts": RULE_RETRIES,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        return rule

    def _declare_poller(self, name: str, max_concurrency: int) -> None:
        function = self.parse_log
        aws.lambda_.EventSourceMapping(
            f"{name}-poller",
            event_source_arn=self.queue.arn,
            function_name=function.function.arn,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": max_concurrency},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[function.policy]),
        )
