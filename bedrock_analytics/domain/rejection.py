"""Log lines that are no call: why, and as which row of the lake they are counted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.event_json import whole_millisecond
from bedrock_analytics.domain.log_key import LogKey
from bedrock_analytics.domain.usage_event import REJECTED_OPERATION, UsageEvent


class Rejection(StrEnum):
    """Why a line is no call."""

    NOT_JSON = "not_json"
    NOT_A_RECORD = "not_a_record"
    MISSING_REQUEST_ID = "missing_request_id"
    MISSING_ACCOUNT = "missing_account"
    MISSING_REGION = "missing_region"
    MISSING_TIMESTAMP = "missing_timestamp"
    BAD_TIMESTAMP = "bad_timestamp"
    FROM_THE_FUTURE = "from_the_future"
    TOO_LARGE = "too_large"


class SkipRule(StrEnum):
    """Rules by which a well-formed line is left out without being a fault."""

    OTHER_LOG_TYPE = "other_log_type"
    """Its `schemaType` names another kind of log and it carries no request id or model."""
    VERIFICATION = "verification"
    """The marked record of `bedrock-analytics verify`: a row of the lake that nothing counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineContext:
    """What is known of every line of an object before it is read."""

    source: str
    """s3://bucket/key or a local path: the `source_s3_key` of its rows."""
    key: LogKey
    object_time: datetime
    """When the object arrived (UTC); must be the same at each delivery of the object."""
    parsed_at: datetime
    """When parsing began (UTC)."""
    caller_detail: CallerDetail = CallerDetail.FULL
    pseudonym_key: bytes = b""


UNKNOWN = "unknown"
VERIFICATION_ID = "bedrock-analytics-verification-"
"""What the request id of a marked record begins with; Bedrock's own are UUIDs."""

_ACCOUNT = re.compile(r"[0-9A-Za-z_-]{1,64}")
_REGION = re.compile(r"[a-z0-9-]{1,64}")


@lru_cache(maxsize=1024)
def sane_account(account_id: str | None) -> str | None:
    """The account id, if it may stand in a key; masked ids of published records do, placeholders do not."""
    return account_id if account_id and _ACCOUNT.fullmatch(account_id) else None


@lru_cache(maxsize=1024)
def sane_region(region: str | None) -> str | None:
    """The Region, if it may stand in a key."""
    return region if region and _REGION.fullmatch(region) else None


def rejection_row(
    reason: Rejection,
    number: int,
    context: LineContext,
    *,
    account_id: str | None = None,
    region: str | None = None,
    ts: datetime | None = None,
) -> UsageEvent:
    """The row of a rejected line; `number` counts the object's lines from 1.

    Its key depends on the object and the line alone, so that a redelivery gives the same row.
    """
    return UsageEvent(
        account_id=sane_account(account_id) or sane_account(context.key.account_id) or UNKNOWN,
        region=sane_region(region) or sane_region(context.key.region) or UNKNOWN,
        request_id=rejection_id(context.source, number),
        ts=whole_millisecond(ts or context.key.stamped_at or context.object_time),
        operation=REJECTED_OPERATION,
        source_s3_key=context.source,
        parsed_at=context.parsed_at,
        rejection=reason.value,
    )


def rejection_id(source: str, number: int) -> str:
    """A stable id for a line of an object."""
    digest = hashlib.sha256(f"{source}\n{number}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
