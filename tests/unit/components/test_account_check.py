"""The account as AWS shows it: identity, Bedrock's logging, catalog and table bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from moto import mock_aws

from bedrock_analytics.domain.errors import ConfigurationError
from components.account_check import AwsAccount, ExistingLogging
from components.settings import Target

REGION = "us-east-1"
MOTOS_ACCOUNT = "123456789012"
TARGET = Target(account_id=MOTOS_ACCOUNT, region=REGION)


@pytest.fixture
def account() -> Iterator[AwsAccount]:
    with mock_aws():
        yield AwsAccount(TARGET)


class Glue:
    """Glue's one question, answered or refused."""

    def __init__(self, code: str | None, message: str = "no") -> None:
        self._code, self._message = code, message

    def get_catalog(self, **asked: str) -> dict[str, Any]:
        assert asked == {"CatalogId": "s3tablescatalog"}
        if self._code is not None:
            raise ClientError({"Error": {"Code": self._code, "Message": self._message}}, "GetCatalog")
        return {"Catalog": {"Name": "s3tablescatalog"}}


class WithGlue(AwsAccount):
    """An account whose Glue is another: moto has no catalogs."""

    def __init__(self, glue: Glue) -> None:
        super().__init__(TARGET)
        self._glue = glue

    def client(self, service: str) -> Any:
        return self._glue if service == "glue" else super().client(service)


def set_logging(config: dict[str, Any]) -> None:
    boto3.client("s3", region_name=REGION).create_bucket(Bucket="company-logs")
    bedrock: Any = boto3.client("bedrock", region_name=REGION)
    bedrock.put_model_invocation_logging_configuration(loggingConfig=config)


def test_the_credentials_say_which_account_it_is(account: AwsAccount) -> None:
    assert account.account_id == MOTOS_ACCOUNT


def test_an_account_that_does_not_log_says_so(account: AwsAccount) -> None:
    assert account.logging() is None


@pytest.mark.parametrize(("prefix", "read"), [("bedrock", "bedrock/"), ("bedrock/", "bedrock/"), ("", "")])
def test_logging_to_s3_is_read_with_its_prefix(account: AwsAccount, prefix: str, read: str) -> None:
    set_logging({"s3Config": {"bucketName": "company-logs", "keyPrefix": prefix}})
    assert account.logging() == ExistingLogging(bucket="company-logs", prefix=read)


def test_a_table_bucket_is_found_by_its_arn(account: AwsAccount) -> None:
    client = boto3.client("s3tables", region_name=REGION)
    arn = client.create_table_bucket(name="lake-of-the-hub")["arn"]
    assert account.has_table_bucket(arn)
    assert not account.has_table_bucket(arn.replace("lake", "pond"))


def test_a_catalog_is_there_or_is_not() -> None:
    assert WithGlue(Glue(None)).has_catalog()
    assert not WithGlue(Glue("EntityNotFoundException")).has_catalog()


def test_a_catalog_is_not_there_where_lake_formation_says_so_by_refusing() -> None:
    refusal = "Insufficient Lake Formation permission(s): Required Describe on s3tablescatalog"
    assert not WithGlue(Glue("AccessDeniedException", refusal)).has_catalog()


def test_a_deployer_who_may_not_look_is_told_what_is_missing() -> None:
    with pytest.raises(ConfigurationError, match=r"whoever deploys needs glue:GetCatalog \(docs/deploy.md\)"):
        WithGlue(Glue("AccessDeniedException")).has_catalog()


def test_without_credentials_one_is_told_to_sign_in() -> None:
    class SignedOut(AwsAccount):
        def client(self, service: str) -> Any:
            raise NoCredentialsError

    with pytest.raises(ConfigurationError, match="sign in, or set awsProfile in the stack"):
        SignedOut(TARGET).logging()


def test_an_unknown_profile_is_told_too() -> None:
    nobody = AwsAccount(Target(account_id=MOTOS_ACCOUNT, region=REGION, profile="nobody-of-that-name"))
    with pytest.raises(ConfigurationError, match=r"nobody-of-that-name.*set awsProfile"):
        _ = nobody.account_id


def test_the_role_to_deploy_with_is_assumed() -> None:
    role = "arn:aws:iam::999900001111:role/deployer"
    with mock_aws():
        account = AwsAccount(Target(account_id="999900001111", region=REGION, deploy_role_arn=role))
        assert account.account_id == "999900001111"
