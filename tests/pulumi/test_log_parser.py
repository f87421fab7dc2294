from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from moto.events.models import EventPattern

from components.iam_documents import document
from components.log_parser import LogParser, LogParserArgs, log_object_pattern
from components.naming import FunctionName, SpokeNames
from components.python_function import PythonFunctionArgs
from tests.pulumi.documents import statements
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

NAMES = SpokeNames(account=ACCOUNT, region=REGION)
TIMEOUT = 120
FOLDER = f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/2026/11/24/10"
RECORDS = f"{FOLDER}/20261124T100501234Z_0a1b2c3d4e5f6789.json.gz"


@pytest.fixture(scope="module")
def parser() -> Deployed:
    def program() -> None:
        function = PythonFunctionArgs(
            names=NAMES,
            function=FunctionName.PARSE_LOG,
            description="Parses log objects",
            code=pulumi.AssetArchive({"code.py": pulumi.StringAsset("")}),
            policy=document(),
            environment={},
            timeout_seconds=TIMEOUT,
            memory_mb=512,
        )
        LogParser(
            "logs",
            LogParserArgs(
                names=NAMES, log_bucket="my-logs", records_prefix="bedrock/AWSLogs/", function=function
            ),
        )

    return deploy(program)


def arn_of(parser: Deployed, name: str) -> str:
    arn = parser.only("aws:sqs/queue:Queue", name).outputs["arn"]
    assert isinstance(arn, str)
    return arn


def test_a_message_is_hidden_for_six_timeouts_and_dead_lettered_after_five_deliveries(
    parser: Deployed,
) -> None:
    queue = parser.only("aws:sqs/queue:Queue", "logs-queue").inputs
    assert queue["visibilityTimeoutSeconds"] == 6 * TIMEOUT
    assert json.loads(queue["redrivePolicy"]) == {
        "deadLetterTargetArn": arn_of(parser, "logs-dead-letters"),
        "maxReceiveCount": 5,
    }


def test_every_queue_is_encrypted_and_keeps_messages_for_two_weeks(parser: Deployed) -> None:
    queues = parser.of("aws:sqs/queue:Queue")
    assert [queue.inputs["name"] for queue in queues] == [
        NAMES.log_dead_letters,
        NAMES.event_dead_letters,
        NAMES.log_queue,
    ]
    for queue in queues:
        assert queue.inputs["sqsManagedSseEnabled"] is True
        assert queue.inputs["messageRetentionSeconds"] == 1_209_600


def test_only_the_rule_puts_events_in_a_queue_and_nobody_without_tls(parser: Deployed) -> None:
    policies = {
        one.name: statements(one.inputs["policy"]) for one in parser.of("aws:sqs/queuePolicy:QueuePolicy")
    }
    rule = parser.only("aws:cloudwatch/eventRule:EventRule").outputs["arn"]
    for name in ("logs-queue", "logs-event-dead-letters"):
        taken = policies[f"{name}-policy"]["TakeEvents"]
        assert taken["Principal"] == {"Service": "events.amazonaws.com"}
        assert (taken["Action"], taken["Resource"]) == (["sqs:SendMessage"], [arn_of(parser, name)])
        assert taken["Condition"] == {"ArnEquals": {"aws:SourceArn": rule}}
    assert "TakeEvents" not in policies["logs-dead-letters-policy"]
    for policy in policies.values():
        assert policy["DenyPlainText"]["Effect"] == "Deny"
        assert policy["DenyPlainText"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_queues_own_messages_are_dead_lettered(parser: Deployed) -> None:
    allowed = parser.only("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").inputs
    assert json.loads(allowed["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arn_of(parser, "logs-queue")],
    }


def test_an_event_that_cannot_be_queued_is_kept(parser: Deployed) -> None:
    target = parser.only("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert target["arn"] == arn_of(parser, "logs-queue")
    assert target["deadLetterConfig"] == {"arn": arn_of(parser, "logs-event-dead-letters")}
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185}


def test_messages_come_in_batches_whose_failures_return_one_by_one(parser: Deployed) -> None:
    poller = parser.only("aws:lambda/eventSourceMapping:EventSourceMapping")
    assert poller.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert poller.inputs["scalingConfig"] == {"maximumConcurrency": 5}
    assert poller.inputs["batchSize"] == 10
    policy = parser.only("aws:iam/rolePolicy:RolePolicy")
    assert policy.urn in poller.depends_on


@pytest.mark.parametrize(
    ("bucket", "key", "announced"),
    [
        ("my-logs", RECORDS, True),
        ("other-logs", RECORDS, False),
        ("my-logs", f"{FOLDER}/data/2f6b2c3d-1111-4222-8333-944444444444_input.json.gz", False),
        ("my-logs", f"{FOLDER}/data/2f6b2c3d-1111-4222-8333-944444444444_output.json.gz", False),
        ("my-logs", f"{FOLDER}/data/2f6b2c3d-1111-4222-8333-944444444444_input_media_00.png", False),
        ("my-logs", f"rejected/{RECORDS}.rejected.gz", False),
        ("my-logs", "firehose-errors/iceberg-failed/2026/11/24/stream-1-2026-11-24.gz", False),
        (
            "my-logs",
            f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
            False,
        ),
        ("my-logs", f"elsewhere/{RECORDS.removeprefix('bedrock/')}", False),
    ],
)
def test_the_rule_announces_record_objects_and_nothing_else(
    parser: Deployed, bucket: str, key: str, *, announced: bool
) -> None:
    pattern = parser.only("aws:cloudwatch/eventRule:EventRule").inputs["eventPattern"]
    event: Any = {
        "id": "1",
        "account": ACCOUNT,
        "region": REGION,
        "time": "2026-11-24T10:05:31Z",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
    }
    assert EventPattern.load(pattern).matches_event(event) is announced


def test_a_prefix_with_a_wildcard_in_it_stands_for_itself() -> None:
    [key] = log_object_pattern("b", "a*b\\c/AWSLogs/")["detail"]["object"]["key"]
    assert key == {"wildcard": "a\\*b\\\\c/AWSLogs/*Z_*.json.gz"}
