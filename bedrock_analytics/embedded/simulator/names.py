"""Buckets and keys of the simulated logs, as Bedrock lays them out."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bedrock_analytics.embedded.simulator.calls import SimulatedCall
from bedrock_analytics.embedded.simulator.world import LogSource

PREFIX = "bedrock-logs"
"""Key prefix that the logging configurations of the simulated organisation name."""

_MARKER = "amazon-bedrock-logs-permission-check"


def bucket_of(source: LogSource) -> str:
    """The bucket of a source; the keys of all sources are distinct, so one folder can hold them all."""
    return f"demo-bedrock-logs-{source.account_id}-{source.region}"


def root_of(source: LogSource) -> str:
    """The part of the key that all objects of a source share."""
    return f"{PREFIX}/AWSLogs/{source.account_id}/BedrockModelInvocationLogs/{source.region}"


def log_key(source: LogSource, written_at: datetime, digits: str) -> str:
    """The key of a log object: folder of the hour and milliseconds of the time of delivery (UTC)."""
    stamp = f"{written_at:%Y%m%dT%H%M%S}{written_at.microsecond // 1000:03d}Z"
    return f"{root_of(source)}/{written_at:%Y/%m/%d/%H}/{stamp}_{digits}.json.gz"


def body_key(call: SimulatedCall, side: Literal["input", "output"]) -> str:
    """The key of a body that lies beside the log, in the hour in which the call began."""
    folder = f"{root_of(call.app.source)}/{call.ts:%Y/%m/%d/%H}/data"
    return f"{folder}/{call.request_id}_{side}.json.gz"


def marker_key(source: LogSource) -> str:
    """The empty object that Bedrock writes when a logging configuration is saved."""
    return f"{root_of(source)}/{_MARKER}"
