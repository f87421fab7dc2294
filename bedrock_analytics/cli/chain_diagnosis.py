"""Where a log object may be stuck: looked up part by part, when it did not arrive. Read-only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_analytics.cli.aws_session import AwsSession, error_code
from bedrock_analytics.cli.log_site import LogSite
from bedrock_analytics.storage.usage_table import Checkpoint
from components.naming import DELIVERY_ERRORS_PREFIX, FunctionName, HubNames

_MAX_ENTRIES: Final = 100


@dataclass(frozen=True, kw_only=True)
class ChainDiagnosis:
    """Looks into the parts of a site and its hub."""

    site: LogSite
    hub: HubNames
    hub_session: AwsSession
    errors_bucket: str
    """Where the stream keeps rows that it could not deliver."""

    def parser_entries(self, token: str, since: datetime) -> list[dict[str, Any]]:
        """What L1 logged about an object whose key holds the token."""
        group = self.site.names.function_log_group(FunctionName.PARSE_LOG)
        try:
            answer = self.site.session.client("logs").filter_log_events(
                logGroupName=group,
                startTime=int(since.timestamp() * 1000) - 60_000,
                filterPattern=f'"{token}"',
                limit=_MAX_ENTRIES,
            )
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return []
            raise
        return [entry for event in answer["events"] if (entry := _entry(event["message"]))]

    def before_parser(self) -> str:
        """Why an object did not reach L1."""
        return _first(
            self._announcement(),
            self._rule(),
            self._waiting(
                self.site.names.event_dead_letters, "EventBridge could not put events in the queue"
            ),
            self._waiting(self.site.names.log_dead_letters, "L1 failed five times with messages"),
            self._poller(),
            self._waiting(self.site.names.log_queue, "messages wait in L1's queue"),
            "no message waits anywhere: see the log group "
            + self.site.names.function_log_group(FunctionName.PARSE_LOG),
        )

    def before_lake(self, since: datetime) -> str:
        """Why a row that was put on the stream did not reach the lake."""
        return _first(
            self._delivery_errors(since),
            self._stream(),
            f"the stream has delivered nothing yet: see the log group {self.hub.stream_log_group}",
        )

    def before_numbers(self, checkpoint: Checkpoint) -> str:
        """Why L2 did not read the row."""
        name = self.hub.function(FunctionName.COMPUTE_COST)
        if checkpoint.last_error:
            return f"L2 last failed with: {checkpoint.last_error}"
        if checkpoint.missing_columns:
            return f"the lake lacks {', '.join(checkpoint.missing_columns)}: run `bedrock-analytics migrate`"
        seen = checkpoint.checked_at.isoformat(timespec="seconds") if checkpoint.checked_at else "never"
        return f"L2 last looked at the lake at {seen}: see its schedule and the function {name}"

    def _announcement(self) -> Iterator[str]:
        client = self.site.session.client("s3")
        found = client.get_bucket_notification_configuration(Bucket=self.site.bucket)
        if "EventBridgeConfiguration" not in found:
            yield (
                f"the bucket {self.site.bucket} does not tell EventBridge of new objects: "
                "run `bedrock-analytics connect-bucket`, or `make up` where the stack made the bucket"
            )

    def _rule(self) -> Iterator[str]:
        name = self.site.names.log_rule
        try:
            rule = self.site.session.client("events").describe_rule(Name=name)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                yield f"there is no rule {name}: run `make up`"
                return
            raise
        if rule.get("State") != "ENABLED":
            yield f"the rule {name} is switched off"

    def _waiting(self, queue: str, told: str) -> Iterator[str]:
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        client = self.site.session.client("sqs")
        try:
            answer = client.get_queue_attributes(
                QueueUrl=self.site.names.queue_url(queue), AttributeNames=list(counts)
            )
        except ClientError as error:
            if "NonExistentQueue" in error_code(error) or "QueueDoesNotExist" in error_code(error):
                yield f"there is no queue {queue}: run `make up`"
                return
            raise
        number = sum(int(answer["Attributes"].get(name, 0)) for name in counts)
        if number:
            yield f"{told}: {number} in {queue}"

    def _poller(self) -> Iterator[str]:
        function = self.site.names.function(FunctionName.PARSE_LOG)
        try:
            found = self.site.session.client("lambda").list_event_source_mappings(FunctionName=function)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                yield f"there is no function {function}: run `make up`"
                return
            raise
        states = [mapping.get("State") for mapping in found["EventSourceMappings"]]
        if "Enabled" not in states:
            yield f"the function {function} does not read its queue (its mapping is {states or 'missing'})"

    def _delivery_errors(self, since: datetime) -> Iterator[str]:
        client = self.hub_session.client("s3")
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=self.errors_bucket, Prefix=DELIVERY_ERRORS_PREFIX
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                if entry["LastModified"] >= since:
                    yield f"the stream could not deliver rows: see s3://{self.errors_bucket}/{entry['Key']}"
                    return

    def _stream(self) -> Iterator[str]:
        name = self.hub.stream
        try:
            found = self.hub_session.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                yield f"there is no stream {name} in the hub: run `make up` for the hub"
                return
            raise
        status = found["DeliveryStreamDescription"]["DeliveryStreamStatus"]
        if status != "ACTIVE":
            yield f"the stream {name} is {status}"


def _first(*looks: Iterator[str] | str) -> str:
    """The first thing that a look finds; later looks are not made, and one that is denied is passed over."""
    for look in looks:
        if isinstance(look, str):
            return look
        try:
            found = next(look, None)
        except ClientError as error:
            if error_code(error).startswith("AccessDenied") or error_code(error) == "AuthorizationError":
                continue
            raise
        if found is not None:
            return found
    return "nothing was found"


def _entry(message: str) -> dict[str, Any] | None:
    """A log entry of a function, None for a line that is no JSON object."""
    try:
        found = json.loads(message)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
