"""What every page does when its tables are down, it has nothing, nothing fits, or the session has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages.registry import PAGES
from tests.browser.real_office import UNPRICED, RealOffice, Tab, served, tab_of
from tests.unit.dashboard.auth.doors import Door

pytestmark = pytest.mark.long

PATHS = [page.path for page in PAGES]
FILTERED = [page.path for page in PAGES if page.has_filters]
KEPT = {
    "": "#lead-value",
    "cost": "#cost-fact-cost-value",
    "performance": "#performance-fact-latency-value",
    "reliability": "#reliability-fact-rate-value",
    "requests": "#requests-list-grid .ag-center-cols-container",
    "explore": "#explore-sql",
    "pricing": "#pricing-facts",
    "pipeline": "#pipeline-tiles",
}
"""By page something that stays while the numbers in it change."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealOffice]:
    with served(tmp_path_factory.mktemp("states")) as found:
        yield found


@pytest.fixture
def tab(chromium: Browser, office: RealOffice) -> Iterator[Tab]:
    yield from tab_of(chromium, office)


def mark(page: Page, place: str) -> None:
    page.evaluate("place => { document.querySelector(place).keptMark = 'kept'; }", place)


def is_kept(page: Page, place: str) -> bool:
    return bool(page.evaluate("place => document.querySelector(place).keptMark === 'kept'", place))


@pytest.mark.parametrize("path", PATHS)
def test_a_page_lives_through_outages_and_reads_one_row_at_an_idle_tick(
    tab: Tab, office: RealOffice, path: str
) -> None:
    page, place = tab.page, KEPT[path]
    page.clock.install(time=datetime.now(UTC))
    try:
        office.broken = True
        tab.open(f"{path}?range=24h&refresh=30")
        expect(page.locator("#alarm, .message-error").first).to_contain_text("answer")
        office.broken = False
        page.keyboard.press("r")
        expect(page.locator("#alarm")).to_be_hidden()
        expect(page.locator(place)).not_to_be_empty()
        tab.settle()
        mark(page, place)
        shown, reads, asked = page.locator(place).inner_text(), office.reads, tab.asked
        with tab.asking():
            page.clock.run_for(30_500)
        tab.settle()
        assert (office.reads - reads, tab.asked - asked) == (1, 1)
        office.broken = True
        page.locator("#refresh-button").click()
        expect(page.locator("#alarm")).to_contain_text("do not answer")
        assert page.locator(place).inner_text() == shown
    finally:
        office.broken = False
    page.locator("#refresh-button").click()
    expect(page.locator("#alarm")).to_be_hidden()
    tab.settle()
    expect(page.locator(".message-error")).to_have_count(0)
    assert is_kept(page, place)


def test_only_the_pipeline_page_looks_by_itself_once_a_minute(tab: Tab, office: RealOffice) -> None:
    page = tab.page
    page.clock.install(time=datetime.now(UTC))
    for path in ("requests", "explore", "pipeline"):
        tab.open(f"{path}?range=24h&refresh=off")
        reads, asked = office.reads, tab.asked
        with tab.asking() if path == "pipeline" else nullcontext():
            page.clock.run_for(65_000)
        tab.settle()
        if path == "pipeline":
            assert tab.asked - asked == 1
            assert 0 < office.reads - reads <= 12
        else:
            assert (office.reads - reads, tab.asked - asked) == (0, 0)


@pytest.mark.parametrize("path", FILTERED)
def test_filters_without_a_match_say_so(tab: Tab, path: str) -> None:
    page = tab.open(f"{path}?range=24h&model=nothing-of-the-kind")
    expect(page.get_by_text("No usage matches these filters.").first).to_be_visible()
    expect(page.locator(".message-error")).to_have_count(0)


def test_usage_without_a_price_is_a_dash_and_makes_totals_lower_bounds(tab: Tab) -> None:
    page = tab.open(f"?range=24h&model={UNPRICED}")
    expect(page.locator("#lead-value")).to_have_text("—")
    expect(page.locator("#trend-message")).to_contain_text("None of this usage has a price.")
    expect(page.locator("#kind-chart")).to_contain_text("Input—")
    page = tab.open(f"cost?range=24h&model={UNPRICED}&model-view=table")
    expect(page.locator("#cost-fact-cost-value")).to_have_text("—")
    expect(page.locator("#cost-model-grid .ag-center-cols-container [col-id=cost]")).to_have_text("—")
    expect(page.locator("#cost-map-message")).to_contain_text("None of this usage has a price.")
    page = tab.open(f"requests?range=24h&model={UNPRICED}")
    expect(page.locator("#requests-list-grid .ag-center-cols-container [col-id=cost]")).to_have_text("—")
    page = tab.open("pricing")
    expect(page.locator("#pricing-unpriced")).to_contain_text("Meridian Large 2611")
    for path, place in (("", "#lead-value"), ("cost", "#cost-fact-cost-value")):
        page = tab.open(f"{path}?range=24h")
        expect(page.locator(place)).to_contain_text(re.compile(r"≥ <?\$"))


@pytest.fixture
def own_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealOffice]:
    """An office that the test may change."""
    with served(tmp_path_factory.mktemp("own")) as found:
        yield found


def test_new_numbers_come_in_place_on_every_page(chromium: Browser, own_office: RealOffice) -> None:
    office = own_office
    for first in tab_of(chromium, office):
        tabs = [Tab(first.page.context.new_page(), office.address) for _ in PATHS]
        for tab, path in zip(tabs, PATHS, strict=True):
            tab.watch()
            mark(tab.open(f"{path}?range=24h&refresh=off"), KEPT[path])
        facts = tabs[1].page.locator("#cost-fact-unpriced-value")
        before = facts.inner_text()
        office.log("more.json", datetime.now(UTC) - timedelta(minutes=70))
        for tab, path in zip(tabs, PATHS, strict=True):
            with tab.asking():
                tab.page.locator("#refresh-button").click()
            if path == "cost":
                expect(facts).not_to_have_text(before)
            tab.settle()
            assert is_kept(tab.page, KEPT[path])
        assert [tab.faults for tab in tabs] == [[]] * len(tabs)


def test_a_deployment_that_has_seen_no_call_is_no_error_on_any_page(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with served(tmp_path_factory.mktemp("empty"), is_empty=True) as office:
        for tab in tab_of(chromium, office):
            for path in PATHS:
                page = tab.open(path)
                expect(page.locator(".message-error")).to_have_count(0)
                expect(page.locator("#alarm")).to_be_hidden()
                if path in FILTERED:
                    expect(page.get_by_text("No usage yet")).to_be_visible()


def test_a_session_that_ends_greys_every_page_and_stops_its_questions(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    door = Door()
    with served(tmp_path_factory.mktemp("guarded"), door.access()) as office:
        for tab in tab_of(chromium, office):
            page = tab.page
            page.clock.install(time=datetime.now(UTC))
            for path in PATHS:
                page.goto(f"{office.address}/{path}?refresh=10")
                page.get_by_label("Name").fill("alice")
                page.get_by_label("Password").fill("alice's password")
                page.keyboard.press("Enter")
                page.locator("#main").wait_for()
                tab.settle()
                door.clock.turn(hours=13)
                page.keyboard.press("r")
                expect(page.get_by_text("You are signed out.")).to_be_visible()
                expect(page.locator("main")).to_have_js_property("inert", True)
                tab.settle()
                asked = tab.asked
                page.clock.run_for(70_000)
                tab.settle()
                assert tab.asked == asked
            # a browser writes each answer of 401 to its console by itself
            tab.faults[:] = [fault for fault in tab.faults if "status of 4" not in fault]
