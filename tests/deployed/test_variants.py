"""Every configuration that declares something else can be made, and what is there already stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.deployed.inputs import Inputs
from tests.deployed.programs import Program, run
from tests.deployed.provider import in_order, make
from tests.deployed.wire import quick_sessions
from tests.pulumi.stacks import config_of

VARIANTS = [
    "hub of an organization",
    "hub on an existing bucket",
    "hub on an existing catalog",
    "hub for many calls",
    "hub with everything",
    "hub with a topic",
    "spoke of an organization",
    "spoke on an existing bucket",
]


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws(), quick_sessions():
        yield


def session_of(program: Program) -> boto3.Session:
    role = f"arn:aws:iam::{program.account}:role/deployer"
    answer = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="deployer")
    keys = answer["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], program.region)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_can_be_made_in_the_order_of_its_dependencies(variant: str) -> None:
    program = run(config_of(variant))
    make(program.deployed, session_of(program))
    assert len(in_order(program.deployed)) == len(program.deployed.aws) > 15


BUCKET_QUESTIONS = (
    "get_bucket_policy",
    "get_bucket_notification_configuration",
    "get_bucket_lifecycle_configuration",
    "get_bucket_encryption",
    "get_public_access_block",
)


def what_a_bucket_has(session: boto3.Session, bucket: str) -> dict[str, Any]:
    s3 = session.client("s3")
    found = {question: getattr(s3, question)(Bucket=bucket) for question in BUCKET_QUESTIONS}
    for answer in found.values():
        del answer["ResponseMetadata"]
    return found


def announce(session: boto3.Session, bucket: str) -> None:
    """The bucket tells a queue of somebody else's about new objects."""
    sqs = session.client("sqs")
    url = sqs.create_queue(QueueName="company-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    session.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}],
        },
    )


def company_bucket(session: boto3.Session, bucket: str) -> None:
    """A bucket that somebody else made, with all that a bucket has but once."""
    s3 = session.client("s3")
    if session.region_name == "us-east-1":
        s3.create_bucket(Bucket=bucket)
    else:
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": session.region_name},  # type: ignore[typeddict-item]
        )
    reading = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [reading]}))
    announce(session, bucket)
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}}]
        },
    )
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False})


@pytest.mark.parametrize("variant", ["hub on an existing bucket", "spoke on an existing bucket"])
def test_an_existing_bucket_stays_as_it_is(variant: str) -> None:
    program = run(config_of(variant))
    session, bucket = session_of(program), program.settings.log_bucket
    company_bucket(session, bucket)
    before = what_a_bucket_has(session, bucket)
    make(program.deployed, session)
    assert what_a_bucket_has(session, bucket) == before


def test_logging_that_is_left_alone_stays_as_it_is() -> None:
    program = run(config_of("hub that leaves logging"))
    bedrock = session_of(program).client("bedrock")
    there = {"s3Config": {"bucketName": "company-logs"}, "textDataDeliveryEnabled": True}
    bedrock.put_model_invocation_logging_configuration(loggingConfig=there)  # type: ignore[arg-type]
    before = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
    make(program.deployed, session_of(program))
    assert bedrock.get_model_invocation_logging_configuration()["loggingConfig"] == before


def test_an_argument_that_the_harness_leaves_out_is_noticed() -> None:
    inputs = Inputs({"name": "a", "forgotten": 1}, "a queue")
    with pytest.raises(AssertionError, match=r"does not know a queue: \['forgotten'\]"):
        inputs.done({"QueueName": inputs.take("name")})


def test_a_parameter_of_the_wrong_kind_is_refused() -> None:
    program = run(config_of("spoke"))
    for resource in program.deployed.of("aws:sqs/queue:Queue"):
        resource.inputs["name"] = 7
    with pytest.raises(Exception, match="Invalid type for parameter QueueName"):
        make(program.deployed, session_of(program))
