"""The demo's own price, and the models behind its inference profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bedrock_analytics.domain.billable import billable_of_question
from bedrock_analytics.embedded.demo_prices import (
    PRICE_CHANGE_AFTER,
    SimulatedProfiles,
    enter_price_change,
)
from bedrock_analytics.embedded.simulator.apps import APPS
from bedrock_analytics.embedded.simulator.models import NOVA_PRO
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.jobs.sync_prices import seed_prices
from bedrock_analytics.storage.price_table import PriceTable

START = datetime(2026, 10, 20, tzinfo=UTC)
NOW = START + timedelta(days=35)


def test_the_price_changes_at_one_moment_inside_the_past(tmp_path: Path) -> None:
    with SQLiteTable(tmp_path / "tables.sqlite", "model-pricing") as items:
        table = PriceTable(items)
        seed_prices(table, NOW)
        enter_price_change(table, START, NOW)
        version = table.load_meta().version
        enter_price_change(table, START, NOW)
        book = table.load_book()

        assert table.load_meta().version == version
        changes = table.changes(model_id=NOVA_PRO.id)
        assert [change.changed_by for change in changes if change.changed_by] == ["demo"]

    usage = billable_of_question(f"us.{NOVA_PRO.id}", {"input": 1_000_000}, region="us-east-1")
    moment = START + PRICE_CHANGE_AFTER
    assert book.cost(usage, moment - timedelta(seconds=1)).lines[0].cost_usd == Decimal("0.8")
    assert book.cost(usage, moment).lines[0].cost_usd == Decimal("0.6")


def test_a_short_simulation_has_no_change_of_price(tmp_path: Path) -> None:
    with SQLiteTable(tmp_path / "tables.sqlite", "model-pricing") as items:
        table = PriceTable(items)
        enter_price_change(table, START, START + timedelta(days=2))
        assert table.cards_of(NOVA_PRO.id, "geo:us") == []


def test_every_simulated_profile_resolves_to_the_model_behind_it() -> None:
    profiles = SimulatedProfiles()
    resolved = 0
    for app in APPS:
        for kind in app.kinds:
            if kind.target.application_profile is None:
                continue
            arn = kind.target.logged_id(
                account_id=app.source.account_id, region=app.source.region, converse=True
            )
            found = profiles.resolve(arn)
            assert found is not None
            assert (found.model.model_id, found.model.route) == (kind.target.model.id, kind.target.route)
            resolved += 1
    assert resolved > 0
    assert profiles.resolve("arn:aws:bedrock:us-east-1:1:application-inference-profile/other") is None
