"""Composition roots of the Lambda functions: settings -> clients -> adapters -> what a job works with.

Each function below is called on the first event and keeps what it built for the life of the process.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import boto3
from botocore.config import Config
from botocore.session import get_session

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings as JobSettings
from bedrock_analytics.jobs.parse_object import ParseOptions, ParseTools
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.assumed_role import assumed_role_session
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.event_stream import FirehoseStream
from bedrock_analytics.storage.inference_profiles import BedrockProfiles
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable, SendableColumns, later_names
from bedrock_analytics.storage.log_objects import S3LogStore
from bedrock_analytics.storage.price_source import DEFAULT_URL, PriceSource
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.secret_text import secret_text
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from lambdas.settings import ComputeSettings, ParseLogSettings, SyncPricingSettings, WriteRole

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
                pseudonym_key=_pseudonym_key(settings),
            ),
        ),
        stream=_stream(settings),
    )


def _pseudonym_key(settings: ParseLogSettings) -> bytes:
    if settings.caller_detail is not CallerDetail.PSEUDONYM:
        return b""
    client = boto3.client("secretsmanager", config=_PATIENT)
    return secret_text(client, settings.pseudonym_secret).encode()


def _stream(settings: ParseLogSettings) -> FirehoseStream:
    """The hub's stream, and the row that tells which columns its lake has: in a spoke through one role."""
    hub = _hub_session(settings.write_role)
    return FirehoseStream(
        hub.client("firehose", config=_PATIENT),
        settings.stream_name,
        now=now,
        sleep=time.sleep,
        left_out=_left_out(hub, settings.usage_table),
    )


def _left_out(hub: boto3.Session, usage_table: str | None) -> Callable[[], frozenset[str]]:
    """What tells the columns not to send yet."""
    if usage_table is None:
        return partial(frozenset, later_names())
    table = SchemaTable(DynamoDBTable(hub.client("dynamodb", config=_PROMPT), usage_table))
    return SendableColumns(LakeColumns(table), later_names(), now=now).left_out


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
    reader: UsageReader


@cache
def computing() -> Computing:
    """Adapters of L2 and of reconciliation, from the environment."""
    settings = ComputeSettings.from_environment(os.environ)
    dynamodb = boto3.client("dynamodb", config=_PATIENT)
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
            now=now,
            owner=new_text(),
            new_generation=new_text,
            missing_columns=columns.missing,
        ),
        reconciler=Reconciler(lake=lake, table=table, settings=options, now=now, new_generation=new_text),
        reader=UsageReader(table, now),
    )


def _lake(settings: ComputeSettings, columns: LakeColumns) -> AthenaLake:
    place = LakeTable(bucket_arn=settings.table_bucket_arn, namespace=settings.namespace)
    queries = AthenaQueries(
        boto3.client("athena", config=_PATIENT),
        workgroup=settings.workgroup,
        catalog=place.catalog,
        database=place.namespace,
    )
    s3tables = boto3.client("s3tables", config=_PATIENT)
    return AthenaLake(queries, s3tables, place, missing=columns.missing)


def new_text() -> str:
    """A text that no other call gives."""
    return uuid.uuid4().hex


def _hub_session(role: WriteRole | None) -> boto3.Session:
    """A session in the hub: the function's own, or in a spoke that of the hub's role."""
    if role is None:
        return boto3.Session()
    return assumed_role_session(
        get_session(),
        role.arn,
        external_id=role.external_id,
        session_name="parse-log",
        region=role.region,
    )
