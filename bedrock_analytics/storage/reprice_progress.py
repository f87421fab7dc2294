"""How far the computation has come with hours whose prices changed, as rows and back.

A row of META of `usage-stats` for each request, kept for a while after it is done. Written by L2 alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.storage.dirty_period import DirtyPeriod, PeriodKind
from bedrock_analytics.storage.item_table import Item, Key, Value

META = "META"
REPRICE = "REPRICE#"
_ORDER = list(PeriodKind)
"""Parts come before wholes."""
KEPT = 20
"""How many finished requests are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepriceProgress:
    """A request of `storage.price_meta`, taken up: which periods it is about and which are still to do."""

    id: str
    model_id: str | None
    account_id: str | None
    start: datetime
    end: datetime | None
    reason: str
    started_at: datetime
    finished_at: datetime | None
    total: int
    """Periods (hours, days, months) whose pages are computed anew for it."""
    pending: tuple[DirtyPeriod, ...]

    @property
    def done(self) -> int:
        """Periods whose pages are in place."""
        return self.total - len(self.pending)

    @property
    def key(self) -> Key:
        """Where it is stored."""
        return Key(META, REPRICE + self.id)

    def after(self, replaced: Iterable[DirtyPeriod], now: datetime) -> RepriceProgress:
        """Once pages of periods were replaced.

        A day or month that was replaced before its parts stays pending: it is replaced again after them.
        """
        pending = set(self.pending)
        for what in sorted(set(replaced) & pending, key=lambda what: _ORDER.index(what.kind)):
            if not any(_is_part(other, what) for other in pending):
                pending.discard(what)
        return _with_pending(self, pending, now)

    def moved(self, hours: Iterable[DirtyPeriod], now: datetime) -> RepriceProgress:
        """Once hours are computed with their day instead, because it left the open window."""
        gone = set(hours) & set(self.pending)
        days = {DirtyPeriod.of_day(what.day) for what in gone}
        moved = replace(self, total=self.total - len(gone) + len(days - set(self.pending)))
        return _with_pending(moved, (set(self.pending) - gone) | days, now)


def _with_pending(progress: RepriceProgress, pending: set[DirtyPeriod], now: datetime) -> RepriceProgress:
    finished = progress.finished_at if progress.finished_at or pending else now
    return replace(progress, pending=tuple(sorted(pending)), finished_at=finished)


def _is_part(what: DirtyPeriod, whole: DirtyPeriod) -> bool:
    if (what.kind, whole.kind) == (PeriodKind.HOUR, PeriodKind.DAY):
        return what.day == whole.day
    if (what.kind, whole.kind) == (PeriodKind.DAY, PeriodKind.MONTH):
        return periods.month_of(what.day) == whole.period
    return False


_DECODER = msgspec.json.Decoder(RepriceProgress)


def progress_item(progress: RepriceProgress) -> dict[str, Value]:
    """The row of a progress; its counts are plain, so that the console shows them."""
    return {
        "PK": progress.key.pk,
        "SK": progress.key.sk,
        "reason": progress.reason,
        "total": progress.total,
        "done": progress.done,
        "doc": zlib.compress(msgspec.json.encode(progress)),
    }


def read_progress(item: Item) -> RepriceProgress:
    """The progress of a row; PageError if it is none."""
    document = item.get("doc")
    if not isinstance(document, bytes):
        raise PageError(f"row {item['SK']!r} has no progress in it")
    try:
        return _DECODER.decode(zlib.decompress(document))
    except (zlib.error, msgspec.DecodeError) as error:
        raise PageError(f"the progress {item['SK']!r} cannot be read: {error}") from error


def superseded(known: Iterable[RepriceProgress]) -> list[Key]:
    """Finished requests that need no longer be remembered."""
    finished = [one for one in known if one.finished_at is not None]
    finished.sort(key=lambda one: (one.started_at, one.id))
    return [one.key for one in finished[:-KEPT]]
