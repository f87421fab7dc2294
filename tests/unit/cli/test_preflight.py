"""`preflight` on accounts that have this and that; moto plays AWS, and a fake what moto does not know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.deployer_actions import deployer_actions
from bedrock_analytics.cli.main import main
from components.naming import FunctionName, HubNames, Role, SpokeNames
from components.settings import HubSettings, parse, project_config
from tests.fakes.moto_buckets import telling_event_bridge

ACCOUNT, REGION = "123456789012", "us-east-1"
NAMES = HubNames(account=ACCOUNT, region=REGION)
HUB = {"role": "hub", "accountId": ACCOUNT, "region": REGION}
IAM_MODE = [{"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}]


class Services:
    """Glue's catalogs, Lambda's limits and IAM's simulation."""

    def __init__(self) -> None:
        self.catalog: dict[str, Any] | None = None
        self.governed = False
        self.concurrency = 1_000
        self.denied: set[str] = set()
        self.forbidden: set[str] = set()
        self.asked: list[str] = []
        self.source = ""

    def get_catalog(self, *, CatalogId: str) -> dict[str, Any]:  # noqa: N803
        assert CatalogId == "s3tablescatalog"
        self._check("GetCatalog")
        if self.catalog is None and self.governed:
            refusal = "Insufficient Lake Formation permission(s): Required Describe on s3tablescatalog"
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": refusal}}, "GetCatalog")
        if self.catalog is None:
            raise _error("GetCatalog", "EntityNotFoundException")
        return {"Catalog": self.catalog}

    def get_account_settings(self) -> dict[str, Any]:
        self._check("GetAccountSettings")
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.concurrency}}

    def get_function(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        raise _error("GetFunction", "ResourceNotFoundException")

    def simulate_principal_policy(
        self,
        *,
        PolicySourceArn: str,  # noqa: N803
        ActionNames: list[str],  # noqa: N803
    ) -> dict[str, Any]:
        self._check("SimulatePrincipalPolicy")
        self.source = PolicySourceArn
        self.asked += ActionNames
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": name,
                    "EvalDecision": "implicitDeny" if name in self.denied else "allowed",
                }
                for name in ActionNames
            ]
        }

    def get_role(self, *, RoleName: str) -> dict[str, Any]:  # noqa: N803
        if RoleName == "AWSReservedSSO_admin_0123":
            return {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{RoleName}"}}
        raise _error("GetRole", "NoSuchEntity")

    def _check(self, operation: str) -> None:
        if operation in self.forbidden:
            raise _error(operation, "AccessDeniedException")


def _error(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.chdir(tmp_path)
    fake = Services()
    real = AwsSession.client

    def client(session: AwsSession, service: str) -> Any:
        if service in {"glue", "lambda", "iam"}:
            return fake
        found = real(session, service)
        return telling_event_bridge(found, ACCOUNT) if service == "s3" else found

    monkeypatch.setattr(AwsSession, "client", client)
    with mock_aws():
        yield fake


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["preflight", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def look(*arguments: str) -> dict[str, Any]:
    """The report as a script reads it."""
    document: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return document


def told(report: dict[str, Any], what: str) -> str:
    """Level and text of the findings about something."""
    found = [one for one in report["findings"] if one["what"] == what]
    return "; ".join(f"{one['level']}: {one['told']}" for one in found)


def stack(folder: Path, name: str = "hub", **config: Any) -> None:
    keys = {f"bedrock-analytics:{key}": value for key, value in (HUB | config).items()}
    (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": keys}))


def make_bucket(name: str = "our-logs") -> None:
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=name)


def log_to(bucket: str, prefix: str = "") -> None:
    config: Any = {
        "s3Config": {"bucketName": bucket, "keyPrefix": prefix},
        "textDataDeliveryEnabled": True,
    }
    boto3.client("bedrock", region_name=REGION).put_model_invocation_logging_configuration(
        loggingConfig=config
    )


def test_an_empty_account_gets_a_stack_file_and_no_problem(services: Services, tmp_path: Path) -> None:
    result = run("--region", REGION)

    assert result.exit_code == 0, result.stdout
    assert "ok      Bedrock logging: it is off; the stack switches it on" in result.stdout
    report = look("--region", REGION)
    settings = parse(project_config(yaml.safe_load(report["stack_text"])["config"]))
    assert isinstance(settings, HubSettings)
    assert settings.names == NAMES
    assert f"bucket {NAMES.log_bucket}" in report["creates"]
    assert list(tmp_path.iterdir()) == []  # it only prints


def test_the_printed_file_fits_an_account_that_logs_and_has_a_catalog(services: Services) -> None:
    make_bucket()
    log_to("our-logs", "ai/bedrock")
    services.catalog = {"CreateTableDefaultPermissions": IAM_MODE}

    result = run("--region", REGION)
    report = look("--region", REGION)

    assert result.exit_code == 1
    assert report["suggestions"] == {
        "existingLogBucket": "our-logs",
        "logPrefix": "ai/bedrock",
        "bedrockLogging": "leave",
        "s3TablesCatalog": "existing",
    }
    settings = parse(project_config(yaml.safe_load(report["stack_text"])["config"]))
    assert (settings.log_bucket, settings.logs.prefix) == ("our-logs", "ai/bedrock/")
    assert not [name for name in report["creates"] if "logging" in name or name.startswith("bucket ")]


def test_with_the_fitting_file_only_the_bucket_is_left_to_connect(services: Services, tmp_path: Path) -> None:
    make_bucket()
    log_to("our-logs", "ai/bedrock")
    services.catalog = {"CreateTableDefaultPermissions": IAM_MODE}
    stack(
        tmp_path,
        existingLogBucket="our-logs",
        logPrefix="ai/bedrock",
        bedrockLogging="leave",
        s3TablesCatalog="existing",
    )

    report = look()
    assert [one["what"] for one in report["findings"] if one["level"] == "problem"] == ["log bucket"]
    assert "announcements to EventBridge: run `bedrock-analytics connect-bucket --apply`" in told(
        report, "log bucket"
    )
    CliRunner().invoke(main, ["connect-bucket", "--apply", "--yes"])
    assert run().exit_code == 0


def test_logging_to_another_place_than_the_stack_reads_is_a_problem(
    services: Services, tmp_path: Path
) -> None:
    make_bucket()
    log_to("elsewhere")
    stack(tmp_path, existingLogBucket="our-logs", bedrockLogging="leave")

    assert "problem: Bedrock logs to s3://elsewhere/, and the stack reads s3://our-logs/bedrock/" in told(
        look(), "Bedrock logging"
    )


def test_logging_that_nobody_switches_on_is_a_problem(services: Services, tmp_path: Path) -> None:
    make_bucket()
    stack(tmp_path, existingLogBucket="our-logs", bedrockLogging="leave")

    assert "nobody switches it on" in told(look(), "Bedrock logging")


def test_another_accounts_credentials_end_the_look(services: Services, tmp_path: Path) -> None:
    stack(tmp_path, accountId="999988887777")

    report = look()

    assert [one["what"] for one in report["findings"]] == ["identity"]
    assert "the stack is for account 999988887777" in told(report, "identity")


def test_a_bucket_that_is_missing_or_elsewhere_is_a_problem(services: Services, tmp_path: Path) -> None:
    stack(tmp_path, existingLogBucket="our-logs")

    assert "problem: bucket our-logs is not there" in told(look(), "log bucket")


def test_a_key_of_the_bucket_is_suggested_for_the_stack(services: Services, tmp_path: Path) -> None:
    make_bucket()
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    boto3.client("s3", region_name=REGION).put_bucket_encryption(
        Bucket="our-logs", ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    stack(tmp_path, existingLogBucket="our-logs")

    assert look()["suggestions"]["existingLogBucketKeyArn"] == key


@pytest.mark.parametrize(
    ("catalog", "mode", "expected"),
    [
        (None, "manage", "ok: there is no s3tablescatalog yet"),
        (None, "existing", "problem: there is no s3tablescatalog to use"),
        (IAM_MODE, "existing", "ok: s3tablescatalog is there, and IAM alone decides"),
        ([], "existing", "problem: s3tablescatalog is in Lake Formation's mode"),
        (IAM_MODE, "manage", "problem: the catalog s3tablescatalog is there already"),
    ],
)
def test_the_catalog_and_its_mode(
    services: Services, tmp_path: Path, catalog: list[Any] | None, mode: str, expected: str
) -> None:
    services.catalog = None if catalog is None else {"CreateTableDefaultPermissions": catalog}
    stack(tmp_path, s3TablesCatalog=mode)

    assert told(look(), "catalog").startswith(expected)


def test_a_catalog_that_lake_formation_refuses_to_show_is_not_there(
    services: Services, tmp_path: Path
) -> None:
    services.governed = True
    stack(tmp_path)

    assert told(look(), "catalog").startswith("ok: there is no s3tablescatalog yet")


def test_names_that_are_taken_are_listed(services: Services, tmp_path: Path) -> None:
    stack(tmp_path)
    boto3.client("sqs", region_name=REGION).create_queue(QueueName=NAMES.log_queue)
    make_bucket(NAMES.log_bucket)

    found = told(look(), "names")

    assert found.startswith(f"problem: taken already: bucket {NAMES.log_bucket}, queue {NAMES.log_queue}.")


def test_of_a_deployed_hub_its_own_names_are_no_collision(services: Services, tmp_path: Path) -> None:
    stack(tmp_path)
    boto3.client("sqs", region_name=REGION).create_queue(QueueName=NAMES.log_queue)
    boto3.client("ssm", region_name=REGION).put_parameter(
        Name=NAMES.settings_parameter, Type="String", Value="{}"
    )

    report = look()

    assert "deployed already" in told(report, "state")
    assert told(report, "names") == ""


def test_a_new_accounts_limit_of_functions_is_told(services: Services, tmp_path: Path) -> None:
    services.concurrency = 7
    stack(tmp_path)

    report = look()

    assert "problem: 7 functions may run at once, and 8 are wanted" in told(report, "quotas")
    assert report["suggestions"] == {"parseConcurrency": 4}


def test_actions_that_are_not_allowed_are_named(services: Services, tmp_path: Path) -> None:
    services.denied = {"glue:CreateCatalog", "iam:CreateRole"}
    stack(tmp_path)

    found = told(look(), "permissions")

    assert "among them glue:CreateCatalog, iam:CreateRole" in found
    assert services.asked == deployer_actions(Role.HUB)
    assert run().exit_code == 0  # they may be allowed on the names alone


def test_a_person_with_sso_is_judged_by_the_role(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_admin_0123/ana"
    monkeypatch.setattr(AwsSession, "identity", arn)
    stack(tmp_path)
    run()

    assert services.source.endswith("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_0123")


def test_what_may_not_be_looked_at_is_a_note(services: Services, tmp_path: Path) -> None:
    services.forbidden = {"GetCatalog", "SimulatePrincipalPolicy"}
    stack(tmp_path)

    result = run()

    assert result.exit_code == 0
    assert "note    rights: GetCatalog is not allowed, so this was not looked at" in result.stdout
    assert "note    rights: SimulatePrincipalPolicy is not allowed" in result.stdout


def test_of_a_spoke_only_its_own_parts_are_looked_at(services: Services, tmp_path: Path) -> None:
    stack(
        tmp_path,
        "spoke-lab",
        role="spoke",
        spokeName="lab",
        externalId="a-random-text",
        hubAccountId="111122223333",
        hubRegion="us-west-2",
    )
    names = SpokeNames(account=ACCOUNT, region=REGION)

    report = look("--stack", "spoke-lab")

    assert not report["problems"]
    assert told(report, "catalog") == ""
    assert services.asked == deployer_actions(Role.SPOKE)
    assert f"function {names.function(FunctionName.PARSE_LOG)}, its role and log group" in report["creates"]
    assert not [name for name in report["creates"] if "table" in name]


def test_a_region_that_contradicts_the_file_is_refused(services: Services, tmp_path: Path) -> None:
    stack(tmp_path)

    assert "says us-east-1: leave --region out" in run("--region", "eu-west-1").stderr


def test_a_region_without_firehose_to_iceberg_is_refused(services: Services) -> None:
    result = run("--region", "ap-east-2")

    assert result.exit_code == 2
    assert "Firehose cannot write to Iceberg tables there" in result.stderr
