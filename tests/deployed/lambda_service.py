"""Lambda and its Scheduler: runs of declared functions, each as its declared role, in its environment."""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from unittest import mock

import boto3

from lambdas import compute_wiring, parse_wiring, price_wiring
from tests.deployed.cloud import Cloud
from tests.deployed.iam import Request
from tests.deployed.programs import Program
from tests.pulumi.engine import Resource

FUNCTION = "aws:lambda/function:Function"
POLLER = "aws:lambda/eventSourceMapping:EventSourceMapping"
RUNS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
QUEUE = "aws:sqs/queue:Queue"
SCHEDULE = "aws:scheduler/schedule:Schedule"


class RunFailed(Exception):
    """A run ended without an answer."""


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a run about itself."""

    function_name: str
    timeout_seconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.timeout_seconds * 1000


@dataclass
class LambdaService:
    """Runs functions of a cloud."""

    cloud: Cloud
    printed: list[str] = field(default_factory=list)
    """What functions wrote, run by run."""

    def poll(self, program: Program) -> int:
        """The poller takes messages from the program's queue once; returns how many came.

        What a run names as failed stays, visible at once instead of after the timeout.
        """
        [poller] = program.deployed.of(POLLER)
        function = self.cloud.with_arn(FUNCTION, poller.inputs["functionName"])
        url = self.cloud.with_arn(QUEUE, poller.inputs["eventSourceArn"]).outputs["url"]
        sqs = self._as_function(function, program.region).client("sqs")
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=poller.inputs["batchSize"], AttributeNames=["All"]
        ).get("Messages", [])
        if not found:
            return 0
        event = {"Records": [_sqs_record(message, poller.inputs["eventSourceArn"]) for message in found]}
        answer = self.run(function, event, program.region)
        failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
        clock = self.cloud.session(program.account, program.region).client("sqs")
        for message in found:
            handle = message["ReceiptHandle"]
            if message["MessageId"] in failed:
                clock.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
            else:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        return len(found)

    def run(self, function: Resource, event: dict[str, Any], region: str) -> Any:
        """One cold run with the declared handler, environment and role; what it prints is logged."""
        session = self._as_function(function, region)
        module_name, _, attribute = function.inputs["handler"].rpartition(".")
        module = importlib.import_module(module_name)
        context = Context(function.inputs["name"], function.inputs["timeout"])
        output = io.StringIO()
        with (
            _process(function, session, region),
            redirect_stdout(output),
            mock.patch.object(module.logger.registered_handler, "stream", output),
        ):
            try:
                return getattr(module, attribute)(event, context)
            finally:
                boto3.DEFAULT_SESSION = None
                self.printed.append(output.getvalue())
                self._log(function, session, output.getvalue())

    def tick(self, program: Program, part: str) -> list[Any]:
        """Start what the schedules start whose name ends so; returns the answers of the runs."""
        schedules = [one for one in program.deployed.of(SCHEDULE) if one.name.endswith(part)]
        return [self._start(schedule.inputs["target"], program.region) for schedule in schedules]

    def _start(self, target: dict[str, Any], region: str) -> Any:
        for action, resource in (
            ("lambda:InvokeFunction", target["arn"]),
            ("sqs:SendMessage", target["deadLetterConfig"]["arn"]),
        ):
            self.cloud.ask(target["roleArn"], Request(action=action, resource=resource))
        function = self.cloud.with_arn(FUNCTION, target["arn"])
        return self.run_later(
            function, region, lambda: self.run(function, json.loads(target["input"]), region)
        )

    def run_later(self, function: Resource, region: str, run: Callable[[], Any]) -> Any:
        """A run that nobody waits for; one that fails is not repeated, and is kept where it is declared."""
        [runs] = [
            one for one in self.cloud.resources(RUNS) if one.inputs["functionName"] == function.inputs["name"]
        ]
        assert runs.inputs["maximumRetryAttempts"] == 0
        try:
            return run()
        except RunFailed as error:
            arn = runs.inputs["destinationConfig"]["onFailure"]["destination"]
            self._as_function(function, region).client("sqs").send_message(
                QueueUrl=self.cloud.with_arn(QUEUE, arn).outputs["url"],
                MessageBody=json.dumps({"functionArn": function.outputs["arn"], "error": str(error)}),
            )
            return None

    def _as_function(self, function: Resource, region: str) -> boto3.Session:
        return self.cloud.service_session(function.inputs["role"], "lambda.amazonaws.com", region)

    def _log(self, function: Resource, session: boto3.Session, printed: str) -> None:
        """Lambda writes what a run printed, as the function's role."""
        logs = session.client("logs")
        group = function.inputs["loggingConfig"]["logGroup"]
        stream = f"run-{len(self.printed)}"
        now = int(datetime.now(UTC).timestamp() * 1000)
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        if lines := [line for line in printed.splitlines() if line]:
            logs.put_log_events(
                logGroupName=group,
                logStreamName=stream,
                logEvents=[{"timestamp": now, "message": line} for line in lines],
            )


def _sqs_record(message: Any, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
    }


def _process(function: Resource, session: boto3.Session, region: str) -> AbstractContextManager[Any]:
    """The process that Lambda starts: declared variables, the role's credentials, nothing kept."""
    for root in (parse_wiring.parse_log, compute_wiring.computing, price_wiring.sync_pricing):
        root.cache_clear()
    boto3.DEFAULT_SESSION = None
    variables = cast("dict[str, str]", function.inputs["environment"]["variables"])
    return environment(session, region, AWS_LAMBDA_FUNCTION_NAME=function.inputs["name"], **variables)


def environment(session: boto3.Session, region: str, **variables: str) -> AbstractContextManager[Any]:
    """The environment of a process with a session's credentials."""
    credentials = session.get_credentials()
    assert credentials is not None
    assert credentials.token is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return mock.patch.dict(os.environ, {**kept, **own, **variables}, clear=True)
