"""The partition META of `model-pricing`: version, requests to reprice, and the state of the price list.

It is small and read as a whole by every run of L2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from bedrock_analytics.storage.item_table import Item, Value
from bedrock_analytics.storage.price_codec import moment_text, optional_text, parse_moment

META = "META"
PRICE_VERSION = "PRICE_VERSION"
REPRICE = "REPRICE#"
LIST = "LIST"
SYNC = "SYNC"
SYNC_WANTED = "SYNC_WANTED"
SYNC_TRIED = "SYNC_TRIED"
UNFINISHED = "UNFINISHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepriceRequest:
    """Hours whose prices changed: [start, end), open where `end` is None.

    Of the calls that may be priced as a model, or of all (None); of one account, or of all (None).
    """

    model_id: str | None
    start: datetime
    end: datetime | None
    reason: str
    id: str
    account_id: str | None = None


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


def read_meta(items: Mapping[str, Item]) -> PriceMeta:
    """The partition, by sort key."""
    return PriceMeta(
        version=str(version_of(items.get(PRICE_VERSION))),
        reprices=tuple(_read_request(item) for key, item in items.items() if key.startswith(REPRICE)),
        price_list=_read_list(items.get(LIST)),
        sync_report=items.get(SYNC),
        wanted_models=_models(items.get(SYNC_WANTED)),
        tried_models=_models(items.get(SYNC_TRIED)),
        unfinished=UNFINISHED in items,
    )


def version_of(item: Item | None) -> int:
    """The number in the version row; 0 before the first price."""
    return 0 if item is None else cast("int", item["version"])


def request_item(request: RepriceRequest) -> dict[str, Value]:
    """The row of a request."""
    texts = {
        "model_id": request.model_id,
        "account_id": request.account_id,
        "end": None if request.end is None else moment_text(request.end),
    }
    return {
        "PK": META,
        "SK": REPRICE + request.id,
        "start": moment_text(request.start),
        "reason": request.reason,
        **{name: text for name, text in texts.items() if text is not None},
    }


def list_item(info: ListInfo) -> dict[str, Value]:
    """The row that says which list is in force."""
    return {
        "PK": META,
        "SK": LIST,
        "date": info.date,
        "origin": info.origin,
        "checked_at": moment_text(info.checked_at),
    }


def _read_request(item: Item) -> RepriceRequest:
    end = item.get("end")
    return RepriceRequest(
        model_id=optional_text(item, "model_id"),
        account_id=optional_text(item, "account_id"),
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
