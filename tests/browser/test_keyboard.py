"""Every page without a mouse: its filters, looks, tables and side panels are reached, used and left."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.real_office import RealOffice, Tab, tab_of

pytestmark = pytest.mark.long

MOST_STEPS = 260
LOOKS = {
    "": "model",
    "cost": "cost-model",
    "performance": "performance-latency",
    "reliability": "reliability-model",
}
"""By page a panel with a chart and a table."""


@pytest.fixture
def tab(chromium: Browser, real_office: RealOffice) -> Iterator[Tab]:
    yield from tab_of(chromium, real_office)


def tab_to(page: Page, place: str) -> None:
    """Press Tab until what is focused is, or lies in, the place."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("place => Boolean(document.activeElement.closest(place))", place):
            return
    raise AssertionError(f"{place} is not reached by {MOST_STEPS} tabs")


def into_cells(page: Page, grid: str) -> None:
    """From the heads of a table, step into its first row."""
    if not page.evaluate("Boolean(document.activeElement.closest('.ag-cell'))"):
        page.keyboard.press("ArrowDown")
    expect(page.locator(f"#{grid} .ag-cell:focus-within")).to_be_attached()


def skip_to_content(page: Page) -> None:
    """The first Tab of a page offers to skip its header, and the page stays as it is."""
    page.evaluate("document.querySelector('h1').keptMark = 'kept'")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.evaluate("document.querySelector('h1').keptMark") == "kept"
    assert not page.url.endswith("#main")


@pytest.mark.parametrize("path", LOOKS)
def test_a_filter_is_set_and_a_table_is_walked_by_keys(tab: Tab, path: str) -> None:
    page, name = tab.open(f"{path}?range=24h"), LOOKS[path]
    skip_to_content(page)
    page.keyboard.press("/")
    expect(page.locator("#picker-search")).to_be_focused()
    page.keyboard.type("nova")
    expect(page.locator("#picker-list .pick")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#picker-panel")).to_be_hidden()
    tab.settle()
    tab_to(page, f"#{name}-look")
    looks = page.locator(f"#{name}-look input")
    for number in range(1, looks.count()):
        page.keyboard.press("ArrowRight")
        expect(looks.nth(number)).to_be_checked()
    expect(page.locator(f"#{name}-grid .ag-row").first).to_be_visible()
    tab.settle()
    tab_to(page, f"#{name}-grid .ag-header-cell, #{name}-grid .ag-cell")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#{name}-grid .ag-cell:focus-within")).to_be_attached()


def test_a_call_is_opened_and_closed_by_keys(tab: Tab) -> None:
    page = tab.open("requests?range=24h")
    skip_to_content(page)
    tab_to(page, "#requests-list-grid .ag-header-cell, #requests-list-grid .ag-cell")
    into_cells(page, "requests-list-grid")
    page.keyboard.press("Enter")
    expect(page.locator("#requests-side")).to_contain_text("Converse")
    expect(page).to_have_url(re.compile(r"call="))
    page.keyboard.press("Escape")
    expect(page.locator("#requests-side")).to_be_hidden()
    expect(page).not_to_have_url(re.compile(r"call="))


def test_a_price_is_looked_at_by_keys(tab: Tab) -> None:
    page = tab.open("pricing")
    skip_to_content(page)
    page.keyboard.press("/")
    page.keyboard.type("nova pro")
    expect(page).to_have_url(re.compile(r"search=nova"))
    tab.settle()
    tab_to(page, "#pricing-cards-grid .ag-header-cell, #pricing-cards-grid .ag-cell")
    into_cells(page, "pricing-cards-grid")
    page.keyboard.press("Enter")
    expect(page.locator("#pricing-side-title")).to_contain_text("Nova")
    page.keyboard.press("Escape")
    expect(page.locator("#pricing-side")).to_be_hidden()


def test_a_query_is_run_by_keys(tab: Tab) -> None:
    page = tab.open("explore")
    skip_to_content(page)
    tab_to(page, "#explore-sql")
    page.keyboard.press("Control+a")
    page.keyboard.type("select count(*) as calls from calls")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#explore-grid")).to_contain_text("17")
    tab_to(page, "#explore-csv")


def test_the_pipeline_page_is_read_and_left_by_keys(tab: Tab) -> None:
    page = tab.open("pipeline")
    expect(page.locator("#pipeline-jobs")).not_to_be_empty()
    skip_to_content(page)
    tab_to(page, ".navigation a[href*=pricing]")
    page.keyboard.press("Enter")
    expect(page.locator("#pricing-facts")).to_contain_text("Price list")
