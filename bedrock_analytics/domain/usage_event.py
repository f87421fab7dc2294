"""The columns of the event lake: one row for each logged Bedrock call or rejected log line.

`COLUMNS` is their only home. The L1 encoder, the S3 Tables schema, the local Iceberg table,
the SQL and the documentation are derived from it. Field ids are never reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

SCHEMA_VERSION = 1
"""Version of the parser's output; of two parses of one call the higher version wins."""

REJECTED_OPERATION = "Rejected"


class ColumnType(StrEnum):
    """Iceberg primitive types that the lake uses."""

    STRING = "string"
    LONG = "long"
    BOOLEAN = "boolean"
    TIMESTAMPTZ = "timestamptz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of `usage_events`."""

    field_id: int
    name: str
    type: ColumnType
    doc: str
    required: bool = False
    since: int = 1
    """Schema version that brought the column. A later one is null in older lakes until `migrate` adds it."""


_S, _L, _B, _T = ColumnType.STRING, ColumnType.LONG, ColumnType.BOOLEAN, ColumnType.TIMESTAMPTZ


def _column(field_id: int, name: str, kind: ColumnType, doc: str, *, required: bool = False) -> Column:
    return Column(field_id=field_id, name=name, type=kind, doc=doc, required=required)


COLUMNS: tuple[Column, ...] = (
    _column(1, "account_id", _S, "AWS account that made the call", required=True),
    _column(2, "region", _S, "Region that was called", required=True),
    _column(
        3,
        "request_id",
        _S,
        "Bedrock's request id; of a rejection, a hash of log object key and line number",
        required=True,
    ),
    _column(
        4,
        "ts",
        _T,
        "start of the call (UTC); of a rejection, its timestamp if readable, else the log object's",
        required=True,
    ),
    _column(5, "operation", _S, "Converse, ConverseStream, InvokeModel, InvokeModelWithResponseStream"),
    _column(
        6,
        "model_id",
        _S,
        "canonical model: vendor, model and version without geography prefix, ARN or context suffix; "
        "the whole ARN where no foundation model is known",
    ),
    _column(7, "caller", _S, "readable caller derived from identity_arn"),
    _column(8, "input_tokens", _L, "input tokens read neither from nor into the prompt cache"),
    _column(9, "output_tokens", _L, "output tokens"),
    _column(10, "cache_read_tokens", _L, "input tokens read from the prompt cache"),
    _column(
        11,
        "cache_write_5m_tokens",
        _L,
        "input tokens written to the prompt cache for 5 minutes, and those whose lifetime is unknown",
    ),
    _column(12, "cache_write_1h_tokens", _L, "input tokens written to the prompt cache for 1 hour"),
    _column(13, "cache_write_total_tokens", _L, "all input tokens written to the prompt cache"),
    _column(14, "latency_ms", _L, "time from request to the last token, milliseconds"),
    _column(15, "time_to_first_token_ms", _L, "time from request to the first token, milliseconds"),
    _column(16, "error_code", _S, "error of a failed call, null on success"),
    _column(17, "source_s3_key", _S, "log object the row was read from, s3://bucket/key or a local path"),
    _column(18, "parsed_at", _T, "when L1 handed the row to the lake (UTC)", required=True),
    _column(19, "schema_version", _L, "version of the parser that wrote the row"),
    _column(20, "logged_model_id", _S, "modelId as logged"),
    _column(21, "route", _S, "global, a geography such as us, or regional"),
    _column(22, "inference_region", _S, "Region that served a cross-Region call, where logged"),
    _column(23, "inference_profile_arn", _S, "application inference profile that was called"),
    _column(24, "inference_profile_name", _S, "its name, where it could be resolved"),
    _column(25, "profile_model_id", _S, "its model as GetInferenceProfile names it, profile id or model id"),
    _column(26, "response_model_id", _S, "model named by the response body"),
    _column(27, "identity_arn", _S, "IAM principal as logged"),
    _column(28, "caller_type", _S, "user, role, sso, federated, root, api_key or unknown"),
    _column(29, "request_metadata", _S, "the caller's requestMetadata as JSON object text"),
    _column(30, "service_tier", _S, "service tier where the log shows it, null if unknown"),
    _column(31, "latency_optimized", _B, "latency-optimised inference was asked for"),
    _column(32, "stop_reason", _S, "why generation ended"),
    _column(33, "guardrail_action", _S, "what a guardrail did, where logged"),
    _column(34, "max_tokens", _L, "output limit that the request asked for"),
    _column(
        35,
        "token_source",
        _S,
        "where the token counts come from: envelope, body, guardrail (stopped before the model ran) or none",
    ),
    _column(36, "cache_ttl_known", _B, "false where cache was written and the log does not say for how long"),
    _column(37, "cache_write_other_tokens", _L, "input tokens written to the cache for another lifetime"),
    _column(38, "cache_write_other_ttl", _S, "that lifetime as logged, such as 30m"),
    _column(39, "input_images", _L, "images in the request, of models priced by input image"),
    _column(40, "output_images", _L, "images generated"),
    _column(41, "image_size", _S, "size of generated images, WIDTHxHEIGHT"),
    _column(42, "image_quality", _S, "quality of generated images, as requested"),
    _column(43, "image_steps", _L, "diffusion steps of generated images"),
    _column(44, "output_video_ms", _L, "length of generated video, milliseconds"),
    _column(45, "query_units", _L, "rerank queries that the body shows"),
    _column(46, "rejection", _S, "why the log line is no call; null for a call"),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


class UsageEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the lake. Field order and names are those of `COLUMNS` (tested).

    Times are aware UTC. A token count is None where the log has none, which differs from 0.
    A rejection has `rejection` set, `operation` "Rejected" and no tokens.
    """

    account_id: str
    region: str
    request_id: str
    ts: datetime
    operation: str | None = None
    model_id: str | None = None
    caller: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    cache_write_total_tokens: int | None = None
    latency_ms: int | None = None
    time_to_first_token_ms: int | None = None
    error_code: str | None = None
    source_s3_key: str | None = None
    parsed_at: datetime
    schema_version: int = SCHEMA_VERSION
    logged_model_id: str | None = None
    route: str | None = None
    inference_region: str | None = None
    inference_profile_arn: str | None = None
    inference_profile_name: str | None = None
    profile_model_id: str | None = None
    response_model_id: str | None = None
    identity_arn: str | None = None
    caller_type: str | None = None
    request_metadata: str | None = None
    service_tier: str | None = None
    latency_optimized: bool | None = None
    stop_reason: str | None = None
    guardrail_action: str | None = None
    max_tokens: int | None = None
    token_source: str | None = None
    cache_ttl_known: bool | None = None
    cache_write_other_tokens: int | None = None
    cache_write_other_ttl: str | None = None
    input_images: int | None = None
    output_images: int | None = None
    image_size: str | None = None
    image_quality: str | None = None
    image_steps: int | None = None
    output_video_ms: int | None = None
    query_units: int | None = None
    rejection: str | None = None
