"""The sections, the history and the forms: what they show, and to whom they offer changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.rate_card import BASE, BEGINNING, Discount
from bedrock_analytics.domain.rate_key import RateKey
from bedrock_analytics.storage.price_meta import RepriceRequest
from dashboard.prices.desk import Repricing
from dashboard.prices.editing import FormView, faults_of, form_of
from dashboard.prices.forms import Do, PriceForm
from dashboard.prices.history import history_of, state_of
from dashboard.prices.sections import (
    discount_list,
    discounts_in_force,
    facts,
    held_list,
    progress_list,
    unpriced_list,
)
from tests.pricing.books import card
from tests.unit.dashboard.prices.tables import HOSTILE, MYSTERY, NOW, SONNET, UNPRICED, Shelf, manual

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


def told(component: Any) -> str:
    """Everything that a component sends."""
    parts = component if isinstance(component, list) else [component]
    plain = [part.to_plotly_json() for part in parts]
    return json.dumps(plain, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def each_part(component: Any) -> Iterator[Any]:
    """A component and everything in it."""
    if isinstance(component, list | tuple):
        for part in component:
            yield from each_part(part)
    elif hasattr(component, "to_plotly_json"):
        yield component
        yield from each_part(getattr(component, "children", None))


def forms_in(component: Any) -> list[dict[str, str]]:
    """The forms that its buttons open."""
    forms = (getattr(part, "data-price-form", "null") for part in each_part(component))
    return [json.loads(form) for form in forms if form != "null"]


def fields_in(component: Any) -> dict[str, str]:
    """Values of a form's fields by name."""
    fields = (part for part in each_part(component) if isinstance(getattr(part, "id", None), dict))
    return {part.id["name"]: part.value for part in fields if "name" in part.id}


def test_usage_without_a_price_is_one_click_from_its_price() -> None:
    shown = unpriced_list((UNPRICED,), may_edit=True)
    assert forms_in(shown) == [{"do": "add", "model_id": MYSTERY, "scope": "base", "account_id": ""}]
    assert "185 calls, 158K tokens: 180 × model in no price list, 5 × usage not in the log" in told(shown)


def test_what_no_price_can_help_offers_none() -> None:
    hopeless = replace(UNPRICED, calls_by_reason={"units_unknown": 5})
    shown = unpriced_list((hopeless,), may_edit=True)
    assert forms_in(shown) == []
    assert "No price helps" in told(shown)


def test_all_priced_is_a_quiet_line() -> None:
    assert "Every call of the last 90 days has a price" in told(unpriced_list((), may_edit=True))


def test_viewers_are_offered_no_change_anywhere() -> None:
    shelf = Shelf().filled()
    known = shelf.desk.known()
    shown = [
        unpriced_list(known.unpriced, may_edit=False),
        held_list(known.held, UTC, may_edit=False),
        discount_list(known.discounts, NOW, UTC, may_edit=False),
        *history_of(shelf.desk.history(SONNET), NOW, UTC, may_edit=False),
    ]
    assert forms_in(shown) == []


def test_the_facts_tell_what_waits() -> None:
    shown = told(facts(Shelf().filled().desk.known(), UTC))
    for text in ("185 calls", "1 model in the last 90 days", "Claude Sonnet 4.6", "12.5 % off everything"):
        assert text in shown
    assert "price-fact warn" in shown


def test_a_held_price_shows_what_moved_and_how_far() -> None:
    known = Shelf().filled().desk.known()
    shown = held_list(known.held, UTC, may_edit=True)
    assert "$99.00 (30.0 times)" in told(shown)
    assert "Output" not in told(shown)
    assert [form["do"] for form in forms_in(shown)] == ["approve"]
    assert held_list((), UTC, may_edit=True) is None


def discount(percent: str, days: int, account: str | None = None) -> Discount:
    return Discount(percent=Decimal(percent), effective_from=NOW + days * DAY, account_id=account)


