"""An existing bucket keeps what it has; moto plays S3."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.bucket_connection import grants
from bedrock_analytics.cli.main import main
from components.naming import HubNames
from components.policies import bedrock_writes
from tests.fakes.moto_buckets import telling_event_bridge

ACCOUNT = "123456789012"
REGION: Final = "eu-central-1"
BUCKET = "our-logs"
NAMES = HubNames(account=ACCOUNT, region=REGION)
WANTED = bedrock_writes(NAMES, BUCKET, "bedrock/AWSLogs/")
FOREIGN = {
    "Sid": "AmazonBedrockLogsWrite",
    "Effect": "Allow",
    "Principal": {"Service": "logs.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/cloudwatch/*",
}
QUEUE_NOTICE = {
    "Id": "theirs",
    "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:theirs",
    "Events": ["s3:ObjectCreated:*"],
    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "cloudwatch/"}]}},
}


@pytest.fixture(autouse=True)
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.hub.yaml").write_text(
        "config:\n"
        "  bedrock-analytics:role: hub\n"
        f'  bedrock-analytics:accountId: "{ACCOUNT}"\n'
        f"  bedrock-analytics:region: {REGION}\n"
        f"  bedrock-analytics:existingLogBucket: {BUCKET}\n"
    )
    with mock_aws():
        client = boto3.client("s3", region_name=REGION)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        real = AwsSession.client

        def complete(session: AwsSession, service: str) -> Any:
            found = real(session, service)
            return telling_event_bridge(found, ACCOUNT) if service == "s3" else found

        monkeypatch.setattr(AwsSession, "client", complete)
        yield telling_event_bridge(client, ACCOUNT)


def run(*arguments: str, answer: str = "") -> Result:
    result = CliRunner().invoke(main, ["connect-bucket", *arguments], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def policy(s3: Any) -> list[dict[str, Any]]:
    return list(json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"])


def notification(s3: Any) -> dict[str, Any]:
    answer = s3.get_bucket_notification_configuration(Bucket=BUCKET)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_without_apply_the_difference_is_shown_and_nothing_changed(s3: Any) -> None:
    result = run()

    assert result.exit_code == 1
    assert '+     "Sid": "AmazonBedrockLogsWrite"' in result.stdout
    assert "+ EventBridge is told of new objects" in result.stdout
    assert notification(s3) == {}


def test_a_person_who_says_no_changes_nothing(s3: Any) -> None:
    result = run("--apply", answer="n\n")

    assert result.exit_code == 1
    assert notification(s3) == {}


def test_what_is_missing_is_added(s3: Any) -> None:
    result = run("--apply", answer="y\n")

    assert result.exit_code == 0
    assert f"s3://{BUCKET} is connected." in result.stdout
    assert policy(s3) == [WANTED]
    assert notification(s3) == {"EventBridgeConfiguration": {}}


def test_doing_it_again_changes_nothing(s3: Any) -> None:
    run("--apply", "--yes")
    before = policy(s3)

    result = run("--apply", "--yes")

    assert result.exit_code == 0
    assert "has all that the pipeline needs" in result.stdout
    assert policy(s3) == before


def test_what_others_put_there_survives(s3: Any) -> None:
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Id": "theirs", "Statement": FOREIGN})
    )
    boto3.client("sqs", region_name=REGION).create_queue(QueueName="theirs")
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [QUEUE_NOTICE]}
    )

    assert run("--apply", "--yes").exit_code == 0

    assert policy(s3) == [FOREIGN, {**WANTED, "Sid": "AmazonBedrockLogsWrite2"}]
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Id"] == "theirs"
    after = notification(s3)
    assert after["EventBridgeConfiguration"] == {}
    assert after["QueueConfigurations"][0]["QueueArn"] == QUEUE_NOTICE["QueueArn"]
    assert after["QueueConfigurations"][0]["Filter"] == QUEUE_NOTICE["Filter"]


def test_a_key_of_its_own_and_a_refusal_are_pointed_at(s3: Any) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    deny = {
        "Sid": "OnlyUs",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))

    told = run().stdout

    assert f"encrypted with {key}: set existingLogBucketKeyArn" in told
    assert "statement OnlyUs denies writing" in told


def test_a_bucket_of_another_region_is_refused(s3: Any, tmp_path: Path) -> None:
    text = (tmp_path / "Pulumi.hub.yaml").read_text()
    (tmp_path / "Pulumi.hub.yaml").write_text(text.replace(REGION, "us-west-2"))

    result = run()

    assert result.exit_code == 2
    assert "is in eu-central-1; its announcements reach us-west-2 only" in result.stderr


def test_a_bucket_that_is_not_there_is_named(s3: Any) -> None:
    s3.delete_bucket(Bucket=BUCKET)

    result = run()

    assert result.exit_code == 2
    assert "bucket our-logs is not there" in result.stderr


def test_another_accounts_credentials_are_refused(tmp_path: Path) -> None:
    text = (tmp_path / "Pulumi.hub.yaml").read_text()
    (tmp_path / "Pulumi.hub.yaml").write_text(text.replace(ACCOUNT, "999988887777"))

    result = run()

    assert result.exit_code == 2
    assert "the stack belongs to account 999988887777" in result.stderr


def test_a_stack_that_makes_its_bucket_has_nothing_to_connect(tmp_path: Path) -> None:
    lines = (tmp_path / "Pulumi.hub.yaml").read_text().splitlines()
    (tmp_path / "Pulumi.hub.yaml").write_text("\n".join(lines[:-1]))

    assert "names no existingLogBucket" in run().stderr


def changed(**fields: Any) -> dict[str, Any]:
    return copy.deepcopy(WANTED) | fields


@pytest.mark.parametrize(
    ("statement", "enough"),
    [
        (WANTED, True),
        (changed(Sid="Another"), True),
        (changed(Action="s3:*", Resource=f"arn:aws:s3:::{BUCKET}/*"), True),
        (changed(Condition={}), True),
        (changed(Principal={"Service": ["logs.amazonaws.com", "bedrock.amazonaws.com"]}), True),
        (changed(Effect="Deny"), False),
        (changed(Principal={"AWS": "*"}), False),
        (changed(Principal="*"), False),
        (changed(Action="s3:GetObject"), False),
        (changed(Resource=f"arn:aws:s3:::{BUCKET}/other/*"), False),
        (changed(Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}), False),
        (changed(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:*:*"}}), False),
        (changed(Condition={"Bool": {"aws:SecureTransport": "true"}}), False),
        (changed(NotAction="s3:GetObject"), False),
    ],
)
def test_a_statement_is_enough_only_if_it_lets_bedrock_of_this_account_write(
    statement: dict[str, Any], enough: bool
) -> None:
    assert grants(statement, WANTED) is enough
