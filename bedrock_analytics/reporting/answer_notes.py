"""One-sentence notes on what an answer lacks or how its range was rounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.periods import Span
from bedrock_analytics.reporting.page_cache import Pages
from bedrock_analytics.reporting.time_buckets import is_off_half_hour
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.storage.usage_pages import MAX_VALUES, Retention

_SHOWN = 3
"""How many missing spans a note names."""


def rounding_note(usage_filter: UsageFilter) -> str | None:
    """Says so where the range or the viewer's zone does not lie on half hours of UTC."""
    if not is_off_half_hour(usage_filter.start, usage_filter.end, usage_filter.zone):
        return None
    return "Usage is kept by half hours of UTC: the range and its bars are cut at the half hour before."


def missing_note(missing: Sequence[Span], zone: ZoneInfo, retention: Retention) -> str | None:
    """Names the time that no page covers any more."""
    if not missing:
        return None
    named = ", ".join(_span_text(span, zone) for span in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return (
        f"Left out, because only whole months (UTC) are kept of it: {named}{more}. Days are kept for "
        f"{retention.daily_days} days, hours for {retention.hours_days}."
    )


def truncation_note(pages: Pages) -> str | None:
    """Names the periods in which a dimension has too many values to be kept in full."""
    cut = sorted({key.period for key, page in pages.items() if page is not None and page.truncated})
    if not cut:
        return None
    named = ", ".join(cut[:_SHOWN]) + (f" and {len(cut) - _SHOWN} more" if len(cut) > _SHOWN else "")
    return (
        f"More than {MAX_VALUES:,} values in {named}: the least of them are summed as (other), "
        "which no filter matches."
    )


def _span_text(span: Span, zone: ZoneInfo) -> str:
    start, end = (moment.astimezone(UTC).astimezone(zone) for moment in (span.start, span.end))
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
