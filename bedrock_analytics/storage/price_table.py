"""The `model-pricing` table: rate cards, discounts, learned profiles, and what must be repriced.

Partitions:

- `META`, small, read at once by every L2 run: `PRICE_VERSION`, `REPRICE#…` requests, `LIST` (which price
  list is in force, and its date), `SYNC` (report of the last sync), `SYNC_WANTED` (models that L2 found
  without a price), `SYNC_TRIED` (those that a sync has since looked for), `UNFINISHED` (a large write that
  was begun)
- `CARD` rate cards, sorted by model, scope, moment and source (`price_codec`)
- `DISCOUNT` negotiated percentages
- `PROFILE` application inference profiles and their models, kept after a profile is deleted
- `CHANGE` what syncs and people changed: old, new, when, by whom; `HELD` listed cards that wait for approval

A change of prices is written together with a new version and a request to reprice, in one atomic group.
One too large for a group is announced in `UNFINISHED` first, so that an interrupted one is made up for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
    read_card,
    read_discount,
)
from bedrock_analytics.storage.price_history import (
    CHANGE,
    HELD,
    HeldCard,
    PriceChange,
    read_change,
    read_held,
)
from bedrock_analytics.storage.price_meta import (
    META,
    PRICE_VERSION,
    REPRICE,
    SYNC,
    SYNC_TRIED,
    SYNC_WANTED,
    UNFINISHED,
    ListInfo,
    PriceMeta,
    RepriceRequest,
    list_item,
    read_meta,
    request_item,
    version_of,
)

PROFILE = "PROFILE"

_VERSION_KEY = Key(META, PRICE_VERSION)
_UNFINISHED_KEY = Key(META, UNFINISHED)
_GROUP_LIMIT = 100
_GROUP_CARDS = 40
"""Cards written in one atomic group; its size limit is 4 MB and a card takes a kilobyte."""
_ATTEMPTS = 8
MAX_WANTED = 100
"""Models without a price that META names; it is read by every L2 run and has to stay small."""


@dataclass(frozen=True, slots=True)
class PriceWrites:
    """What a change of prices writes, and the hours that it has computed again."""

    writes: Sequence[Put | Delete]
    requests: Sequence[RepriceRequest]


class PriceTable:
    """Keys and codec of `model-pricing` on an item table."""

    def __init__(self, table: ItemTable, *, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        self._table = table
        self._new_id = new_id

    # -- reading

    def load_meta(self) -> PriceMeta:
        """Version, pending reprice requests and the state of the list: one query."""
        rows = {str(item["SK"]): item for item in self._table.query(META, consistent=True)}
        return read_meta(rows)

    def load_book(self) -> EffectivePriceBook:
        """Every card, discount and learned profile, under the version read before them."""
        version = version_of(self._table.get(_VERSION_KEY, consistent=True))
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

    def held(self) -> list[HeldCard]:
        """Listed cards that moved too far to be believed unseen."""
        return [read_held(item) for item in self._table.query(HELD, consistent=True)]

    def changes(self, *, model_id: str | None = None, newest: int = 100) -> list[PriceChange]:
        """What syncs and people changed, newest first; of one model where it is given."""
        rows = self._table.query(CHANGE, descending=True, consistent=True)
        wanted = (item for item in rows if model_id is None or item.get("model_id") == model_id)
        return [read_change(item) for item, _ in zip(wanted, range(newest), strict=False)]

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

    def change(self, decide: Callable[[], PriceWrites]) -> None:
        """Write what `decide` says, with requests and the next version, all or none.

        `decide` reads the table after the version. Every change of prices moves the version, so what it
        has read still holds when its writes are done; else it is asked again. What it raises is raised.
        TableUnavailable where others keep changing the version.
        """
        for _ in range(_ATTEMPTS):
            known = self._table.get(_VERSION_KEY, consistent=True)
            version = version_of(known)
            decided = decide()
            item: Item = {"PK": META, "SK": PRICE_VERSION, "version": version + 1}
            condition: Condition = Absent() if known is None else Equals("version", version)
            requests = [Put(request_item(request)) for request in decided.requests]
            try:
                self._table.write_together([*decided.writes, *requests, Put(item, condition)])
            except ConditionFailed:
                continue
            return
        raise TableUnavailable(f"the price version changed {_ATTEMPTS} times while a price was written")

    def manual_writes(
        self, card: RateCard, reason: str, *, deletes: bool = False, also: Sequence[Put | Delete] = ()
    ) -> PriceWrites:
        """What putting or deleting a card entered by hand writes; for `change`.

        It prices calls until the next one of its model and scope. The first card of a model, and the
        deletion of its last one, decide which names mean the model, whenever a call was made.
        """
        if card.source is not RateSource.MANUAL:
            raise ValueError("a price entered by hand has the source manual")
        cards = [other for other in self.cards() if other.model_id == card.model_id]
        others = [other for other in cards if card_of(other) != card_of(card)]
        later = (
            other.effective_from
            for other in others
            if (other.scope, other.source) == (card.scope, card.source)
            and other.effective_from > card.effective_from
        )
        start, end = (card.effective_from, min(later, default=None)) if others else (BEGINNING, None)
        write = Delete(card_of(card)) if deletes else Put(card_item(card))
        return PriceWrites([write, *also], [self.request(card.model_id, start, end, reason)])

    def discount_writes(
        self, discount: Discount, reason: str, *, deletes: bool = False, also: Sequence[Put | Delete] = ()
    ) -> PriceWrites:
        """What putting or deleting a discount writes; for `change`.

        It applies until the next one of its account and model.
        """
        key = discount_key(discount)
        later = (
            other.effective_from
            for other in self.discounts()
            if (other.account_id, other.model_id) == (discount.account_id, discount.model_id)
            and other.effective_from > discount.effective_from
        )
        request = self.request(
            discount.model_id,
            discount.effective_from,
            min(later, default=None),
            reason,
            account_id=discount.account_id,
        )
        return PriceWrites([Delete(key) if deletes else Put(discount_item(discount)), *also], [request])

    def put_manual(self, card: RateCard) -> None:
        """Enter a price by hand; it replaces one of the same model, scope and moment."""
        self.change(lambda: self.manual_writes(card, "price entered"))

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
        self,
        model_id: str | None,
        start: datetime,
        end: datetime | None,
        reason: str,
        *,
        account_id: str | None = None,
    ) -> RepriceRequest:
        """A new request, not written yet."""
        return RepriceRequest(
            model_id=model_id,
            start=start,
            end=end,
            reason=reason,
            id=self._new_id(),
            account_id=account_id,
        )

    def reprice_all(self, reason: str) -> RepriceRequest:
        """A request for every model and hour, not written yet."""
        return self.request(None, BEGINNING, None, reason)

    def put_request(self, request: RepriceRequest) -> None:
        """Ask L2 to compute hours again though no price changed."""
        self._table.put_many([request_item(request)])

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
            list_item(info),
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

    def cards_of(self, model_id: str, scope: str) -> list[RateCard]:
        """Cards of one model and scope."""
        prefix = f"{model_id}#{scope}#"
        rows = self._table.query(CARD, start=prefix, end=prefix + "~", consistent=True)
        return [read_card(item) for item in rows]

    def new_id(self) -> str:
        """A text that no other row of this table has in its key."""
        return self._new_id()

    def _change(self, writes: Sequence[Put | Delete], requests: Sequence[RepriceRequest]) -> None:
        """Writes that depend on nothing read."""
        self.change(lambda: PriceWrites(writes, requests))


def card_of(card: RateCard) -> Key:
    """Where a card is stored."""
    return card_key(card.model_id, card.scope, card.effective_from, card.source)


def scheduled(card: RateCard, effective_from: datetime) -> RateCard:
    """The same card from another moment on."""
    return replace(card, effective_from=effective_from)
