"""Stored pages kept in the process until the computation replaces their day."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bedrock_analytics.storage.usage_pages import Granularity, StoredPage
from bedrock_analytics.storage.usage_table import Checkpoint

LIMIT_BYTES = 64_000_000
_OVERHEAD_BYTES = 700
"""About what an entry takes beside its documents: key, page object, entry of the map."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """What names a page."""

    scope: str
    granularity: Granularity
    dimension: str
    period: str


Pages = Mapping[PageKey, StoredPage | None]
"""Pages as stored; None stands for a page that does not exist."""


class PageCache:
    """The latest consistent set of pages, all as of one revision. Safe to share between threads.

    Pages are kept encoded: decoding one costs about what merging its decoded rows costs, and takes a
    thirtieth of the memory, so that long ranges fit. Beyond `limit` bytes the least recently used pages
    are dropped.
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._pages: OrderedDict[PageKey, StoredPage | None] = OrderedDict()
        self._size = 0
        self._revision = 0

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self._size

    @property
    def revision(self) -> int:
        """The revision that the pages are a set of; 0 before there is one."""
        return self._revision

    def valid(self, keys: Iterable[PageKey], checkpoint: Checkpoint) -> Pages:
        """Those of the pages that are held and were not replaced up to the checkpoint's revision."""
        with self._lock:
            changed = self._changed(checkpoint)
            if changed is None:
                return {}
            months = _months(changed)
            return self._held(key for key in keys if not _is_touched(key.period, changed, months))

    def last_good(self, keys: Iterable[PageKey]) -> tuple[Pages, int] | None:
        """All of the pages and the revision that they are a set of; None where one is not held."""
        wanted = tuple(keys)
        with self._lock:
            if any(key not in self._pages for key in wanted):
                return None
            return self._held(wanted), self._revision

    def commit(self, checkpoint: Checkpoint, pages: Pages) -> None:
        """Move on to the checkpoint's revision: drop what was replaced, keep pages read as of it."""
        with self._lock:
            self._advance(checkpoint)
            for key, page in pages.items():
                self._drop(key)
                self._pages[key] = page
                self._size += _bytes_of(page)
            while self._size > self._limit:
                self._drop(next(iter(self._pages)))

    def _advance(self, checkpoint: Checkpoint) -> None:
        if checkpoint.revision == self._revision:
            return
        changed = self._changed(checkpoint)
        if changed is None:
            self._pages.clear()
            self._size = 0
        else:
            months = _months(changed)
            for key in [key for key in self._pages if _is_touched(key.period, changed, months)]:
                self._drop(key)
        self._revision = checkpoint.revision

    def _changed(self, checkpoint: Checkpoint) -> set[str] | None:
        """Days and months replaced since the set's revision; None where that is not known."""
        if checkpoint.revision < self._revision:
            return None
        return checkpoint.changed_since(self._revision)

    def _held(self, keys: Iterable[PageKey]) -> Pages:
        found = {key: self._pages[key] for key in keys if key in self._pages}
        for key in found:
            self._pages.move_to_end(key)
        return found

    def _drop(self, key: PageKey) -> None:
        if key in self._pages:
            self._size -= _bytes_of(self._pages.pop(key))


def _months(changed: Iterable[str]) -> set[str]:
    return {period[: len("2026-11")] for period in changed}


def _is_touched(period: str, changed: set[str], months: set[str]) -> bool:
    """Whether a page of an hour, day or month is replaced when the changed days and months are."""
    if len(period) == len("2026-11"):
        return period in months
    return period.partition("T")[0] in changed


def _bytes_of(page: StoredPage | None) -> int:
    documents = () if page is None else page.documents
    return _OVERHEAD_BYTES + sum(sys.getsizeof(document) for document in documents)
