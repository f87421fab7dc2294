"""What the tiles of the reliability page say, and rejections in words."""

from __future__ import annotations

from typing import Final

from bedrock_analytics.domain.rejection import Rejection
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import compact, exact, percent
from bedrock_analytics.reporting.metrics import error_rate, is_throttle, throttled_count
from dashboard.facts import FactKind, FactText
from dashboard.phrases import count_of, share

ERROR_FACTS: Final = (
    FactKind(
        name="rate",
        label="Error rate",
        meaning="Share of calls that failed, throttled ones included.",
        how="Calls with an error code ÷ all logged calls.",
        link=("requests", "See the failed calls", {"outcome": "failed"}),
    ),
    FactKind(
        name="throttled",
        label="Throttled",
        meaning="Calls that a quota of Bedrock refused.",
        how="Calls whose error code names throttling, too many requests or an exceeded quota.",
    ),
    FactKind(
        name="failed",
        label="Failed otherwise",
        meaning="Calls that failed for any other reason.",
        how="Calls with any other error code. Failed calls cost nothing.",
    ),
    FactKind(
        name="rejected",
        label="Rejected log lines",
        meaning="Lines of the invocation logs that are no call, and are counted apart.",
        how="Every line of a log object is a call, is rejected for a reason, or is left out by a rule.",
    ),
)

_WORDS: Final = {
    Rejection.NOT_JSON: "not JSON",
    Rejection.NOT_A_RECORD: "no invocation record",
    Rejection.MISSING_REQUEST_ID: "no request id",
    Rejection.MISSING_ACCOUNT: "no account id",
    Rejection.MISSING_REGION: "no Region",
    Rejection.MISSING_TIMESTAMP: "no timestamp",
    Rejection.BAD_TIMESTAMP: "a timestamp that is none",
    Rejection.FROM_THE_FUTURE: "a timestamp in the future",
    Rejection.TOO_LARGE: "larger than a record may be",
}


def rejection_text(reason: str) -> str:
    """Why a line was rejected, in words; a reason that this release does not know stays as it is."""
    try:
        return _WORDS[Rejection(reason)]
    except ValueError:
        return reason


def error_facts(total: UsageStats, rejected: UsageStats) -> tuple[FactText, ...]:
    """The texts of `ERROR_FACTS`, in order; `rejected` has the rejections."""
    calls, throttled = total.invocations or 0, throttled_count(total)
    others = {code: count for code, count in total.errors.items() if not is_throttle(code)}
    failed = sum(others.values())
    return (
        FactText(
            value=percent(error_rate(total)),
            full=f"{exact(total.error_count)} of {exact(calls)} calls failed",
            note=f"{exact(total.error_count)} of {exact(calls)} calls",
            tone="bad" if calls and total.error_count >= calls * 0.05 else "neutral",
        ),
        FactText(
            value=compact(throttled),
            full=f"{exact(throttled)} of {exact(calls)} calls refused by a quota",
            note=f"{share(throttled, calls)} of calls" if throttled else "no quota was hit",
            tone="bad" if throttled and throttled >= calls * 0.01 else "neutral" if throttled else "good",
        ),
        FactText(
            value=compact(failed),
            full=f"{count_of(failed, 'call')} with other error codes",
            note=_most(others) or "none",
            tone="neutral" if failed else "good",
        ),
        FactText(
            value=compact(rejected.rejection_count),
            full=f"{count_of(rejected.rejection_count, 'line')} of the logs",
            note=_most({rejection_text(key): count for key, count in rejected.rejections.items()}) or "none",
            tone="neutral" if rejected.rejection_count else "good",
        ),
    )


def _most(counts: dict[str, int]) -> str:
    """The most frequent of some names."""
    if not counts:
        return ""
    name, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return f"mostly {name[:60]}" if len(counts) > 1 else f"{exact(count)} × {name[:60]}"
