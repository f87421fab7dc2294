"""What the lake answers on demand, as the pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bedrock_analytics.domain.billable import billable_of_event
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.receipt import Receipt, receipt_of
from bedrock_analytics.domain.rejection import rejection_id
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition, ListedCall
from bedrock_analytics.storage.lake_peaks import Peak

LINES_SEARCHED = 20_000
"""A rejection's id is a digest of its line's number, which is found by trying so many lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call: every column of the lake, which holds no prompts, and its receipt."""

    event: UsageEvent
    receipt: Receipt
    metadata: Mapping[str, str]
    """Request metadata; a value that is no text stands as JSON."""
    position: CallPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsPage:
    """Some calls; `next` is what to ask the following ones after, None behind the last."""

    calls: tuple[LoggedCall, ...]
    next: CallPosition | None
    order: CallOrder
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """The busiest minutes; the busiest first."""

    key_columns: tuple[str, ...]
    rows: tuple[Peak, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A log line that is no call, and where it stands."""

    reason: str
    account_id: str
    region: str
    ts: datetime
    parsed_at: datetime
    source: str
    """Address of the log object."""
    line: int | None
    """Number of the line, from 1; None beyond the first `LINES_SEARCHED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionsPage:
    """Some rejected lines, newest first."""

    rows: tuple[RejectedLine, ...]
    next: CallPosition | None


def logged_call(listed: ListedCall, book: EffectivePriceBook) -> LoggedCall:
    """A call with its receipt at the prices of its own moment."""
    event = listed.event
    return LoggedCall(
        event=event,
        receipt=receipt_of(book, billable_of_event(event), event.ts),
        metadata=metadata_of(event),
        position=listed.position,
    )


def metadata_of(event: UsageEvent) -> dict[str, str]:
    """Keys and values of the request metadata; empty where the column is no JSON object."""
    try:
        document = msgspec.json.decode(event.request_metadata or "{}")
    except msgspec.DecodeError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        str(key): value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for key, value in document.items()
    }


def rejected_line(event: UsageEvent) -> RejectedLine:
    """A rejection with the number of its line."""
    source = event.source_s3_key or ""
    return RejectedLine(
        reason=event.rejection or "",
        account_id=event.account_id,
        region=event.region,
        ts=event.ts,
        parsed_at=event.parsed_at,
        source=source,
        line=_line_number(source, event.request_id),
    )


def _line_number(source: str, request_id: str) -> int | None:
    numbers = range(1, LINES_SEARCHED + 1)
    return next((number for number in numbers if rejection_id(source, number) == request_id), None)


def page_of(listed: Iterable[ListedCall], limit: int) -> tuple[list[ListedCall], CallPosition | None]:
    """The rows up to the limit, and the place to go on from where there are more."""
    rows = list(listed)
    shown = rows[:limit]
    return shown, shown[-1].position if len(rows) > limit else None
