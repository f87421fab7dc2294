"""Composition root of `compute_cost` and `aggregate_stats`: settings -> clients -> adapters -> jobs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import boto3

from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings as JobSettings
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from lambdas import clients
from lambdas.settings import ComputeSettings

LEASE_MARGIN_SECONDS = 60
"""How much longer than the function's timeout a lease lasts: no two writers, whatever happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """What `compute_cost` and `aggregate_stats` work with."""

    job: ComputeCost
    reconciler: Reconciler
    reader: UsageReader


@cache
def computing() -> Computing:
    """Adapters of L2 and of reconciliation, from the environment."""
    settings = ComputeSettings.from_environment(os.environ)
    dynamodb = boto3.client("dynamodb", config=clients.PATIENT)
    retention = Retention(
        hourly_days=settings.hourly_days, hours_days=settings.hours_days, daily_days=settings.daily_days
    )
    items = DynamoDBTable(dynamodb, settings.usage_table)
    table = UsageTable(items, retention)
    columns = LakeColumns(SchemaTable(items))
    lake = _lake(settings, columns)
    options = JobSettings(
        metadata_keys=settings.metadata_keys,
        overlap=timedelta(seconds=settings.overlap_seconds),
        lease=timedelta(seconds=settings.timeout_seconds + LEASE_MARGIN_SECONDS),
    )
    return Computing(
        job=ComputeCost(
            lake=lake,
            table=table,
            prices=PriceTable(DynamoDBTable(dynamodb, settings.price_table)),
            settings=options,
            now=clients.now,
            owner=clients.new_text(),
            new_generation=clients.new_text,
            missing_columns=columns.missing,
        ),
        reconciler=Reconciler(
            lake=lake, table=table, settings=options, now=clients.now, new_generation=clients.new_text
        ),
        reader=UsageReader(table, clients.now),
    )


def _lake(settings: ComputeSettings, columns: LakeColumns) -> AthenaLake:
    place = LakeTable(bucket_arn=settings.table_bucket_arn, namespace=settings.namespace)
    queries = AthenaQueries(
        boto3.client("athena", config=clients.PATIENT),
        workgroup=settings.workgroup,
        catalog=place.catalog,
        database=place.namespace,
    )
    s3tables = boto3.client("s3tables", config=clients.PATIENT)
    return AthenaLake(queries, s3tables, place, missing=columns.missing)
