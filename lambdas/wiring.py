"""Composition roots of the Lambda functions: settings -> clients -> adapters -> what a job works with.

Each function below is called on the first event and keeps what it built for the life of the process.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.session import get_session

from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings as JobSettings
from bedrock_analytics.jobs.parse_object import ParseOptions, ParseTools
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.storage.assumed_role import assumed_role_session
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.event_stream import FirehoseStream
from bedrock_analytics.storage.inference_profiles import BedrockProfiles
from bedrock_analytics.storage.log_objects import S3LogStore
from bedrock_analytics.storage.price_source import DEFAULT_URL, PriceSource
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from lambdas.settings import ComputeSettings, ParseLogSettings, SyncPricingSettings, WriteRole

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient

_PATIENT = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5, read_timeout=30)
_PROMPT = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=2, read_timeout=5)
"""For what a call can do without."""
LEASE_MARGIN_SECONDS = 60
"""How much longer than the function's timeout a lease lasts: no two writers, whatever happens."""


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLog:
    """What `parse_log` works with."""

    settings: ParseLogSettings
    tools: ParseTools
    stream: FirehoseStream


@cache
def parse_log() -> ParseLog:
    """Adapters of `parse_log`, from the environment."""
    settings = ParseLogSettings.from_environment(os.environ)
    return ParseLog(
        settings=settings,
        tools=ParseTools(
            store=S3LogStore(boto3.client("s3", config=_PATIENT), settings.rejected_prefix),
            now=now,
            profiles=BedrockProfiles(boto3.client("bedrock", config=_PROMPT), now=now),
            options=ParseOptions(
                follow_offloaded=settings.follow_offloaded,
                keep_rejected_lines=settings.keep_rejected_lines,
                caller_detail=settings.caller_detail,
                pseudonym_key=settings.pseudonym_key.encode(),
            ),
        ),
        stream=FirehoseStream(
            _firehose(settings.write_role), settings.stream_name, now=now, sleep=time.sleep
        ),
    )


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
        table=PriceTable(DynamoDBTable(boto3.client("dynamodb", config=_PATIENT), settings.price_table)),
        source=PriceSource(settings.price_list_url or DEFAULT_URL, now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """What `compute_cost` and `aggregate_stats` work with."""

    job: ComputeCost
    reconciler: Reconciler


@cache
def computing() -> Computing:
    """Adapters of L2 and of reconciliation, from the environment."""
    settings = ComputeSettings.from_environment(os.environ)
    dynamodb = boto3.client("dynamodb", config=_PATIENT)
    retention = Retention(
        hourly_days=settings.hourly_days, hours_days=settings.hours_days, daily_days=settings.daily_days
    )
    table = UsageTable(DynamoDBTable(dynamodb, settings.usage_table), retention)
    lake = _lake(settings)
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
            now=now,
            owner=new_text(),
            new_generation=new_text,
        ),
        reconciler=Reconciler(lake=lake, table=table, settings=options, now=now, new_generation=new_text),
    )


def _lake(settings: ComputeSettings) -> AthenaLake:
    place = LakeTable(bucket_arn=settings.table_bucket_arn, namespace=settings.namespace)
    queries = AthenaQueries(
        boto3.client("athena", config=_PATIENT),
        workgroup=settings.workgroup,
        catalog=place.catalog,
        database=place.namespace,
    )
    return AthenaLake(queries, boto3.client("s3tables", config=_PATIENT), place)


def new_text() -> str:
    """A text that no other call gives."""
    return uuid.uuid4().hex


def _firehose(role: WriteRole | None) -> FirehoseClient:
    if role is None:
        return boto3.client("firehose", config=_PATIENT)
    session = assumed_role_session(
        get_session(),
        role.arn,
        external_id=role.external_id,
        session_name="parse-log",
        region=role.region,
    )
    return session.client("firehose", config=_PATIENT)
