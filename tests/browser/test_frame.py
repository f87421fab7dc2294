"""The frame around every page, in a real browser: addresses, history, filters, keyboard, session, lake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash import Dash, html
from dash.development.base_component import Component
from playwright.sync_api import Browser, Page, Route, expect

from bedrock_analytics.domain.errors import CredentialsExpired
from bedrock_analytics.reporting.lake_questions import BreakdownQuestion, TrendQuestion
from dashboard.page_state import Field
from dashboard.pages import overview
from dashboard.pages.page import Page as DashboardPage
from dashboard.pages.page import PageContext
from dashboard.services import Services
from dashboard.widgets.controls import select
from tests.browser.conftest import PHONE, Served, Visit, serve_office, visit_of
from tests.browser.office_usage import HOSTILE_CALLER, Office
from tests.browser.waiting import eventually, expect_query, fits, query_of
from tests.fakes.asked_lake import NOTE, AskedLakeFake, Rows
from tests.unit.dashboard.answers import calls

NOVA = "amazon.nova-pro-v1:0"


def _probe_layout(context: PageContext) -> Component:
    shade = select("probe-shade", "Shade", [("pale", "Pale"), ("deep", "Deep")], context.values["shade"])
    return html.Div([html.H1("A probe"), shade], className="body")


def _register_nothing(_app: Dash, _services: Services) -> None:
    """The probe has no callbacks."""


PROBE = DashboardPage(
    path="probe",
    title="Probe",
    layout=_probe_layout,
    register=_register_nothing,
    fields=(Field("shade", "probe-shade", "pale", ("pale", "deep")),),
)
BARE = DashboardPage(
    path="bare",
    title="Bare",
    layout=lambda _: html.Div([html.H1("A bare page")], className="body"),
    register=_register_nothing,
    has_filters=False,
)


def lake_rows(question: BreakdownQuestion | TrendQuestion) -> Rows:
    """What the lake answers: 8 calls for 4 dollars of one value of any dimension."""
    values: Mapping[tuple[str, ...], tuple[str, ...]] = {
        ("MODEL",): (NOVA, "us"),
        ("CALLER",): ("111122223333", "agent-runner/*"),
        ("TOTAL",): (),
        ("ROUTE",): ("us",),
    }
    return {values[question.dimensions]: calls(8, "4")}


@pytest.fixture(scope="module")
def lake() -> AskedLakeFake:
    return AskedLakeFake(rows=lake_rows, polls=2)


@pytest.fixture(scope="module")
def framed(lake: AskedLakeFake) -> Iterator[Served]:
    office = Office(days=16)
    office.fill()
    yield from serve_office(office, (overview.PAGE, PROBE, BARE), lake)


@pytest.fixture
def visit(chromium: Browser, framed: Served) -> Iterator[Visit]:
    yield from visit_of(chromium, framed)


def pick(page: Page, kind: str, value: str) -> None:
    """Pick a value of a filter from its list."""
    page.get_by_role("button", name=kind, exact=True).click()
    page.locator("#picker-list .pick", has_text=value).click()
    page.locator("#picker-close").click()


def press(page: Page, selector: str, number: int) -> None:
    """Click into the middle of a mark; Plotly's own layer above it takes the click."""
    mark = page.locator(selector).nth(number)
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    is_hovered = "node => Boolean(node.closest('.js-plotly-plot')._hoverdata)"
    eventually(page, lambda: mark.evaluate(is_hovered), True)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_deep_link_brings_back_range_zone_filters_and_views(visit: Visit) -> None:
    page = visit.open(
        f"?range=24h&zone=Asia%2FKolkata&compare=off&account=444455556666&model={NOVA}&models-view=pie"
    )
    expect(page.locator("#resolved")).to_have_text("23 Nov 19:30 → 24 Nov 20:00 · Asia/Kolkata (UTC+5:30)")
    expect(page.locator("#compared")).to_be_empty()
    expect(page.locator(".filter-chip")).to_have_text(["Account:Data science lab", "Model:Nova Pro"])
    expect(page.locator("#compare")).to_have_value("off")
    expect(page.locator("#model-chart .slice")).to_have_count(1)
    expect(page.locator("#movers")).to_contain_text("Choose to compare")
    expect(page.locator("#lead-baseline")).to_have_text("Not compared with an earlier period")
    expect(page).to_have_title("Overview · Bedrock Analytics")


