"""The `usage-stats` table: usage pages, and the META rows of the computation.

META rows, all in partition `META` so that an idle run reads them at once:

- `CHECKPOINT` how far L2 has come (writer: L2)
- `LEASE` who may write pages (writer: L2)
- `DIRTY#HOUR#…`, `DIRTY#DAY#…`, `DIRTY#MONTH#…` periods that must be computed (anybody marks, L2 clears)
- `REPRICE#…` how far hours are computed whose prices changed (writer: L2)

and in partition `STATE`, read only when needed:

- `ARRIVALS` rows counted lately by hour and arrival, to see which hours changed (writer: L2)
- `SCOPES` the accounts and Regions seen (writer: L2)

The partition `SCHEMA` is that of `storage/lake_schema.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import msgspec

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import scope_of
from bedrock_analytics.domain.errors import ConditionFailed, LeaseHeld, PageError
from bedrock_analytics.storage.dirty_period import DirtyPeriod, PeriodKind
from bedrock_analytics.storage.item_table import (
    Absent,
    AllOf,
    AnyOf,
    Below,
    Condition,
    Equals,
    Item,
    ItemTable,
    Key,
    Value,
)
from bedrock_analytics.storage.reprice_progress import (
    REPRICE,
    RepriceProgress,
    progress_item,
    read_progress,
    superseded,
)
from bedrock_analytics.storage.usage_pages import (
    Granularity,
    Page,
    Retention,
    StoredPage,
    last_sort_key,
    page_items,
    partition_key,
    read_pages,
    read_stored_pages,
)

META = "META"
STATE = "STATE"
CHECKPOINT = "CHECKPOINT"
LEASE = "LEASE"
DIRTY = "DIRTY#"
ARRIVALS = "ARRIVALS"
SCOPES = "SCOPES"
REMEMBERED_CHANGES = 32
"""How many of the latest revisions the checkpoint tells the changed days of."""
MAX_ERROR_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DirtyRow:
    """A durable request to compute a period. `generation` tells one mark from a later one."""

    what: DirtyPeriod
    generation: str
    reason: str
    attempts: int = 0
    error: str | None = None

    @property
    def key(self) -> Key:
        return Key(META, f"{DIRTY}{self.what.kind.value}#{self.what.period}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The days whose pages a revision replaced."""

    revision: int
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far L2 has come.

    `revision` counts the times that pages were replaced; `run` is odd while they are being replaced.
    `data_up_to` is the time up to which L2 has read the lake; `newest_call` the latest `ts` seen.
    `closed_through` is the last UTC day whose DAILY page and those of all days before are written.
    `missing_columns` are those that the lake was not known to have: L2 read them as null.
    """

    revision: int = 0
    run: int = 0
    watermark: datetime | None = None
    lake_version: str | None = None
    lake_version_seen_at: datetime | None = None
    queried_at: datetime | None = None
    price_version: str | None = None
    stats_version: str | None = None
    metadata_keys: tuple[str, ...] = ()
    closed_through: date | None = None
    checked_at: datetime | None = None
    data_up_to: datetime | None = None
    newest_call: datetime | None = None
    first_day: date | None = None
    missing_columns: tuple[str, ...] = ()
    last_error: str | None = None
    last_error_at: datetime | None = None
    changes: tuple[Change, ...] = ()

    def changed_since(self, revision: int) -> set[str] | None:
        """Days whose pages changed after a revision; None where that is no longer remembered."""
        wanted = set(range(revision + 1, self.revision + 1))
        known = {change.revision: change.days for change in self.changes if change.revision in wanted}
        if wanted - known.keys():
            return None
        return {day for days in known.values() for day in days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who may write pages, until when. `fence` grows with every acquisition."""

    owner: str
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """An account in a Region, with the first and the latest hour seen of it."""

    account_id: str
    region: str
    first_hour: datetime
    last_hour: datetime

    @property
    def name(self) -> str:
        return scope_of(self.account_id, self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeState:
    """The META partition, read at once."""

    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    lease: Lease | None = None
    dirty: tuple[DirtyRow, ...] = ()
    reprices: tuple[RepriceProgress, ...] = ()


_CHECKPOINT = msgspec.json.Decoder(Checkpoint)
_SCOPES = msgspec.json.Decoder(list[Scope])
_ARRIVALS = msgspec.json.Decoder(dict[str, dict[str, int]])


class UsageTable:
    """Pages and META rows over an item table.

    Every read is consistent but that of `pages`, where the caller says.
    """

    def __init__(self, table: ItemTable, retention: Retention) -> None:
        self._table = table
        self.retention = retention

    # -- pages

    def put_pages(self, pages: Iterable[Page]) -> None:
        """Replace pages, each by itself."""
        self._table.put_many(item for page in pages for item in page_items(page, self.retention))

    def pages(
        self,
        scope: str,
        granularity: Granularity,
        dimension: str,
        first: str,
        last: str,
        *,
        now: datetime,
        consistent: bool = False,
    ) -> Iterator[Page]:
        """Pages of the periods from first to last, both included, oldest first."""
        items = self._table.query(
            partition_key(scope, granularity, dimension),
            start=first,
            end=last_sort_key(last),
            consistent=consistent,
        )
        return read_pages(items, scope, granularity, dimension, now)

    def stored_pages(
        self,
        scope: str,
        granularity: Granularity,
        dimension: str,
        first: str,
        last: str,
        *,
        now: datetime,
    ) -> Iterator[StoredPage]:
        """The same pages, still encoded. Read consistently, because readers keep them until they change."""
        partition = partition_key(scope, granularity, dimension)
        items = self._table.query(partition, start=first, end=last_sort_key(last), consistent=True)
        return read_stored_pages(items, partition, now)

    # -- checkpoint, lease and ledger

    def state(self) -> ComputeState:
        """Checkpoint, lease, dirty periods and the progress of reprices in one read."""
        checkpoint, lease = Checkpoint(), None
        dirty: list[DirtyRow] = []
        reprices: list[RepriceProgress] = []
        for item in self._table.query(META, consistent=True):
            sort_key = str(item["SK"])
            if sort_key == CHECKPOINT:
                checkpoint = _checkpoint(item)
            elif sort_key == LEASE:
                lease = _lease(item)
            elif sort_key.startswith(DIRTY):
                dirty.append(_dirty_row(item))
            elif sort_key.startswith(REPRICE):
                reprices.append(read_progress(item))
        return ComputeState(checkpoint=checkpoint, lease=lease, dirty=tuple(dirty), reprices=tuple(reprices))

    def checkpoint(self) -> Checkpoint:
        """The checkpoint alone, as the dashboard polls it."""
        item = self._table.get(Key(META, CHECKPOINT), consistent=True)
        return Checkpoint() if item is None else _checkpoint(item)

    def put_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint; only the holder of the lease may."""
        self._table.put_many([_checkpoint_item(checkpoint)])

    def touch(self, checkpoint: Checkpoint, now: datetime) -> None:
        """Note that L2 looked and found nothing new, unless another run has written meanwhile."""
        looked = replace(checkpoint, checked_at=now, data_up_to=now)
        unchanged = AllOf((Equals("revision", checkpoint.revision), Equals("run", checkpoint.run)))
        condition: Condition = AnyOf((Absent(), unchanged)) if checkpoint.revision == 0 else unchanged
        try:
            self._table.put_if(_checkpoint_item(looked), condition)
        except ConditionFailed:
            return

    def acquire_lease(self, owner: str, now: datetime, duration: timedelta, current: Lease | None) -> Lease:
        """Become the one writer; LeaseHeld while another is."""
        lease = Lease(owner=owner, fence=(current.fence if current else 0) + 1, until=now + duration)
        free: Condition = Absent()
        if current is not None:
            ended = AnyOf((Below("until", _seconds(now)), Equals("owner", owner)))
            free = AllOf((Equals("fence", current.fence), ended))
        try:
            self._table.put_if(_lease_item(lease), free)
        except ConditionFailed as error:
            raise LeaseHeld("another run writes the usage pages") from error
        return lease

    def renew_lease(self, lease: Lease, until: datetime) -> Lease:
        """Prolong a lease; LeaseHeld if another writer has taken it over."""
        renewed = replace(lease, until=until)
        self._put_own_lease(renewed, lease)
        return renewed

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, keeping its fence."""
        self._put_own_lease(replace(lease, owner="", until=datetime.fromtimestamp(0, UTC)), lease)

    def _put_own_lease(self, lease: Lease, held: Lease) -> None:
        mine = AllOf((Equals("owner", held.owner), Equals("fence", held.fence)))
        try:
            self._table.put_if(_lease_item(lease), mine)
        except ConditionFailed as error:
            raise LeaseHeld("another run has taken over the lease") from error

    def mark_dirty(self, rows: Sequence[DirtyRow]) -> None:
        """Ask for periods to be computed; a later mark replaces an earlier one of the same period."""
        self._table.put_many(_dirty_item(row) for row in rows)

    def clear_dirty(self, row: DirtyRow) -> bool:
        """Take back a mark, unless the period was marked again since it was read."""
        try:
            self._table.delete_if(row.key, Equals("generation", row.generation))
        except ConditionFailed:
            return False
        return True

    def note_failure(self, row: DirtyRow, error: str) -> None:
        """Count a failed attempt on the mark, unless the period was marked again since it was read."""
        failed = replace(row, attempts=row.attempts + 1, error=error[:MAX_ERROR_TEXT])
        try:
            self._table.put_if(_dirty_item(failed), Equals("generation", row.generation))
        except ConditionFailed:
            return

    def put_reprices(self, changed: Iterable[RepriceProgress]) -> None:
        """Say how far reprices have come; only the holder of the lease may."""
        self._table.put_many(progress_item(progress) for progress in changed)

    def forget_reprices(self, known: Iterable[RepriceProgress]) -> None:
        """Delete all but the latest of those that are finished."""
        self._table.delete_many(superseded(known))

    # -- state that only the computation needs

    def arrivals(self) -> dict[tuple[datetime, datetime], int]:
        """Rows remembered by (hour of `ts`, bucket of `parsed_at`)."""
        item = self._table.get(Key(STATE, ARRIVALS), consistent=True)
        if item is None:
            return {}
        by_hour = _ARRIVALS.decode(zlib.decompress(_bytes(item, "doc")))
        return {
            (periods.parse_hour_key(hour), datetime.fromtimestamp(int(bucket), UTC)): count
            for hour, counts in by_hour.items()
            for bucket, count in counts.items()
        }

    def put_arrivals(self, counts: Mapping[tuple[datetime, datetime], int]) -> None:
        by_hour: dict[str, dict[str, int]] = {}
        for (hour, bucket), count in sorted(counts.items()):
            by_hour.setdefault(periods.hour_key(hour), {})[str(_seconds(bucket))] = count
        document = zlib.compress(msgspec.json.encode(by_hour))
        self._table.put_many([{"PK": STATE, "SK": ARRIVALS, "doc": document}])

    def scopes(self) -> tuple[Scope, ...]:
        """The accounts and Regions seen, in order of name."""
        item = self._table.get(Key(STATE, SCOPES), consistent=True)
        if item is None:
            return ()
        return tuple(_SCOPES.decode(zlib.decompress(_bytes(item, "doc"))))

    def put_scopes(self, scopes: Iterable[Scope]) -> None:
        document = zlib.compress(msgspec.json.encode(sorted(scopes, key=lambda scope: scope.name)))
        self._table.put_many([{"PK": STATE, "SK": SCOPES, "doc": document}])


def _seconds(moment: datetime) -> int:
    return int(periods.require_utc(moment).timestamp())


def _bytes(item: Mapping[str, Value], name: str) -> bytes:
    value = item[name]
    if not isinstance(value, bytes):
        raise PageError(f"attribute {name} of {item['SK']!r} is not binary")
    return value


def _checkpoint_item(checkpoint: Checkpoint) -> Item:
    document = msgspec.json.encode(checkpoint).decode()
    return {
        "PK": META,
        "SK": CHECKPOINT,
        "revision": checkpoint.revision,
        "run": checkpoint.run,
        "doc": document,
    }


def _checkpoint(item: Mapping[str, Value]) -> Checkpoint:
    return _CHECKPOINT.decode(str(item["doc"]))


def _lease_item(lease: Lease) -> Item:
    return {
        "PK": META,
        "SK": LEASE,
        "owner": lease.owner,
        "fence": lease.fence,
        "until": _seconds(lease.until),
    }


def _lease(item: Mapping[str, Value]) -> Lease:
    fence, until = item["fence"], item["until"]
    if not isinstance(fence, int) or not isinstance(until, int):
        raise PageError("the lease row is damaged")
    return Lease(owner=str(item["owner"]), fence=fence, until=datetime.fromtimestamp(until, UTC))


def _dirty_item(row: DirtyRow) -> Item:
    key = row.key
    item: dict[str, Value] = {
        "PK": key.pk,
        "SK": key.sk,
        "generation": row.generation,
        "reason": row.reason,
    }
    if row.attempts:
        item |= {"attempts": row.attempts, "error": row.error}
    return item


def _dirty_row(item: Mapping[str, Value]) -> DirtyRow:
    kind, _, period = str(item["SK"]).removeprefix(DIRTY).partition("#")
    attempts, error = item.get("attempts", 0), item.get("error")
    return DirtyRow(
        what=DirtyPeriod(PeriodKind(kind), period),
        generation=str(item["generation"]),
        reason=str(item["reason"]),
        attempts=attempts if isinstance(attempts, int) else 0,
        error=None if error is None else str(error),
    )
