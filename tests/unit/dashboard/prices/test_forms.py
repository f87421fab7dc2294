"""Forms: what was typed becomes one operation, or everything that is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.rate_card import BASE, BEGINNING, GLOBAL
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.jobs.change_prices import (
    AddPrice,
    ApproveHeld,
    CorrectPrice,
    DeleteDiscount,
    DeletePrice,
    EndDiscount,
    EndPrice,
    Operation,
    PutDiscount,
)
from dashboard.prices.forms import Do, FormFault, PriceForm, operation_of

NOW = datetime(2026, 11, 24, 12, 30, 15, 999, tzinfo=UTC)
FULL = NOW.replace(microsecond=0)
AT = datetime(2026, 11, 1, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
MODEL = "anthropic.claude-sonnet-4-6"
INPUT, OUTPUT = RateKey(kind="input"), RateKey(kind="output")


def asked(form: PriceForm, **values: Any) -> Operation:
    named = {name.rstrip("_"): value for name, value in values.items()}
    return operation_of(form, named, NOW, VIENNA)


def faults(form: PriceForm, **values: Any) -> dict[str, str]:
    with pytest.raises(FormFault) as raised:
        asked(form, **values)
    return raised.value.faults


ADD = PriceForm(do=Do.ADD)


def test_a_price_typed_in_is_exact_and_holds_from_the_second_it_is_saved() -> None:
    assert asked(ADD, model=f" {MODEL} ", input="3", output="$0.075", cache_read=" .3 ") == AddPrice(
        model_id=MODEL,
        scope=BASE,
        effective_from=FULL,
        rates={INPUT: Decimal(3), OUTPUT: Decimal("0.075"), RateKey(kind="cache_read"): Decimal("0.3")},
    )


def test_an_unpriced_model_is_priced_from_the_beginning_whatever_it_is() -> None:
    arn = "arn:aws:bedrock:us-east-1:111122223333:imported-model/abc123"
    form = PriceForm(do=Do.ADD, model_id=arn, scope=BASE)
    found = asked(form, input="1", from_="beginning", model="ignored")
    assert isinstance(found, AddPrice)
    assert (found.model_id, found.effective_from) == (arn, BEGINNING)


@pytest.mark.parametrize(
    ("model", "scope", "region", "wanted"),
    [
        (f"us.{MODEL}", "base", "", "geo:us"),
        (f"global.{MODEL}", "base", "", GLOBAL),
        (f"us.{MODEL}", "geo:eu", "", "geo:eu"),
        (MODEL, "region", "EU-central-1", "region:eu-central-1"),
    ],
)
def test_the_scope_is_the_one_chosen_else_the_one_in_the_name(
    model: str, scope: str, region: str, wanted: str
) -> None:
    found = asked(ADD, model=model, scope=scope, region=region, input="1")
    assert isinstance(found, AddPrice)
    assert (found.model_id, found.scope) == (MODEL, wanted)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-24T08:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("2026-07-01T00:00:30", datetime(2026, 6, 30, 22, 0, 30, tzinfo=UTC)),
        ("2026-07-01T00:00+00:00", datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_by_the_clock_of_the_page(typed: str, moment: datetime) -> None:
    found = asked(ADD, model=MODEL, input="1", from_="at", at=typed)
    assert isinstance(found, AddPrice)
    assert found.effective_from == moment


def test_other_rates_stand_one_a_line() -> None:
    found = asked(ADD, model=MODEL, more="input>200000 = 6.00\n\n output@flex=7.5 ")
    assert isinstance(found, AddPrice)
    assert found.rates == {
        RateKey(kind="input", above=200_000): Decimal(6),
        RateKey(kind="output", tier="flex"): Decimal("7.5"),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("abc", "“abc” is no number of dollars"),
        ("1,5", "“1,5” is no number of dollars"),
        ("-1", "is no number of dollars"),
        ("1e3", "is no number of dollars"),
        ("NaN", "is no number of dollars"),
        ("٣", "is no number of dollars"),
        ("99999999999", "is no rate in USD"),
        ("0.1234567891", "has more than 9 decimals"),
        ("<script>", "“<script>” is no number"),
    ],
)
def test_what_is_no_rate_is_told_beside_its_field(text: str, told: str) -> None:
    found = faults(ADD, model=MODEL, output=text)
    assert list(found) == ["output"]
    assert told in found["output"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("input 6", "“input 6” is no rate: write one a line"),
        ("tokens = 6", "Unknown kind of rate 'tokens'"),
        ("input>x = 6", "'input>x' is no rate key"),
        ("input = 6\ninput = 7", "Input is there twice"),
    ],
)
def test_what_is_no_other_rate_is_told(more: str, told: str) -> None:
    assert told in faults(ADD, model=MODEL, more=more)["more"]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = faults(ADD, model="a b", scope="region", region="Frankfurt", input="x", from_="at", at="soon")
    assert set(found) == {"model", "input", "at"}
    assert set(faults(ADD, model=MODEL, scope="region", region="", input="1")) == {"region"}
    assert faults(ADD, model=MODEL) == {"input": "Give at least one rate."}


@pytest.mark.parametrize("model", ["", "a#b", "x" * 3000, "a b", None, 7])
def test_what_is_no_model_is_told(model: object) -> None:
    assert list(faults(ADD, model=model, input="1")) == ["model"]


def test_a_correction_is_of_the_very_price_that_was_opened() -> None:
    form = PriceForm(do=Do.CORRECT, model_id=MODEL, scope="geo:us", at=AT)
    assert asked(form, input="2", from_="now", scope="base") == CorrectPrice(
        model_id=MODEL, scope="geo:us", effective_from=AT, rates={INPUT: Decimal(2)}
    )
    assert faults(PriceForm(do=Do.CORRECT, model_id=MODEL), input="2") == {
        "": "Open the form anew: it does not say what it is about."
    }


def test_ends_deletions_and_approvals() -> None:
    about = {"model_id": MODEL, "scope": GLOBAL}
    assert asked(PriceForm(do=Do.END, model_id=MODEL, scope=GLOBAL)) == EndPrice(effective_from=FULL, **about)
    assert asked(PriceForm(do=Do.DELETE, at=AT, model_id=MODEL, scope=GLOBAL)) == DeletePrice(
        effective_from=AT, **about
    )
    assert asked(PriceForm(do=Do.APPROVE, model_id=MODEL, scope=GLOBAL)) == ApproveHeld(**about)


def test_discounts_are_for_an_account_a_model_or_everything() -> None:
    form = PriceForm(do=Do.DISCOUNT)
    assert asked(form, percent="12.5 %") == PutDiscount(percent=Decimal("12.5"), effective_from=FULL)
    assert asked(form, percent="5", account="111122223333", model=f"us.{MODEL}", from_="beginning") == (
        PutDiscount(percent=Decimal(5), effective_from=BEGINNING, account_id="111122223333", model_id=MODEL)
    )
    opened = PriceForm(do=Do.DELETE_DISCOUNT, account_id="111122223333", at=AT)
    assert asked(opened) == DeleteDiscount(effective_from=AT, account_id="111122223333")
    ending = PriceForm(do=Do.END_DISCOUNT, model_id=MODEL)
    assert asked(ending) == EndDiscount(effective_from=FULL, model_id=MODEL)


def test_what_is_no_discount_is_told() -> None:
    form = PriceForm(do=Do.DISCOUNT)
    assert list(faults(form, percent="101")) == ["percent"]
    assert list(faults(form, percent="", account="prod")) == ["account", "percent"]
    assert list(faults(form, percent="5", model="a#b")) == ["model"]


@pytest.mark.parametrize("do", Do)
def test_a_form_survives_the_way_to_the_browser_and_back(do: Do) -> None:
    form = PriceForm(do=do, model_id=MODEL, scope=BASE, account_id="111122223333", at=AT)
    assert PriceForm.from_json(form.to_json()) == form
    assert PriceForm.from_json(PriceForm(do=do).to_json()) == PriceForm(do=do)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"do": "rob"}, {"do": "add", "at": "soon"}])
def test_what_is_no_form_is_none(document: object) -> None:
    assert PriceForm.from_json(document) is None
