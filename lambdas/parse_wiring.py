"""Composition root of `parse_log`: settings -> clients -> adapters.

Each function has a root of its own, so that none imports what another needs. What is built on the first
event is kept for the life of the process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import boto3
from botocore.session import get_session

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.jobs.parse_object import ParseOptions, ParseTools
from bedrock_analytics.storage.assumed_role import assumed_role_session
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.event_stream import FirehoseStream
from bedrock_analytics.storage.inference_profiles import BedrockProfiles
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable, SendableColumns, later_names
from bedrock_analytics.storage.log_objects import S3LogStore
from bedrock_analytics.storage.secret_text import secret_text
from lambdas import clients
from lambdas.settings import ParseLogSettings, WriteRole


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
            store=S3LogStore(boto3.client("s3", config=clients.PATIENT), settings.rejected_prefix),
            now=clients.now,
            profiles=BedrockProfiles(boto3.client("bedrock", config=clients.PROMPT), now=clients.now),
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
    client = boto3.client("secretsmanager", config=clients.PATIENT)
    return secret_text(client, settings.pseudonym_secret).encode()


def _stream(settings: ParseLogSettings) -> FirehoseStream:
    """The hub's stream, and the row that tells which columns its lake has: in a spoke through one role."""
    hub = _hub_session(settings.write_role)
    return FirehoseStream(
        hub.client("firehose", config=clients.PATIENT),
        settings.stream_name,
        now=clients.now,
        sleep=time.sleep,
        left_out=_left_out(hub, settings.usage_table),
    )


def _left_out(hub: boto3.Session, usage_table: str | None) -> Callable[[], frozenset[str]]:
    """What tells the columns not to send yet."""
    if usage_table is None:
        return partial(frozenset, later_names())
    table = SchemaTable(DynamoDBTable(hub.client("dynamodb", config=clients.PROMPT), usage_table))
    return SendableColumns(LakeColumns(table), later_names(), now=clients.now).left_out


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
