from __future__ import annotations

from datetime import timedelta

import pytest

from bedrock_analytics.domain.errors import TableError
from bedrock_analytics.storage import price_meta
from bedrock_analytics.storage.price_meta import (
    ListInfo,
    RepriceRequest,
    list_item,
    read_meta,
    request_item,
    version_of,
)
from tests.pricing.books import NOON

REQUEST = RepriceRequest(model_id=None, start=NOON, end=None, reason="price entered", id="r1")


def test_the_keys_of_the_partition_stay_the_same() -> None:
    names = ("META", "PRICE_VERSION", "LIST", "SYNC", "SYNC_WANTED", "SYNC_TRIED", "UNFINISHED")
    assert {name: getattr(price_meta, name) for name in names} == {name: name for name in names}
    assert price_meta.REPRICE == "REPRICE#"


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        RepriceRequest(
            model_id="amazon.m",
            account_id="111122223333",
            start=NOON,
            end=NOON + timedelta(hours=1),
            reason="discount entered",
            id="r2",
        ),
    ],
)
def test_a_request_survives_its_row_and_says_only_what_it_is_about(request_: RepriceRequest) -> None:
    item = request_item(request_)
    assert read_meta({str(item["SK"]): item}).reprices == (request_,)
    assert (item["PK"], item["SK"]) == ("META", f"REPRICE#{request_.id}")
    assert ("model_id" in item, "account_id" in item, "end" in item) == (
        request_.model_id is not None,
        request_.account_id is not None,
        request_.end is not None,
    )


def test_an_empty_partition_knows_nothing() -> None:
    meta = read_meta({})
    assert (meta.version, meta.reprices, meta.price_list, meta.sync_report) == ("0", (), None, None)
    assert (meta.wanted_models, meta.tried_models, meta.unfinished) == ((), (), False)
    assert version_of(None) == 0


def test_everything_that_is_there_is_told() -> None:
    info = ListInfo(date="2026-10-21", origin="a mirror", checked_at=NOON)
    meta = read_meta(
        {
            "PRICE_VERSION": {"PK": "META", "SK": "PRICE_VERSION", "version": 7},
            "LIST": list_item(info),
            "SYNC": {"PK": "META", "SK": "SYNC", "status": "ok"},
            "SYNC_WANTED": {"PK": "META", "SK": "SYNC_WANTED", "models": ["a", "b"]},
            "SYNC_TRIED": {"PK": "META", "SK": "SYNC_TRIED", "models": ["a"]},
            "UNFINISHED": {"PK": "META", "SK": "UNFINISHED"},
        }
    )
    assert (meta.version, meta.price_list, meta.unfinished) == ("7", info, True)
    assert (meta.wanted_models, meta.tried_models) == (("a", "b"), ("a",))
    assert meta.sync_report is not None
    assert meta.sync_report["status"] == "ok"
    assert {name: list_item(info)[name] for name in ("PK", "SK", "date", "origin", "checked_at")} == {
        "PK": "META",
        "SK": "LIST",
        "date": "2026-10-21",
        "origin": "a mirror",
        "checked_at": "2026-11-24T12:00:00Z",
    }


def test_a_damaged_request_is_told() -> None:
    item = request_item(REQUEST) | {"start": "soon"}
    with pytest.raises(TableError, match="no UTC time"):
        read_meta({str(item["SK"]): item})
