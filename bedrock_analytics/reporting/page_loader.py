"""Loading a consistent set of pages, from the process or from the table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.reporting.moments import checkpoint_of
from bedrock_analytics.reporting.page_cache import PageCache, PageKey, Pages
from bedrock_analytics.storage.usage_pages import Granularity
from bedrock_analytics.storage.usage_table import Checkpoint, UsageTable

PAUSES_SECONDS = (0.0, 0.05, 0.1, 0.2)
"""Waits before each try to read a set that is not being replaced."""

OLDER_SET = "Newer figures are being written at this moment; these are the ones before."
MIXED_SET = "Figures are being written at this moment; some of these may change with the next refresh."


class Reading(Protocol):
    """What a question reads in view of one checkpoint."""

    def keys(self) -> Sequence[PageKey]:
        """The pages."""
        ...


R = TypeVar("R", bound=Reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPages(Generic[R]):
    """The pages of a reading as of a revision."""

    reading: R
    pages: Pages
    revision: int
    notes: tuple[str, ...] = ()


class PageLoader:
    """Loads pages and sees to it that they belong together."""

    def __init__(
        self,
        table: UsageTable,
        cache: PageCache,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._cache = cache
        self._clock = clock
        self._pause = pause

    def load(self, reading_of: Callable[[Checkpoint], R]) -> LoadedPages[R]:
        """The pages of the reading that a checkpoint leads to.

        Where they are being replaced for longer than the tries last, the latest complete set stands in,
        with a note; without one, what is there. PageError where a page cannot be read in any try.
        """
        found: LoadedPages[R] | None = None
        failure: PageError | None = None
        for pause in PAUSES_SECONDS:
            if pause:
                self._pause(pause)
            before = checkpoint_of(self._table, anew=bool(pause))
            if before.revision < self._cache.revision:  # a moment that others have overtaken
                before = checkpoint_of(self._table, anew=True)
            reading = reading_of(before)
            try:
                found = self._try(before, reading)
            except PageError as error:
                failure = error
                continue
            if not found.notes:
                return found
        older = self._older(reading)
        if older is not None:
            return older
        if found is None:
            raise failure or PageError("no usage page could be read")
        return found

    def _try(self, before: Checkpoint, reading: R) -> LoadedPages[R]:
        """One try; its result carries a note where the set may be a mixture."""
        keys = reading.keys()
        held = self._cache.valid(keys, before)
        missing = [key for key in keys if key not in held]
        read = self._read(missing) if missing else {}
        is_whole = not missing or self._is_unmoved(before)
        if is_whole and not before.run % 2:
            self._cache.commit(before, read)
        notes = () if is_whole else (MIXED_SET,)
        return LoadedPages(reading=reading, pages={**held, **read}, revision=before.revision, notes=notes)

    def _is_unmoved(self, before: Checkpoint) -> bool:
        if before.run % 2:
            return False
        after = self._table.checkpoint()
        return (after.revision, after.run) == (before.revision, before.run)

    def _older(self, reading: R) -> LoadedPages[R] | None:
        good = self._cache.last_good(reading.keys())
        if good is None:
            return None
        pages, revision = good
        return LoadedPages(reading=reading, pages=pages, revision=revision, notes=(OLDER_SET,))

    def _read(self, missing: Iterable[PageKey]) -> Pages:
        """Pages from the table, by one query for each unbroken run of periods."""
        now = self._clock()
        return {key: page for run in _runs(missing) for key, page in self._read_run(run, now).items()}

    def _read_run(self, run: Sequence[PageKey], now: datetime) -> Pages:
        first, last = run[0], run[-1]
        stored = self._table.stored_pages(
            first.scope, first.granularity, first.dimension, first.period, last.period, now=now
        )
        by_period = {page.period: page for page in stored}
        return {key: by_period.get(key.period) for key in run}


def _runs(missing: Iterable[PageKey]) -> Iterator[list[PageKey]]:
    """Missing keys in runs of one partition whose periods follow each other."""
    ordered = sorted(set(missing), key=lambda key: (_partition(key), key.period))
    for _, partition in groupby(ordered, key=_partition):
        run: list[PageKey] = []
        for key in partition:
            if run and _ordinal(key) != _ordinal(run[-1]) + 1:
                yield run
                run = []
            run.append(key)
        yield run


def _partition(key: PageKey) -> tuple[str, str, str]:
    return key.scope, key.granularity.value, key.dimension


def _ordinal(key: PageKey) -> int:
    """Number of the period among those of its kind."""
    if key.granularity is Granularity.HOURLY:
        return int(periods.parse_hour_key(key.period).timestamp()) // 3600
    if key.granularity is Granularity.MONTHLY:
        first = periods.month_start(key.period)
        return first.year * 12 + first.month
    return date.fromisoformat(key.period).toordinal()
