"""What the pricing page reads and does. Changes go through the one place that the command line uses, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.rate_card import Discount
from bedrock_analytics.jobs.change_prices import Author, Operation, PriceChanges
from bedrock_analytics.reporting.price_reader import (
    ListState,
    ModelCards,
    ModelHistory,
    PriceReader,
    UnpricedUsage,
)
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.storage.price_history import HeldCard, PriceChange
from bedrock_analytics.storage.price_meta import RepriceRequest
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.reprice_progress import RepriceProgress

UNPRICED_DAYS: Final = 90
"""Days that are looked through for usage without a price."""
_JUST = timedelta(minutes=10)
"""How long a finished reprice is still told."""
_BY_PEOPLE = ("price ", "discount ")
"""How the reasons of requests begin that a person's change made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repricing:
    """Hours whose prices changed: requests not taken up yet, those being worked off, those just finished."""

    waiting: tuple[RepriceRequest, ...] = ()
    running: tuple[RepriceProgress, ...] = ()
    finished: tuple[RepriceProgress, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether any number is still to change."""
        return bool(self.waiting or self.running)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of prices at a moment, beside the cards themselves."""

    now: datetime
    list_state: ListState
    unpriced: tuple[UnpricedUsage, ...]
    held: tuple[HeldCard, ...]
    discounts: tuple[Discount, ...]


@dataclass(frozen=True, slots=True)
class PriceDesk:
    """Reads and changes prices. Every method reads anew; TableUnavailable where a table cannot answer.

    `find_unpriced` looks through usage (`price_reader.unpriced_models`), `progress` tells the requests that
    the computation has taken up, `now` is the clock.
    """

    table: PriceTable
    find_unpriced: Callable[[UsageFilter], tuple[UnpricedUsage, ...]]
    progress: Callable[[], Sequence[RepriceProgress]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def models(self) -> tuple[ModelCards, ...]:
        """Every model that has a price in force or upcoming, by name."""
        return self._reader.models(self.now())

    def history(self, model_id: str) -> ModelHistory:
        """Cards and changes of one model."""
        return self._reader.history(model_id)

    def changes(self) -> tuple[PriceChange, ...]:
        """The latest changes, newest first."""
        return self._reader.changes(newest=300)

    def known(self) -> Known:
        """The list's state, and what waits for a person."""
        reader, now = self._reader, self.now()
        return Known(
            now=now,
            list_state=reader.list_state(now),
            unpriced=self.unpriced(),
            held=reader.held(),
            discounts=reader.discounts(),
        )

    def unpriced(self) -> tuple[UnpricedUsage, ...]:
        """Models with usage that has no price, of the last `UNPRICED_DAYS`, most tokens first."""
        now = self.now()
        zone = ZoneInfo("UTC")
        start = (now - timedelta(days=UNPRICED_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.find_unpriced(UsageFilter(start=start, end=now, zone=zone))

    def repricing(self) -> Repricing:
        """How far the computation has come with changed prices."""
        taken_up = self.progress()
        known = {progress.id for progress in taken_up}
        since = self.now() - _JUST
        return Repricing(
            waiting=tuple(one for one in self._reader.waiting_reprices() if one.id not in known),
            running=tuple(one for one in taken_up if one.finished_at is None),
            finished=tuple(
                one
                for one in taken_up
                if one.finished_at and one.finished_at >= since and one.reason.startswith(_BY_PEOPLE)
            ),
        )

    def change(self, operation: Operation, author: Author) -> PriceChange:
        """Do what an editor asks; PriceRefused, with a sentence for people, where it is not possible."""
        return PriceChanges(self.table, self.now()).make(operation, author)

    @property
    def _reader(self) -> PriceReader:
        return PriceReader(self.table)
