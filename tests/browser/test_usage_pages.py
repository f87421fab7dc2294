"""Cost & usage, Performance and Reliability, seen through a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from bedrock_analytics.reporting.lake_answers import Peaks
from bedrock_analytics.reporting.lake_questions import PeaksQuestion
from bedrock_analytics.storage.lake_peaks import Peak
from dashboard.pages import cost, performance, reliability
from tests.browser.conftest import Served, Visit, serve_office, visit_of
from tests.browser.office_usage import HOSTILE_CALLER, HOSTILE_CODE, Office
from tests.fakes.asked_lake import AskedLakeFake

pytestmark = pytest.mark.long

PATHS = ("cost", "performance", "reliability")
PANELS = {
    "cost": ["month", "model", "caller", "account", "route", "kind", "cache", "map"],
    "performance": ["trend", "latency", "tpot", "ttft", "served"],
    "reliability": ["trend", "code", "model", "caller", "rejected"],
}


class PeakLake(AskedLakeFake):
    """A lake that knows one model's busiest minutes."""

    def peaks(self, ticket: str) -> Peaks:
        moment = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        peak = Peak(
            key=("amazon.nova-pro-v1:0", "us"),
            calls=90,
            throttles=3,
            requests_a_minute=12,
            requests_at=moment,
            tokens_a_minute=4_000,
            tokens_at=moment,
            input_tokens_a_minute=3_500,
            output_tokens_a_minute=500,
            throttles_a_minute=3,
            throttles_at=moment,
        )
        return Peaks(key_columns=("model_id", "route"), rows=(peak,))


@pytest.fixture(scope="module")
def lake() -> AskedLakeFake:
    return PeakLake(rows=lambda _: {}, polls=2)


@pytest.fixture(scope="module")
def office_pages(lake: AskedLakeFake) -> Iterator[Served]:
    office = Office(days=8)
    office.fill()
    yield from serve_office(office, (cost.PAGE, performance.PAGE, reliability.PAGE), lake)


@pytest.fixture
def visit(chromium: Browser, office_pages: Served) -> Iterator[Visit]:
    yield from visit_of(chromium, office_pages)


def as_tables(path: str) -> str:
    """The address of a page with all its panels as tables."""
    return f"{path}?" + "&".join(f"{name}-view=table" for name in PANELS[path])


def total(page: Page, panel: str, column: str) -> str:
    """What the total of a table shows in a column."""
    cell = page.locator(f"#{panel}-grid .ag-floating-bottom .ag-row:last-child [col-id='{column}']")
    expect(cell).to_contain_text("$")
    return cell.inner_text()


@pytest.mark.parametrize("path", PATHS)
def test_every_panel_has_a_chart_and_a_table_twin(visit: Visit, path: str) -> None:
    page = visit.open(f"{path}?range=7d")
    for name in PANELS[path]:
        expect(page.locator(f"#{path}-{name}-chart .main-svg").first).to_be_visible()
        expect(page.locator(f"#{path}-{name}-message")).to_be_empty()
    page = visit.open(as_tables(path))
    for name in PANELS[path]:
        expect(page.locator(f"#{path}-{name}-grid .ag-row").first).to_be_visible()
        expect(page.locator(f"#{path}-{name}-chart")).to_be_hidden()


def test_the_totals_of_all_breakdowns_are_the_cost_of_the_tile(visit: Visit) -> None:
    page = visit.open(as_tables("cost") + "&caller-top=5&tag-view=table")
    expect(page.locator("#cost-fact-cost-value")).to_contain_text("$")
    shown = visit.value("cost-fact-cost-value")
    amount = float(re.sub(r"[^0-9.]", "", shown))
    assert shown.startswith("≥ $")
    for name in ("model", "caller", "account", "route", "tag"):
        text = total(page, f"cost-{name}", "cost")
        assert text.startswith("≥ $")
        assert round(float(re.sub(r"[^0-9.]", "", text)), 2) == amount
    remainder = page.locator("#cost-caller-grid .ag-floating-bottom .ag-row").first
    expect(remainder.locator("[col-id='name']")).to_contain_text("Other")


def test_a_pie_has_a_legend_with_shares(visit: Visit) -> None:
    page = visit.open("cost?route-view=pie&model-view=pie&model-top=5")
    expect(page.locator("#cost-route-legend li")).to_have_count(4)
    expect(page.locator("#cost-model-legend li").last).to_contain_text("Other")
    expect(page.locator("#cost-model-chart .slice")).to_have_count(6)


def test_the_month_tells_where_it_goes(visit: Visit) -> None:
    page = visit.open("cost")
    words = page.locator("#cost-month-words")
    expect(words).to_contain_text("At the end of the month")
    expect(words).to_contain_text(re.compile(r"≥ \$[\d,]+\.\d\d to \$[\d,]+\.\d\d"))
    expect(page.locator("#cost-month-title")).to_have_text("November 2026 so far")


