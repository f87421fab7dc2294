"""Composition root of `sync_pricing`: settings -> clients -> adapters."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import boto3

from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.price_source import DEFAULT_URL, PriceSource
from bedrock_analytics.storage.price_table import PriceTable
from lambdas import clients
from lambdas.settings import SyncPricingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPricing:
    """What `sync_pricing` works with."""

    table: PriceTable
    source: PriceSource


@cache
def sync_pricing() -> SyncPricing:
    """Adapters of `sync_pricing`, from the environment."""
    settings = SyncPricingSettings.from_environment(os.environ)
    return SyncPricing(
        table=PriceTable(
            DynamoDBTable(boto3.client("dynamodb", config=clients.PATIENT), settings.price_table)
        ),
        source=PriceSource(settings.price_list_url or DEFAULT_URL, clients.now),
    )
