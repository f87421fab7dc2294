"""The `model-pricing` table: rate cards, discounts, learned profiles, and what must be repriced.

Partitions:

- `META`, small, read at once by every L2 run: `PRICE_VERSION`, `REPRICE#…` requests, `LIST` (which price
  list is in force, and its date), `SYNC` (report of the last sync), `SYNC_WANTED` (models that L2 found
  without a price), `SYNC_TRIED` (those that a sync has since looked for), `UNFINISHED` (a large write that
  was begun)
- `CARD` rate cards, sorted by model, scope, moment and source (`price_codec`)
- `DISCOUNT` negotiated percentages
- `PROFILE` application inference profiles and their models, kept after a profile is deleted
- `CHANGE` what syncs changed: old, new, first seen; `HELD` listed cards that wait for approval

A change of prices is written together with a new version and a request to reprice, in one atomic group.
One too large for a group is announced in `UNFINISHED` first, so that an interrupted one is made up for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from bedrock_analytics.domain.errors import ConditionFailed, TableUnavailable
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import BEGINNING, Discount, RateCard, RateSource
from bedrock_analytics.storage.item_table import (
    Absent,
    Condition,
    Delete,
    Equals,
    Item,
    ItemTable,
    Key,
    Put,
    Value,
)
from bedrock_analytics.storage.price_codec import (
    CARD,
    DISCOUNT,
    card_item,
    card_key,
    discount_item,
    discount_key,
    moment_text,
    optional_text,
    parse_moment,
    read_card,
    read_discount,
)

META = "META"
PRICE_VERSION = "PRICE_VERSION"
REPRICE = "REPRICE#"
LIST = "LIST"
SYNC = "SYNC"
SYNC_WANTED = "SYNC_WANTED"
SYNC_TRIED = "SYNC_TRIED"
UNFINISHED = "UNFINISHED"
PROFILE = "PROFILE"
CHANGE = "CHANGE"
HELD = "HELD"

_VERSION_KEY = Key(META, PRICE_VERSION)
_UNFINISHED_KEY = Key(META, UNFINISHED)
_GROUP_LIMIT = 100
_GROUP_CARDS = 40
"""Cards written in one atomic group; its size limit is 4 MB and a card takes a kilobyte."""
_ATTEMPTS = 8
MAX_WANTED = 100
"""Models without a price that META names; it is read by every L2 run and has to stay small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepriceRequest:
    """Hours whose prices changed: [start, end), open where `end` is None, of one model or of all (None)."""

    model_id: str | None
    start: datetime
    end: datetime | None
    reason: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInfo:
    """Which price list is in force."""

    date: str
    """ISO day that the list dates from."""
    origin: str
    """Where it came from: the bundled snapshot, an address or a file."""
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMeta:
    """What one read of META tells."""

    version: str
    reprices: tuple[RepriceRequest, ...]
    price_list: ListInfo | None
    sync_report: Mapping[str, Value] | None
    wanted_models: tuple[str, ...]
    """Models that L2 met without a price."""
    tried_models: tuple[str, ...]
    """Those of them that a sync has looked for."""
    unfinished: bool


