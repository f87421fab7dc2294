"""What needs attention: the few facts that make a number incomplete or a service poor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import compact, exact
from bedrock_analytics.reporting.metrics import Freshness, FreshnessState, is_throttle, throttled_count
from bedrock_analytics.reporting.price_reader import ListState
from bedrock_analytics.reporting.price_words import list_sentence
from bedrock_analytics.reporting.unpriced_reasons import reason_text
from bedrock_analytics.storage.usage_table import Checkpoint, DirtyRow
from dashboard.phrases import count_of, share
from dashboard.view_models import Finding, Severity, UnpricedModel

THROTTLED_SHARE = 0.01
"""Share of throttled calls from which on they are worth a person's attention."""
FAILED_SHARE = 0.05
_NAMED = 2


def is_late(freshness: Freshness, zone: ZoneInfo) -> tuple[Finding, ...]:
    """The finding of data that has not been computed for several intervals."""
    if freshness.state not in {FreshnessState.AMBER, FreshnessState.RED} or freshness.data_up_to is None:
        return ()
    until = freshness.data_up_to.astimezone(zone)
    return (
        Finding(
            severity=Severity.DANGER if freshness.state is FreshnessState.RED else Severity.WARNING,
            title="Data is late",
            text=f"The logs have been computed up to {until.day} {until:%b %H:%M} only; later calls are not "
            f"in these numbers. {count_of(freshness.missed_runs, 'run')} missed.",
            link=("pipeline", "See the pipeline"),
        ),
    )


def findings(
    total: UsageStats,
    unpriced: Sequence[UnpricedModel],
    parked: Sequence[DirtyRow],
    checkpoint: Checkpoint,
    price_list: ListState | None = None,
) -> tuple[Finding, ...]:
    """The findings of a range, the gravest first; none when all is well."""
    found = [
        *_computation(parked, checkpoint),
        *_unpriced(unpriced, total),
        *_rejections(total),
        *_errors(total),
        *_prices(price_list),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is not Severity.DANGER))


def _computation(parked: Sequence[DirtyRow], checkpoint: Checkpoint) -> Iterator[Finding]:
    if checkpoint.last_error:
        yield Finding(
            severity=Severity.DANGER,
            title="The last computation failed",
            text=f"Numbers stay as they were; the next run tries again. {checkpoint.last_error}",
        )
    if parked:
        names = ", ".join(row.what.period for row in parked[:_NAMED])
        more = f" and {len(parked) - _NAMED} more" if len(parked) > _NAMED else ""
        yield Finding(
            severity=Severity.DANGER,
            title=f"{count_of(len(parked), 'period')} not computed",
            text=f"{names}{more} (UTC) failed three times and may be out of date: {parked[0].error}",
        )


def _unpriced(unpriced: Sequence[UnpricedModel], total: UsageStats) -> Iterator[Finding]:
    if not unpriced:
        return
    calls = sum(model.invocations for model in unpriced)
    tokens = sum(model.tokens for model in unpriced)
    names = ", ".join(model.name for model in unpriced[:_NAMED])
    more = f" and {count_of(len(unpriced) - _NAMED, 'other model')}" if len(unpriced) > _NAMED else ""
    yield Finding(
        severity=Severity.WARNING,
        title=f"{share(calls, total.invocations or 0)} of calls unpriced",
        text=f"{count_of(calls, 'call')} with {compact(tokens)} tokens of {names}{more} "
        f"are not in the cost: {_reasons(_in_words(total.unpriced_invocations))}.",
        link=("pricing", "Set a price"),
    )


def _rejections(total: UsageStats) -> Iterator[Finding]:
    if total.rejection_count:
        yield Finding(
            severity=Severity.WARNING,
            title=f"{count_of(total.rejection_count, 'log line')} rejected",
            text=f"Not counted as calls: {_reasons(total.rejections)}.",
        )


def _errors(total: UsageStats) -> Iterator[Finding]:
    calls = total.invocations or 0
    throttled = throttled_count(total)
    failed = total.error_count - throttled
    if calls and throttled >= calls * THROTTLED_SHARE:
        yield Finding(
            severity=Severity.WARNING,
            title=f"{share(throttled, calls)} of calls throttled",
            text=f"{exact(throttled)} of {exact(calls)} calls hit a quota of Bedrock.",
        )
    if calls and failed >= calls * FAILED_SHARE:
        others = {code: count for code, count in total.errors.items() if not is_throttle(code)}
        yield Finding(
            severity=Severity.WARNING,
            title=f"{share(failed, calls)} of calls failed",
            text=f"Besides throttling: {_reasons(others)}.",
        )


def _prices(price_list: ListState | None) -> Iterator[Finding]:
    if price_list is not None and price_list.is_old:
        known = price_list.age_days
        yield Finding(
            severity=Severity.WARNING,
            title="No price list" if known is None else f"Price list {known} days old",
            text=list_sentence(price_list, refresh="see the pricing page for the last sync"),
            link=("pricing", "See the prices"),
        )


def _in_words(counts: Mapping[str, int]) -> dict[str, int]:
    return {reason_text(reason): count for reason, count in counts.items()}


def _reasons(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{exact(count)} × {reason[:80]}" for reason, count in ranked[:3]]
    rest = sum(count for _, count in ranked[3:])
    return ", ".join([*named, *([count_of(rest, "other")] if rest else [])])
