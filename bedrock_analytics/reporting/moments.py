"""One moment for several questions: they are answered as of one checkpoint, which is read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bedrock_analytics.storage.usage_table import Checkpoint, UsageTable

_MOMENT: ContextVar[dict[int, Checkpoint] | None] = ContextVar("moment", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """Within, in this thread, the checkpoint of a table is the one that was read first."""
    token = _MOMENT.set({})
    try:
        yield
    finally:
        _MOMENT.reset(token)


def checkpoint_of(table: UsageTable, *, anew: bool = False) -> Checkpoint:
    """The checkpoint of the moment, or the present one where there is no moment, or it is read `anew`."""
    moment = _MOMENT.get()
    if moment is None:
        return table.checkpoint()
    if anew or id(table) not in moment:
        moment[id(table)] = table.checkpoint()
    return moment[id(table)]