def test_filters_combine_stand_as_chips_and_are_taken_away(visit: Visit) -> None:
    page = visit.open()
    everything = visit.value("lead-value")
    pick(page, "Account", "Data science lab")
    expect(page.locator("#lead-value")).not_to_have_text(everything)
    visit.settle()
    account = visit.value("lead-value")
    pick(page, "Model", "Nova Pro")
    expect(page.locator("#lead-value")).not_to_have_text(account)
    expect_query(page, {"account": ["444455556666"], "model": [NOVA]})
    page.get_by_role("button", name="Remove the filter Model: Nova Pro").click()
    expect(page.locator("#lead-value")).to_have_text(account)
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("#lead-value")).to_have_text(everything)
    expect(page.locator(".filter-chip")).to_have_count(0)
    expect(page.get_by_role("button", name="Clear filters")).to_be_hidden()
    expect_query(page, {})


def test_a_metadata_key_in_force_is_a_filter(visit: Visit) -> None:
    page = visit.open("?compare=off")
    pick(page, "team", "shop")
    expect(page.locator(".filter-chip")).to_have_text(["team:shop"])
    expect_query(page, {"compare": ["off"], "meta.team": ["shop"]})


def test_pages_change_in_place_and_history_goes_back_and_forward(visit: Visit) -> None:
    page = visit.open(f"?range=24h&account=444455556666&refresh=off&model={NOVA}")
    page.locator("#range").evaluate("node => { node.keptMark = 'kept'; }")
    page.get_by_role("link", name="Probe").click()
    expect(page.get_by_role("heading", name="A probe")).to_be_visible()
    expect(page.locator(".navigation [aria-current=page]")).to_have_text("Probe")
    expect(page).to_have_title("Probe · Bedrock Analytics")
    expect(page).to_have_url(re.compile(r"/probe\?"))
    kept = {"range": ["24h"], "refresh": ["off"], "account": ["444455556666"]}
    expect_query(page, kept | {"model": [NOVA]})
    page.locator("#probe-shade").select_option("deep")
    page.get_by_role("button", name="Remove the filter Model: Nova Pro").click()
    expect_query(page, kept | {"shade": ["deep"]})
    visit.settle()
    page.go_back()
    expect(page).to_have_title("Overview · Bedrock Analytics")
    expect(page.locator("#lead-value")).to_contain_text("$")
    expect(page.locator(".filter-chip")).to_have_count(2)
    page.go_forward()
    expect(page).to_have_title("Probe · Bedrock Analytics")
    expect(page.locator("#probe-shade")).to_have_value("deep")
    expect(page.locator(".filter-chip")).to_have_count(1)
    assert page.locator("#range").evaluate("node => node.keptMark") == "kept"


def test_title_and_address_tell_the_page_before_it_has_come(visit: Visit) -> None:
    page = visit.open("?refresh=off")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/_dash-update-component*", hold)
    page.get_by_role("link", name="Probe").click()
    expect(page).to_have_title("Probe · Bedrock Analytics")
    expect(page).to_have_url(re.compile(r"/probe\?refresh=off$"))
    expect(page.locator(".navigation [aria-current=page]")).to_have_text("Probe")
    expect(page.get_by_role("heading", name="A probe")).to_have_count(0)
    for route in held:
        route.continue_()
    page.unroute("**/_dash-update-component*")
    expect(page.get_by_role("heading", name="A probe")).to_be_visible()
    expect(page).to_have_title("Probe · Bedrock Analytics")


def test_own_parameters_of_a_page_are_kept_while_another_one_is_shown(visit: Visit) -> None:
    page = visit.open("probe?shade=deep")
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#lead-value")).to_contain_text("$")
    visit.settle()
    expect_query(page, {})
    page.get_by_role("link", name="Probe").click()
    expect(page.locator("#probe-shade")).to_have_value("deep")


def test_a_link_opened_elsewhere_carries_range_and_filters(visit: Visit) -> None:
    page = visit.open("?range=30d&account=444455556666&models-view=pie")
    link = page.get_by_role("link", name="Probe")

    def target() -> tuple[str, dict[str, list[str]]]:
        address = link.get_attribute("href") or ""
        return urlsplit(address).path, query_of(address)

    eventually(page, target, ("/probe", {"range": ["30d"], "account": ["444455556666"]}))


