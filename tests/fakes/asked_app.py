"""The dashboard as a browser asks it, without one: addresses become questions, panels become files."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.pages.asking import first_answer
from dashboard.pages.registry import PAGES
from dashboard.services import Services

DEADLINE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class File:
    """A panel's table as its JSON file has it: exact decimals, by title of the column."""

    rows: list[dict[str, Any]]
    totals: list[dict[str, Any]]
    notes: tuple[str, ...]

    @property
    def total(self) -> dict[str, Any]:
        """The sum of everything, the last row of the foot."""
        return self.totals[-1]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The rows, and the remainder where there is one."""
        return [*self.rows, *self.totals[:-1]]


def grid_of(answer: Mapping[str, Any], panel: str) -> Mapping[str, Any]:
    """The properties of the grid that a panel has been sent."""
    sent: Mapping[str, Any] = answer[json.dumps({"panel": panel, "type": "sent-grid"}, separators=(",", ":"))]
    props: Mapping[str, Any] = sent["data"]["props"]
    return props


@dataclass
class AskedApp:
    """An app over some services, and its answers."""

    services: Services
    client: FlaskClient = field(init=False)
    callbacks: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        app = create_app(self.services)
        self.client = app.server.test_client()
        self.client.get("/")  # the first request makes the app whole
        self.callbacks = app.callback_map
        self._defaults = {each.control: each.default for page in PAGES for each in page.fields}

    def question(self, address: str) -> dict[str, Any]:
        """What an address asks, as the page keeps it."""
        found = first_answer(self.services, address).question
        assert found is not None
        return found

    def file(self, panel: str, question: Mapping[str, Any], **controls: str) -> File | None:
        """The panel's JSON file; None where nothing matches. `controls` by id, with `_` for `-`."""
        content = self.download(panel, question, "json", **controls)
        if content is None:
            return None
        document = json.loads(content)
        return File(document["rows"], document["totals"], tuple(document["notes"]))

    def download(self, panel: str, question: Mapping[str, Any], form: str, **controls: str) -> str | None:
        """The text of the panel's file as csv or json; None where nothing matches."""
        answer = self._shown(panel, question, controls)
        asked = answer.get(_lake(panel), {}).get("data")
        changed = f"{panel}-{form}.n_clicks"
        sent = self._call(f"{panel}-download.data", question, controls, asked, changed=changed)
        found = sent.get(f"{panel}-download", {}).get("data")
        return None if found is None else str(found["content"])

    def view(self, panel: str, question: Mapping[str, Any], look: str, **controls: str) -> dict[str, Any]:
        """What the panel's callback answers in a look, by component and property."""
        return self._shown(panel, question, {f"{panel}-look": look, **controls})

    def parts(self, name: str, question: Mapping[str, Any], **controls: str) -> dict[str, Any]:
        """What tiles or lists answer, by component and property."""
        return self._answered(f"{name}-message.children", name, question, controls)

    def _shown(self, panel: str, question: Mapping[str, Any], controls: Mapping[str, str]) -> dict[str, Any]:
        table = {f"{panel}-look": "table", **controls}
        return self._answered(f"{panel}-legend.children", panel, question, table)

    def _answered(
        self, output: str, name: str, question: Mapping[str, Any], controls: Mapping[str, str]
    ) -> dict[str, Any]:
        """Ask until the lake has answered, as the browser does."""
        asked, until = None, time.monotonic() + DEADLINE_SECONDS
        while True:
            answer = self._call(output, question, controls, asked, changed="question.data")
            state = answer.get(_lake(name), {}).get("data")
            if not (state and state["running"]):
                assert "could not be" not in json.dumps(answer.get(f"{name}-message", "")), answer
                return answer
            assert time.monotonic() < until, f"{name} is still being asked of the lake"
            asked = state
            time.sleep(0.02)

    def _call(
        self,
        output: str,
        question: Mapping[str, Any],
        controls: Mapping[str, str],
        asked: Any,
        *,
        changed: str,
    ) -> dict[str, Any]:
        key = next(name for name in self.callbacks if output in name)
        named = {control.replace("_", "-"): value for control, value in controls.items()}

        def value_of(each: Mapping[str, str]) -> Any:
            if each["id"] == "question":
                return question
            if '"type":"lake"' in each["id"]:
                return asked
            if each["property"] == "value":
                return named.get(each["id"], self._defaults.get(each["id"]))
            return None

        entry = self.callbacks[key]
        sent = {
            "output": key,
            "outputs": _outputs(key),
            "changedPropIds": [changed],
            "inputs": [dict(each, value=value_of(each)) for each in entry["inputs"]],
            "state": [dict(each, value=value_of(each)) for each in entry["state"]],
        }
        response = self.client.post("/_dash-update-component", json=sent)
        if response.status_code == 204:
            return {}
        assert response.status_code == 200, response.get_data(as_text=True)
        found: dict[str, Any] = response.get_json()["response"]
        return found


def _lake(name: str) -> str:
    return json.dumps({"panel": name, "type": "lake"}, separators=(",", ":"))


def _outputs(key: str) -> Any:
    names = key.strip(".").split("...") if key.startswith("..") else [key]
    found = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    for each in found:
        each["id"] = json.loads(each["id"]) if each["id"].startswith("{") else each["id"]
    return found if key.startswith("..") else found[0]
