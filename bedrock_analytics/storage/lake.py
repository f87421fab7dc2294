"""What the pipeline asks of the event lake, whichever engine answers.

Implementations: Athena over S3 Tables (`storage/athena_lake.py`) and PyIceberg with DuckDB
(`embedded/iceberg_lake.py`), under one contract suite. Both run the SQL of `storage/lake_sql.py`.
Calls are deduplicated on (account_id, region, request_id, ts): the latest parse wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import UsageEvent

ARRIVAL_BUCKET = timedelta(minutes=10)
"""Arrivals are counted in buckets of `parsed_at` of this width, aligned to the epoch."""


NAME_COLUMNS = (
    "model_id",
    "logged_model_id",
    "response_model_id",
    "profile_model_id",
    "inference_profile_arn",
)
"""Columns that may tell which model a call is priced as."""


class EventSink(Protocol):
    """Where L1 hands its rows to."""

    def put(self, events: Iterable[UsageEvent]) -> int:
        """Deliver rows, at least once, and return their number; DeliveryError if any was not accepted.

        `parsed_at` is stamped immediately before each attempt, whatever the rows carry.
        """
        ...


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Raw rows (duplicates included) that arrived since a moment."""

    counts: Mapping[tuple[datetime, datetime], int]
    """(hour of `ts`, start of the bucket of `parsed_at`) -> rows."""
    newest_parsed_at: datetime | None
    newest_ts: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Which calls to group, and by what classes."""

    spans: tuple[Span, ...]
    """Disjoint spans of `ts` on half-hour boundaries."""
    context_thresholds: tuple[int, ...] = ()
    """Ascending token counts. Class k holds calls whose input + cache read + cache write tokens lie
    strictly above exactly k of them."""
    price_instants: tuple[datetime, ...] = ()
    """Ascending instants. Epoch k holds calls whose `ts` is at or after exactly k of them."""
    metadata_keys: tuple[str, ...] = ()
    """Request metadata keys to group by, each on its own."""


@dataclass(slots=True, kw_only=True)
class UsageGroup:
    """Calls (or rejections) that agree in every column that the price lookup or a dimension reads.

    For each query there is one partition of the calls with `metadata_key` None (the base groups, which
    carry caller, operation and inference_region), and one for each metadata key (which carry
    `metadata_value` instead; None where the call lacks the key). Adding base groups counts each call once.
    """

    account_id: str
    region: str
    half_hour: datetime
    metadata_key: str | None
    metadata_value: str | None
    caller: str | None
    operation: str | None
    inference_region: str | None
    model_id: str | None
    route: str | None
    logged_model_id: str | None
    service_tier: str | None
    latency_optimized: bool | None
    cache_ttl_known: bool | None
    cache_write_other_ttl: str | None
    inference_profile_arn: str | None
    inference_profile_name: str | None
    profile_model_id: str | None
    response_model_id: str | None
    image_size: str | None
    image_quality: str | None
    image_steps: int | None
    token_source: str | None
    error_code: str | None
    rejection: str | None
    context_class: int
    price_epoch: int
    usage_kinds: int
    """Which of the sums below every call has a part in: bit k stands for the k-th, from `input_tokens` on. So
    a price is missing for all calls of a group or for none."""
    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cache_write_other_tokens: int
    input_images: int
    output_images: int
    output_video_ms: int
    query_units: int
    newest_ts: datetime
    newest_parsed_at_ms: int
    """Greatest `parsed_at`, milliseconds since the epoch."""
    latency_ms: Distribution = field(default_factory=Distribution)
    time_to_first_token_ms: Distribution = field(default_factory=Distribution)
    time_per_output_token_us: Distribution = field(default_factory=Distribution)
    """floor((latency - time to first token) * 1000 / (output tokens - 1)) of calls where both times are
    known, latency >= time to first token, and there are at least 2 output tokens."""
    latency_per_output_token_us: Distribution = field(default_factory=Distribution)
    """floor(latency * 1000 / output tokens) of calls with a latency and at least 1 output token."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the lake holds of one hour, after deduplication; equal fingerprints mean equal pages."""

    calls: int
    rejections: int
    errors: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    """5 minutes + 1 hour + other lifetimes."""
    latency_ms: int
    newest_parsed_at_ms: int


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Answer to a person's query."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool
    """There were more rows than the limit."""


class EventLake(Protocol):
    """The lake as the jobs read it. Methods raise LakeUnavailable for passing faults, else LakeError."""

    def version(self) -> str:
        """Something that changes with every commit; cheap, no query."""
        ...

    def arrivals(self, since: datetime | None) -> Arrivals:
        """Raw rows with parsed_at >= since (all rows if None)."""
        ...

    def usage(self, query: UsageQuery) -> Iterator[UsageGroup]:
        """Deduplicated calls and rejections, grouped."""
        ...

    def fingerprints(self, span: Span) -> Mapping[datetime, Fingerprint]:
        """Fingerprint of each hour of the span that has rows."""
        ...

    def names(self, span: Span) -> Sequence[str]:
        """Every text that stands in a column of `NAME_COLUMNS` in the span, ascending."""
        ...

    def hours(
        self, span: Span, names: Sequence[str] | None = None, *, account_id: str | None = None
    ) -> Sequence[datetime]:
        """Hours of the span that have rows, ascending: with one of the names given, of the account given."""
        ...

    def days(self) -> Sequence[date]:
        """Every UTC day that has rows, ascending."""
        ...

    def query(self, sql: str, *, max_rows: int) -> QueryResult:
        """A person's read-only query on `usage_events`; QueryRefused for anything else than one SELECT."""
        ...