def test_a_page_without_filters_hides_the_bar_and_keeps_what_it_says(visit: Visit) -> None:
    page = visit.open("?range=30d")
    page.get_by_role("link", name="Bare").click()
    expect(page.get_by_role("heading", name="A bare page")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()
    page.get_by_role("link", name="Probe").click()
    expect(page.locator("#range")).to_have_value("30d")


def test_an_address_that_is_no_page_says_so_with_the_way_back(visit: Visit) -> None:
    page = visit.page
    answer = page.goto(f"{visit.served.address}/nowhere?range=30d")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the overview").click()
    expect(page.locator("#lead-value")).to_contain_text("$")
    expect_query(page, {"range": ["30d"]})
    visit.faults[:] = [fault for fault in visit.faults if "404" not in fault]


def test_the_keyboard_picks_a_filter_from_a_search(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("/")
    expect(page.locator("#picker-search")).to_be_focused()
    page.keyboard.type("nova p")
    expect(page.locator("#picker-list .pick")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chip")).to_have_text(["Model:Nova Pro"])
    expect(page.locator("#picker-list .pick")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#picker-panel")).to_be_hidden()
    expect(page.locator("[data-open=model]")).to_be_focused()


def test_the_keys_of_a_period_step_back_and_forth_and_r_refreshes(visit: Visit) -> None:
    page = visit.open("?range=yesterday&refresh=off")
    page.keyboard.press("[")
    expect(page.locator("#resolved")).to_contain_text("22 Nov 00:00 → 23 Nov 00:00")
    expect(page.locator("#range")).to_have_value("custom")
    page.keyboard.press("]")
    expect(page.locator("#resolved")).to_contain_text("23 Nov 00:00 → 24 Nov 00:00")
    visit.settle()
    visit.answers.clear()
    with visit.answered():
        page.keyboard.press("r")
    visit.settle()
    assert [answer.status for answer in visit.answers] == [204]


def test_a_click_on_a_bucket_sets_the_range_and_a_click_on_a_bar_adds_its_filter(visit: Visit) -> None:
    page = visit.open("?models=invocations")
    press(page, "#trend-chart .trace.bars .point path", 1)
    expect(page.locator("#resolved")).to_contain_text("19 Nov 00:00 → 20 Nov 00:00")
    expect(page).to_have_url(re.compile(r"[?&]range=custom(&|$)"))
    visit.settle()
    press(page, "#model-chart .trace.bars .point path", 0)
    expect(page.locator(".filter-chip")).to_have_count(1)
    page.locator(".filter-chip").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    visit.settle()
    press(page, "#model-chart .trace.bars .point path", 0)
    expect(page.locator(".filter-chip")).to_have_count(1)


def test_a_name_in_a_table_adds_its_filter(visit: Visit) -> None:
    page = visit.open("?callers-view=table")
    page.locator("#caller-table .filter-link", has_text="user/notebooks").click()
    expect(page.locator(".filter-chip")).to_have_text(["Caller:user/notebooks · Data science lab"])
    page.locator(".filter-chip").click()
    expect(page.locator(".filter-chip")).to_have_count(0)
    visit.settle()
    page.locator("#caller-table .ag-cell", has_text="user/notebooks").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chip")).to_have_count(1)


@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_a_panel_is_downloaded_exactly_with_the_filters_in_its_name(
    visit: Visit, format_name: str, tmp_path: Path
) -> None:
    page = visit.open(f"?account=444455556666&model={NOVA}&range=yesterday")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download By model as {format_name.upper()}").click()
    found = waiting.value
    assert re.fullmatch(
        rf"usage-by-model_2026-11-23_2026-11-23_account-444455556666_model-amazon\.nova-pro.*\.{format_name}",
        found.suggested_filename,
    )
    found.save_as(tmp_path / "file")
    text = (tmp_path / "file").read_text("utf-8-sig")
    if format_name == "csv":
        head, row, total = text.splitlines()
        assert head.startswith("Model,Model id,Model route,Est. cost,Share,Invocations")
        assert row.startswith(f"Nova Pro,{NOVA},us,")
        assert total.split(",")[3] == row.split(",")[3]
    else:
        document = json.loads(text)
        assert document["filters"] == {"account": ["444455556666"], "model": [NOVA]}
        assert document["rows"][0]["Est. cost"] == document["totals"][0]["Est. cost"]


def test_the_figures_and_what_changed_are_downloaded_too(visit: Visit, tmp_path: Path) -> None:
    page = visit.open("?range=yesterday")
    for name, first in (("the figures of this page", "Figure,Unit"), ("what changed most", "Model,Model id")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=f"Download {name} as CSV").click()
        waiting.value.save_as(tmp_path / "file")
        assert (tmp_path / "file").read_text("utf-8-sig").startswith(first)


def test_hostile_values_of_filters_are_text(visit: Visit) -> None:
    page = visit.open("?meta.%3Cb%3E=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&compare=off")
    expect(page.locator(".filter-chip")).to_have_text("<b>:<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Caller", exact=True).click()
    expect(page.locator("#picker-list")).to_contain_text(HOSTILE_CALLER)
    assert page.locator("img").count() == 0


def test_what_the_pages_do_not_hold_is_asked_of_the_lake_and_said_so(visit: Visit) -> None:
    page = visit.open("?compare=off&meta.team=shop&refresh=off&callers-view=table")
    expect(page.locator("#model-note")).to_contain_text(NOTE)
    expect(page.locator("#model-chart .annotation", has_text="Nova Pro")).to_be_visible()
    expect(page.locator("#caller-table")).to_contain_text("agent-runner/*")
    expect(page.locator("#lead-value")).to_have_text("$4.00")
    expect(page.locator("#overview-note")).to_contain_text(NOTE)
    expect(page.locator("#model-message")).to_be_empty()


def test_a_question_to_the_lake_can_be_left_given_up_and_asked_again(
    visit: Visit, lake: AskedLakeFake
) -> None:
    lake.polls = 1_000
    try:
        page = visit.page
        page.goto(f"{visit.served.address}/?compare=off&meta.team=support&refresh=off")
        expect(page.locator("#model-message")).to_contain_text("Asking the event lake")
        page.get_by_role("link", name="Probe").click()
        expect(page.get_by_role("heading", name="A probe")).to_be_visible()
        page.wait_for_timeout(1500)
        page.go_back()
        expect(page.locator("#model-message")).to_contain_text("Asking the event lake")
        page.locator("#model-message").get_by_role("button", name="Cancel").click()
        expect(page.locator("#model-message")).to_contain_text("not asked to the end")
        assert lake.cancelled
    finally:
        lake.polls = 2
    page.locator("#model-message").get_by_role("button", name="Ask again").click()
    expect(page.locator("#model-note")).to_contain_text(NOTE)


def test_a_page_whose_session_has_ended_says_so_and_stops_asking(visit: Visit) -> None:
    page = visit.page
    page.clock.install(time=visit.served.office.now + timedelta(seconds=70))
    visit.open("?refresh=10")

    def ended(route: Route) -> None:
        route.fulfill(status=204, headers={"X-Session": "ended", "X-Sign-In": "/login"})

    page.route("**/_dash-update-component*", ended)
    page.keyboard.press("r")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    way_back = page.get_by_role("link", name="Sign in again")
    expect(way_back).to_have_attribute("href", "/login?next=%2F%3Frefresh%3D10")
    expect(page.locator("main")).to_have_js_property("inert", True)
    visit.settle()
    visit.answers.clear()
    page.clock.run_for(60_000)
    visit.settle()
    assert visit.answers == []
    page.unroute("**/_dash-update-component*")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signed-out")).to_be_hidden()


def test_a_deployment_that_does_not_answer_is_told_from_expired_credentials_and_both_recover(
    chromium: Browser,
) -> None:
    office = Office(days=8)
    office.fill()
    for served in serve_office(office, (overview.PAGE,)):
        for visit in visit_of(chromium, served):
            page = visit.page
            served.broken = True
            page.goto(f"{served.address}/?refresh=off")
            expect(page.locator("#alarm")).to_contain_text("do not answer")
            served.broken = False
            page.keyboard.press("r")
            expect(page.locator("#lead-value")).to_contain_text("$")
            expect(page.locator("#alarm")).to_be_hidden()
            served.failure = CredentialsExpired("Run `aws sso login`, then reload.")
            page.keyboard.press("r")
            expect(page.locator("#expired")).to_contain_text("aws sso login")
            expect(page.locator("html")).to_have_attribute("data-expired", "")
            expect(page.locator("#alarm")).to_be_hidden()
            served.failure = None
            page.locator("#expired").get_by_role("button", name="Try again").click()
            expect(page.locator("#expired")).to_be_hidden()


def test_on_a_phone_pages_and_filters_are_reachable(chromium: Browser, framed: Served) -> None:
    for visit in visit_of(chromium, framed, PHONE):
        page = visit.open()
        page.get_by_role("button", name="Filters").click()
        pick(page, "Account", "Production")
        page.keyboard.press("Escape")
        expect(page.locator("#filters")).to_be_hidden()
        expect(page.locator("#filter-count")).to_have_text("1")
        page.get_by_role("link", name="Bare").click()
        expect(page.get_by_role("heading", name="A bare page")).to_be_visible()
        assert fits(page)


def test_every_time_zone_is_offered(visit: Visit) -> None:
    page = visit.open()
    page.locator("#zone").select_option("America/St_Johns")
    expect(page.locator("#resolved")).to_contain_text("America/St_Johns (UTC-3:30)")
    expect_query(page, {"zone": ["America/St_Johns"]})


def test_a_custom_range_is_set_by_its_controls(visit: Visit) -> None:
    page = visit.open()
    page.locator("#range").select_option("custom")
    page.locator("#from").fill("2026-11-20T10:00")
    page.locator("#from").press("Enter")
    page.locator("#to").fill("2026-11-20T12:30")
    page.locator("#to").press("Enter")
    expect(page.locator("#resolved")).to_contain_text("20 Nov 10:00 → 20 Nov 12:30")
    expect_query(page, {"range": ["custom"], "from": ["2026-11-20T10:00"], "to": ["2026-11-20T12:30"]})
