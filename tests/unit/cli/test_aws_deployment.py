"""Commands on a deployment in AWS, whose tables moto plays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from tests.fakes.memory_lake import MemoryLake
from tests.pricing.books import card

NAMES = ("--usage-table", "stats", "--price-table", "prices", "--aws-region", "eu-central-1")


@pytest.fixture(autouse=True)
def client() -> Iterator[Any]:
    """DynamoDB with the two tables of a deployment."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        for name in ("stats", "prices"):
            client.create_table(
                TableName=name,
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
        yield client


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def compute(client: Any, calls: int) -> None:
    """Fill the usage table from calls of this hour."""
    now = datetime.now(UTC)
    lake = MemoryLake()
    lake.append(
        UsageEvent(
            account_id="111122223333",
            region="eu-central-1",
            request_id=f"r{number}",
            ts=now - timedelta(minutes=1),
            parsed_at=now,
            operation="Converse",
            model_id="amazon.nova-pro-v1:0",
            route="us",
            logged_model_id="us.amazon.nova-pro-v1:0",
            caller="user/ana",
            input_tokens=1_000,
            output_tokens=100,
            token_source="envelope",
        )
        for number in range(calls)
    )
    generations = count()
    ComputeCost(
        lake=lake,
        table=UsageTable(DynamoDBTable(client, "stats"), Retention()),
        prices=PriceTable(DynamoDBTable(client, "prices")),
        settings=ComputeSettings(),
        now=lambda: now,
        owner="test",
        new_generation=lambda: str(next(generations)),
    ).run(now + timedelta(minutes=5))


def test_prices_are_seeded_and_usage_is_reported_from_dynamodb(client: Any) -> None:
    seeded = run("seed-pricing", *NAMES, "--json")
    assert json.loads(seeded.stdout)["added"] > 100
    compute(client, calls=3)

    document = json.loads(run("report", *NAMES, "--by", "caller", "--json").stdout)

    (row,) = document["rows"]
    assert (row["account_id"], row["caller"], row["invocations"]) == ("111122223333", "user/ana", 3)
    assert row["list_cost_usd"] == "0.00336"  # 3 x (1,000 x 0.80 + 100 x 3.20) USD a million


def test_seeding_again_changes_nothing() -> None:
    run("seed-pricing", *NAMES)

    assert ": 0 added, 0 changed" in run("seed-pricing", *NAMES).stdout


def test_prices_come_from_the_deployments_own_table() -> None:
    run("seed-pricing", *NAMES)
    question = ("price", "us.amazon.nova-pro-v1:0", "--region", "us-east-1", "--input-tokens", "1000")

    theirs = json.loads(run(*question, *NAMES, "--json").stdout)
    bundled = json.loads(run(*question, "--json").stdout)

    assert theirs["total_usd"] == bundled["total_usd"] == "0.0008"


def test_prices_of_a_deployment_on_aws_are_changed_ended_and_told_in_its_history(client: Any) -> None:
    listed = card("amazon.nova-pro-v1:0", "geo:us", input="0.8", output="3.2")
    PriceTable(DynamoDBTable(client, "prices")).put_cards([listed], [])
    model = "us.amazon.nova-pro-v1:0"
    for command in (
        ("set", model, "input=0.5", "--from", "2025-01-01", "--by", "ana"),
        ("end", model, "--from", "2025-06-01", "--by", "ben"),
        ("discount", "set", "10", "--account", "111122223333", "--from", "2025-01-01"),
    ):
        assert run("prices", *command, *NAMES).exit_code == 0

    def paid(moment: str) -> str:
        asked = ("price", model, "--region", "us-east-1", "--input-tokens", "1000", "--at", moment)
        return str(json.loads(run(*asked, *NAMES, "--json").stdout)["total_usd"])

    assert [paid(day) for day in ("2024-12-31", "2025-01-01", "2025-06-01")] == ["0.0008", "0.0005", "0.0008"]
    history = json.loads(run("prices", "history", model, *NAMES, "--format", "json").stdout)
    assert sorted((row["change"], row["by"]) for row in history) == [("ended", "ben"), ("entered", "ana")]
    waiting = json.loads(run("reprice", "--status", *NAMES, "--format", "json").stdout)
    assert {row["why"] for row in waiting} >= {"price entered", "price ended", "discount entered"}
    assert "next runs of L2" in run("reprice", "--pending", *NAMES).stderr
    compute(client, calls=1)
    done = json.loads(run("reprice", "--status", *NAMES, "--format", "json").stdout)
    assert all(row["done"] == row["total"] and row["finished"] for row in done)


def test_a_missing_name_is_asked_for() -> None:
    result = run("report", "--price-table", "prices", "--aws-region", "eu-central-1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "usage_table is unknown: give --usage-table" in result.stderr


def test_a_table_that_does_not_exist_is_one_line() -> None:
    result = run("report", "--usage-table", "absent", "--aws-region", "eu-central-1")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "absent" in result.stderr


def test_without_a_region_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    result = run("report", "--usage-table", "stats")

    assert result.exit_code == 2
    assert "give --profile and --aws-region" in result.stderr


def test_an_unknown_profile_is_one_line() -> None:
    result = run("report", "--usage-table", "stats", "--profile", "nobody")

    assert result.exit_code == 2
    assert "nobody" in result.stderr
