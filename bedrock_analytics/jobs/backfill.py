"""Existing log objects once more through L1: listed by day, announced to its queue, in order of their keys.

Whatever is announced twice is counted once, so a backfill may be interrupted, resumed and repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.storage.log_objects import LogObject

BATCH_SIZE: Final = 10
REASON: Final = "Backfill"


class LogListing(Protocol):
    """A log bucket, listed."""

    def folders(self, bucket: str, prefix: str) -> Sequence[str]:
        """Prefixes one folder below a prefix, each ending in a slash."""
        ...

    def objects(self, bucket: str, prefix: str = "", start_after: str = "") -> Iterator[LogObject]:
        """Objects in order of their keys, after a key."""
        ...


class Announcer(Protocol):
    """L1's queue."""

    def announce(self, objects: Sequence[LogObject], reason: str) -> None:
        """Send one message for each of at most ten objects."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPlan:
    """Which logs: UTC days from `first` to `last`, both included, as the keys' folders say."""

    bucket: str
    records_prefix: str
    first: date
    last: date
    account: str | None = None
    region: str | None = None


@dataclass(slots=True, kw_only=True)
class BackfillProgress:
    """How far a backfill has come. `done_through` is the last key that was announced or passed over."""

    objects: int = 0
    size: int = 0
    """Bytes of the announced objects as stored."""
    done_through: str = ""
    finished: bool = False


@dataclass(slots=True, kw_only=True)
class Backfill:
    """One backfill. `rate` is the most objects a second; `saved` is called after each batch."""

    plan: BackfillPlan
    listing: LogListing
    queue: Announcer
    rate: float
    sleep: Callable[[float], None]
    clock: Callable[[], float]
    """Seconds, from any moment on."""
    saved: Callable[[BackfillProgress], None]
    progress: BackfillProgress = field(default_factory=BackfillProgress)

    def run(self) -> BackfillProgress:
        """Announce what is left; DeliveryError or LogObjectError where that fails, to be resumed later."""
        started, before = self.clock(), self.progress.objects
        batch: list[LogObject] = []
        for item in self.found():
            batch.append(item)
            if len(batch) == BATCH_SIZE:
                self._announce(batch)
                batch = []
                ahead = (self.progress.objects - before) / self.rate - (self.clock() - started)
                if ahead > 0:
                    self.sleep(ahead)
        if batch:
            self._announce(batch)
        self.progress.finished = True
        self.saved(self.progress)
        return self.progress

    def found(self) -> Iterator[LogObject]:
        """Objects with records that are left, in order of their keys."""
        for folder in self._days():
            for item in self.listing.objects(self.plan.bucket, folder, self.progress.done_through):
                if item.facts.kind is ObjectKind.RECORDS:
                    yield item

    def _announce(self, batch: Sequence[LogObject]) -> None:
        self.queue.announce(batch, REASON)
        self.progress.objects += len(batch)
        self.progress.size += sum(item.size for item in batch)
        self.progress.done_through = batch[-1].key
        self.saved(self.progress)

    def _days(self) -> Iterator[str]:
        """Folders of the days in order of their keys, which is that of accounts, then Regions, then days."""
        days = list(periods.days_between(self.plan.first, self.plan.last + periods.DAY))
        for account in self._below(self.plan.records_prefix, self.plan.account):
            logs = f"{account}BedrockModelInvocationLogs/"
            for region in self._below(logs, self.plan.region):
                yield from (f"{region}{day:%Y/%m/%d}/" for day in days)

    def _below(self, prefix: str, wanted: str | None) -> Sequence[str]:
        if wanted is not None:
            return [f"{prefix}{wanted}/"]
        return sorted(self.listing.folders(self.plan.bucket, prefix))