def test_the_latest_discount_of_each_kind_is_in_force_and_an_end_is_none() -> None:
    past, current, upcoming = discount("5", -9), discount("7", -1), discount("9", 3)
    ended = [discount("5", -9, "111122223333"), discount("0", -2, "111122223333")]
    every = [past, current, upcoming, *ended]
    assert discounts_in_force(every, NOW) == [current]
    shown = discount_list(every, NOW, UTC, may_edit=True)
    assert [form["do"] for form in forms_in(shown)].count("end-discount") == 1
    assert [form["do"] for form in forms_in(shown)].count("delete-discount") == 5
    assert "list costs" in told(discount_list((), NOW, UTC, may_edit=True))


def test_a_waiting_reprice_has_a_bar_without_an_end() -> None:
    request = RepriceRequest(model_id=SONNET, start=BEGINNING, end=None, reason="price entered", id="1")
    (shown,) = progress_list(Repricing(waiting=(request,)), UTC)
    assert "Calls of Claude Sonnet 4.6 at the new price: waits for the computation" in told(shown)
    assert '"value"' not in told(shown)
    assert progress_list(Repricing(), UTC) == []
    (many,) = progress_list(Repricing(waiting=(request,) * 4), UTC)
    assert "4 changes of prices: wait for the computation" in told(many)


def test_states_of_cards() -> None:
    first, second = card(SONNET, since=NOW - 9 * DAY, input="3"), card(SONNET, since=NOW - DAY, input="4")
    above, later = manual(NOW - 2 * DAY, input="2"), manual(NOW + DAY, input="1")
    every = [first, second, above, later]
    assert [state_of(each, every, NOW) for each in every] == ["past", "overridden", "in force", "upcoming"]
    partly = card(SONNET, since=NOW - DAY, input="4", output="8")
    assert state_of(partly, [partly, above], NOW) == "in force"


def test_the_history_offers_editors_what_a_price_by_hand_allows() -> None:
    shelf = Shelf().filled()
    shown = history_of(shelf.desk.history(SONNET), NOW, UTC, may_edit=True)
    assert [form["do"] for form in forms_in(shown)] == ["add", "correct", "end", "delete"]
    assert json.dumps(f"{HOSTILE}: {HOSTILE}") in told(shown)
    nothing = history_of(shelf.desk.history("vendor.unknown"), NOW, UTC, may_edit=True)
    assert "nobody has entered a price" in told(nothing)


@pytest.mark.parametrize("do", Do)
def test_every_form_has_a_lead_a_place_for_faults_a_note_and_its_button(do: Do) -> None:
    form = PriceForm(do=do, model_id=SONNET, scope=BASE, at=NOW)
    shown = told(form_of(FormView(form=form, zone=UTC)))
    assert '"pricing-told"' in shown
    assert f'{{"type": "pricing-save", "form": "{do.value}"}}' in shown
    assert '{"type": "pricing-field", "name": "note"}' in shown


def test_a_correction_begins_with_the_rates_there_are_and_hints_at_the_listed_ones() -> None:
    view = FormView(
        form=PriceForm(do=Do.CORRECT, model_id=SONNET, scope=BASE, at=NOW),
        zone=UTC,
        listed={RateKey(kind="output"): Decimal("15.00")},
        entered={RateKey(kind="input"): Decimal("2.50"), RateKey.parse("input@flex"): Decimal(1)},
    )
    shown = form_of(view)
    fields = fields_in(shown)
    assert (fields["input"], fields["output"], fields["more"]) == ("2.5", "", "input@flex = 1")
    assert '"placeholder": "15"' in told(shown)


def test_the_first_price_of_a_model_is_offered_for_all_calls() -> None:
    form = PriceForm(do=Do.ADD, model_id=MYSTERY, scope="region:eu-central-1")
    first = fields_in(form_of(FormView(form=form, zone=UTC, is_first=True)))
    later = fields_in(form_of(FormView(form=form, zone=UTC)))
    assert (first["from"], later["from"]) == ("beginning", "now")
    assert (first["scope"], first["region"]) == ("region", "eu-central-1")
    assert "model" not in first
    assert "model" in fields_in(form_of(FormView(form=PriceForm(do=Do.ADD), zone=UTC)))


def test_faults_name_their_field() -> None:
    shown = told(faults_of({"cache_read": "Too dear.", "at": "When?", "": "Open it anew."}))
    assert [
        text in shown for text in ("Cache read: Too dear.", "Day and time: When?", '"Open it anew."')
    ] == [True] * 3
