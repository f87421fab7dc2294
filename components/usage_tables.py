"""The two DynamoDB tables: pages of usage, and prices. Both hold items by the text keys PK and SK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.naming import HubNames
from components.resource_options import data_options

PARTITION_KEY: Final = "PK"
SORT_KEY: Final = "SK"
EXPIRY: Final = "ttl"
"""The attribute, in seconds since 1970, past which DynamoDB deletes a page. Prices never expire."""
RECOVERY_DAYS: Final = 35


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTablesArgs:
    """Arguments of the tables. `protect` guards them in Pulumi and in DynamoDB."""

    names: HubNames
    protect: bool = True
    retain: bool = True
    """Whether what holds data stays in AWS when it leaves the stack."""


class UsageTables(pulumi.ComponentResource):
    """The tables `usage` and `prices`."""

    def __init__(self, name: str, args: UsageTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:UsageTables", name, None, opts)
        self.usage = self._declare(f"{name}-usage", args.names.usage_table, args, expires=True)
        self.prices = self._declare(f"{name}-prices", args.names.price_table, args, expires=False)
        self.register_outputs({"usage_table": self.usage.name, "price_table": self.prices.name})

    def _declare(
        self, name: str, physical: str, args: UsageTablesArgs, *, expires: bool
    ) -> aws.dynamodb.Table:
        return aws.dynamodb.Table(
            name,
            name=physical,
            billing_mode="PAY_PER_REQUEST",
            hash_key=PARTITION_KEY,
            range_key=SORT_KEY,
            attributes=[{"name": key, "type": "S"} for key in (PARTITION_KEY, SORT_KEY)],
            ttl={"attribute_name": EXPIRY, "enabled": True} if expires else None,
            point_in_time_recovery={"enabled": True, "recovery_period_in_days": RECOVERY_DAYS},
            deletion_protection_enabled=args.protect,
            opts=data_options(self, protect=args.protect, retain=args.retain),
        )
