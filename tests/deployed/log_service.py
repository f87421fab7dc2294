"""Bedrock and EventBridge: log objects into the declared bucket, and word of them into the declared queue."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from tests.deployed.cloud import OVER_TLS, Cloud
from tests.deployed.iam import Request
from tests.deployed.lambda_service import QUEUE
from tests.deployed.programs import Program

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
FOLDER: Final = "AWSLogs/{account}/BedrockModelInvocationLogs/{region}/{at:%Y/%m/%d/%H}"


def zipped(lines: Iterable[bytes]) -> bytes:
    """A log object of these lines."""
    return gzip.compress(b"".join(line + b"\n" for line in lines))


def bedrock_logs(cloud: Cloud, program: Program, body: bytes, name: str) -> str:
    """Bedrock writes an object of that name where its configuration says; returns the key.

    AssertionError where the bucket's policy would refuse it.
    """
    session = cloud.session(program.account, program.region)
    logging = session.client("bedrock").get_model_invocation_logging_configuration()["loggingConfig"]
    place, now = logging["s3Config"], datetime.now(UTC)
    folder = FOLDER.format(account=program.account, region=program.region, at=now)
    key = "/".join([*filter(None, [place.get("keyPrefix")]), folder, name])
    bucket = place["bucketName"]
    write = Request(
        action="s3:PutObject",
        resource=f"arn:aws:s3:::{bucket}/{key}",
        context={
            "aws:SourceAccount": [program.account],
            "aws:SourceArn": [f"arn:aws:bedrock:{program.region}:{program.account}:logging"],
            **OVER_TLS,
        },
        principal="bedrock.amazonaws.com",
    )
    assert cloud.bucket_takes(bucket, write), f"{bucket} does not let Bedrock {write}"
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return key


def object_name() -> str:
    """A name such as Bedrock gives an object with records."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}000Z_{secrets.token_hex(8)}.json.gz"


def events_reach_queues(cloud: Cloud, program: Program) -> bool:
    """Whether the queues take what the program's rule sends, which moto does not ask."""
    rules = {one.outputs["name"]: one.outputs["arn"] for one in program.deployed.of(RULE)}
    answers = []
    for target in program.deployed.of(TARGET):
        for queue in (target.inputs["arn"], target.inputs["deadLetterConfig"]["arn"]):
            send = Request(
                action="sqs:SendMessage",
                resource=queue,
                context={"aws:SourceArn": [rules[target.inputs["rule"]]], **OVER_TLS},
                principal="events.amazonaws.com",
            )
            answers.append(cloud.queue_takes(cloud.with_arn(QUEUE, queue).outputs["url"], send))
    return all(answers) and len(answers) == 2
