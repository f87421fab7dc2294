"""The pipeline's health in words: what each part says of itself, and whether that is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.formats import UNKNOWN, compact, exact, usd
from bedrock_analytics.reporting.metrics import FreshnessState
from bedrock_analytics.reporting.pipeline_health import (
    REJECTED_DAYS,
    JobOutcome,
    JobRun,
    PipelineHealth,
    RunnerHealth,
    ScopeHealth,
)
from bedrock_analytics.reporting.price_reader import OLD_AFTER
from bedrock_analytics.reporting.running_cost import DAYS as MONTH_DAYS
from bedrock_analytics.reporting.running_cost import own_cost
from bedrock_analytics.storage.pipeline_metrics import (
    FunctionReading,
    PlaceReading,
    QueueReading,
    StreamReading,
)
from bedrock_analytics.storage.usage_table import DirtyRow
from dashboard.phrases import bytes_text, count_of, second_text
from dashboard.reliability_texts import rejection_text

LATE_DELIVERY_SECONDS = 900
LATE_MESSAGE_SECONDS = 3600


class Tone(StrEnum):
    """How well something is; its name is that of its colours."""

    GOOD = "good"
    QUIET = "quiet"
    """Neither well nor ill, or not known."""
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that is told: what about, the thing itself, more of it, and how well it is."""

    title: str
    value: str
    detail: str = ""
    tone: Tone = Tone.QUIET


_FRESHNESS = {
    FreshnessState.NEVER: (Tone.WARN, "nothing has been computed yet"),
    FreshnessState.FRESH: (Tone.GOOD, "on time"),
    FreshnessState.AMBER: (Tone.WARN, "late"),
    FreshnessState.RED: (Tone.BAD, "very late"),
}
_JOBS = {"compute": "Computation (L2)", "prices": "Price sync"}
_OUTCOMES = {
    JobOutcome.OK: (Tone.GOOD, "ran"),
    JobOutcome.FAILED: (Tone.BAD, "failed"),
    JobOutcome.NEVER: (Tone.QUIET, "has not run"),
}


def tiles(health: PipelineHealth, now: datetime, zone: ZoneInfo) -> list[Told]:
    """The facts at the top of the page."""
    return [
        _freshness(health, zone),
        _periods(health),
        _rejected(health.scopes),
        _lake(health),
        _price_list(health, now.astimezone(zone).date()),
        *([_own_cost(health.scopes)] if health.places else []),
    ]


def _freshness(health: PipelineHealth, zone: ZoneInfo) -> Told:
    found = health.freshness
    tone, told = _FRESHNESS[found.state]
    if found.missed_runs:
        told = f"{told}: {count_of(found.missed_runs, 'run')} missed"
    newest = (
        "no call yet" if found.newest_call is None else f"newest call {second_text(found.newest_call, zone)}"
    )
    value = UNKNOWN if found.data_up_to is None else second_text(found.data_up_to, zone)
    return Told(title="Data up to", value=value, detail=f"{told}; {newest}", tone=tone)


def _periods(health: PipelineHealth) -> Told:
    waiting, parked = len(health.waiting), len(health.parked)
    if parked:
        detail = (
            f"{count_of(parked, 'period')} failed too often and {'is' if parked == 1 else 'are'} set aside"
        )
        return Told(title="Periods to compute", value=exact(waiting + parked), detail=detail, tone=Tone.BAD)
    detail = "hours, days and months marked for the next run" if waiting else "everything is computed"
    return Told(title="Periods to compute", value=exact(waiting), detail=detail, tone=Tone.GOOD)


def _rejected(scopes: Sequence[ScopeHealth]) -> Told:
    reasons: Counter[str] = Counter()
    for scope in scopes:
        reasons.update(scope.rejected_lines)
    count = reasons.total()
    detail = reasons_text(reasons) if count else "every line of the logs could be read"
    return Told(
        title=f"Rejected lines, {REJECTED_DAYS} days",
        value=exact(count),
        detail=detail,
        tone=Tone.WARN if count else Tone.GOOD,
    )


def reasons_text(reasons: dict[str, int]) -> str:
    """Reasons with their counts, the most frequent first."""
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{exact(count)} {rejection_text(reason)}" for reason, count in ranked)


def _lake(health: PipelineHealth) -> Told:
    lake = health.lake
    if lake is None:
        return Told(title="Event lake", value=UNKNOWN, detail="its size is not known")
    files, snapshots = count_of(lake.files, "file"), count_of(lake.snapshots, "snapshot")
    detail = f"{bytes_text(lake.size_bytes)} in {files}, {snapshots}"
    return Told(title="Event lake", value=f"{compact(lake.rows)} rows", detail=detail)


def _price_list(health: PipelineHealth, today: date) -> Told:
    listed = health.prices.price_list
    if listed is None:
        return Told(title="Price list", value=UNKNOWN, detail="no list was read yet", tone=Tone.BAD)
    age = today - date.fromisoformat(listed.date)
    is_old = age > OLD_AFTER
    detail = f"{count_of(max(age, timedelta()).days, 'day')} old, {listed.origin}"
    return Told(title="Price list", value=listed.date, detail=detail, tone=Tone.WARN if is_old else Tone.GOOD)


