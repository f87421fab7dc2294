"""On an account that has something already, `up` leaves it alone or stops and says what to run."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.account_check import ExistingLogging, check_account
from components.settings import PROJECT
from tests.pulumi.engine import deploy
from tests.pulumi.stack_files import ROOT
from tests.pulumi.stacks import HUB_ACCOUNT, FakeAccount, config_of, deployed, settings_of, up

FOREIGN = ExistingLogging(bucket="company-logs", prefix="bedrock/")
OWN_BUCKET = "bedrock-analytics-hub-111122223333-us-east-1-logs"
ORDER = "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration"


def refused(variant: str, account: FakeAccount, *, preview: bool = False) -> str:
    with pytest.raises(pulumi.RunError) as stopped:
        up(config_of(variant), account, preview=preview)
    return str(stopped.value)


def test_credentials_of_another_account_stop_the_program() -> None:
    assert refused("hub", FakeAccount("999900001111")) == (
        "the AWS credentials are of account 999900001111, and this stack is for 111122223333:"
        " sign in to that account, set awsProfile, or correct accountId"
    )


@pytest.mark.parametrize("preview", [True, False])
def test_logging_to_another_bucket_stops_the_program_and_a_preview_too(preview: bool) -> None:
    assert refused("hub", FakeAccount(HUB_ACCOUNT, FOREIGN), preview=preview) == (
        "Bedrock already logs to s3://company-logs/bedrock/, and this stack would replace that."
        " To keep it: `pulumi config set bedrockLogging leave`,"
        " `pulumi config set existingLogBucket company-logs` and"
        ' `pulumi config set logPrefix "bedrock/"`, then run `bedrock-analytics connect-bucket`.'
        " To have it replaced: switch it off first"
    )


def test_logging_to_cloudwatch_beside_our_bucket_would_be_lost_and_stops_the_program() -> None:
    both = ExistingLogging(bucket=OWN_BUCKET, prefix="bedrock/", log_group="/bedrock/calls")
    message = refused("hub", FakeAccount(HUB_ACCOUNT, both))
    assert f"already logs to s3://{OWN_BUCKET}/bedrock/ and the log group /bedrock/calls" in message


def test_logging_to_cloudwatch_alone_is_told_to_need_a_bucket() -> None:
    message = refused("hub", FakeAccount(HUB_ACCOUNT, ExistingLogging(log_group="/bedrock/calls")))
    assert "already logs to the log group /bedrock/calls" in message
    assert "logs are read from S3 only: add a bucket to that configuration" in message


@pytest.mark.parametrize(
    "found",
    [
        ExistingLogging(bucket=OWN_BUCKET, prefix="bedrock/"),
        ExistingLogging(bucket=OWN_BUCKET, prefix="an-earlier-prefix/"),
    ],
)
def test_what_the_stack_itself_set_up_is_its_own_to_change(found: ExistingLogging) -> None:
    assert up(config_of("hub"), FakeAccount(HUB_ACCOUNT, found)).only(ORDER)


def test_logging_just_as_it_is_declared_is_taken_over() -> None:
    config = {**config_of("hub"), f"{PROJECT}:existingLogBucket": "company-logs"}
    order = up(config, FakeAccount(HUB_ACCOUNT, FOREIGN)).only(ORDER)
    assert order.inputs["loggingConfig"]["s3Config"] == {"bucketName": "company-logs", "keyPrefix": "bedrock"}


def test_the_advice_for_foreign_logging_leads_to_a_program_that_leaves_it_alone() -> None:
    config = config_of("hub") | {
        f"{PROJECT}:bedrockLogging": "leave",
        f"{PROJECT}:existingLogBucket": "company-logs",
        f"{PROJECT}:logPrefix": "bedrock/",
    }
    stack = up(config, FakeAccount(HUB_ACCOUNT, FOREIGN))
    assert not stack.of(ORDER)
    assert not [one for one in stack.aws if one.type.startswith("aws:s3/")]


def test_a_catalog_that_somebody_else_made_stops_the_program() -> None:
    message = refused("hub", FakeAccount(HUB_ACCOUNT, catalog=True))
    assert message.startswith("the catalog s3tablescatalog is there already")
    assert "`pulumi config set s3TablesCatalog existing`" in message


def test_the_advice_for_a_catalog_leads_to_a_program_that_declares_none() -> None:
    config = config_of("hub") | {f"{PROJECT}:s3TablesCatalog": "existing"}
    stack = up(config, FakeAccount(HUB_ACCOUNT, catalog=True))
    assert not stack.of("aws:glue/catalog:Catalog")
    assert stack.of("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")


def test_the_catalog_of_a_hub_that_is_deployed_already_is_its_own() -> None:
    stack = up(config_of("hub"), FakeAccount(HUB_ACCOUNT, catalog=True, table_bucket=True))
    assert stack.only("aws:glue/catalog:Catalog")


def test_a_hub_that_was_destroyed_is_taken_up_again_by_its_names() -> None:
    """What is protected stays, with the stack's own logging and catalog; a new `up` declares the same."""
    left = FakeAccount(
        HUB_ACCOUNT, ExistingLogging(bucket=OWN_BUCKET, prefix="bedrock/"), catalog=True, table_bucket=True
    )
    assert up(config_of("hub"), left).resources == deployed("hub").resources


class Unasked(FakeAccount):
    """An account that may be asked for nothing but its id."""

    def logging(self) -> Any:
        raise AssertionError("asked for logging")

    def has_catalog(self) -> bool:
        raise AssertionError("asked for the catalog")


@pytest.mark.parametrize("variant", ["spoke on an existing bucket"])
def test_a_stack_that_leaves_all_alone_looks_at_nothing(variant: str) -> None:
    settings = settings_of(variant)
    check_account(settings, Unasked(settings.target.account_id))


def test_nothing_is_built_or_declared_before_the_account_was_looked_at() -> None:
    program = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")

    def unbuilt(root: Path) -> Any:
        raise AssertionError("built")

    with pytest.raises(pulumi.RunError):
        deploy(lambda: program["main"](lambda _: FakeAccount("9" * 12), unbuilt), config=config_of("hub"))


def test_wrong_settings_are_told_without_a_traceback() -> None:
    config = config_of("hub") | {f"{PROJECT}:bufferSeconds": "3600"}
    with pytest.raises(pulumi.RunError, match='bufferSeconds is "3600": it must be a whole number'):
        up(config, FakeAccount(HUB_ACCOUNT))


def test_a_key_of_pseudonyms_in_plain_text_is_refused() -> None:
    program = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    config = config_of("hub with everything")
    with pytest.raises(pulumi.RunError) as stopped:
        deploy(lambda: program["main"](lambda _: FakeAccount(HUB_ACCOUNT), dict), config=config)
    assert "set another with `pulumi config set --secret pseudonymKey`" in str(stopped.value)
    assert config[f"{PROJECT}:pseudonymKey"] not in str(stopped.value)
