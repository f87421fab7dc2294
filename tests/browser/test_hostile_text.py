"""Text from the logs is text: on every page, in charts, tables, side panels, addresses and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages.registry import PAGES
from tests.browser.conftest import PHONE
from tests.browser.real_office import HOSTILE, KEY, PROFILE, SCRIPT, RealOffice, Tab, tab_of
from tests.browser.waiting import fits
from tests.fakes.asked_app import AskedApp

CREATED = """() => [...document.querySelectorAll(
  "script, img, svg, b, [onload], [onerror]")].filter(node =>
    (node.matches("script") && node.textContent.includes("alert(")) ||
    (node.matches("img") && node.getAttribute("src") === "x") ||
    node.hasAttribute("onload") || node.hasAttribute("onerror") ||
    (node.matches("b") && node.textContent === "key")).map(node => node.outerHTML.slice(0, 200))"""
TABLES = {
    "": "trend-view=table&models-view=table&callers-view=table&kinds-view=table",
    "cost": "model-view=table&caller-view=table&account-view=table&route-view=table&tag-view=table"
    "&caller-top=25&model-top=25&tag-top=25&month-view=table&kind-view=table&cache-view=table&map-view=table",
    "performance": "trend-view=table&latency-view=table&tpot-view=table&ttft-view=table&served-view=table",
    "reliability": "trend-view=table&code-view=table&model-view=table&caller-view=table&rejected-view=table",
}
"""Addresses in which every panel of a page is a table."""


@pytest.fixture
def tab(chromium: Browser, real_office: RealOffice) -> Iterator[Tab]:
    yield from tab_of(chromium, real_office)


def check(page: Page) -> None:
    """Nothing was made of any text, and the page is no wider than the screen."""
    assert page.evaluate(CREATED) == []
    assert fits(page)


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_no_page_makes_anything_of_hostile_text(tab: Tab, path: str) -> None:
    tables = TABLES.get(path)
    for query in ("by=caller", *([tables] if tables else [])):
        page = tab.open(f"{path}?range=24h&{query}")
        expect(page.locator(".message-error")).to_have_count(0)
        check(page)


@pytest.mark.parametrize("path", ["cost", "requests", "reliability"])
def test_long_texts_fit_a_phone(chromium: Browser, real_office: RealOffice, path: str) -> None:
    for tab in tab_of(chromium, real_office, PHONE):
        check(tab.open(f"{path}?range=24h&{TABLES.get(path, '')}"))


def test_the_text_is_shown_as_it_is(tab: Tab) -> None:
    page = tab.open(f"cost?range=24h&{TABLES['cost']}")
    expect(page.locator("#cost-caller-grid")).to_contain_text(f"user/{SCRIPT}")
    expect(page.locator("#cost-tag-grid")).to_contain_text(SCRIPT)
    page = tab.open(f"reliability?range=24h&{TABLES['reliability']}")
    expect(page.locator("#reliability-code-grid")).to_contain_text(SCRIPT)
    expect(page.locator("#reliability-caller-grid")).to_contain_text(f"user/{SCRIPT}")
    page = tab.open("pricing")
    expect(page.locator("#pricing-unpriced")).to_contain_text("<img src=x onerror=alert(2)>")
    check(page)


def test_filters_of_hostile_text_are_chips_of_text_in_links_that_open_again(tab: Tab) -> None:
    for text in HOSTILE[:11:2]:
        query = urlencode({"range": "24h", "caller": f"user/{text}", "meta.team": text, f"meta.{KEY}": text})
        page = tab.open(f"?{query}")
        expect(page.locator(".filter-chip")).to_have_count(3)
        check(page)


def test_the_side_panel_of_a_call_shows_its_texts(tab: Tab) -> None:
    page = tab.open("requests?range=24h")
    row = page.locator("#requests-list-grid .ag-center-cols-container .ag-row", has_text=f"user/{SCRIPT}")
    number = row.get_attribute("row-index")
    page.locator(f"#requests-list-grid .ag-row[row-index='{number}'] .call-time").click()
    expect(page.locator("#requests-side")).to_contain_text(f"r-0-{SCRIPT}")
    expect(page.locator("#requests-side")).to_contain_text(KEY)
    check(page)


def test_a_query_of_ones_own_shows_the_texts(tab: Tab) -> None:
    sql = "select caller, request_metadata, error_code, logged_model_id, request_id from calls order by 1"
    page = tab.open(f"explore?{urlencode({'sql': sql})}")
    page.locator("#explore-run").click()
    expect(page.locator("#explore-status")).to_contain_text("17 rows")
    expect(page.locator("#explore-grid")).to_contain_text(f"user/{SCRIPT}")
    expect(page.locator("#explore-grid")).to_contain_text(PROFILE)
    check(page)
    with page.expect_download() as loading:
        page.locator("#explore-csv").click()
    rows = list(csv.reader(io.StringIO(loading.value.path().read_text("utf-8-sig"))))
    assert len(rows) == 18
    check_cells(rows)


def check_cells(rows: list[list[str]]) -> None:
    """No cell is a formula to a spreadsheet: a number, or a text that does not begin like one."""
    for cell in (cell for row in rows for cell in row):
        assert "\0" not in cell
        if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"}:
            float(cell)


PANELS = (
    *("model", "caller", "trend", "cost-model", "cost-caller", "cost-tag", "cost-cache", "cost-map"),
    *("performance-latency", "performance-served", "reliability-trend", "reliability-code"),
    *("reliability-model", "reliability-caller", "requests-list"),
)


@pytest.mark.parametrize("panel", PANELS)
def test_files_of_hostile_text_are_whole_and_safe(real_office: RealOffice, panel: str) -> None:
    assert real_office.services is not None
    app = AskedApp(real_office.services)
    question = app.question("range=24h")
    controls = {
        "cost-tag-key": KEY,
        "trend-by": "caller",
        f"{panel}-top": "25",
        "reliability-trend-by": "caller",
    }
    as_csv = app.download(panel, question, "csv", **controls)
    as_json = app.download(panel, question, "json", **controls)
    if panel == "cost-cache":
        assert as_csv is as_json is None
        return
    assert as_csv is not None
    assert as_json is not None
    rows = list(csv.reader(io.StringIO(as_csv.removeprefix("\ufeff"))))
    assert len({len(row) for row in rows}) == 1
    check_cells(rows)
    document = json.loads(as_json)
    assert len(rows) == 1 + len(document["rows"]) + len(document["totals"])
    if panel in {"caller", "cost-caller", "requests-list"}:
        assert {f"user/{text}" for text in HOSTILE} <= {row["Caller"] for row in document["rows"]}
