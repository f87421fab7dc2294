"""One record of a log object, as far as it is read.

Presence, order and types of fields are not relied on.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, field

from bedrock_analytics.domain.body_shapes import (
    Chunk,
    Count,
    Kind,
    Message,
    NativeResponseValue,
    Other,
    Part,
    Performance,
    RequestBody,
    RequestValue,
    ResponseValue,
    Seconds,
    Text,
)
from bedrock_analytics.domain.lenient_json import decode_object


class LoggedInput(Part, rename="camel"):
    """The `input` of a record."""

    input_token_count: Count | None = None
    cache_read_input_token_count: Count | None = None
    cache_write_input_token_count: Count | None = None
    body: RequestValue = field(default=None, name="inputBodyJson")
    body_path: Text | None = field(default=None, name="inputBodyS3Path")


class LoggedOutput(Part, rename="camel"):
    """The `output` of a record."""

    output_token_count: Count | None = None
    body: ResponseValue = field(default=None, name="outputBodyJson")
    body_path: Text | None = field(default=None, name="outputBodyS3Path")
    video_seconds: Seconds | None = field(default=None, name="outputVideoDurationSeconds")


class Identity(Part):
    """The principal."""

    arn: Text | None = None


Metadatum: TypeAlias = Annotated[str, Meta(max_length=512)]
"""AWS allows 256 characters."""


class LogRecord(Part, rename="camel"):
    """One record of a log object, as far as it is read."""

    schema_type: Text | None = None
    timestamp: Text | None = None
    account_id: Text | None = None
    region: Text | None = None
    inference_region: Text | None = None
    request_id: Text | None = None
    operation: Text | None = None
    model_id: Text | None = None
    identity: Identity | None = None
    input: LoggedInput | None = None
    output: LoggedOutput | None = None
    request_metadata: Annotated[dict[Metadatum, Metadatum], Meta(max_length=64)] | None = None
    error_code: Text | None = None
    service_tier: Kind | Text | None = None
    performance_config: Performance | None = None


class _Response(Part):
    body: ResponseValue = None


class _NativeResponse(Part):
    body: NativeResponseValue = None


class _NativeOutput(Part):
    output: _NativeBody | None = None


class _NativeBody(Part):
    body: NativeResponseValue = field(default=None, name="outputBodyJson")


_record = msgspec.json.Decoder(LogRecord)
_request = msgspec.json.Decoder(RequestBody)
_response = msgspec.json.Decoder(_Response)
_native_response = msgspec.json.Decoder(_NativeResponse)
_native_output = msgspec.json.Decoder(_NativeOutput)


def decode_record(line: bytes) -> LogRecord:
    """Read one record; NotJson or NotAnObject (of lenient_json) where the line holds none."""
    record = decode_object(line, _record, LogRecord)
    made = record.output
    if made is not None and isinstance(made.body, list) and not _is_anthropic(made.body):
        native = decode_object(line, _native_output, _NativeOutput).output
        made.body = list(native.body) if native and isinstance(native.body, list) else None
    return record


def _is_anthropic(chunks: list[Chunk | Other]) -> bool:
    """Whether a stream begins as Anthropic's do, so that its chunks need no second look."""
    first = next((chunk for chunk in chunks if isinstance(chunk, Chunk)), None)
    return first is None or isinstance(first.message, Message)


def decode_request(body: bytes) -> RequestBody:
    """Read an offloaded request body; NotJson or NotAnObject where it is none."""
    return decode_object(body, _request, RequestBody)


def decode_response(body: bytes) -> ResponseValue:
    """Read an offloaded response body: an object, or a stream's array; NotJson where it is neither."""
    wrapped = b'{"body":' + body + b"}"
    found = decode_object(wrapped, _response, _Response).body
    if isinstance(found, list) and not _is_anthropic(found):
        native = decode_object(wrapped, _native_response, _NativeResponse).body
        return list(native) if isinstance(native, list) else None
    return found
