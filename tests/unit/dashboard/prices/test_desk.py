"""The desk: what it reads, and that changes of prices are told until they are computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bedrock_analytics.domain.errors import PriceRefused
from bedrock_analytics.domain.rate_card import BASE, BEGINNING
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import AddPrice, Author, EndPrice
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from dashboard.prices.desk import Repricing
from tests.unit.dashboard.prices.tables import MYSTERY, NOW, SONNET, UNPRICED, Shelf

ANA = Author(who="ana")
ADD = AddPrice(
    model_id=MYSTERY, scope=BASE, effective_from=BEGINNING, rates={RateKey(kind="input"): Decimal(2)}
)


def test_usage_of_ninety_whole_days_is_looked_through() -> None:
    shelf = Shelf()
    known = shelf.desk.known()
    assert known.unpriced == (UNPRICED,)
    assert shelf.asked[0].start == (NOW - timedelta(days=90)).replace(hour=0)
    assert shelf.asked[0].end == NOW


def test_what_waits_for_a_person_is_known() -> None:
    known = Shelf().filled().desk.known()
    assert [held.card.model_id for held in known.held] == [SONNET]
    assert [discount.percent for discount in known.discounts] == [Decimal("12.5")]


def test_a_change_is_told_while_it_waits_while_it_is_computed_and_when_it_is_done() -> None:
    shelf = Shelf()
    assert shelf.desk.repricing() == Repricing()
    shelf.desk.change(ADD, ANA)
    waiting = shelf.desk.repricing()
    assert [one.model_id for one in waiting.waiting] == [MYSTERY]
    assert waiting.is_busy
    request = waiting.waiting[0]
    taken_up = RepriceProgress(
        id=request.id,
        model_id=request.model_id,
        account_id=None,
        start=request.start,
        end=None,
        reason=request.reason,
        started_at=NOW,
        finished_at=None,
        total=47,
        pending=(),
    )
    shelf.progress = (taken_up,)
    running = shelf.desk.repricing()
    assert (running.waiting, running.running, running.is_busy) == ((), (taken_up,), True)
    shelf.table.take_reprice(request)
    done = replace(taken_up, finished_at=NOW - timedelta(minutes=9))
    shelf.progress = (done,)
    assert shelf.desk.repricing() == Repricing(finished=(done,))
    shelf.progress = (replace(done, finished_at=NOW - timedelta(minutes=11)),)
    assert shelf.desk.repricing() == Repricing()
    shelf.progress = (replace(done, reason="many prices changed"),)
    assert shelf.desk.repricing() == Repricing()


def test_what_is_not_possible_changes_nothing() -> None:
    shelf = Shelf().filled()
    before = dict(shelf.items.items)
    with pytest.raises(PriceRefused, match="has no price entered by hand"):
        shelf.desk.change(EndPrice(model_id=MYSTERY, scope=BASE, effective_from=NOW), ANA)
    assert shelf.items.items == before


def test_the_history_has_every_card_and_change_of_the_model_alone() -> None:
    shelf = Shelf().filled()
    shelf.desk.change(ADD, ANA)
    history = shelf.desk.history(SONNET)
    assert len(history.cards) == 4
    assert [change.model_id for change in history.changes] == [SONNET]
    assert {change.model_id for change in shelf.desk.changes()} == {SONNET, MYSTERY, None}
