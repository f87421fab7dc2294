"""The price book in force, loaded anew only when its version changes."""

from __future__ import annotations

import threading
from typing import Protocol

from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.storage.price_meta import PriceMeta


class BookSource(Protocol):
    """Where prices are kept (`storage.price_table.PriceTable`)."""

    def load_meta(self) -> PriceMeta: ...

    def load_book(self) -> EffectivePriceBook: ...


class PriceBooks:
    """Gives the current book at the cost of one small read. Safe to share between threads."""

    def __init__(self, source: BookSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._book: EffectivePriceBook | None = None

    def current(self) -> EffectivePriceBook:
        """The book of the version in force; TableUnavailable where the table cannot answer."""
        version = self._source.load_meta().version
        with self._lock:
            if self._book is None or self._book.version != version:
                self._book = self._source.load_book()
            return self._book
