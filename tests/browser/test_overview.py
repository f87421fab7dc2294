"""The overview, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, TABLET, Served, Visit, visit_of
from tests.browser.office_usage import HOSTILE_CALLER
from tests.browser.waiting import eventually, expect_query, fits, query_of

CARDS = ("invocations", "input", "output", "cache", "latency", "tpot", "errors", "hits")
PANELS = {"trend": 2, "kind": 2, "model": 3, "caller": 3}
"""Panels and how many views each has."""
NOTE_TEXTS = """node => {
  node.keptTexts = [];
  const note = () => node.keptTexts.push(node.textContent);
  new MutationObserver(note).observe(node, {childList: true, characterData: true, subtree: true});
}"""
"""Keeps what a node has said, which is gone again before a busy machine looks."""


def choose(page: Page, control: str, text: str) -> None:
    """Press a button of a row of buttons."""
    page.locator(f"#{control} label", has_text=re.compile(f"^{text}$")).click()


def test_the_first_screen_tells_cost_change_freshness_and_completeness(visit: Visit) -> None:
    page = visit.open()
    texts: dict[str, str | re.Pattern[str]] = {
        "lead-value": re.compile(r"^≥ \$[\d,]+\.\d\d$"),
        "lead-delta": re.compile(r"[▲▼] [\d.]+ % · \$[\d,.]+ (more|less)"),
        "lead-baseline": re.compile(r"in the previous 7 days \(11 Nov 00:00 → 17 Nov 15:00\)"),
        "lead-complete": re.compile("Claude Unlisted 9"),
        "fresh-time": "15:12",
        "fresh-age": "1 min ago",
        "resolved": "18 Nov 00:00 → 24 Nov 15:30 · Europe/Vienna (UTC+1)",
        "compared": "vs previous 7 days",
        **{f"card-{name}-value": re.compile(r"\d") for name in CARDS},
    }
    for identity, text in texts.items():
        expect(page.locator(f"#{identity}")).to_have_text(text, use_inner_text=True)
    expect(page.locator("#movers li")).to_have_count(5)
    bottom = page.locator(".cards").bounding_box()
    assert bottom is not None
    assert bottom["y"] + bottom["height"] < DESKTOP[1]


def test_a_range_changes_the_numbers_and_the_address_and_a_link_brings_them_back(visit: Visit) -> None:
    page = visit.open()
    week = visit.value("card-invocations-value")
    page.locator("#range").select_option("today")
    expect(page.locator("#resolved")).to_contain_text("24 Nov 00:00 → 24 Nov 15:30")
    expect(page.locator("#card-invocations-value")).not_to_have_text(week)
    visit.settle()
    today = visit.value("card-invocations-value")
    expect(page).to_have_url(f"{visit.served.address}/?range=today")
    page.reload()
    page.locator("#lead-value", has_text="$").wait_for()
    expect(page.locator("#card-invocations-value")).to_have_text(today)
    expect(page.locator("#range")).to_have_value("today")
    page.locator("#range").select_option("7d")
    expect(page.locator("#card-invocations-value")).to_have_text(week)
    expect(page).to_have_url(f"{visit.served.address}/")


@pytest.mark.parametrize("theme", ["light"])
def test_every_view_of_every_panel_shows_its_numbers(chromium: Browser, shared: Served, theme: str) -> None:
    for visit in visit_of(chromium, shared, theme=theme):
        page = visit.open()
        for panel, views in PANELS.items():
            for view in ("Chart", "Pie", "Table") if views == 3 else ("Chart", "Table"):
                choose(page, f"{panel}-look", view)
                visit.settle()
                shown = page.locator(f"#{panel}-table" if view == "Table" else f"#{panel}-chart")
                expect(shown).to_be_visible()
                if view == "Table":
                    expect(shown.locator(".ag-floating-bottom")).to_contain_text("Total")
                    expect(shown.locator(".ag-center-cols-container .ag-row").first).to_contain_text("$")
                else:
                    marks = ".slice" if view == "Pie" else ".point"
                    expect(shown.locator(f".js-plotly-plot {marks}").nth(4)).to_be_attached()


def test_the_total_of_every_table_is_the_cost_of_the_lead_tile(visit: Visit) -> None:
    page = visit.open("?models-view=table&callers-view=table&trend-view=table&kinds-view=table")
    lead = visit.value("lead-value").removeprefix("≥ ")
    for panel in PANELS:
        expect(page.locator(f"#{panel}-table .ag-floating-bottom")).to_contain_text(lead)


def test_measures_and_stacking_change_the_trend_and_stand_in_the_address(visit: Visit) -> None:
    page = visit.open()
    choose(page, "trend-measure", "Invocations")
    page.locator("#trend-by").select_option("account")
    expect(page.locator("#trend-legend li")).to_have_text(
        ["Production", "Data science lab", "Customer support"]
    )
    page.locator("#trend-model").select_option(label="Nova Pro")
    expect(page.locator("#trend-legend li")).to_have_text(["Data science lab"])
    expect_query(page, {"trend": ["invocations"], "by": ["account"], "trend-model": ["amazon.nova-pro-v1:0"]})


def test_a_refresh_brings_new_data_in_place(own_visit: Visit) -> None:
    page = own_visit.open("?range=today&refresh=off")
    before = own_visit.value("card-invocations-value")
    nodes = [
        "#card-invocations-value",
        "#lead-value",
        "#trend-chart .js-plotly-plot",
        "#trend-chart svg",
        ".tile.lead",
    ]
    for selector in nodes:
        page.locator(selector).first.evaluate("node => { node.keptMark = 'kept'; }")
    page.evaluate("() => { window.keptMark = 'kept'; }")
    own_visit.served.office.go_on(timedelta(hours=2))
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("#card-invocations-value")).not_to_have_text(before)
    own_visit.settle()
    for selector in nodes:
        assert page.locator(selector).first.evaluate("node => node.keptMark") == "kept", selector
    assert page.evaluate("window.keptMark") == "kept"


def test_a_refresh_with_nothing_new_reads_one_row_and_sends_nothing(own_visit: Visit) -> None:
    page = own_visit.open("?refresh=off")
    own_visit.answers.clear()
    reads = own_visit.served.reads
    with own_visit.answered():
        page.get_by_role("button", name="Refresh now").click()
    own_visit.settle()
    assert [answer.status for answer in own_visit.answers] == [204]
    assert own_visit.served.reads == reads + 1


def test_new_data_sends_figures_once(own_visit: Visit) -> None:
    page = own_visit.open("?refresh=off")
    own_visit.served.office.go_on(timedelta(minutes=30))
    own_visit.answers.clear()
    with own_visit.answered():
        page.get_by_role("button", name="Refresh now").click()
    own_visit.settle()
    assert own_visit.figures_sent() == 5


def test_the_timer_refreshes_and_a_hidden_tab_does_not(own_visit: Visit) -> None:
    page = own_visit.page
    page.clock.install(time=own_visit.served.office.now + timedelta(seconds=70))
    own_visit.open("?refresh=300")  # longer than a busy machine takes for all of this
    own_visit.answers.clear()
    with own_visit.answered():
        page.clock.run_for(300_500)
    own_visit.settle()
    assert [answer.status for answer in own_visit.answers] == [204]
    hide = "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});"
    page.evaluate(hide + " document.dispatchEvent(new Event('visibilitychange')); }", True)
    page.clock.run_for(900_000)
    own_visit.settle()
    assert len(own_visit.answers) == 1
    with own_visit.answered():
        page.evaluate(hide + " document.dispatchEvent(new Event('visibilitychange')); }", False)
    own_visit.settle()
    assert len(own_visit.answers) == 2


@pytest.mark.parametrize(("size", "theme"), [(TABLET, "light"), (PHONE, "dark")], ids=["tablet", "phone"])
def test_nothing_is_wider_than_the_screen(
    chromium: Browser, shared: Served, size: tuple[int, int], theme: str
) -> None:
    for visit in visit_of(chromium, shared, size, theme):
        page = visit.open("?models-view=table")
        assert fits(page)
        box = page.locator("#model-table").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]


@pytest.fixture
def phone(chromium: Browser, shared: Served) -> Iterator[Visit]:
    yield from visit_of(chromium, shared, PHONE)


def test_on_a_phone_cards_stand_two_abreast_and_filters_lie_in_a_drawer(phone: Visit) -> None:
    page = phone.open()
    expect(page.locator(".card-tile")).to_have_count(8)
    boxes = [box.bounding_box() for box in page.locator(".card-tile").all()]
    rows = {round(box["y"]) for box in boxes if box is not None}
    assert (len(boxes), len(rows)) == (8, 4)
    expect(page.locator("#range")).to_be_hidden()
    page.get_by_role("button", name="Filters").click()
    expect(page.locator("#drawer-close")).to_be_focused()
    page.locator("#range").select_option("24h")
    expect(page.locator("#resolved")).to_contain_text("23 Nov 15:00")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.getElementById('filters').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#range")).to_be_hidden()
    expect(page.locator("[data-drawer=open]")).to_be_focused()
    assert fits(page)


def test_the_theme_is_switched_everywhere_and_kept(visit: Visit) -> None:
    page = visit.open("?models-view=table")
    ink = "#trend-chart .ytick text"
    light = page.locator(ink).first.evaluate("node => getComputedStyle(node).fill")
    grid = "#model-table .ag-root-wrapper"
    paper = page.locator(grid).evaluate("node => getComputedStyle(node).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator(ink).first).not_to_have_css("fill", light)
    expect(page.locator(grid)).not_to_have_css("background-color", paper)
    page.reload()
    page.wait_for_load_state("domcontentloaded")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.locator("#lead-value", has_text="$").wait_for()
    visit.settle()
    expect(page.locator(ink).first).not_to_have_css("fill", light)


def test_a_hostile_caller_is_shown_as_text(visit: Visit) -> None:
    page = visit.open("?callers=invocations&by=caller&trend=invocations&account=777788889999")
    expect(page.locator("#trend-legend")).to_contain_text(HOSTILE_CALLER)
    expect(page.locator("#caller-chart .annotation", has_text=HOSTILE_CALLER)).to_be_visible()
    choose(page, "caller-look", "Table")
    expect(page.locator("#caller-table")).to_contain_text(HOSTILE_CALLER)
    assert page.locator("img").count() == 0


def test_no_chart_can_be_sent_to_another_host(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator(".js-plotly-plot")).to_have_count(5)
    expect(page.locator(".modebar-btn").first).to_be_attached()
    buttons = page.locator(".modebar-btn").evaluate_all("nodes => nodes.map(node => node.dataset.title)")
    assert set(buttons) == {"Download plot as a PNG"}
    plots = page.locator(".js-plotly-plot").evaluate_all(
        "nodes => nodes.map(node => [node._context.plotlyServerURL, node._context.showSendToCloud])"
    )
    assert plots == [["", False]] * 5


def test_the_link_that_is_copied_says_zone_interval_and_an_absolute_range(visit: Visit) -> None:
    page = visit.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lead = visit.value("lead-value")
    copied = page.locator("#copied")
    copied.evaluate(NOTE_TEXTS)
    page.get_by_role("button", name="Copy link").click()
    eventually(page, lambda: "Copied" in copied.evaluate("node => node.keptTexts"), True)
    link = page.evaluate("navigator.clipboard.readText()")
    assert query_of(link) == {
        "range": ["custom"],
        "from": ["2026-11-17T23:00:00+00:00"],
        "to": ["2026-11-24T14:30:00+00:00"],
        "zone": ["Europe/Vienna"],
        "interval": ["auto"],
    }
    page.goto(link)
    expect(page.locator("#lead-value")).to_have_text(lead)
    expect(page.locator("#from")).to_have_value("2026-11-18T00:00")


def test_a_number_tells_how_it_was_computed_and_from_when(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("button", name="About Invocations").press("Enter")
    shown = page.locator(".popover")
    expect(shown).to_contain_text("Each request id counts once")
    expect(shown).to_contain_text(re.compile(r"[\d,]+ calls · calls of 18 Nov 00:00 → 24 Nov 15:30"))


def test_a_deployment_without_usage_says_what_to_do_next(chromium: Browser, empty: Served) -> None:
    for visit in visit_of(chromium, empty):
        visit.page.goto(visit.served.address)
        expect(visit.page.locator(".nothing")).to_contain_text("Turn on model invocation logging")
        expect(visit.page.locator("#outlet")).to_be_hidden()


def test_filters_without_a_match_say_so(visit: Visit) -> None:
    page = visit.open("?trend-model=amazon.nova-pro-v1:0&trend-caller=agent-runner/*")
    expect(page.locator("#trend-message")).to_contain_text("No usage matches these filters.")
    expect(page.locator("#trend-chart")).to_be_hidden()
    page.locator("#trend-message").get_by_role("button", name="Clear filters").click()
    expect(page.locator("#trend-chart .point").first).to_be_attached()
    expect(page.locator("#trend-message")).to_be_empty()


@pytest.mark.parametrize("recovery", ["Try again", "Refresh now"])
def test_a_table_that_does_not_answer_leaves_the_last_good_numbers_and_recovers(
    own_visit: Visit, recovery: str
) -> None:
    page = own_visit.open("?refresh=off")
    lead = own_visit.value("lead-value")
    own_visit.served.broken = True
    page.get_by_role("button", name="Refresh now").click()
    expect(page.locator("#alarm")).to_contain_text("do not answer")
    assert own_visit.value("lead-value") == lead
    choose(page, "model-look", "Pie")
    expect(page.locator("#model-chart .slice").first).to_be_visible()  # of numbers that are known
    page.locator("#trend-by").select_option("account")
    expect(page.locator("#trend-message")).to_contain_text("could not be refreshed")
    own_visit.served.broken = False
    page.get_by_role("button", name=recovery).click()
    expect(page.locator("#trend-message")).to_be_empty()
    expect(page.locator("#alarm")).to_be_hidden()
    expect(page.locator("#trend-legend")).to_contain_text("Customer support")


@pytest.mark.parametrize(("minutes", "state"), [(14, "ok"), (16, "amber"), (31, "red")])
def test_late_data_turns_amber_and_red(own_visit: Visit, minutes: int, state: str) -> None:
    page = own_visit.page
    page.clock.set_fixed_time(own_visit.served.office.now + timedelta(minutes=minutes))
    own_visit.open()
    expect(page.locator("#fresh")).to_have_class(f"fresh fresh-{state}")
    expect(page.locator("#alarm")).to_be_visible(visible=state == "red")


def test_keyboard_alone_reaches_the_range_and_a_view(visit: Visit) -> None:
    page = visit.open()
    page.locator("#range").focus()
    page.keyboard.press("Home")
    expect(page.locator("#resolved")).to_contain_text("24 Nov 14:00")
    page.locator("#model-look input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#model-chart .slice").first).to_be_visible()
