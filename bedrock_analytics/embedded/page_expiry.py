"""Deleting usage pages past their retention, which DynamoDB does by itself and SQLite does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bedrock_analytics.domain.dimensions import ALL, dimensions_of
from bedrock_analytics.storage.item_table import ItemTable, Key
from bedrock_analytics.storage.usage_pages import Granularity, partition_key
from bedrock_analytics.storage.usage_table import UsageTable


def delete_expired_pages(
    items: ItemTable, table: UsageTable, metadata_keys: tuple[str, ...], now: datetime
) -> int:
    """Delete what no reader shows any more, and return the number of items."""
    scopes = (ALL, *(scope.name for scope in table.scopes()))
    expired = [
        key
        for scope in scopes
        for dimension in dimensions_of(scope, metadata_keys)
        for granularity in Granularity
        for key in _expired(items, table, partition_key(scope, granularity, dimension), granularity, now)
    ]
    items.delete_many(expired)
    return len(expired)


def _expired(
    items: ItemTable, table: UsageTable, pk: str, granularity: Granularity, now: datetime
) -> Iterator[Key]:
    """Keys of a partition up to the first period that is kept; older periods sort before younger ones."""
    for item in items.query(pk):
        sort_key = str(item["SK"])
        if table.retention.keeps(granularity, sort_key.partition("#")[0], now):
            return
        yield Key(pk, sort_key)
