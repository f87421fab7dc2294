"""Log records for tests, and the context in which their lines are read."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.log_key import read_key
from bedrock_analytics.domain.rejection import LineContext

KEY = (
    "AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/11/20/10/"
    "20261120T100500123Z_9b86bf4994c4ab1c.json.gz"
)
SOURCE = f"s3://logs/{KEY}"
NOW = datetime(2026, 11, 20, 10, 6, tzinfo=UTC)

_RECORD: dict[str, Any] = {
    "timestamp": "2026-11-20T10:04:30Z",
    "accountId": "111122223333",
    "region": "us-east-1",
    "requestId": "r-1",
    "operation": "Converse",
    "modelId": "us.anthropic.claude-sonnet-4-6",
    "input": {"inputContentType": "application/json", "inputTokenCount": 10},
    "output": {"outputContentType": "application/json", "outputTokenCount": 5},
    "identity": {"arn": "arn:aws:sts::111122223333:assumed-role/App/worker"},
    "schemaType": "ModelInvocationLog",
    "schemaVersion": "1.0",
}


def record(**changes: Any) -> dict[str, Any]:
    """A minimal record with top-level fields replaced; None removes a field."""
    changed = copy.deepcopy(_RECORD) | changes
    return {name: value for name, value in changed.items() if value is not None}


def with_response(body: Any, *, counts: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    """A record with a response body, and envelope counts only where given."""
    envelope = counts or {}
    output = {key: value for key, value in envelope.items() if key == "outputTokenCount"}
    given = {key: value for key, value in envelope.items() if key != "outputTokenCount"}
    return record(input=given, output={"outputBodyJson": body, **output}, **changes)


def with_request(body: Any, **changes: Any) -> dict[str, Any]:
    """A record with a request body."""
    return record(input={"inputBodyJson": body, "inputTokenCount": 10}, **changes)


def line(record: Any) -> bytes:
    """A record as a line of a log object."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def context(
    *,
    source: str = SOURCE,
    now: datetime = NOW,
    detail: CallerDetail = CallerDetail.FULL,
    key: bytes = b"",
) -> LineContext:
    """What is known of the lines of an object that arrived just now."""
    return LineContext(
        source=source,
        key=read_key(source),
        object_time=datetime(2026, 11, 20, 10, 5, 30, tzinfo=UTC),
        parsed_at=now,
        caller_detail=detail,
        pseudonym_key=key,
    )
