"""The pricing page through its app: what is answered, and that only editors change anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.storage.usage_table import Checkpoint
from dashboard.app import create_app
from dashboard.auth.access import OPEN, Access
from dashboard.page_state import asked
from dashboard.prices import ids
from dashboard.prices.parts import FIELD_TYPE, SAVE_TYPE
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.fakes.asked_app import grid_of
from tests.unit.dashboard.answers import WrittenAnswers
from tests.unit.dashboard.auth.doors import Door
from tests.unit.dashboard.prices.tables import HOSTILE, MYSTERY, NOW, SONNET, Shelf


class Pricing:
    """The pricing page of one deployment, asked as a browser asks."""

    def __init__(self, shelf: Shelf, access: Access = OPEN) -> None:
        settings = DashboardSettings()
        answers = WrittenAnswers(state=Checkpoint(revision=1, data_up_to=NOW, checked_at=NOW))
        queries = Queries(answers, settings, now=lambda: NOW)
        self.shelf = shelf
        self.app = create_app(Services(settings=settings, queries=queries, prices=shelf.desk), access)
        self.client: FlaskClient = self.app.server.test_client()
        self.question = self._question(queries)

    def _question(self, queries: Queries) -> dict[str, Any]:
        question = queries.question(asked({"range": "7d"}, queries.settings.zone), queries.pulse())
        return question.to_json()

    def ask(self, output: str, triggered: str, **values: Any) -> TestResponse:
        """The answer of the callback with the output; values by id and property."""
        key = next(name for name in self.app.callback_map if output in name)
        entry = self.app.callback_map[key]
        named = {"question_data": self.question, **values}

        def filled(each: dict[str, Any]) -> Any:
            if str(each["id"]).startswith("{"):
                return [
                    {"id": identity, "property": each["property"], "value": value}
                    for identity, value in named.get(
                        f"{json.loads(each['id'])['type']}_{each['property']}", []
                    )
                ]
            return dict(each, value=named.get(f"{each['id']}_{each['property']}"))

        sent = {
            "output": key,
            "outputs": _outputs(key),
            "changedPropIds": [triggered],
            "inputs": [filled(each) for each in entry["inputs"]],
            "state": [filled(each) for each in entry["state"]],
        }
        return self.client.post("/_dash-update-component", json=sent)

    def save(self, form: dict[str, str], **fields: str) -> TestResponse:
        """Press the button of an open form."""
        button = {"type": SAVE_TYPE, "form": form["do"]}
        names = [{"type": FIELD_TYPE, "name": name} for name in fields]
        return self.ask(
            f"{ids.TOLD}.children",
            f"{json.dumps(button, sort_keys=True, separators=(',', ':'))}.n_clicks",
            **{
                f"{SAVE_TYPE}_n_clicks": [(button, 1)],
                f"{ids.FORM}_data": form,
                f"{FIELD_TYPE}_value": list(zip(names, fields.values(), strict=True)),
                f"{FIELD_TYPE}_id": list(zip(names, names, strict=True)),
            },
        )


def _outputs(key: str) -> Any:
    found = []
    for name in key.strip(".").split("..."):
        identity, prop = name.split("@")[0].rsplit(".", 1)
        found.append({"id": json.loads(identity) if identity.startswith("{") else identity, "property": prop})
    return found


ADD = {"do": "add", "model_id": MYSTERY, "scope": "base"}


def test_what_waits_for_a_person_comes_first_and_hostile_text_is_text() -> None:
    pricing = Pricing(Shelf().filled())
    response = pricing.ask(f"{ids.FACTS}.children", "question.data").get_json()["response"]
    assert "Meridian Large 2611" in json.dumps(response[ids.UNPRICED])
    assert "30.0 times" in json.dumps(response[ids.HELD])
    assert "12.5 %" in json.dumps(response[ids.DISCOUNTS])
    changes = pricing.ask(
        f"{ids.CHANGES}-legend.children", "question.data", **{f"{ids.WHICH}_value": "all"}
    ).get_json()["response"]
    assert grid_of(changes, ids.CHANGES)["rowData"][0]["note"] == HOSTILE


def test_the_search_finds_prices_and_says_where_it_finds_none() -> None:
    pricing = Pricing(Shelf().filled())

    def cards(search: str) -> dict[str, Any]:
        values = {f"{ids.SEARCH}_value": search, f"{ids.SOURCE}_value": "all"}
        answer = pricing.ask(f"{ids.CARDS}-legend.children", "question.data", **values)
        response: dict[str, Any] = answer.get_json()["response"]
        return response

    assert len(grid_of(cards("sonnet"), ids.CARDS)["rowData"]) == 4
    nothing = cards("<b>nova")
    assert nothing[f"{ids.CARDS}-table"]["className"] == "panel-table price-empty"
    assert "No price matches \\u201c<b>nova\\u201d." in json.dumps(nothing[f"{ids.CARDS}-note"])


def test_a_price_is_saved_told_and_then_repriced() -> None:
    pricing = Pricing(Shelf().filled())
    response = pricing.save(ADD, input="2", output="6.5", note="quote 7", **{"from": "beginning"}).get_json()[
        "response"
    ]
    assert response[ids.SAVED]["children"] == "Price entered."
    assert response[ids.MODEL]["value"] == MYSTERY
    (card,) = pricing.shelf.desk.history(MYSTERY).cards
    assert (card.changed_by, card.note) == ("dashboard", "quote 7")
    told = pricing.ask(f"{ids.PROGRESS}.children", "pricing-poll.n_intervals", **{f"{ids.BUSY}_data": False})
    response = told.get_json()["response"]
    assert "waits for the computation" in json.dumps(response[ids.PROGRESS])
    assert (response[ids.POLL]["disabled"], response[ids.BUSY]["data"]) == (False, True)
    for request in pricing.shelf.desk.repricing().waiting:
        pricing.shelf.table.take_reprice(request)
    over = pricing.ask(f"{ids.PROGRESS}.children", "pricing-poll.n_intervals", **{f"{ids.BUSY}_data": True})
    response = over.get_json()["response"]
    assert response[ids.CHANGED]["value"].startswith("computed ")
    assert response[ids.POLL]["disabled"] is True


def test_a_held_price_is_approved_and_a_discount_is_entered() -> None:
    pricing = Pricing(Shelf().filled())
    approve = {"do": "approve", "model_id": SONNET, "scope": "geo:us"}
    assert pricing.save(approve).get_json()["response"][ids.SAVED]["children"] == "Price approved."
    assert pricing.shelf.desk.known().held == ()
    response = pricing.save({"do": "discount"}, percent="20", account="111122223333").get_json()["response"]
    assert response[ids.SAVED]["children"] == "Discount entered."
    assert response[ids.MODEL]["value"] == ""
    assert [str(one.percent) for one in pricing.shelf.desk.known().discounts] == ["12.5", "20"]


@pytest.mark.parametrize(
    ("form", "fields", "told"),
    [
        (ADD, {"input": "abc"}, "is no number of dollars"),
        ({"do": "add"}, {"input": "1"}, "Give a model id"),
        ({"do": "end", "model_id": MYSTERY, "scope": "base"}, {}, "has no price entered by hand"),
        ({"do": "approve", "model_id": MYSTERY, "scope": "base"}, {}, "waits for approval"),
    ],
)
def test_what_is_wrong_is_told_in_the_form_and_changes_nothing(
    form: dict[str, str], fields: dict[str, str], told: str
) -> None:
    pricing = Pricing(Shelf().filled())
    before = dict(pricing.shelf.items.items)
    response = pricing.save(form, **fields).get_json()["response"]
    assert list(response) == [ids.TOLD]
    assert told in json.dumps(response[ids.TOLD])
    assert pricing.shelf.items.items == before


def test_a_viewer_sees_prices_and_cannot_change_any_whatever_the_browser_sends() -> None:
    door = Door()
    pricing = Pricing(Shelf().filled(), door.access())
    door.app, door.client = pricing.app, pricing.client
    door.sign_in("bob", "bob's password")
    before = dict(pricing.shelf.items.items)
    response = pricing.save(ADD, input="2").get_json()["response"]
    assert "Only editors may do this" in json.dumps(response[ids.TOLD])
    assert pricing.shelf.items.items == before
    opened = pricing.ask(f"{ids.SIDE}.children", f"{ids.FORM}.data", **{f"{ids.FORM}_data": ADD})
    assert opened.status_code == 204
    shown = pricing.ask(f"{ids.SIDE}.children", f"{ids.MODEL}.value", **{f"{ids.MODEL}_value": SONNET})
    assert "data-price-form" not in shown.get_data(as_text=True)
    door.client.post("/logout")
    door.sign_in("alice", "alice's password")
    saved = pricing.save(ADD, input="2").get_json()["response"]
    assert saved[ids.SAVED]["children"] == "Price entered."
    assert pricing.shelf.desk.history(MYSTERY).cards[0].changed_by == "alice"


def test_a_form_opens_with_what_is_known_and_the_history_without_one() -> None:
    pricing = Pricing(Shelf().filled())
    form = pricing.ask(f"{ids.SIDE}.children", f"{ids.FORM}.data", **{f"{ids.FORM}_data": ADD})
    assert form.get_json()["response"][ids.SIDE_TITLE]["children"] == "Set a price"
    history = pricing.ask(f"{ids.SIDE}.children", f"{ids.MODEL}.value", **{f"{ids.MODEL}_value": SONNET})
    assert history.get_json()["response"][ids.SIDE_TITLE]["children"] == "Prices of Claude Sonnet 4.6"
    nothing = pricing.ask(f"{ids.SIDE}.children", f"{ids.MODEL}.value", **{f"{ids.MODEL}_value": ""})
    assert nothing.status_code == 204


def test_tables_that_do_not_answer_are_told_and_leave_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    pricing = Pricing(Shelf().filled())

    def silent(*_: object, **__: object) -> None:
        raise TableUnavailable("switched off by the test")

    monkeypatch.setattr(pricing.shelf.items, "query", silent)
    response = pricing.ask(f"{ids.FACTS}.children", "question.data").get_json()["response"]
    assert "could not be refreshed" in json.dumps(response)
    assert ids.FACTS not in response
    progress = pricing.ask(f"{ids.PROGRESS}.children", "pricing-poll.n_intervals").get_json()["response"]
    assert list(progress) == [ids.PROGRESS]
    side = pricing.ask(f"{ids.SIDE}.children", f"{ids.MODEL}.value", **{f"{ids.MODEL}_value": SONNET})
    assert "do not answer" in side.get_data(as_text=True)


def test_a_deployment_without_prices_says_so() -> None:
    settings = DashboardSettings()
    queries = Queries(WrittenAnswers(), settings, now=lambda: NOW)
    app = create_app(Services(settings=settings, queries=queries))
    assert not any(ids.CARDS in name for name in app.callback_map)
