"""Stopping a query of DuckDB from another thread. It imports no engine, which would take long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bedrock_analytics.domain.errors import LakeError

if TYPE_CHECKING:
    import duckdb


class Interruption:
    """Lets one thread stop the query of another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self.is_set = False

    def stop(self) -> None:
        """Stop the query that runs, or that begins later."""
        with self._lock:
            self.is_set = True
            if self._connection is not None:
                self._connection.interrupt()

    @contextmanager
    def over(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """The connection whose query is to be stopped, while it runs."""
        with self._lock:
            self._connection = connection
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._connection = None

    def check(self) -> None:
        """Raise where the query was to stop: DuckDB forgets an interruption between two queries."""
        if self.is_set:
            raise LakeError("the query was stopped")
