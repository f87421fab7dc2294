"""From the plans of a question's bars to the pages they need, and from those pages to rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
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
        kept = [_KeptPart.of(plan, self, running, pages) for plan in self.plans]
        known = [self._held(folds, part.name, part.pages) for part in kept]
        closed = [
            self._held(folds, part.closed_name, part.closed_pages) if rows is None else rows
            for part, rows in zip(kept, known, strict=True)
        ]
        wanted = [
            _wanted_parts(rows is not None, all_kept is not None)
            for rows, all_kept in zip(closed, known, strict=True)
        ]
        sums = self._fold(pages, wanted, running)
        bars: list[Rows] = []
        for bar, part in enumerate(kept):
            rows = known[bar]
            if rows is None:
                rows = self._kept_rows(closed[bar], sums, bar, part, folds)
                folds.put((self.histograms, part.name), part.pages, rows)
            bars.append(_with_new_rows(rows, sums[_PARTS_A_BAR * bar + _RUNNING]))
        return bars

    def _held(self, folds: FoldCache, name: Hashable, pages: Sequence[StoredPage | None]) -> Rows | None:
        """Kept rows; those with histograms stand in for those without."""
        for histograms in (self.histograms, True):
            rows = folds.get((histograms, name), pages)
            if rows is not None:
                return rows
        return None

    def _kept_rows(
        self, closed: Rows | None, sums: Sequence[Rows], bar: int, part: _KeptPart, folds: FoldCache
    ) -> Rows:
        """A bar's rows of closed days, which are kept by themselves, too, and of settled hours."""
        if closed is None:
            closed = _closed_rows(sums, bar)
            folds.put((self.histograms, part.closed_name), part.closed_pages, closed)
        return _with_new_rows(closed, sums[_PARTS_A_BAR * bar + _SETTLED])

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
class _KeptPart:
    """What the rows of a bar that are kept between answers are of, and the pages they come from."""

    closed_name: Hashable
    closed_pages: tuple[StoredPage | None, ...]
    name: Hashable
    pages: tuple[StoredPage | None, ...]

    @classmethod
    def of(cls, plan: RangePlan, reading: PageReading, running: frozenset[str], pages: Pages) -> _KeptPart:
        parts = _parts_of(plan, running)
        closed = tuple(read for part, read in parts if part in (_WHOLE, _CUT))
        settled = tuple(read for part, read in parts if part == _SETTLED)

        def found(reads: tuple[PageRead, ...]) -> tuple[StoredPage | None, ...]:
            return tuple(
                pages[PageKey(scope, read.granularity, reading.choice.page_dimension, read.period)]
                for scope in reading.choice.scopes
                for read in reads
            )

        closed_name = (reading.choice, closed, plan.histogram_reads)
        closed_pages = found((*closed, *plan.histogram_reads))
        if not settled:
            return cls(closed_name, closed_pages, closed_name, closed_pages)
        return cls(closed_name, closed_pages, (*closed_name, settled), (*closed_pages, *found(settled)))


def _parts_of(plan: RangePlan, running: frozenset[str]) -> list[tuple[int, PageRead]]:
    part_of = {Granularity.HOURLY: _SETTLED, Granularity.HOURS: _CUT}
    found = [
        (_RUNNING if read.period in running else part_of.get(read.granularity, _WHOLE), read)
        for read in plan.reads
    ]
    return found + [(_HISTOGRAMS, read) for read in plan.histogram_reads]


def _wanted_parts(has_closed: bool, has_all: bool) -> frozenset[int]:
    """The parts of a bar that are to be summed, in view of what is kept of it."""
    if has_all:
        return frozenset({_RUNNING})
    open_parts = {_SETTLED, _RUNNING}
    return frozenset(open_parts if has_closed else open_parts | {_WHOLE, _CUT, _HISTOGRAMS})


def _closed_rows(sums: Sequence[Rows], bar: int) -> Rows:
    """Rows of a bar's closed days: whole ones and cut ones, the latter with histograms where they match."""
    first = _PARTS_A_BAR * bar
    rows = sums[first + _WHOLE]
    for key, stats in sums[first + _CUT].items():
        _adopt_histograms(stats, sums[first + _HISTOGRAMS].get(key))
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