def test_text_from_the_logs_is_shown_as_text_and_exported_safely(visit: Visit) -> None:
    page = visit.open(as_tables("cost") + "&caller-top=25")
    expect(page.locator("#cost-caller-grid")).to_contain_text(HOSTILE_CALLER)
    page = visit.open("reliability")
    expect(page.locator("#reliability-trend-legend")).to_contain_text(HOSTILE_CODE)
    expect(page.locator("#reliability-code-chart")).to_contain_text(HOSTILE_CODE)
    page.locator("#reliability-code-title").scroll_into_view_if_needed()
    with page.expect_download() as loading:
        page.locator("#reliability-code-csv").click()
    text = loading.value.path().read_text("utf-8")
    assert HOSTILE_CODE in text
    assert page.locator("script", has_text="alert(2)").count() == 0


def test_a_time_has_a_trend_for_each_model_that_the_address_keeps(visit: Visit) -> None:
    page = visit.open("performance")
    expect(page.locator("#performance-trend-chart .scatterlayer .trace")).to_have_count(4)
    page.locator("#performance-trend-model").select_option(label="Nova Pro")
    visit.settle()
    expect(page).to_have_url(re.compile(r"trend-model=amazon\.nova-pro"))
    page.get_by_role("radiogroup", name="Time that is shown").get_by_text("TPOT").click()
    visit.settle()
    expect(page).to_have_url(re.compile(r"trend=tpot"))
    expect(page.locator("#performance-watch-title")).to_be_hidden()
    expect(page.get_by_text("This deployment does not read CloudWatch.")).to_be_visible()


def test_the_lake_is_asked_for_peaks_by_keyboard_and_only_then(visit: Visit, lake: AskedLakeFake) -> None:
    page = visit.open("reliability")
    assert [each for each in lake.questions if isinstance(each, PeaksQuestion)] == []
    page.locator("#reliability-peaks-go").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reliability-peaks-grid .ag-center-cols-container .ag-row")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"peaks=on"))
    assert len([each for each in lake.questions if isinstance(each, PeaksQuestion)]) == 1


@pytest.mark.parametrize("path", PATHS)
def test_filters_without_a_match_say_so(visit: Visit, path: str) -> None:
    page = visit.open(f"{path}?model=nothing-of-the-kind")
    for name in set(PANELS[path]) - {"month", "rejected"}:
        expect(page.locator(f"#{path}-{name}-message")).to_contain_text("No usage matches these filters.")


@pytest.fixture
def changing(chromium: Browser) -> Iterator[Visit]:
    """A tab on pages of its own, whose usage goes on."""
    office = Office(days=2)
    office.fill()
    for served in serve_office(office, (cost.PAGE, performance.PAGE, reliability.PAGE)):
        yield from visit_of(chromium, served)


def test_a_refresh_brings_new_numbers_in_place(changing: Visit) -> None:
    for path, fact in (("cost", "cost"), ("performance", "latency"), ("reliability", "rate")):
        page = changing.open(f"{path}?range=today")
        tile, chart = f"#{path}-fact-{fact}-value", f"#{path}-{PANELS[path][1]}-chart .main-svg"
        expect(page.locator(tile)).not_to_have_text("—")
        page.locator(chart).first.wait_for()
        page.evaluate(
            "places => { window.kept = places.map(place => document.querySelector(place)) }", [tile, chart]
        )
        before = page.locator(tile).get_attribute("title") or ""
        changing.served.office.go_on(timedelta(hours=1))
        page.locator("#refresh-button").click()
        expect(page.locator(tile)).not_to_have_attribute("title", before)
        changing.settle()
        assert page.evaluate(
            "places => places.every((place, at) => window.kept[at] === document.querySelector(place))",
            [tile, chart],
        )


def test_a_table_that_does_not_answer_leaves_the_last_good_numbers_and_recovers(changing: Visit) -> None:
    # panels whose table needs more than their chart: what is known is shown without the tables
    for path, name in {"cost": "model", "performance": "trend", "reliability": "code"}.items():
        # without a timer, as a page that refreshes itself recovers by itself, too
        page = changing.open(f"{path}?range=today&refresh=off")
        expect(page.locator(f"#{path}-{name}-chart .main-svg").first).to_be_visible()
        changing.served.broken = True
        page.locator(f"#{path}-{name}-look").get_by_text("Table").click()
        message = page.locator(f"#{path}-{name}-message")
        expect(message).to_contain_text("This panel could not be refreshed.")
        expect(page.locator(f"#{path}-{name}-chart .main-svg").first).to_be_visible()
        changing.served.broken = False
        message.get_by_role("button", name="Try again").click()
        expect(page.locator(f"#{path}-{name}-grid .ag-row").first).to_be_visible()
        expect(message).to_be_empty()


def test_a_deployment_without_usage_shows_the_next_step_on_every_page(chromium: Browser) -> None:
    for served in serve_office(Office(), (cost.PAGE, performance.PAGE, reliability.PAGE)):
        for visit in visit_of(chromium, served):
            for path in PATHS:
                page = visit.open(path)
                expect(page.get_by_text("No usage yet")).to_be_visible()
