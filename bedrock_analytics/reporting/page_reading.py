"""From the plans of a question's bars to the pages they need, and from those pages to rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from bedrock_analytics.domain.usage_stats import DISTRIBUTIONS, UsageStats
from bedrock_analytics.reporting.fold_cache import FoldCache, Key, Rows
from bedrock_analytics.reporting.page_cache import PageKey, Pages
from bedrock_analytics.reporting.page_choice import PageChoice
from bedrock_analytics.reporting.range_plan import SLOTS_OF_DAY, PageRead, RangePlan
from bedrock_analytics.storage.page_fold import PageFold
from bedrock_analytics.storage.usage_pages import Granularity, StoredPage

_PARTS_A_BAR = 5
_WHOLE, _CUT, _HISTOGRAMS, _SETTLED, _RUNNING = range(_PARTS_A_BAR)
"""Parts of a bar: whole closed days and months, half hours of closed days, the histograms of those, hours
of open days that seldom change any more, and the newest hours."""
_RUNNING_HOURS = 2
"""Hours at the end of a question that most computations replace: what comes before is summed once."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """What is read for a question in view of one checkpoint: which pages, and a plan for each bar."""

    choice: PageChoice
    plans: Sequence[RangePlan]
    histograms: bool = True
    """Whether the answer has histograms where the pages have them; it takes half the time without."""

    def keys(self) -> list[PageKey]:
        """The pages that the bars need."""
        reads = (read for plan in self.plans for read in (*plan.reads, *plan.histogram_reads))
        pages = dict.fromkeys((read.granularity, read.period) for read in reads)
        return [
            PageKey(scope, granularity, self.choice.page_dimension, period)
            for scope in self.choice.scopes
            for granularity, period in pages
        ]

    def rows(self, pages: Pages, folds: FoldCache) -> list[Rows]:
        """The rows of each bar, whose counters may be shared with other answers and must not be changed."""
        running = self._running_hours()
        parts = [_KeptParts.of(plan, self, running, pages) for plan in self.plans]
        kept = [_Kept.found(part, lambda sum_: self._held(folds, sum_)) for part in parts]
        sums = self._fold(pages, [found.missing() for found in kept], running)
        return [
            self._completed(found, part, sums[_PARTS_A_BAR * bar : _PARTS_A_BAR * (bar + 1)], folds)
            for bar, (found, part) in enumerate(zip(kept, parts, strict=True))
        ]

    def _completed(self, found: _Kept, parts: _KeptParts, new: Sequence[Rows], folds: FoldCache) -> Rows:
        """The rows of a bar from what was kept of it and the new sums of its parts, which are kept now."""
        if found.all is not None:
            return found.all
        closed, settled = found.closed, found.settled
        if settled is None:
            if closed is None:
                closed = _closed_rows(new)
                self._keep(folds, parts.closed, closed)
            settled = _with_new_rows(closed, new[_SETTLED])
            self._keep(folds, parts.settled, settled)
        rows = _with_new_rows(settled, new[_RUNNING])
        self._keep(folds, parts.all, rows)
        return rows

    def _held(self, folds: FoldCache, of: _KeptSum) -> Rows | None:
        """Kept rows; those with histograms stand in for those without."""
        for histograms in (self.histograms, True):
            rows = folds.get((histograms, of.name), of.pages)
            if rows is not None:
                return rows
        return None

    def _keep(self, folds: FoldCache, of: _KeptSum, rows: Rows) -> None:
        folds.put((self.histograms, of.name), of.pages, rows)

    def _running_hours(self) -> frozenset[str]:
        hours = {
            read.period
            for plan in self.plans
            for read in plan.reads
            if read.granularity is Granularity.HOURLY
        }
        return frozenset(sorted(hours)[-_RUNNING_HOURS:])

    def _fold(self, pages: Pages, wanted: Sequence[frozenset[int]], running: frozenset[str]) -> list[Rows]:
        """The rows of each wanted part of each bar, in one pass over the pages."""
        parts: dict[tuple[Granularity, str], list[int | None]] = {}
        for bar, plan in enumerate(self.plans):
            for part, read in _parts_of(plan, running):
                if part in wanted[bar]:
                    slots = parts.setdefault((read.granularity, read.period), [None] * SLOTS_OF_DAY)
                    width = read.end_slot - read.first_slot
                    slots[read.first_slot : read.end_slot] = [_PARTS_A_BAR * bar + part] * width
        fold: PageFold[Key] = PageFold(histograms=self.histograms)
        for scope in self.choice.scopes:
            group_of = self.choice.grouping(scope)
            for (granularity, period), slots in parts.items():
                page = pages[PageKey(scope, granularity, self.choice.page_dimension, period)]
                for document in page.documents if page is not None else ():
                    fold.add(document, group_of, slots)
        sums: list[Rows] = [{} for _ in range(_PARTS_A_BAR * len(self.plans))]
        for (part, key), stats in fold.rows.items():
            sums[part][key] = stats
        return sums


@dataclass(frozen=True, slots=True)
class _KeptSum:
    """What rows are of, and the pages that they come from."""

    name: Hashable
    pages: tuple[StoredPage | None, ...]


@dataclass(frozen=True, slots=True)
class _KeptParts:
    """The sums of a bar that are kept between answers, each of which has the one before in it."""

    closed: _KeptSum
    settled: _KeptSum
    all: _KeptSum

    @classmethod
    def of(cls, plan: RangePlan, reading: PageReading, running: frozenset[str], pages: Pages) -> _KeptParts:
        parts = _parts_of(plan, running)
        found: list[_KeptSum] = []
        name: tuple[Hashable, ...] = (reading.choice, plan.histogram_reads)
        reads: tuple[PageRead, ...] = plan.histogram_reads
        for wanted in ((_WHOLE, _CUT), (_SETTLED,), (_RUNNING,)):
            these = tuple(read for part, read in parts if part in wanted)
            if these or not found:
                name, reads = (*name, these), (*reads, *these)
                of = tuple(
                    pages[PageKey(scope, read.granularity, reading.choice.page_dimension, read.period)]
                    for scope in reading.choice.scopes
                    for read in reads
                )
                found.append(_KeptSum(name, of))
            else:
                found.append(found[-1])
        return cls(*found)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The sums of a bar that are there; the widest is enough."""

    closed: Rows | None
    settled: Rows | None
    all: Rows | None

    @classmethod
    def found(cls, parts: _KeptParts, held: Callable[[_KeptSum], Rows | None]) -> _Kept:
        every = held(parts.all)
        settled = held(parts.settled) if every is None else None
        closed = held(parts.closed) if every is None and settled is None else None
        return cls(closed, settled, every)

    def missing(self) -> frozenset[int]:
        """The parts that are to be summed."""
        if self.all is not None:
            return frozenset()
        if self.settled is not None:
            return frozenset({_RUNNING})
        if self.closed is not None:
            return frozenset({_SETTLED, _RUNNING})
        return frozenset({_WHOLE, _CUT, _HISTOGRAMS, _SETTLED, _RUNNING})


def _parts_of(plan: RangePlan, running: frozenset[str]) -> list[tuple[int, PageRead]]:
    part_of = {Granularity.HOURLY: _SETTLED, Granularity.HOURS: _CUT}
    found = [
        (_RUNNING if read.period in running else part_of.get(read.granularity, _WHOLE), read)
        for read in plan.reads
    ]
    return found + [(_HISTOGRAMS, read) for read in plan.histogram_reads]


def _closed_rows(new: Sequence[Rows]) -> Rows:
    """Rows of a bar's closed days: whole ones and cut ones, the latter with histograms where they match."""
    rows = new[_WHOLE]
    for key, stats in new[_CUT].items():
        _adopt_histograms(stats, new[_HISTOGRAMS].get(key))
        if key in rows:
            rows[key].merge(stats)
        else:
            rows[key] = stats
    return rows


def _with_new_rows(kept: Rows, new: Rows) -> Rows:
    """Both together, without changing the kept ones; the new ones are changed."""
    rows = dict(kept)
    for key, stats in new.items():
        if key in kept:
            stats.merge(kept[key])
        rows[key] = stats
    return rows


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
