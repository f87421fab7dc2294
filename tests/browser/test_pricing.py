"""The pricing page on a real data directory: from a call without a price to numbers at the new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.serving import services_of
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from dashboard.app import create_app
from dashboard.settings import DashboardSettings
from tests.browser.conftest import DESKTOP, PHONE, TABLET
from tests.browser.serving import serving
from tests.browser.waiting import PATIENCE_MS, fits, still
from tests.fakes.log_lines import line, record

MYSTERY = "mistral.meridian-large-2611-v1:0"
HOSTILE = "<script>alert(1)</script>"


@dataclass(slots=True)
class Office:
    """A data directory with a few calls of an hour ago, some of a model in no price list, and its page."""

    folder: Path
    address: str = ""
    faults: list[str] = field(default_factory=list)

    def log(self) -> None:
        """Write a log object with four calls."""
        moment = datetime.now(UTC) - timedelta(hours=1)
        models = ("amazon.nova-lite-v1:0", MYSTERY, MYSTERY, f"vendor.{HOSTILE}")
        lines = [
            record(
                requestId=f"r-{number}",
                modelId=model,
                timestamp=f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                input={"inputTokenCount": 1_000_000},
                output={"outputTokenCount": 100_000},
            )
            for number, model in enumerate(models)
        ]
        (self.folder / "logs").mkdir()
        (self.folder / "logs" / "calls.json").write_bytes(b"\n".join(map(line, lines)))

    def compute(self) -> None:
        """Do what the running deployment does every minute."""
        arguments = (
            "local",
            str(self.folder / "logs"),
            "--data-dir",
            str(self.folder / "data"),
            "--no-serve",
        )
        result = CliRunner().invoke(main, [*arguments, "--quiet"], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr


def served(folder: Path) -> Iterator[Office]:
    office = Office(folder)
    office.log()
    office.compute()
    deployment = EmbeddedDeployment(DataDirectory.open(office.folder / "data"))
    app = create_app(services_of(deployment, DashboardSettings()))
    with serving(app) as office.address:
        yield office
    deployment.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office that no test changes."""
    yield from served(tmp_path_factory.mktemp("office"))


@pytest.fixture
def own_office(tmp_path: Path) -> Iterator[Office]:
    """An office that the test may change."""
    yield from served(tmp_path)


def tab_of(
    browser: Browser, office: Office, size: tuple[int, int] = DESKTOP, theme: str = "light"
) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(f"a dialog: {dialog.message}"))
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def page(chromium: Browser, office: Office) -> Iterator[Page]:
    yield from tab_of(chromium, office)


def open_pricing(page: Page, office: Office, query: str = "") -> None:
    page.goto(f"{office.address}/pricing{query}")
    expect(page.locator("#pricing-facts")).to_contain_text("Price list")
    expect(page.locator("#pricing-cards-grid .ag-row").first).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (TABLET, "light"), (PHONE, "dark")])
def test_it_fits_and_is_accessible_in_every_width_and_theme(
    chromium: Browser, office: Office, size: tuple[int, int], theme: str
) -> None:
    for page in tab_of(chromium, office, size, theme):
        open_pricing(page, office)
        assert fits(page)
        _no_serious_findings(page)
        page.locator("#pricing-unpriced").get_by_role("button", name=re.compile("Set a price")).first.click()
        expect(page.locator(".price-form")).to_be_visible()
        still(page)  # the panel has slid in, and its colours are those that stay
        _no_serious_findings(page)


def _no_serious_findings(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in serious] == []


def test_a_name_from_the_logs_is_shown_as_text(page: Page, office: Office) -> None:
    open_pricing(page, office)
    expect(page.locator("#pricing-unpriced")).to_contain_text(HOSTILE)
    page.locator("#pricing-unpriced").get_by_role("button", name=re.compile("script")).last.click()
    expect(page.locator(".price-form")).to_contain_text(HOSTILE)


def test_a_search_and_the_open_model_are_in_the_address(page: Page, office: Office) -> None:
    open_pricing(page, office)
    page.keyboard.press("/")
    page.keyboard.type("sonnet 4.6")
    expect(page).to_have_url(re.compile(r"search=sonnet"))
    row = page.locator("#pricing-cards-grid").get_by_role("button", name="Claude Sonnet 4.6").first
    row.click()
    expect(page.locator("#pricing-side-title")).to_have_text("Prices of Claude Sonnet 4.6")
    expect(page).to_have_url(re.compile(r"price-of=anthropic\.claude-sonnet-4-6"))
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#pricing-side-title", has_text="Prices of Claude Sonnet 4.6").wait_for()
    other.close()
    page.keyboard.press("Escape")
    expect(page.locator("#pricing-side")).to_be_hidden()
    expect(page).not_to_have_url(re.compile(r"price-of"))


def field_of(page: Page, label: str) -> str:
    return f".price-form >> role=textbox[name='{label}']"


def test_a_model_without_a_price_is_priced_by_keyboard_and_its_calls_are_repriced(
    page: Page, own_office: Office
) -> None:
    office = own_office
    page.goto(f"{office.address}/")
    expect(page.locator("#attention")).to_contain_text("unpriced")
    expect(page.locator("#lead-value")).to_contain_text("≥")
    open_pricing(page, office)
    unpriced = page.locator("#pricing-unpriced")
    button = unpriced.get_by_role("button", name="Set a price of Meridian Large 2611")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(field_of(page, "Input")).fill("two")
    page.keyboard.press("Enter")
    expect(page.locator("#pricing-told")).to_contain_text("“two” is no number of dollars")
    page.locator(field_of(page, "Input")).fill("2")
    page.locator(field_of(page, "Output")).fill("7.5")
    page.locator(field_of(page, "Note")).fill(HOSTILE)
    page.keyboard.press("Enter")
    expect(page.locator("#pricing-saved")).to_have_text("Price entered.")
    expect(page.locator("#pricing-side-title")).to_have_text("Prices of Meridian Large 2611")
    expect(page.locator("#pricing-side")).to_contain_text(HOSTILE)
    progress = page.locator("#pricing-progress")
    expect(progress).to_contain_text("Calls of Meridian Large 2611 at the new price: waits")
    page.keyboard.press("Escape")
    office.compute()
    expect(progress).to_contain_text("Calls of Meridian Large 2611 at the new price: done")
    expect(unpriced).not_to_contain_text("Meridian")
    expect(page.locator(".price-side")).to_be_hidden()
    _price_the_rest(page, office)
    page.goto(f"{office.address}/")
    expect(page.locator("#lead-value")).not_to_contain_text("≥")
    expect(page.locator("#attention")).not_to_contain_text("unpriced")
    # nova-lite 1M × $0.06 + 0.1M × $0.24, and twice 1M × $2 + 0.1M × $7.50, and one call at $1
    expect(page.locator("#lead-value")).to_have_text("$6.58")


def _price_the_rest(page: Page, office: Office) -> None:
    page.locator("#pricing-unpriced").get_by_role("button", name=re.compile("Set a price")).click()
    page.locator(field_of(page, "Input")).fill("1")
    page.locator(field_of(page, "Output")).fill("0")
    page.get_by_role("button", name="Save and reprice").click()
    expect(page.locator("#pricing-side-title")).to_contain_text(HOSTILE)
    page.keyboard.press("Escape")
    office.compute()
    expect(page.locator("#pricing-unpriced")).to_contain_text("Every call of the last 90 days has a price")
