"""Which page an address leads to, and for whom."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from dash import Dash, html
from flask import Flask, Request

from dashboard.app import create_app
from dashboard.auth.people import Person
from dashboard.config import LoginMode, Role
from dashboard.page_state import Field
from dashboard.pages.page import Page, PageContext
from dashboard.pages.registry import PAGES, page_at
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.answers import WrittenAnswers


@dataclass(frozen=True)
class Everybody:
    """Lets everybody in, in one role."""

    role: Role
    mode: LoginMode = LoginMode.USERS

    def install(self, server: Flask, base_path: str) -> None:
        """Nothing to prepare."""

    def serves(self, request: Request) -> bool:
        return True

    def person(self, request: Request) -> Person | None:
        return Person(name="ana", role=self.role, signed_in=True)


def _layout(context: PageContext) -> html.Div:
    return html.Div(f"shade {context.values.get('shade')} in {context.zone.key} from {context.query}")


def _register(_app: Dash, _services: Services) -> None:
    """No callbacks."""


HOME = Page(path="", title="Home", layout=_layout, register=_register)
SHADES = Page(
    path="shades",
    title="Shades",
    layout=_layout,
    register=_register,
    fields=(Field("shade", "shades-shade", "pale", ("pale", "deep")),),
    has_filters=False,
)
SECRET = Page(path="secret", title="Secret", layout=_layout, register=_register, editors_only=True)


def app_of(role: Role = Role.VIEWER, base_path: str = "/") -> Dash:
    settings = DashboardSettings(base_path=base_path)
    services = Services(settings=settings, queries=Queries(WrittenAnswers(), settings))
    return create_app(services, Everybody(role), (HOME, SHADES, SECRET))


def opened(app: Dash, path: str, search: str = "") -> str:
    """What the browser is sent for an address."""
    client: dict[str, Any] = {"path": path, "search": search, "theme": "dark", "zone": "Asia/Tokyo"}
    document = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "changedPropIds": ["client.data"],
        "inputs": [{"id": "client", "property": "data", "value": client}],
    }
    base = app.config.requests_pathname_prefix
    answer = app.server.test_client().post(f"{base}_dash-update-component", json=document)
    return json.dumps(answer.get_json())


def test_an_address_opens_its_page_with_its_own_values_and_the_zone_in_force() -> None:
    page = opened(app_of(), "shades", "?shade=deep&zone=Asia/Kolkata&account=1")
    assert "shade deep in Asia/Kolkata" in page
    assert '"aria-current": "page"' in page


def test_a_value_that_a_page_does_not_allow_becomes_the_default() -> None:
    assert "shade pale" in opened(app_of(), "shades/", "?shade=%3Cb%3E")


def test_a_page_for_editors_is_neither_linked_nor_shown_to_viewers() -> None:
    assert "Secret" not in opened(app_of(), "")
    assert "There is no such page" in opened(app_of(), "secret")
    editor = app_of(Role.EDITOR)
    assert "Secret" in opened(editor, "")
    assert "There is no such page" not in opened(editor, "secret")


@pytest.mark.parametrize(("path", "status"), [("", 200), ("shades", 200), ("shades/", 200), ("nope", 404)])
def test_only_pages_are_found(path: str, status: int) -> None:
    for base in ("/", "/usage/"):
        client = app_of(base_path=base).server.test_client()
        assert client.get(f"{base}{path}").status_code == status
        assert client.get(f"{base}assets/favicon.svg").status_code == 200


def test_links_have_the_base_path_in_front() -> None:
    assert '"href": "/usage/shades"' in opened(app_of(base_path="/usage/"), "")


def test_pages_have_paths_and_titles_of_their_own_and_ids_that_do_not_clash() -> None:
    assert len({page.path for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    controls = [field.control for page in PAGES for field in page.fields]
    assert len(set(controls)) == len(controls)
    assert page_at("/cost/") is next(page for page in PAGES if page.path == "cost")
    assert page_at("nope") is None
