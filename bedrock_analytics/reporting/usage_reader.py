"""Questions about usage, answered from the serving pages: their only reader.

An answer is one consistent set: the checkpoint is read before and after the pages, and they are read
again where the computation replaced any meanwhile. Pages stay in the process until their day changes, so
a question whose pages are all there costs one read, that of the checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import DISTRIBUTIONS, UsageStats
from bedrock_analytics.reporting.answer_notes import missing_note, rounding_note, truncation_note
from bedrock_analytics.reporting.page_cache import PageCache, PageKey, Pages
from bedrock_analytics.reporting.page_choice import Key, PageChoice, answer_columns, choose_pages
from bedrock_analytics.reporting.page_loader import LoadedPages, PageLoader
from bedrock_analytics.reporting.range_plan import (
    SLOTS_OF_DAY,
    Horizon,
    PageRead,
    RangePlan,
    joined_spans,
    plan_range,
)
from bedrock_analytics.reporting.time_buckets import bars_of, half_hour_span, with_running_half_hour
from bedrock_analytics.reporting.usage_filter import Breakdown, Bucket, Trend, UsageFilter
from bedrock_analytics.storage.page_fold import PageFold
from bedrock_analytics.storage.usage_pages import Granularity
from bedrock_analytics.storage.usage_table import Checkpoint, Scope, UsageTable

Rows = dict[Key, UsageStats]


@dataclass(slots=True)
class _Reading:
    """What is read for a question in view of one checkpoint: pages, and a plan for each bar."""

    choice: PageChoice
    plans: Sequence[RangePlan]

    def reads(self) -> list[tuple[int, PageRead]]:
        """Each read with the part that its rows belong to.

        Of bar i, part 3i is of pages with histograms, 3i + 1 of pages without, and 3i + 2 has the
        histograms of 3i + 1.
        """
        found = []
        for bar, plan in enumerate(self.plans):
            found += [(3 * bar + (read.granularity is Granularity.HOURS), read) for read in plan.reads]
            found += [(3 * bar + 2, read) for read in plan.histogram_reads]
        return found

    def keys(self) -> list[PageKey]:
        pages = dict.fromkeys((read.granularity, read.period) for _, read in self.reads())
        return [
            PageKey(scope, granularity, self.choice.page_dimension, period)
            for scope in self.choice.scopes
            for granularity, period in pages
        ]

    def fold(self, pages: Pages) -> list[Rows]:
        """The rows of each bar."""
        parts: dict[tuple[Granularity, str], list[int | None]] = {}
        for part, read in self.reads():
            slots = parts.setdefault((read.granularity, read.period), [None] * SLOTS_OF_DAY)
            slots[read.first_slot : read.end_slot] = [part] * (read.end_slot - read.first_slot)
        fold: PageFold[Key] = PageFold()
        groupings = {scope: self.choice.grouping(scope) for scope in self.choice.scopes}
        for key, page in pages.items():
            for document in page.documents if page is not None else ():
                fold.add(document, groupings[key.scope], parts[key.granularity, key.period])
        return _bars(fold.rows, len(self.plans))


class UsageReader:
    """Answers questions about usage. Safe to share between threads."""

    def __init__(
        self,
        usage_table: UsageTable,
        clock: Callable[[], datetime],
        cache: PageCache | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Read through `cache`, or a cache of its own; `clock` gives the aware UTC time."""
        self._table = usage_table
        self._clock = clock
        self._loader = PageLoader(usage_table, cache or PageCache(), clock, pause)

    def checkpoint(self) -> Checkpoint:
        """How far the computation has come: one read of the table, which is what a refresh tick costs."""
        return self._table.checkpoint()

    def scopes(self) -> tuple[Scope, ...]:
        """The accounts and Regions seen, in order of name: one read of the table."""
        return self._table.scopes()

    def breakdown(self, usage_filter: UsageFilter, dimension: str) -> Breakdown:
        """Usage by the values of a dimension (`domain.dimensions`); callers stand with their account.

        UnsupportedCombination where the pages do not hold the dimension under the filter; TableUnavailable
        where the table cannot answer for the moment.
        """
        usage_filter = self._up_to_now(usage_filter)
        span = half_hour_span(usage_filter.start, usage_filter.end)
        loaded = self._load(usage_filter, dimension, [span], histograms=True)
        (rows,) = loaded.reading.fold(loaded.pages)
        total = UsageStats()
        for row in rows.values():
            total.merge(row)
        return Breakdown(
            dimension=dimension,
            key_columns=answer_columns(dimension),
            rows=rows,
            total=total,
            revision=loaded.revision,
            notes=self._notes(usage_filter, loaded),
        )

    def trend(self, usage_filter: UsageFilter, bucket: Bucket, dimension: str) -> Trend:
        """Usage by time and the values of a dimension; raises what `breakdown` raises.

        Bars that cut a closed day have no histograms, hence no percentiles.
        """
        usage_filter = self._up_to_now(usage_filter)
        bars = bars_of(usage_filter.start, usage_filter.end, bucket, usage_filter.zone)
        spans = [bar.span for bar in bars]
        loaded = self._load(usage_filter, dimension, spans, histograms=False)
        return Trend(
            dimension=dimension,
            key_columns=answer_columns(dimension),
            bucket=bucket,
            starts=tuple(bar.start for bar in bars),
            rows=tuple(loaded.reading.fold(loaded.pages)),
            revision=loaded.revision,
            notes=self._notes(usage_filter, loaded),
        )

    def _up_to_now(self, usage_filter: UsageFilter) -> UsageFilter:
        end = periods.require_utc(usage_filter.end)
        return replace(usage_filter, end=with_running_half_hour(end, self._clock()))

    def _load(
        self, usage_filter: UsageFilter, dimension: str, spans: Sequence[Span], *, histograms: bool
    ) -> LoadedPages[_Reading]:
        def reading_of(checkpoint: Checkpoint) -> _Reading:
            horizon = self._horizon(checkpoint)
            plans = [plan_range(span, horizon) for span in spans]
            if not histograms:
                plans = [replace(plan, histogram_reads=()) for plan in plans]
            choice = choose_pages(usage_filter, dimension, self._table.scopes, checkpoint.metadata_keys)
            return _Reading(choice, plans)

        return self._loader.load(reading_of)

    def _horizon(self, checkpoint: Checkpoint) -> Horizon:
        return Horizon(
            first_day=checkpoint.first_day,
            closed_through=checkpoint.closed_through,
            now=self._clock(),
            retention=self._table.retention,
        )

    def _notes(self, usage_filter: UsageFilter, loaded: LoadedPages[_Reading]) -> tuple[str, ...]:
        missing = joined_spans(span for plan in loaded.reading.plans for span in plan.missing)
        notes = (
            rounding_note(usage_filter),
            missing_note(tuple(missing), usage_filter.zone, self._table.retention),
            truncation_note(loaded.pages),
            *loaded.notes,
        )
        return tuple(note for note in notes if note is not None)


def _bars(parts: Mapping[tuple[int, Key], UsageStats], count: int) -> list[Rows]:
    """The rows of each bar from those of its three parts."""
    by_part: dict[int, Rows] = {}
    for (part, key), stats in parts.items():
        by_part.setdefault(part, {})[key] = stats
    bars = []
    for bar in range(count):
        rows = by_part.get(3 * bar, {})
        histograms = by_part.get(3 * bar + 2, {})
        for key, stats in by_part.get(3 * bar + 1, {}).items():
            _adopt_histograms(stats, histograms.get(key))
            rows.setdefault(key, UsageStats()).merge(stats)
        bars.append(rows)
    return bars


def _adopt_histograms(stats: UsageStats, twin: UsageStats | None) -> None:
    """Take the histograms of the same calls from rows that have them.

    They are the same calls only where count, sum and extremes agree: HOURLY pages of a closed day may be
    about to follow its HOURS page.
    """
    if twin is None:
        return
    for name in DISTRIBUTIONS:
        mine, theirs = getattr(stats, name), getattr(twin, name)
        if (mine.count, mine.sum, mine.min, mine.max) == (theirs.count, theirs.sum, theirs.min, theirs.max):
            mine.buckets = theirs.buckets
