"""Sums over closed pages, kept so that a refresh sums only what is new."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.storage.usage_pages import StoredPage

LIMIT_BYTES = 48_000_000
_ROW_BYTES = 2_200
_HISTOGRAMS_BYTES = 3_800
"""About what a row takes without its histograms, and these."""

Key = tuple[str, ...]
Rows = dict[Key, UsageStats]


@dataclass(frozen=True, slots=True)
class _Entry:
    pages: tuple[StoredPage | None, ...]
    rows: Rows
    size: int

    def is_of(self, pages: Sequence[StoredPage | None]) -> bool:
        return len(pages) == len(self.pages) and all(
            mine is theirs for mine, theirs in zip(self.pages, pages, strict=True)
        )


class FoldCache:
    """Sums by what they are of, valid only for the very page objects that they were made from.

    The page cache hands out the same object until a page is replaced, so nothing here needs to know of
    revisions. Safe to share between threads; the rows are shared too and must not be changed.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        """Hold at most about `limit` bytes."""
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._size = 0

    def get(self, name: Hashable, pages: Sequence[StoredPage | None]) -> Rows | None:
        """The sums of that name over those pages, if they are held."""
        with self._lock:
            entry = self._entries.get(name)
            if entry is None or not entry.is_of(pages):
                return None
            self._entries.move_to_end(name)
            return entry.rows

    def put(self, name: Hashable, pages: Sequence[StoredPage | None], rows: Rows) -> None:
        """Keep sums; the least recently used make room."""
        entry = _Entry(tuple(pages), rows, _bytes_of(rows))
        if entry.size > self._limit:
            return
        with self._lock:
            self._drop(name)
            self._entries[name] = entry
            self._size += entry.size
            while self._size > self._limit:
                self._drop(next(iter(self._entries)))

    def _drop(self, name: Hashable) -> None:
        if name in self._entries:
            self._size -= self._entries.pop(name).size


def _bytes_of(rows: Rows) -> int:
    filled = sum(bool(stats.latency_ms.buckets) for stats in rows.values())
    return _ROW_BYTES * (len(rows) + 1) + _HISTOGRAMS_BYTES * filled
