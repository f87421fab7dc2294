"""Every page of a running demo, in both themes and three widths: quiet, whole, accessible."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

from dashboard.pages.registry import PAGES
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.demo_process import Demo
from tests.browser.waiting import PATIENCE_MS, fits, settle

SCREENSHOTS = Path(__file__).parent.parent.parent / "build" / "screenshots"
WIDTHS = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}


class Tab:
    """A tab that notes what should not happen, and knows when nothing more is asked."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.faults: list[str] = []
        self._pending = 0
        page.on("console", lambda message: self.faults.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, request: Request) -> None:
        self._pending += 1
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"a request to {request.url}")

    def _ended(self, _request: Request) -> None:
        self._pending -= 1

    def settle(self) -> None:
        """Wait until nothing is asked any more, and the lake has answered."""
        settle(self.page, lambda: self._pending or self.page.locator(".message-lake").count())

    def go(self, path: str) -> None:
        """Follow the navigation to a page."""
        self.page.evaluate("path => dash_clientside.bedrock.go(path, {})", path)
        expect(self.page).to_have_url(re.compile(rf"/{path}(\?|$)"))
        expect(self.page.locator("html")).not_to_have_attribute("data-turning", "")
        self.settle()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_quiet_fits_and_is_accessible(chromium: Browser, demo: Demo, theme: str) -> None:
    context = chromium.new_context(
        viewport=_size(DESKTOP),
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    tab = Tab(context.new_page(), demo.address)
    tab.page.goto(f"{demo.address}/")
    tab.settle()
    found = {page.path: _findings(tab, page.path, theme) for page in PAGES}
    context.close()
    assert found == {page.path: [] for page in PAGES}
    assert tab.faults == []


def _size(width: tuple[int, int]) -> ViewportSize:
    return {"width": width[0], "height": width[1]}


def _findings(tab: Tab, path: str, theme: str) -> list[str]:
    """What is wrong with a page at any width; a picture of each is kept."""
    if path:
        tab.go(path)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    found = []
    for name, width in WIDTHS.items():
        tab.page.set_viewport_size(_size(width))
        if not fits(tab.page):
            found.append(f"wider than a {name}")
        tab.page.screenshot(path=SCREENSHOTS / f"{path or 'overview'}-{name}-{theme}.png", full_page=True)
        if width != TABLET:  # which shows the same parts as a desktop
            found += [f"{name}: {each}" for each in _violations(tab.page)]
    tab.page.set_viewport_size(_size(DESKTOP))
    if tab.page.locator(".message-error").count():
        found.append(tab.page.locator(".message-error").first.inner_text())
    return found


def _violations(page: Page) -> list[str]:
    """What an accessibility check finds that keeps people out."""
    return [
        f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
