"""From the plans of a question's bars to the pages they need, and from those pages to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bedrock_analytics.domain.usage_stats import DISTRIBUTIONS, UsageStats
from bedrock_analytics.reporting.fold_cache import FoldCache, Key, Rows
from bedrock_analytics.reporting.page_cache import PageKey, Pages
from bedrock_analytics.reporting.page_choice import PageChoice
from bedrock_analytics.reporting.range_plan import SLOTS_OF_DAY, PageRead, RangePlan
from bedrock_analytics.storage.page_fold import PageFold
from bedrock_analytics.storage.usage_pages import Granularity, StoredPage

_PARTS_A_BAR = 4
_WHOLE, _CUT, _HISTOGRAMS, _OPEN = range(_PARTS_A_BAR)
"""Parts of a bar: whole closed days and months, half hours of closed days, the histograms of those, and
open days."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """What is read for a question in view of one checkpoint: which pages, and a plan for each bar."""

    choice: PageChoice
    plans: Sequence[RangePlan]

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
        closed = [_ClosedPart.of(plan, self.choice, pages) for plan in self.plans]
        known = [folds.get(part.name, part.pages) for part in closed]
        sums = self._fold(pages, [rows is not None for rows in known])
        bars: list[Rows] = []
        for bar, (part, held) in enumerate(zip(closed, known, strict=True)):
            rows = _closed_rows(sums, bar) if held is None else held
            if held is None:
                folds.put(part.name, part.pages, rows)
            bars.append(_with_open_rows(rows, sums[_PARTS_A_BAR * bar + _OPEN]))
        return bars

    def _fold(self, pages: Pages, is_known: Sequence[bool]) -> list[Rows]:
        """The rows of each part of each bar, in one pass over the pages; closed parts only where unknown."""
        parts: dict[tuple[Granularity, str], list[int | None]] = {}
        for bar, plan in enumerate(self.plans):
            for part, read in _parts_of(plan):
                if part == _OPEN or not is_known[bar]:
                    slots = parts.setdefault((read.granularity, read.period), [None] * SLOTS_OF_DAY)
                    width = read.end_slot - read.first_slot
                    slots[read.first_slot : read.end_slot] = [_PARTS_A_BAR * bar + part] * width
        fold: PageFold[Key] = PageFold()
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
class _ClosedPart:
    """What the rows of a bar's closed days are of, and the pages they come from."""

    name: tuple[PageChoice, tuple[PageRead, ...], tuple[PageRead, ...]]
    pages: tuple[StoredPage | None, ...]

    @classmethod
    def of(cls, plan: RangePlan, choice: PageChoice, pages: Pages) -> _ClosedPart:
        reads = tuple(read for part, read in _parts_of(plan) if part in (_WHOLE, _CUT))
        found = tuple(
            pages[PageKey(scope, read.granularity, choice.page_dimension, read.period)]
            for scope in choice.scopes
            for read in (*reads, *plan.histogram_reads)
        )
        return cls((choice, reads, plan.histogram_reads), found)


def _parts_of(plan: RangePlan) -> list[tuple[int, PageRead]]:
    part_of = {Granularity.HOURLY: _OPEN, Granularity.HOURS: _CUT}
    found = [(part_of.get(read.granularity, _WHOLE), read) for read in plan.reads]
    return found + [(_HISTOGRAMS, read) for read in plan.histogram_reads]


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


def _with_open_rows(closed: Rows, opened: Rows) -> Rows:
    """Both together, without changing the closed ones, which are kept."""
    rows = dict(closed)
    for key, stats in opened.items():
        if key in closed:
            stats.merge(closed[key])
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
