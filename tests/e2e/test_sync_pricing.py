"""`sync_pricing` from its schedule to the price table, on moto."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.domain.rate_card import BEGINNING
from bedrock_analytics.jobs.sync_prices import seed_prices
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.price_table import PriceTable
from lambdas import clients, price_wiring, sync_pricing

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

TABLE = "model-pricing"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class World:
    """The mocked account, the mirror of the list, and the clock."""

    table: PriceTable
    mirror: Path
    monkeypatch: pytest.MonkeyPatch

    def publish(self, **usd_per_token: float) -> None:
        entry = {"litellm_provider": "bedrock", "mode": "chat"}
        listed = {
            f"amazon.{name}": {**entry, "input_cost_per_token": rate} for name, rate in usd_per_token.items()
        }
        self.mirror.write_text(json.dumps(listed), "utf-8")
        os.utime(self.mirror, (NOON.timestamp(), NOON.timestamp()))

    def run(self, at: datetime = NOON, **event: object) -> dict[str, Any]:
        self.monkeypatch.setattr(clients, "now", lambda: at)
        report: dict[str, Any] = sync_pricing.handler(event, cast("LambdaContext", None))
        return report


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "SK", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        monkeypatch.setenv("PRICE_TABLE", TABLE)
        monkeypatch.setenv("PRICE_LIST_URL", str(tmp_path / "mirror.json"))
        monkeypatch.setattr(sync_pricing.logger.registered_handler, "stream", io.StringIO())
        price_wiring.sync_pricing.cache_clear()
        yield World(PriceTable(DynamoDBTable(client, TABLE)), tmp_path / "mirror.json", monkeypatch)
    price_wiring.sync_pricing.cache_clear()


def test_the_hourly_look_syncs_when_it_is_due_and_not_before(world: World) -> None:
    world.publish(one=1e-06)

    assert world.run()["status"] == "ok"
    world.publish(one=2e-06)
    assert world.run(NOON + timedelta(hours=1)) == {"status": "not due"}
    assert world.run(NOON + timedelta(days=7))["changed"] == 1

    known = world.table.cards_of("amazon.one", "base")
    assert [(card.effective_from, *card.rates.values()) for card in known] == [
        (BEGINNING, 1),
        (NOON + timedelta(days=7), 2),
    ]


def test_a_sync_can_be_forced(world: World) -> None:
    world.publish(one=1e-06)
    world.run()

    assert world.run(NOON + timedelta(hours=1), force=True)["status"] == "ok"


def test_a_broken_mirror_is_counted_and_told_and_keeps_the_prices(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    seed_prices(world.table, NOON)
    cards = world.table.cards()
    world.mirror.write_text("<html>", "utf-8")

    report = world.run(NOON + timedelta(days=1))

    assert (report["status"], world.table.cards() == cards) == ("failed", True)
    emitted = json.loads(capsys.readouterr().out)
    assert sum(emitted["PriceSyncFailed"]) == 1
    assert world.run(NOON + timedelta(days=1, hours=1))["status"] == "failed"


def test_a_bundled_list_on_dynamodb_is_the_same_book(world: World) -> None:
    seed_prices(world.table, NOON)

    assert len(world.table.load_book().cards) == len(world.table.cards()) > 500
    assert world.table.load_meta().version == "1"
