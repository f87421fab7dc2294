"""What people may do with a hub: look, change prices, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest

from bedrock_analytics.storage.cost_explorer import BILLED
from bedrock_analytics.storage.scan_budget import ScanBudget
from components import access_policies
from components.access_policies import SHARED_PARTITIONS
from components.iam_documents import Document
from components.naming import HubNames
from tests.fakes.memory_table import MemoryTable

HUB = HubNames(account="111122223333", region="us-east-1")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def actions(policy: Document) -> set[str]:
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def is_shared(partition: str) -> bool:
    return any(fnmatchcase(partition, pattern) for pattern in SHARED_PARTITIONS)


def test_a_reader_changes_nothing_but_the_count_of_what_was_looked_at() -> None:
    policy = access_policies.reader(HUB, [])
    writes = {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    [keep] = [one for one in policy["Statement"] if writes & set(one["Action"])]
    assert keep["Resource"] == [HUB.table_arn(HUB.price_table)]
    assert keep["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": SHARED_PARTITIONS},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert not [one for one in actions(policy) if "Put" in one and one not in writes]
    assert "lambda:InvokeFunction" not in actions(policy)


def test_the_count_is_kept_where_a_reader_may_write() -> None:
    table = MemoryTable()
    ScanBudget(table, lambda: NOW).reserve("query-1", NOW.date())
    assert [item["SK"] for item in table.query("SCANS#2026-03-10")] == ["query-1"]
    assert is_shared("SCANS#2026-03-10")
    assert is_shared(BILLED)


@pytest.mark.parametrize("partition", ["META", "MODEL#anthropic.claude", "DISCOUNT", "SCAN"])
def test_a_price_is_not_kept_where_a_reader_may_write(partition: str) -> None:
    assert not is_shared(partition)


def test_an_editor_writes_prices_and_never_usage() -> None:
    policy = access_policies.editor(HUB)
    tables = {
        one for statement in policy["Statement"] for one in statement["Resource"] if ":dynamodb:" in one
    }
    assert tables == {HUB.table_arn(HUB.price_table)}


def test_a_reader_asks_the_lake_in_the_workgroup_for_people_alone() -> None:
    policy = access_policies.reader(HUB, [])
    [query] = [one for one in policy["Statement"] if "athena:StartQueryExecution" in one["Action"]]
    assert query["Resource"] == [HUB.workgroup_arn(HUB.people_workgroup)]
