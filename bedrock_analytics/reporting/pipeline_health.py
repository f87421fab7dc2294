"""The health of the pipeline, from what each part tells of itself: one bundle for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import ACCOUNT
from bedrock_analytics.domain.errors import CredentialsExpired, LakeError, MetricsUnavailable
from bedrock_analytics.reporting.metrics import Freshness, freshness
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.lake_size import LakeSize
from bedrock_analytics.storage.pipeline_metrics import FunctionReading, PlaceReading
from bedrock_analytics.storage.price_codec import parse_moment
from bedrock_analytics.storage.price_meta import PriceMeta
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from bedrock_analytics.storage.usage_table import Checkpoint, ComputeState, DirtyRow, Scope, UsageTable

T = TypeVar("T")

REJECTED_DAYS = 7


class JobOutcome(StrEnum):
    """How a job's latest run went. NEVER: it is not known to have run."""

    OK = "ok"
    FAILED = "failed"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """The latest run of a job; `detail` is a sentence or an error."""

    job: str
    outcome: JobOutcome
    at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeHealth:
    """An account in a Region: `newest_hour` is the latest hour with calls or rejected lines.

    `rejected_lines` are those of the last `REJECTED_DAYS` days by reason, `calls` its calls.
    """

    account_id: str
    region: str
    newest_hour: datetime
    calls: int
    rejected_lines: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyPlace:
    """An account and Region that is connected, but that no call came from, with the step that is missing."""

    account_id: str
    region: str
    missing_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerHealth:
    """The writer of an embedded deployment: objects read, and those that could not be."""

    stage: str
    is_alive: bool
    updated_at: datetime
    objects: int
    lines: int
    events: int
    rejections: int
    skipped: int
    retrying: int
    failed: int
    faults: tuple[tuple[str, str], ...]
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineHealth:
    """Everything that is known. `places` (AWS) or `runner` (embedded); notes say what could not be read."""

    checkpoint: Checkpoint
    freshness: Freshness
    jobs: tuple[JobRun, ...]
    scopes: tuple[ScopeHealth, ...]
    empty: tuple[EmptyPlace, ...]
    waiting: tuple[DirtyRow, ...]
    parked: tuple[DirtyRow, ...]
    reprices: tuple[RepriceProgress, ...]
    prices: PriceMeta
    places: tuple[PlaceReading, ...]
    runner: RunnerHealth | None
    lake: LakeSize | None
    notes: tuple[str, ...]


class HealthProbes(Protocol):
    """What a deployment tells of itself beside its tables. Each may raise MetricsUnavailable or LakeError."""

    def lake_size(self) -> LakeSize | None:
        """None before the first row, and where nothing says where the lake is."""
        ...

    def places(self) -> tuple[PlaceReading, ...]:
        """Queues, functions and streams by account and Region; none in an embedded deployment."""
        ...

    def runner(self) -> RunnerHealth | None:
        """The writer of an embedded deployment; None on AWS, or where none has run."""
        ...


class PriceSource(Protocol):
    """Where the state of the price list is read."""

    def load_meta(self) -> PriceMeta: ...


class PipelineHealthReader:
    """Reads all of it: some small reads of the tables, and what the probes cost."""

    def __init__(
        self,
        table: UsageTable,
        prices: PriceSource,
        reader: UsageReader,
        probes: HealthProbes,
        clock: Callable[[], datetime],
        *,
        interval: timedelta,
        max_attempts: int,
    ) -> None:
        """`interval` is how often L2 is to run; a period that failed `max_attempts` times is parked."""
        self._table = table
        self._prices = prices
        self._reader = reader
        self._probes = probes
        self._clock = clock
        self._interval = interval
        self._max_attempts = max_attempts

    def read(self) -> PipelineHealth:
        """The health now; TableUnavailable where the tables do not answer, CredentialsExpired on AWS."""
        notes: list[str] = []
        state, meta = self._table.state(), self._prices.load_meta()
        places = self._told(self._probes.places, notes) or ()
        scopes = self._reader.scopes()
        return PipelineHealth(
            checkpoint=state.checkpoint,
            freshness=freshness(state.checkpoint, self._clock(), self._interval),
            jobs=(_compute_run(state), _sync_run(meta), *_function_runs(places)),
            scopes=tuple(self._scope_healths(scopes)),
            empty=_empty_places(scopes, places),
            waiting=tuple(row for row in state.dirty if row.attempts < self._max_attempts),
            parked=tuple(row for row in state.dirty if row.attempts >= self._max_attempts),
            reprices=state.reprices,
            prices=meta,
            places=places,
            runner=self._told(self._probes.runner, notes),
            lake=self._told(self._probes.lake_size, notes),
            notes=(*notes, *(place.failure for place in places if place.failure)),
        )

    def _told(self, probe: Callable[[], T], notes: list[str]) -> T | None:
        """What a probe tells; where it does not answer, a note says so."""
        try:
            return probe()
        except CredentialsExpired:
            raise
        except (MetricsUnavailable, LakeError) as error:
            notes.append(str(error))
            return None

    def _scope_healths(self, scopes: tuple[Scope, ...]) -> list[ScopeHealth]:
        now = self._clock()
        wanted = UsageFilter(start=now - timedelta(days=REJECTED_DAYS), end=now, zone=ZoneInfo("UTC"))
        rows = self._reader.breakdown(wanted, ACCOUNT).rows
        found = []
        for scope in scopes:
            stats = rows.get((scope.account_id, scope.region))
            found.append(
                ScopeHealth(
                    account_id=scope.account_id,
                    region=scope.region,
                    newest_hour=scope.last_hour,
                    calls=0 if stats is None else stats.invocations or 0,
                    rejected_lines={} if stats is None else dict(stats.rejections),
                )
            )
        return found


