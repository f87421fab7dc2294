from __future__ import annotations

from dataclasses import replace

import pytest

from components.invocation_logging import InvocationLogging, InvocationLoggingArgs, LogRetention
from components.naming import HubNames
from tests.pulumi.documents import statements
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

NAMES = HubNames(account=ACCOUNT, region=REGION)
ARGS = InvocationLoggingArgs(names=NAMES)
CONFIGURATION = "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"


def declared(args: InvocationLoggingArgs = ARGS) -> Deployed:
    return deploy(lambda: InvocationLogging("logging", args))


def lifecycle(retention: LogRetention) -> dict[str, dict[str, object]]:
    found = declared(replace(ARGS, prefix="bedrock/", retention=retention))
    rules = found.only("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"]
    return {rule["id"]: rule for rule in rules}


def test_a_new_bucket_is_private_encrypted_and_owned_by_the_account() -> None:
    found = declared()
    bucket = found.only("aws:s3/bucket:Bucket").inputs["bucket"]
    block = found.only("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs
    rule = found.only("aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs["rule"]
    [encryption] = found.only(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).inputs["rules"]
    assert bucket == f"bedrock-analytics-hub-{ACCOUNT}-{REGION}-logs"
    assert block == {
        "bucket": bucket,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert rule == {"objectOwnership": "BucketOwnerEnforced"}
    assert encryption == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}


def test_only_bedrock_of_this_account_and_region_writes_and_nobody_without_tls() -> None:
    args = replace(ARGS, prefix="bedrock/")
    policy = statements(declared(args).only(POLICY).inputs["policy"])
    arn = NAMES.log_bucket_arn
    assert policy["AmazonBedrockLogsWrite"] == {
        "Sid": "AmazonBedrockLogsWrite",
        "Effect": "Allow",
        "Principal": {"Service": "bedrock.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"{arn}/bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock:{REGION}:{ACCOUNT}:*"},
        },
    }
    assert policy["DenyPlainText"]["Resource"] == [arn, f"{arn}/*"]
    assert policy.keys() == {"AmazonBedrockLogsWrite", "DenyPlainText"}


def test_a_new_bucket_announces_its_objects_to_eventbridge() -> None:
    notification = declared().only("aws:s3/bucketNotification:BucketNotification").inputs
    assert notification == {"bucket": NAMES.log_bucket, "eventbridge": True}


@pytest.mark.parametrize("protect", [True, False])
def test_logs_outlive_the_stack_and_keep_their_guards(*, protect: bool) -> None:
    found = declared(replace(ARGS, protect=protect))
    kept = {one.type.rpartition(":")[2] for one in found.aws if one.retain_on_delete}
    assert kept == {
        "Bucket",
        "BucketPublicAccessBlock",
        "BucketOwnershipControls",
        "BucketServerSideEncryptionConfiguration",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
    }
    assert {one.protect for one in found.aws if one.retain_on_delete} == {protect}


def test_logs_move_to_infrequent_access_and_end() -> None:
    rules = lifecycle(LogRetention(days=365, transition_days=30))
    assert rules["logs"]["filter"] == {"prefix": "bedrock/AWSLogs/"}
    assert rules["logs"]["transitions"] == [{"days": 30, "storageClass": "STANDARD_IA"}]
    assert {id_: rule.get("expiration") for id_, rule in rules.items()} == {
        "abandoned-uploads": None,
        "logs": {"days": 365},
        "rejected-lines": {"days": 365},
        "delivery-errors": {"days": 365},
    }
    assert rules["abandoned-uploads"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}


def test_logs_that_are_kept_for_ever_have_no_rule() -> None:
    assert lifecycle(LogRetention(days=None)).keys() == {"abandoned-uploads"}


@pytest.mark.parametrize(
    ("days", "transition_days", "message"),
    [(365, 10, "S3 takes 30 or more"), (30, 30, "deleted after 30 days, before they move at 30")],
)
def test_a_retention_that_s3_refuses_is_refused_first(days: int, transition_days: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LogRetention(days=days, transition_days=transition_days)


def test_bedrock_is_told_once_the_bucket_takes_its_logs() -> None:
    found = declared(replace(ARGS, prefix="bedrock/", modalities=frozenset({"text", "image"})))
    configuration = found.only(CONFIGURATION)
    assert configuration.inputs["loggingConfig"] == {
        "s3Config": {"bucketName": NAMES.log_bucket, "keyPrefix": "bedrock"},
        "textDataDeliveryEnabled": True,
        "imageDataDeliveryEnabled": True,
        "embeddingDataDeliveryEnabled": False,
        "videoDataDeliveryEnabled": False,
    }
    assert found.only(POLICY).urn in configuration.depends_on


def test_without_a_prefix_none_is_named() -> None:
    assert declared().only(CONFIGURATION).inputs["loggingConfig"]["s3Config"] == {
        "bucketName": NAMES.log_bucket
    }


def test_a_region_that_logs_already_is_left_alone() -> None:
    assert declared(replace(ARGS, configure_bedrock=False)).of(CONFIGURATION) == []


def test_of_an_existing_bucket_nothing_is_declared() -> None:
    args = replace(ARGS, existing_bucket="company-logs")
    assert declared(replace(args, configure_bedrock=False)).aws == []
    [configuration] = declared(args).aws
    assert configuration.inputs["loggingConfig"]["s3Config"]["bucketName"] == "company-logs"
