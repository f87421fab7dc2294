"""A profile and a Region are enough to find a hub: its settings lie in SSM, which moto plays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from moto import mock_aws

from bedrock_analytics.cli.aws_deployment import AwsDeployment
from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.deployment import resolved
from bedrock_analytics.cli.deployment_options import AwsChoice, AwsNames
from bedrock_analytics.cli.hub_settings import find_hub_settings, hub_settings
from bedrock_analytics.cli.log_site import site_of_settings
from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.storage.usage_pages import Retention
from components.settings import HubSettings, parse
from components.stack_outputs import hub_outputs

REGION = "eu-central-1"
SETTINGS = {
    "usage_table": "stats",
    "price_table": "prices",
    "workgroup": "people",
    "compute_workgroup": "functions",
    "table_bucket": "arn:aws:s3tables:eu-central-1:111122223333:bucket/lake",
    "namespace": "bedrock_analytics",
    "region": REGION,
    "spokes": [],
}
BARE = AwsNames(region=REGION)


@pytest.fixture(autouse=True)
def ssm() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ssm", region_name=REGION)


def put(ssm: Any, value: str, prefix: str = "bedrock-analytics") -> None:
    ssm.put_parameter(Name=f"/{prefix}/hub/{REGION}/settings", Type="String", Value=value)


def test_a_region_alone_gives_every_name(ssm: Any) -> None:
    put(ssm, json.dumps(SETTINGS))

    found = resolved(AwsChoice(stack=None, names=BARE))

    assert isinstance(found, AwsChoice)
    assert found.names.usage_table == "stats"
    assert found.names.workgroup == "people"
    assert found.names.table_bucket == SETTINGS["table_bucket"]


def test_a_hub_under_another_prefix_is_found_by_it(ssm: Any) -> None:
    put(ssm, json.dumps(SETTINGS), prefix="ai-costs")

    assert hub_settings(AwsNames(region=REGION, prefix="ai-costs"))["usage_table"] == "stats"
    with pytest.raises(ConfigurationError, match="has no hub in eu-central-1: give the hub's --profile"):
        hub_settings(BARE)


def test_names_that_are_given_are_not_looked_up(ssm: Any) -> None:
    put(ssm, json.dumps(SETTINGS))
    choice = AwsChoice(stack=None, names=AwsNames(usage_table="mine", region=REGION))

    assert resolved(choice) == choice


def test_no_hub_is_none_for_those_who_ask_whether_there_is_one() -> None:
    assert find_hub_settings(AwsSession(region=REGION)) is None


@pytest.mark.parametrize(("text", "reason"), [("?", "is no JSON:"), ("[]", "is no JSON object:")])
def test_a_damaged_parameter_says_how_to_repair_it(ssm: Any, text: str, reason: str) -> None:
    put(ssm, text)

    with pytest.raises(ConfigurationError, match=f"{reason} run `make up`"):
        hub_settings(BARE)


class Denied(AwsSession):
    """A session whose SSM refuses."""

    account = "111122223333"
    identity = "arn:aws:iam::111122223333:user/ana"
    region = REGION

    def client(self, service: str) -> Any:
        return self

    def get_parameter(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameter")


def test_a_person_without_the_right_is_told_which_policy_to_ask_for() -> None:
    with pytest.raises(ConfigurationError, match=r"user/ana may not read .* ask for the hub's reader policy"):
        hub_settings(BARE, Denied())


def test_a_command_reads_the_deployment_by_its_region(ssm: Any) -> None:
    put(ssm, json.dumps(SETTINGS))

    result = CliRunner().invoke(main, ["report", "--aws-region", REGION])

    assert result.exit_code == 1
    assert "stats" in result.stderr  # the table named by the parameter, which moto does not have


def test_without_a_hub_the_command_says_what_to_give() -> None:
    result = CliRunner().invoke(main, ["report", "--aws-region", REGION])

    assert result.exit_code == 2
    assert "has no hub in eu-central-1" in result.stderr


def test_a_session_can_act_as_a_role_of_another_account() -> None:
    role = "arn:aws:iam::222233334444:role/deployer"

    acting = AwsSession(region=REGION, role_arn=role)

    assert (acting.account, acting.region) == ("222233334444", REGION)
    assert acting.identity.startswith("arn:aws:sts::222233334444:assumed-role/deployer/")
    assert AwsSession(region=REGION).account == "123456789012"


def test_a_hubs_outputs_hold_what_the_commands_read() -> None:
    hub = parse({"role": "hub", "accountId": "111122223333", "region": REGION, "namePrefix": "ai-costs"})
    assert isinstance(hub, HubSettings)
    outputs = hub_outputs(hub)
    names = AwsNames().over(outputs)

    assert not names.is_bare
    assert all(getattr(names, name) for name in ("usage_table", "price_table", "workgroup", "table_bucket"))
    assert names.workgroup == hub.names.people_workgroup
    session = Denied()
    site = site_of_settings(outputs, session, hub.name_prefix)
    assert (site.bucket, site.log_prefix) == (hub.log_bucket, "bedrock/")
    assert site.queue_url == outputs["log_queue"]


def test_retention_interval_and_budget_are_those_of_the_stack() -> None:
    config: dict[str, object] = {"role": "hub", "accountId": "111122223333", "region": REGION}
    hub = parse(config | {"hourlyDays": 20, "monthlyBudgetUsd": "1500.50", "computeMinutes": 15})
    assert isinstance(hub, HubSettings)
    told = json.loads(json.dumps(hub_outputs(hub)))

    deployment = AwsDeployment(AwsNames(region=REGION).over(told))
    retention = deployment.usage_table().retention

    assert (retention.hourly_days, retention.hours_days) == (20, hub.hours_days)
    assert deployment.compute_interval == timedelta(minutes=15)
    assert deployment.monthly_budget_usd == Decimal("1500.50")
    unsaid = AwsDeployment(AwsNames(region=REGION, usage_table="t"))
    assert (unsaid.compute_interval, unsaid.monthly_budget_usd) == (None, None)
    assert unsaid.usage_table().retention == Retention()
