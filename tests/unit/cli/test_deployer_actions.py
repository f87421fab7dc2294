"""The actions of a deployment are real ones, and cover every service that the program uses."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest

from bedrock_analytics.cli.deployer_actions import BOTH, HUB_ONLY, deployer_actions
from components.naming import Role

ALL = BOTH | HUB_ONLY
MODELS = {"cloudformation": "cloudcontrol"}
"""Services whose operations stand in another model: Cloud Control's rights are CloudFormation's."""
RIGHTS_ALONE = {
    "cloudformation:DescribeType",
    "glue:PassConnection",
    "iam:PassRole",
    "lakeformation:GetDataAccess",
    "s3tables:GetTableData",
    "s3tables:PutTableData",
}
"""Rights that are no operation of their own model."""
SERVICES = {
    "athena": {"athena"},
    "bedrockmodel": {"bedrock"},
    "cloudcontrol": {"cloudformation"},
    "cloudwatch": {"cloudwatch", "events", "logs"},
    "dynamodb": {"dynamodb"},
    "glue": {"glue"},
    "iam": {"iam"},
    "kinesis": {"firehose"},
    "lambda_": {"lambda"},
    "s3": {"s3"},
    "s3tables": {"s3tables"},
    "scheduler": {"scheduler"},
    "secretsmanager": {"secretsmanager"},
    "sns": {"sns"},
    "sqs": {"sqs"},
    "ssm": {"ssm"},
}


@pytest.mark.parametrize("service", sorted(ALL.keys() - {"s3"}))  # S3's rights have names of their own
def test_every_action_is_one_of_its_service(service: str) -> None:
    model = botocore.session.get_session().get_service_model(MODELS.get(service, service))
    wanted = {f"{service}:{action}" for action in ALL[service]} - RIGHTS_ALONE

    assert wanted <= {f"{service}:{name}" for name in model.operation_names}


def test_the_provider_may_encrypt_the_stream_after_it_made_it() -> None:
    """It calls StartDeliveryStreamEncryption: terraform-provider-aws, firehose/delivery_stream.go."""
    assert "firehose:StartDeliveryStreamEncryption" in deployer_actions(Role.HUB)


def test_every_service_of_the_program_is_covered() -> None:
    sources = (Path(__file__).parents[3] / "components").glob("*.py")
    used = {name for path in sources for name in re.findall(r"\baws\.([a-z0-9_]+)\.[A-Z]", path.read_text())}

    assert used <= SERVICES.keys()
    assert {service for name in used for service in SERVICES[name]} <= ALL.keys()


def test_a_spoke_needs_fewer_and_no_action_stands_twice() -> None:
    hub, spoke = deployer_actions(Role.HUB), deployer_actions(Role.SPOKE)

    assert set(spoke) < set(hub)
    assert len(hub) == len(set(hub))
    assert hub == sorted(hub)
    assert not [action for action in hub if "*" in action]