class PriceTable:
    """Keys and codec of `model-pricing` on an item table."""

    def __init__(self, table: ItemTable, *, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        self._table = table
        self._new_id = new_id

    # -- reading

    def load_meta(self) -> PriceMeta:
        """Version, pending reprice requests and the state of the list: one query."""
        rows = {str(item["SK"]): item for item in self._table.query(META, consistent=True)}
        return PriceMeta(
            version=str(_version(rows.get(PRICE_VERSION))),
            reprices=tuple(_read_request(item) for key, item in rows.items() if key.startswith(REPRICE)),
            price_list=_read_list(rows.get(LIST)),
            sync_report=rows.get(SYNC),
            wanted_models=_models(rows.get(SYNC_WANTED)),
            tried_models=_models(rows.get(SYNC_TRIED)),
            unfinished=UNFINISHED in rows,
        )

    def load_book(self) -> EffectivePriceBook:
        """Every card, discount and learned profile, under the version read before them."""
        version = _version(self._table.get(_VERSION_KEY, consistent=True))
        return EffectivePriceBook(
            self.cards(), version=str(version), discounts=self.discounts(), profiles=self.profiles()
        )

    def cards(self) -> list[RateCard]:
        """Every card, past and future ones too, by model, scope, moment and source."""
        return [read_card(item) for item in self._table.query(CARD, consistent=True)]

    def discounts(self) -> list[Discount]:
        return [read_discount(item) for item in self._table.query(DISCOUNT, consistent=True)]

    def profiles(self) -> dict[str, str]:
        """Application inference profile -> the model or profile id that it stands for."""
        rows = self._table.query(PROFILE, consistent=True)
        return {str(item["SK"]): str(item["profile_model_id"]) for item in rows}

    def held(self) -> list[RateCard]:
        """Listed cards that moved too far to be believed unseen."""
        return [read_card(item) for item in self._table.query(HELD)]

    def changes(self, *, newest: int = 100) -> list[dict[str, Value]]:
        """What syncs changed, newest first: model_id, scope, first_seen, change, old and new rates."""
        rows = self._table.query(CHANGE, descending=True)
        return [item for item, _ in zip(rows, range(newest), strict=False)]

    # -- prices

    def put_cards(
        self,
        cards: Sequence[RateCard],
        requests: Sequence[RepriceRequest],
        *,
        also: Sequence[Put | Delete] = (),
    ) -> None:
        """Write cards, then version and requests with them or, where they are many, right after them.

        `also` are small rows that belong to the change. TableUnavailable where others keep changing the
        version.
        """
        writes: list[Put | Delete] = [Put(card_item(card)) for card in cards]
        if len(writes) <= _GROUP_CARDS and len(writes) + len(requests) + len(also) < _GROUP_LIMIT - 1:
            self._change([*writes, *also], requests)
            return
        self._table.put_many([{"PK": META, "SK": UNFINISHED}])
        self._table.put_many(card_item(card) for card in cards)
        self.put_rows(also)
        self._change([Delete(_UNFINISHED_KEY)], [self.reprice_all("many prices changed")])

    def put_rows(self, writes: Sequence[Put | Delete]) -> None:
        """Write rows that change no price."""
        self._table.put_many(write.item for write in writes if isinstance(write, Put))
        self._table.delete_many(write.key for write in writes if isinstance(write, Delete))

    def finish(self) -> None:
        """Make up for a large write that was interrupted: a new version, and everything is repriced."""
        self._change([Delete(_UNFINISHED_KEY)], [self.reprice_all("an interrupted change of prices")])

    def put_manual(self, card: RateCard) -> None:
        """Enter a price by hand; it replaces one of the same model, scope and moment."""
        if card.source is not RateSource.MANUAL:
            raise ValueError("a price entered by hand has the source manual")
        self.put_cards([card], self._requests(card, "price entered"))

    def delete_manual(self, model_id: str, scope: str, effective_from: datetime) -> bool:
        """Take back a price entered by hand; False where there is none."""
        key = card_key(model_id, scope, effective_from, RateSource.MANUAL)
        item = self._table.get(key, consistent=True)
        if item is None:
            return False
        self._change([Delete(key)], self._requests(read_card(item), "price deleted"))
        return True

    def put_discount(self, discount: Discount) -> None:
        """Enter a discount; it replaces one of the same account, model and moment."""
        self._change([Put(discount_item(discount))], [self._discount_request(discount, "discount entered")])

    def delete_discount(self, discount: Discount) -> bool:
        """Take back a discount; False where there is none."""
        key = discount_key(discount)
        if self._table.get(key, consistent=True) is None:
            return False
        self._change([Delete(key)], [self._discount_request(discount, "discount deleted")])
        return True

    def learn_profiles(self, found: Mapping[str, str]) -> dict[str, str]:
        """Remember models of application profiles; returns what is new, whose hours are then repriced."""
        known = self.profiles() if found else {}
        new = {arn: model for arn, model in sorted(found.items()) if known.get(arn) != model}
        for arn, model in new.items():
            request = self.request(arn, BEGINNING, None, "application profile resolved")
            self._change([Put({"PK": PROFILE, "SK": arn, "profile_model_id": model})], [request])
        return new

    # -- repricing

    def request(
        self, model_id: str | None, start: datetime, end: datetime | None, reason: str
    ) -> RepriceRequest:
        """A new request, not written yet."""
        return RepriceRequest(model_id=model_id, start=start, end=end, reason=reason, id=self._new_id())

    def reprice_all(self, reason: str) -> RepriceRequest:
        """A request for every model and hour, not written yet."""
        return self.request(None, BEGINNING, None, reason)

    def put_request(self, request: RepriceRequest) -> None:
        """Ask L2 to compute hours again though no price changed."""
        self._table.put_many([_request_item(request)])

    def take_reprice(self, request: RepriceRequest, /) -> None:
        """Remove a request whose hours are marked, unless it was replaced or taken meanwhile."""
        key = Key(META, REPRICE + request.id)
        try:
            self._table.delete_if(key, Equals("start", moment_text(request.start)))
        except ConditionFailed:
            return

    # -- the list

    def put_list_info(
        self, info: ListInfo, report: Mapping[str, Value], *, tried_models: Sequence[str]
    ) -> None:
        """Say which list is in force, how the sync went, and which wanted models it looked for."""
        rows: list[Item] = [
            {
                "PK": META,
                "SK": LIST,
                "date": info.date,
                "origin": info.origin,
                "checked_at": moment_text(info.checked_at),
            },
            {**report, "PK": META, "SK": SYNC},
        ]
        if tried_models:
            rows.append({"PK": META, "SK": SYNC_TRIED, "models": [*tried_models]})
        self._table.put_many(rows)

    def put_sync_report(self, report: Mapping[str, Value]) -> None:
        """Say how a sync went that changed no list."""
        self._table.put_many([{**report, "PK": META, "SK": SYNC}])

    def want_models(self, model_ids: Iterable[str]) -> None:
        """Ask for a sync because these models, and the first of very many, have no price."""
        models: list[Value] = [*sorted(set(model_ids))[:MAX_WANTED]]
        if models:
            self._table.put_many([{"PK": META, "SK": SYNC_WANTED, "models": models}])

    # -- parts

    def _requests(self, card: RateCard, reason: str) -> list[RepriceRequest]:
        """Hours that a manual card prices: until the next one of its key; profiles of the model with it."""
        later = (
            other.effective_from
            for other in self.cards_of(card.model_id, card.scope)
            if other.source is RateSource.MANUAL and other.effective_from > card.effective_from
        )
        end = min(later, default=None)
        profiles = [arn for arn, model in self.profiles().items() if _names(model, card.model_id)]
        return [
            self.request(model, card.effective_from, end, reason)
            for model in (card.model_id, *profiles[: _GROUP_LIMIT // 2])
        ]

    def cards_of(self, model_id: str, scope: str) -> list[RateCard]:
        """Cards of one model and scope."""
        prefix = f"{model_id}#{scope}#"
        rows = self._table.query(CARD, start=prefix, end=prefix + "~", consistent=True)
        return [read_card(item) for item in rows]

    def _discount_request(self, discount: Discount, reason: str) -> RepriceRequest:
        return self.request(discount.model_id, discount.effective_from, None, reason)

    def _change(self, writes: Sequence[Put | Delete], requests: Sequence[RepriceRequest]) -> None:
        """Writes, requests and the next version, all or none; tried again where another writer was faster."""
        puts = [Put(_request_item(request)) for request in requests]
        for _ in range(_ATTEMPTS):
            known = self._table.get(_VERSION_KEY, consistent=True)
            version = _version(known)
            item: Item = {"PK": META, "SK": PRICE_VERSION, "version": version + 1}
            condition: Condition = Absent() if known is None else Equals("version", version)
            try:
                self._table.write_together([*writes, *puts, Put(item, condition)])
            except ConditionFailed:
                continue
            return
        raise TableUnavailable(f"the price version changed {_ATTEMPTS} times while a price was written")


def _version(item: Item | None) -> int:
    return 0 if item is None else cast("int", item["version"])


def _request_item(request: RepriceRequest) -> dict[str, Value]:
    item: dict[str, Value] = {
        "PK": META,
        "SK": REPRICE + request.id,
        "start": moment_text(request.start),
        "reason": request.reason,
    }
    if request.model_id is not None:
        item["model_id"] = request.model_id
    if request.end is not None:
        item["end"] = moment_text(request.end)
    return item


def _read_request(item: Item) -> RepriceRequest:
    end = item.get("end")
    return RepriceRequest(
        model_id=optional_text(item, "model_id"),
        start=parse_moment(item["start"]),
        end=None if end is None else parse_moment(end),
        reason=str(item["reason"]),
        id=str(item["SK"]).removeprefix(REPRICE),
    )


def _read_list(item: Item | None) -> ListInfo | None:
    if item is None:
        return None
    return ListInfo(
        date=str(item["date"]), origin=str(item["origin"]), checked_at=parse_moment(item["checked_at"])
    )


def _models(item: Item | None) -> tuple[str, ...]:
    models = None if item is None else item["models"]
    return tuple(str(model) for model in models) if isinstance(models, list) else ()


def _names(profile_model_id: str, model_id: str) -> bool:
    """Whether a profile stands for the model: its id ends so, after a geography prefix or none."""
    return profile_model_id == model_id or profile_model_id.endswith(f".{model_id}")


def scheduled(card: RateCard, effective_from: datetime) -> RateCard:
    """The same card from another moment on."""
    return replace(card, effective_from=effective_from)