def _compute_run(state: ComputeState) -> JobRun:
    checkpoint = state.checkpoint
    if checkpoint.last_error is not None:
        return JobRun(
            job="compute",
            outcome=JobOutcome.FAILED,
            at=checkpoint.last_error_at,
            detail=checkpoint.last_error,
        )
    if checkpoint.checked_at is None:
        return JobRun(job="compute", outcome=JobOutcome.NEVER, at=None, detail="It has not run yet.")
    return JobRun(job="compute", outcome=JobOutcome.OK, at=checkpoint.checked_at)


def _sync_run(meta: PriceMeta) -> JobRun:
    """The latest price sync, whose report may say that it failed though an older list is in force."""
    report = meta.sync_report or {}
    error = report.get("error")
    if error:
        at = report.get("at")
        moment = parse_moment(str(at)) if at else None
        return JobRun(job="prices", outcome=JobOutcome.FAILED, at=moment, detail=str(error))
    if meta.price_list is None:
        return JobRun(job="prices", outcome=JobOutcome.NEVER, at=None, detail="No price list was read yet.")
    detail = f"List of {meta.price_list.date}."
    return JobRun(job="prices", outcome=JobOutcome.OK, at=meta.price_list.checked_at, detail=detail)


def _function_runs(places: tuple[PlaceReading, ...]) -> list[JobRun]:
    return [
        _function_run(f"{one.title} of {place.account_id} {place.region}", one)
        for place in places
        for one in place.functions
    ]


def _function_run(job: str, found: FunctionReading) -> JobRun:
    if found.last_run_at is None:
        detail = "No run within 24 hours."
        return JobRun(job=job, outcome=JobOutcome.NEVER, at=None, detail=detail)
    failed = found.last_error_at is not None and found.last_error_at >= found.last_run_at
    counted = f"{found.runs:,} runs within 24 hours, {found.errors:,} of them failed."
    outcome = JobOutcome.FAILED if failed else JobOutcome.OK
    return JobRun(job=job, outcome=outcome, at=found.last_run_at, detail=counted)


def _empty_places(scopes: tuple[Scope, ...], places: tuple[PlaceReading, ...]) -> tuple[EmptyPlace, ...]:
    seen = {(scope.account_id, scope.region) for scope in scopes}
    return tuple(
        EmptyPlace(account_id=place.account_id, region=place.region, missing_step=_missing_step(place))
        for place in places
        if (place.account_id, place.region) not in seen
    )


def _missing_step(place: PlaceReading) -> str:
    """The first step of the chain from a call to the lake that shows no sign of life."""
    if place.failure is not None:
        return "Its metrics cannot be read: deploy its stack, or let the hub assume its metrics reader."
    if any(one.errors for one in place.functions):
        return "Log objects arrive, but cannot be parsed: see the log of parse-log and its dead letters."
    if any(one.runs for one in place.functions):
        return "Log objects are read, but hold no calls yet."
    if any(queue.messages for queue in place.queues):
        return "Log objects wait in the queue: see whether parse-log runs."
    return "No log object arrives: turn on Bedrock's invocation logging to the log bucket, and make a call."