def _own_cost(scopes: Sequence[ScopeHealth]) -> Told:
    """What the deployment itself costs, estimated from its calls; one on a single machine costs nothing."""
    calls = sum(scope.calls for scope in scopes) * MONTH_DAYS // REJECTED_DAYS
    detail = f"estimated at {compact(calls)} calls a month and list prices; docs/deploy.md says how"
    return Told(title="What this tool costs", value=f"{usd(own_cost(calls))} a month", detail=detail)


def job_lines(health: PipelineHealth, zone: ZoneInfo) -> list[Told]:
    """The latest run of each job, what failed first."""
    told = [_job(job, zone) for job in health.jobs]
    if health.runner is not None:
        told.append(_runner(health.runner, zone))
    order = list(reversed(Tone))
    return sorted(told, key=lambda one: order.index(one.tone))


def _job(job: JobRun, zone: ZoneInfo) -> Told:
    tone, verb = _OUTCOMES[job.outcome]
    when = "" if job.at is None else f" {second_text(job.at, zone)}"
    return Told(title=_JOBS.get(job.job, job.job), value=f"{verb}{when}", detail=job.detail, tone=tone)


def _runner(runner: RunnerHealth, zone: ZoneInfo) -> Told:
    counted = (
        f"{count_of(runner.objects, 'log object')} with {count_of(runner.lines, 'line')}: "
        f"{count_of(runner.events, 'call')}, {exact(runner.rejections)} rejected, "
        f"{exact(runner.skipped)} skipped"
    )
    if runner.failed or runner.retrying:
        counted += f"; {exact(runner.failed)} objects failed, {exact(runner.retrying)} are tried again"
    if runner.last_error:
        counted += f". Last error: {runner.last_error}"
    tone = Tone.BAD if runner.failed or runner.last_error else Tone.GOOD if runner.is_alive else Tone.WARN
    verb = runner.stage if runner.is_alive else "not running; last seen"
    return Told(
        title="Writer of this data directory",
        value=f"{verb} {second_text(runner.updated_at, zone)}",
        detail=counted,
        tone=tone,
    )


def period_lines(rows: Iterable[DirtyRow], *, is_parked: bool) -> list[Told]:
    """Periods that wait, or that were set aside with the error of the last attempt."""
    return [
        Told(
            title=f"{row.what.kind.value.capitalize()} {row.what.period}",
            value=row.reason.replace("_", " "),
            detail=f"{count_of(row.attempts, 'attempt')}: {row.error}" if row.error else "",
            tone=Tone.BAD if is_parked else Tone.WARN if row.attempts else Tone.QUIET,
        )
        for row in rows
    ]


def part_lines(place: PlaceReading) -> list[Told]:
    """Queues, functions and the stream of an account and Region."""
    told = [*map(_queue, place.queues), *map(_function, place.functions)]
    if place.stream is not None:
        told.append(_stream(place.stream))
    return told


def _queue(queue: QueueReading) -> Told:
    if queue.messages is None:
        return Told(title=queue.title, value="idle", tone=Tone.GOOD)
    is_dead = "dead" in queue.title.lower()
    oldest = queue.oldest_seconds or 0
    detail = f"the oldest for {duration_text(oldest)}" if queue.messages and oldest else ""
    bad, late = bool(is_dead and queue.messages), oldest > LATE_MESSAGE_SECONDS
    tone = Tone.BAD if bad else Tone.WARN if late else Tone.GOOD
    return Told(title=queue.title, value=count_of(queue.messages, "message"), detail=detail, tone=tone)


def _function(function: FunctionReading) -> Told:
    detail = f"{exact(function.errors)} failed" if function.errors else ""
    tone = Tone.WARN if function.errors else Tone.GOOD if function.runs else Tone.QUIET
    return Told(
        title=function.title, value=f"{count_of(function.runs, 'run')} in 24 hours", detail=detail, tone=tone
    )


def _stream(stream: StreamReading) -> Told:
    details = []
    if stream.failed_rows:
        details.append(f"{count_of(stream.failed_rows, 'row')} failed")
    if stream.throttled_records:
        details.append(f"{count_of(stream.throttled_records, 'record')} throttled")
    waiting = stream.oldest_waiting_seconds or 0
    if waiting > LATE_DELIVERY_SECONDS:
        details.append(f"the oldest waits for {duration_text(waiting)}")
    return Told(
        title="Firehose",
        value=f"{count_of(stream.delivered_rows, 'row')} in 24 hours",
        detail=", ".join(details),
        tone=Tone.BAD if stream.failed_rows else Tone.WARN if details else Tone.GOOD,
    )


def duration_text(seconds: int) -> str:
    """A duration in its greatest unit: 40 s, 12 min, 3 h, 2 days."""
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 2 * 86_400 else f"{seconds // 86_400} days"
