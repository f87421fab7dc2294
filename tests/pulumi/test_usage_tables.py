from __future__ import annotations

import pytest

from bedrock_analytics.storage.dynamodb_codec import key_to_wire
from bedrock_analytics.storage.item_table import Key
from bedrock_analytics.storage.usage_pages import TTL_ATTRIBUTE
from components.naming import HubNames
from components.usage_tables import EXPIRY, PARTITION_KEY, SORT_KEY, UsageTables, UsageTablesArgs
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

NAMES = HubNames(account=ACCOUNT, region=REGION)
TABLE = "aws:dynamodb/table:Table"


def declared(*, protect: bool = True) -> Deployed:
    return deploy(lambda: UsageTables("tables", UsageTablesArgs(names=NAMES, protect=protect)))


def test_keys_and_expiry_are_those_that_items_have() -> None:
    assert key_to_wire(Key("a", "b")) == {PARTITION_KEY: {"S": "a"}, SORT_KEY: {"S": "b"}}
    assert EXPIRY == TTL_ATTRIBUTE


def test_both_tables_hold_items_by_two_text_keys_and_cost_what_is_used() -> None:
    tables = declared().of(TABLE)
    assert [table.inputs["name"] for table in tables] == [NAMES.price_table, NAMES.usage_table]
    for table in tables:
        assert (table.inputs["hashKey"], table.inputs["rangeKey"]) == ("PK", "SK")
        assert table.inputs["attributes"] == [{"name": "PK", "type": "S"}, {"name": "SK", "type": "S"}]
        assert table.inputs["billingMode"] == "PAY_PER_REQUEST"


def test_pages_expire_and_prices_do_not() -> None:
    found = declared()
    assert found.only(TABLE, "tables-usage").inputs["ttl"] == {"attributeName": "ttl", "enabled": True}
    assert "ttl" not in found.only(TABLE, "tables-prices").inputs


@pytest.mark.parametrize("protect", [True, False])
def test_tables_can_be_restored_and_outlive_the_stack(*, protect: bool) -> None:
    for table in declared(protect=protect).of(TABLE):
        assert table.inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
        assert table.inputs["deletionProtectionEnabled"] is protect
        assert (table.protect, table.retain_on_delete) == (protect, True)
