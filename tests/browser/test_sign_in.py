"""Signing in and out in a real browser: roles, a session that ends while the page is open, both themes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from dashboard.app import create_app
from dashboard.pages import overview, pricing
from dashboard.queries import Queries
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.office_usage import Office
from tests.browser.waiting import PATIENCE_MS, fits
from tests.unit.dashboard.auth.doors import Door
from tests.unit.dashboard.prices.tables import Shelf

PAGES = (overview.PAGE, pricing.PAGE)


@dataclass(slots=True)
class Guarded:
    """A dashboard behind passwords whose clock the test turns."""

    door: Door = field(default_factory=Door)
    address: str = ""


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    office = Office(days=2)
    office.fill()
    reader = UsageReader(UsageTable(office.memory, Retention()), lambda: office.now, pause=lambda _: None)
    settings = DashboardSettings()
    services = Services(
        settings=settings,
        queries=Queries(reader, settings, now=lambda: office.now),
        prices=Shelf().filled().desk,
    )
    found = Guarded()
    app = create_app(services, found.door.access(), PAGES)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    found.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def tab_of(browser: Browser, size: tuple[int, int] = DESKTOP, theme: str = "light") -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if theme == "dark" else "light"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    # a browser writes each answer of 401 and 429 to its console by itself
    assert [fault for fault in faults if "status of 4" not in fault] == []


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    yield from tab_of(chromium)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(f"{name}'s password")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_sign_in_page_fits_and_is_accessible(
    chromium: Browser, guarded: Guarded, size: tuple[int, int], theme: str
) -> None:
    for page in tab_of(chromium, size, theme):
        page.goto(guarded.address)
        expect(page.get_by_label("Name")).to_be_focused()
        assert fits(page)
        page.get_by_label("Name").fill("alice")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
        expect(page.get_by_label("Password")).to_be_focused()
        assert Axe().run(page).response["violations"] == []


def test_who_signs_in_sees_the_page_that_was_asked_for_and_signs_out_again(
    page: Page, guarded: Guarded
) -> None:
    page.goto(f"{guarded.address}/?range=today&zone=UTC")
    sign_in(page, "bob")
    expect(page.locator("#lead-value")).to_contain_text("$")
    expect(page).to_have_url(f"{guarded.address}/?range=today&zone=UTC")
    expect(page.locator(".person-who")).to_have_attribute("title", "Signed in as bob, viewer")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{guarded.address}/pricing")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_only_editors_are_offered_changes(page: Page, guarded: Guarded) -> None:
    page.goto(f"{guarded.address}/pricing")
    sign_in(page, "bob")
    expect(page.locator("#pricing-unpriced")).to_contain_text("Meridian Large 2611")
    expect(page.locator("[data-price-form]")).to_have_count(0)
    expect(page.get_by_text("Only editors change prices")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{guarded.address}/pricing")
    sign_in(page, "alice")
    expect(page.locator("#pricing-unpriced").get_by_role("button", name="Set a price")).to_be_visible()


def test_a_session_that_ends_while_the_page_is_open_greys_it_and_leads_back(
    page: Page, guarded: Guarded
) -> None:
    page.goto(f"{guarded.address}/?range=today")
    sign_in(page, "alice")
    expect(page.locator("#lead-value")).to_contain_text("$")
    shown = page.locator("#lead-value").inner_text()
    guarded.door.clock.turn(hours=12)
    page.keyboard.press("r")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert page.locator("#lead-value").inner_text() == shown
    page.get_by_role("link", name="Sign in again").click()
    sign_in(page, "alice")
    expect(page.locator("#lead-value")).to_have_text(shown)
    expect(page).to_have_url(f"{guarded.address}/?range=today")
