"""Prices in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.rate_card import BEGINNING
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.reporting.price_reader import ListState
from bedrock_analytics.storage.price_history import ChangeKind, PriceChange
from bedrock_analytics.storage.price_meta import RepriceRequest
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from dashboard.prices import texts

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Decimal(3), "$3.00"),
        (Decimal("3.10"), "$3.10"),
        (Decimal("0.0375"), "$0.0375"),
        (Decimal("1E+3"), "$1,000.00"),
        (Decimal("12345.678901234"), "$12,345.678901234"),
        (Decimal(0), "$0.00"),
        (None, "—"),
    ],
)
def test_a_rate_is_told_in_full_and_never_rounded(rate: Decimal | None, text: str) -> None:
    assert texts.rate_text(rate) == text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("input", "Input"),
        ("cache_write_1h>200000@flex", "Cache write 1h above 200,000 tokens, flex"),
        ("output_image[1024/premium]", "Output image 1024/premium"),
        ("input_audio@batch", "Input audio, batch"),
    ],
)
def test_what_a_rate_is_for(key: str, text: str) -> None:
    assert texts.key_text(RateKey.parse(key)) == text


def test_standard_rates_come_first_in_the_order_of_people() -> None:
    keys = ("input@flex", "output", "query", "cache_read", "input>200000", "input")
    rates = {RateKey.parse(key): Decimal(1) for key in keys}
    found = [str(key) for key, _ in texts.sorted_rates(rates)]
    assert found == ["input", "output", "cache_read", "query", "input>200000", "input@flex"]
    assert texts.rates_text({}) == "listed price applies again"


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("base", "everywhere"),
        ("global", "global profiles"),
        ("geo:us", "us profiles"),
        ("region:eu-central-1", "Frankfurt (eu-central-1)"),
    ],
)
def test_which_calls_a_price_is_for(scope: str, text: str) -> None:
    assert texts.scope_text(scope) == text


def test_moments_are_by_the_viewers_clock_with_seconds_where_there_are_any() -> None:
    assert texts.moment_text(NOON, VIENNA) == "24 Nov 2026, 13:00"
    assert texts.moment_text(NOON + timedelta(seconds=5), VIENNA) == "24 Nov 2026, 13:00:05"
    assert texts.when_text(NOON + timedelta(seconds=5), VIENNA) == "24 Nov 2026, 13:00"
    assert texts.moment_text(BEGINNING, VIENNA) == "the beginning"


def change(
    kind: ChangeKind, old: dict[str, str], new: dict[str, str], scope: str | None = "base"
) -> PriceChange:
    return PriceChange(
        kind=kind,
        seen_at=NOON,
        effective_from=NOON,
        source="manual",
        model_id="a.b",
        scope=scope,
        old={key: Decimal(value) for key, value in old.items()},
        new={key: Decimal(value) for key, value in new.items()},
    )


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ({}, {"input": "3"}, "Input $3.00"),
        ({"input": "3", "output": "5"}, {"input": "2.5", "output": "5"}, "Input $3.00 → $2.50"),
        ({"input": "3"}, {}, "Input $3.00 → none"),
        ({"input": "3"}, {"input": "3"}, "no rate changed"),
        ({"percent": "5"}, {"percent": "7.5"}, "5 % → 7.5 %"),
        ({}, {"percent": "10"}, "10 %"),
        ({"percent": "10"}, {}, "10 % → none"),
    ],
)
def test_a_change_tells_what_moved_and_nothing_else(
    old: dict[str, str], new: dict[str, str], text: str
) -> None:
    assert texts.difference_text(change(ChangeKind.CHANGED, old, new)) == text


def test_a_deleted_end_is_told_as_one() -> None:
    assert texts.difference_text(change(ChangeKind.DELETED, {}, {})) == "an end"


@pytest.mark.parametrize("kind", ChangeKind)
def test_every_kind_of_change_has_words(kind: ChangeKind) -> None:
    assert texts.change_kind_text(change(kind, {}, {}))
    assert texts.change_kind_text(change(kind, {}, {}, scope=None)).startswith("discount ")


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [("1", "20", "20.0 times"), ("20", "1", "down by 95 %"), ("0", "1", "from nothing")],
)
def test_how_far_a_rate_moved(old: str, new: str, text: str) -> None:
    assert texts.factor_text(Decimal(old), Decimal(new)) == text


@pytest.mark.parametrize(
    ("account", "model", "text"),
    [
        (None, None, "everything"),
        ("1", None, "1, every model"),
        (None, "anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6 in every account"),
        ("1", "anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6 in 1"),
    ],
)
def test_what_a_discount_is_for(account: str | None, model: str | None, text: str) -> None:
    assert texts.who_text(account, model) == text


def state(status: str | None = "ok", counts: dict[str, int] | None = None, age: int | None = 0) -> ListState:
    return ListState(
        date=None if age is None else date(2026, 10, 21),
        origin="a list",
        checked_at=NOON,
        age_days=age,
        is_old=age is None or age > 30,
        last_sync_at=NOON,
        last_sync_status=status,
        last_sync_error="it was HTML",
        counts=counts or {},
        omitted={},
        wanted_models=(),
    )


def test_the_age_of_the_list_and_what_to_do_about_it() -> None:
    assert texts.list_text(state()) == "21 Oct 2026"
    assert [texts.age_text(state(age=age)) for age in (0, 1, 31)] == [
        "of today",
        "1 day old",
        "31 days old: sync it",
    ]
    assert texts.list_text(state(age=None)) == "No price list yet"
    assert "seed-pricing" in texts.age_text(state(age=None))


def test_what_the_last_sync_did() -> None:
    assert texts.sync_text(state(counts={"added": 2, "changed": 1, "held": 0})) == "2 new, 1 changed"
    assert texts.sync_text(state()) == "No price changed"
    assert texts.sync_text(state("older")) == "The list found was older; nothing changed"
    assert texts.sync_text(state("failed")) == "Failed: it was HTML. The prices before stay in force"
    assert texts.sync_text(state(None)) == "No sync yet"


def test_which_calls_are_computed_again() -> None:
    everything = RepriceRequest(model_id=None, start=BEGINNING, end=None, reason="r", id="1")
    some = RepriceRequest(
        model_id="anthropic.claude-sonnet-4-6",
        account_id="111122223333",
        start=NOON,
        end=NOON + timedelta(days=1),
        reason="r",
        id="2",
    )
    assert texts.requested_text(everything, VIENNA) == "All calls at the new price"
    assert texts.requested_text(some, VIENNA) == (
        "Calls of Claude Sonnet 4.6 in 111122223333 from 24 Nov 2026, 13:00 until 25 Nov 2026, 13:00"
        " at the new price"
    )


def test_how_far_a_reprice_has_come() -> None:
    def progress(total: int, finished: datetime | None) -> RepriceProgress:
        return RepriceProgress(
            id="1",
            model_id=None,
            account_id=None,
            start=BEGINNING,
            end=None,
            reason="r",
            started_at=NOON,
            finished_at=finished,
            total=total,
            pending=(),
        )

    assert texts.periods_text(progress(47, None)) == "47 of 47 hours, days and months"
    assert texts.periods_text(progress(47, NOON)) == "done"
    assert texts.periods_text(progress(0, NOON)) == "done: no such calls"


def test_a_few_of_many_are_named() -> None:
    assert texts.named(["a", "b"]) == "a, b"
    assert texts.named(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
