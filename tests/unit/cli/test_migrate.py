"""`migrate` on a hub in AWS, whose Athena is played on DuckDB and whose table is moto's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.usage_event import COLUMN_NAMES
from bedrock_analytics.storage import athena_queries
from tests.contract.lakes import Clock
from tests.fakes.athena import BUCKET_ARN, FakeAthena

REGION = "us-east-1"
NAMES = (
    *("--usage-table", "stats", "--workgroup", "people"),
    *("--table-bucket", BUCKET_ARN, "--region", REGION),
)


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAthena]:
    clock = Clock()
    fake = FakeAthena(clock)
    fake.polls_until_finished = 0
    real = AwsSession.client
    monkeypatch.setattr(
        AwsSession, "client", lambda self, name: fake if name == "athena" else real(self, name)
    )
    monkeypatch.setattr(athena_queries, "utc_now", clock)
    with mock_aws():
        boto3.client("dynamodb", region_name=REGION).create_table(
            TableName="stats",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
        )
        yield fake


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["migrate", *NAMES, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def confirmed() -> dict[str, Any] | None:
    client = boto3.client("dynamodb", region_name=REGION)
    key = {"PK": {"S": "SCHEMA"}, "SK": {"S": "COLUMNS"}}
    return client.get_item(TableName="stats", Key=key).get("Item")


def test_what_is_missing_is_added_and_confirmed(athena: FakeAthena) -> None:
    athena.lacking = {"query_units", "rejection"}

    assert run().stdout == "Added to the lake: query_units, rejection.\n"
    assert athena.lacking == set()
    row = confirmed()
    assert row is not None
    assert row["columns"]["S"].split(",") == sorted(COLUMN_NAMES)


def test_doing_it_again_says_that_nothing_was_added(athena: FakeAthena) -> None:
    run()

    assert run().stdout == f"The lake has all {len(COLUMN_NAMES)} columns; nothing was added.\n"


def test_a_plan_only_tells(athena: FakeAthena) -> None:
    athena.lacking = {"rejection"}

    assert "lacks rejection" in run("--plan").stdout
    assert json.loads(run("--plan", "--json").stdout) == {"missing": ["rejection"]}
    assert athena.lacking == {"rejection"}
    assert confirmed() is None


def test_a_script_reads_what_was_added(athena: FakeAthena) -> None:
    athena.lacking = {"rejection"}

    assert json.loads(run("--json").stdout)["added"] == ["rejection"]


def test_a_data_directory_has_no_need_of_it() -> None:
    result = CliRunner().invoke(main, ["migrate", "--data-dir", "d"])

    assert result.exit_code == 2
    assert "for a hub on AWS" in result.stderr
