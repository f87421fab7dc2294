"""Questions about usage, answered from the serving pages: their only reader.

An answer is one consistent set: the checkpoint is read before and after the pages, and they are read
again where the computation replaced any meanwhile. Pages stay in the process until their day changes, so
a question whose pages are all there costs one read, that of the checkpoint.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.answer_notes import missing_note, rounding_note, truncation_note
from bedrock_analytics.reporting.fold_cache import FoldCache, Rows
from bedrock_analytics.reporting.keyed_locks import KeyedLocks
from bedrock_analytics.reporting.moments import checkpoint_of
from bedrock_analytics.reporting.page_cache import PageCache
from bedrock_analytics.reporting.page_choice import answer_columns, choose_pages
from bedrock_analytics.reporting.page_loader import LoadedPages, PageLoader
from bedrock_analytics.reporting.page_reading import PageReading
from bedrock_analytics.reporting.range_plan import (
    Horizon,
    joined_spans,
    plan_range,
)
from bedrock_analytics.reporting.time_buckets import bars_of, half_hour_span, with_running_half_hour
from bedrock_analytics.reporting.usage_filter import (
    EVERYTHING,
    Breakdown,
    Bucket,
    Greatest,
    Trend,
    TrendDetail,
    UsageFilter,
)
from bedrock_analytics.storage.usage_table import Checkpoint, Scope, UsageTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """How much of the usage an answer tells apart."""

    histograms: bool = True
    of_cut_days: bool = True
    """Histograms of closed days that are cut, too, which are read from pages of single hours."""
    apart: frozenset[tuple[str, ...]] | None = None


class UsageReader:
    """Answers questions about usage. Safe to share between threads.

    Counters in answers may be shared with other answers: merge them into new ones, nothing into them.
    """

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
        self._folds = FoldCache()
        self._asked = KeyedLocks()
        self._loader = PageLoader(usage_table, cache or PageCache(), clock, pause)

    def checkpoint(self) -> Checkpoint:
        """How far the computation has come: one read of the table, which is what a refresh tick costs."""
        return checkpoint_of(self._table)

    def scopes(self) -> tuple[Scope, ...]:
        """The accounts and Regions seen, in order of name: one read of the table."""
        return self._table.scopes()

    def breakdown(self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True) -> Breakdown:
        """Usage by the values of a dimension (`domain.dimensions`); callers stand with their account.

        Without `histograms` it takes a third of the time, and percentiles may be missing.
        UnsupportedCombination where the pages do not hold the dimension under the filter; TableUnavailable
        where the table cannot answer for the moment.
        """
        usage_filter = self._up_to_now(usage_filter)
        span = half_hour_span(usage_filter.start, usage_filter.end)
        loaded, (rows,) = self._rows(usage_filter, dimension, (span,), Detail(histograms=histograms))
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

    def trend(
        self,
        usage_filter: UsageFilter,
        bucket: Bucket,
        dimension: str,
        detail: TrendDetail = EVERYTHING,
    ) -> Trend:
        """Usage by time and the values of a dimension; raises what `breakdown` raises.

        Bars that cut a closed day have no histograms, hence no percentiles.
        """
        usage_filter = self._up_to_now(usage_filter)
        bars = bars_of(usage_filter.start, usage_filter.end, bucket, usage_filter.zone)
        spans = tuple(bar.span for bar in bars)
        wanted = Detail(
            of_cut_days=False,
            histograms=detail.histograms,
            apart=self._apart(usage_filter, dimension, detail.greatest),
        )
        loaded, rows = self._rows(usage_filter, dimension, spans, wanted)
        return Trend(
            dimension=dimension,
            key_columns=answer_columns(dimension),
            bucket=bucket,
            starts=tuple(bar.start for bar in bars),
            rows=tuple(rows),
            revision=loaded.revision,
            notes=self._notes(usage_filter, loaded),
        )

    def _apart(
        self, usage_filter: UsageFilter, dimension: str, greatest: Greatest | None
    ) -> frozenset[tuple[str, ...]] | None:
        """The keys of the greatest groups; None where there are no more groups than these."""
        if greatest is None:
            return None
        keys: dict[str, list[tuple[str, ...]]] = {}
        weights: dict[str, Decimal] = {}
        for key, row in self.breakdown(usage_filter, dimension, histograms=False).rows.items():
            group = greatest.group(key)
            keys.setdefault(group, []).append(key)
            weights[group] = weights.get(group, Decimal()) + greatest.weight(row)
        if len(keys) <= greatest.most:
            return None
        ranked = sorted(keys, key=lambda group: (-weights[group], group))
        return frozenset(key for group in ranked[: greatest.most] for key in keys[group])

    def _up_to_now(self, usage_filter: UsageFilter) -> UsageFilter:
        end = periods.require_utc(usage_filter.end)
        return replace(usage_filter, end=with_running_half_hour(end, self._clock()))

    def _rows(
        self, usage_filter: UsageFilter, dimension: str, spans: tuple[Span, ...], detail: Detail
    ) -> tuple[LoadedPages[PageReading], list[Rows]]:
        """The pages of a question and the rows of each span; who asks the same meanwhile waits for them."""
        with self._asked.holding((usage_filter, dimension, spans, detail)):
            loaded = self._load(usage_filter, dimension, spans, detail)
            return loaded, loaded.reading.rows(loaded.pages, self._folds)

    def _load(
        self, usage_filter: UsageFilter, dimension: str, spans: Sequence[Span], detail: Detail
    ) -> LoadedPages[PageReading]:
        def reading_of(checkpoint: Checkpoint) -> PageReading:
            horizon = self._horizon(checkpoint)
            plans = [plan_range(span, horizon) for span in spans]
            if not (detail.histograms and detail.of_cut_days):
                plans = [replace(plan, histogram_reads=()) for plan in plans]
            choice = choose_pages(usage_filter, dimension, self._table.scopes, checkpoint.metadata_keys)
            return PageReading(replace(choice, apart=detail.apart), plans, detail.histograms)

        return self._loader.load(reading_of)

    def _horizon(self, checkpoint: Checkpoint) -> Horizon:
        return Horizon(
            first_day=checkpoint.first_day,
            closed_through=checkpoint.closed_through,
            now=self._clock(),
            retention=self._table.retention,
        )

    def _notes(self, usage_filter: UsageFilter, loaded: LoadedPages[PageReading]) -> tuple[str, ...]:
        missing = joined_spans(span for plan in loaded.reading.plans for span in plan.missing)
        notes = (
            rounding_note(usage_filter),
            missing_note(tuple(missing), usage_filter.zone, self._table.retention),
            truncation_note(loaded.pages),
            *loaded.notes,
        )
        return tuple(note for note in notes if note is not None)
