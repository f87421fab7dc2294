"""`bedrock-analytics demo` as its users meet it: a process of its own, seen through a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from bedrock_analytics.reporting.formats import usd
from tests.browser.demo_process import Demo
from tests.browser.waiting import PATIENCE_MS

CARDS = ("invocations", "input", "output", "cache", "latency", "tpot", "errors", "hits")


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A tab in which nothing may appear on the console and nothing may be asked of another host."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    found = context.new_page()
    faults: list[str] = []
    found.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((demo.address, "data:", "blob:"))
            else faults.append(f"a request to {request.url}")
        ),
    )
    yield found
    context.close()
    assert faults == []


def open_page(page: Page, demo: Demo, query: str = "") -> None:
    page.goto(f"{demo.address}/{query}")
    expect(page.locator("#lead-value")).to_contain_text("$")


def test_every_card_is_filled_and_the_friendly_names_are_offered(page: Page, demo: Demo) -> None:
    open_page(page, demo)
    for name in CARDS:
        expect(page.locator(f"#card-{name}-value")).to_contain_text(re.compile(r"\d"))
    page.get_by_role("button", name="Account", exact=True).click()
    name_and_id = re.compile(r"[A-Za-z].*\s\d{12}")
    expect(page.locator("#picker-list .pick")).to_have_text([name_and_id] * 4, use_inner_text=True)


def test_the_page_shows_what_the_report_prints_to_the_cent(page: Page, demo: Demo) -> None:
    open_page(page, demo, "?range=yesterday&zone=UTC&refresh=off")
    today = datetime.now(UTC).date()
    told = demo.report("--by", "model", "--since", f"{today - timedelta(days=1)}", "--until", f"{today}")
    total = told["total"]
    assert isinstance(total, dict)
    expect(page.locator("#lead-value")).to_have_text(f"≥ {usd(Decimal(total['list_cost_usd']))}")


def test_the_range_and_the_account_narrow_the_numbers_down(page: Page, demo: Demo) -> None:
    open_page(page, demo, "?refresh=off")
    week = page.locator("#lead-value").inner_text()
    page.locator("#range").select_option("today")
    expect(page.locator("#lead-value")).not_to_have_text(week)
    expect(page.locator("#lead-value")).to_contain_text("$")
    today = page.locator("#lead-value").inner_text()
    page.get_by_role("button", name="Account", exact=True).click()
    page.locator("#picker-list .pick").first.click()
    expect(page.locator("#lead-value")).not_to_have_text(today)


@pytest.mark.parametrize(
    ("view", "part", "marks"),
    [("chart", "chart", ".point"), ("pie", "chart", ".slice"), ("table", "table", ".ag-row")],
)
def test_each_view_shows_models_and_callers(page: Page, demo: Demo, view: str, part: str, marks: str) -> None:
    open_page(page, demo, f"?models-view={view}&callers-view={view}&refresh=off")
    for panel in ("model", "caller"):
        shown = page.locator(f"#{panel}-{part}")
        expect(shown).to_be_visible()
        expect(shown.locator(marks).first).to_be_visible()
        expect(shown.locator(marks).nth(4)).to_be_attached()


def test_new_calls_appear_without_a_reload(page: Page, demo: Demo) -> None:
    open_page(page, demo, "?range=1h&refresh=10")
    page.evaluate("document.querySelector('#lead-value').dataset.seen = 'before'")
    before = page.locator("#card-invocations-value").inner_text()
    expect(page.locator("#card-invocations-value")).not_to_have_text(before, timeout=120_000)
    assert page.locator("#lead-value").get_attribute("data-seen") == "before"
