"""A dashboard served in this process and a Chromium that looks at it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect, sync_playwright

from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from dashboard.app import create_app
from dashboard.lake_source import AskedLake, LakeBackedSource
from dashboard.pages.page import Page as DashboardPage
from dashboard.pages.registry import PAGES
from dashboard.queries import Queries, UsageSource
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.browser.demo_process import Demo, run_demo
from tests.browser.office_usage import ACCOUNT_NAMES, Office
from tests.browser.real_office import RealOffice
from tests.browser.real_office import served as serve_real_office
from tests.browser.serving import serving
from tests.browser.waiting import PATIENCE_MS, settle
from tests.fakes.memory_table import InterruptedTable

DESKTOP, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(slots=True)
class Served:
    """A served dashboard over an office's usage; while `broken`, its table does not answer, and while there
    is a `failure`, it raises that."""

    office: Office
    address: str = ""
    broken: bool = False
    failure: Exception | None = None
    reads: int = 0

    def before_read(self) -> None:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        if self.broken:
            raise TableUnavailable("the table is switched off by the test")


def serve_office(
    office: Office, pages: Sequence[DashboardPage] = PAGES, lake: AskedLake | None = None
) -> Iterator[Served]:
    served = Served(office)
    table = UsageTable(InterruptedTable(office.memory, served.before_read), Retention())
    settings = DashboardSettings(zone=ZoneInfo("Europe/Vienna"), account_names=ACCOUNT_NAMES)
    reader: UsageSource = UsageReader(table, lambda: office.now, pause=lambda _: None)
    source = reader if lake is None else LakeBackedSource(reader, lake)
    queries = Queries(source, settings, now=lambda: office.now)
    services = Services(settings=settings, queries=queries, lake=lake)
    app = create_app(services, pages=pages)
    with serving(app) as served.address:
        yield served


@pytest.fixture(scope="session")
def shared() -> Iterator[Served]:
    """A dashboard that no test changes."""
    office = Office()
    office.fill()
    yield from serve_office(office)


@pytest.fixture
def served() -> Iterator[Served]:
    """A dashboard of its own, with a week of usage."""
    office = Office(days=8)
    office.fill()
    yield from serve_office(office)


@pytest.fixture
def empty() -> Iterator[Served]:
    """A dashboard of a deployment that has seen no call."""
    yield from serve_office(Office())


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo, which no test stops."""
    yield from run_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def real_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealOffice]:
    """A data directory with hostile texts and its page, which no test changes."""
    with serve_real_office(tmp_path_factory.mktemp("real")) as office:
        yield office


@pytest.fixture(scope="session")
def chromium(browser_executable: str | None) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@dataclass  # without slots: Playwright remembers its handlers on their owner
class Visit:
    """A browser tab, and everything that should not have happened in it."""

    page: Page
    served: Served
    faults: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    pending: int = 0

    def open(self, address: str = "") -> Page:
        """Open a page of the dashboard, such as `cost?range=30d`, and wait for its numbers."""
        self.page.goto(f"{self.served.address}/{address}")
        self.page.locator("#main").wait_for()
        if not address.partition("?")[0]:
            self.page.locator("#lead-value", has_text="$").wait_for()
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the page has nothing to ask and nothing to do."""
        settle(self.page, lambda: self.pending)

    @contextmanager
    def answered(self) -> Iterator[None]:
        """Wait until what is done in here is answered by the dashboard."""
        with self.page.expect_response(lambda answer: "_dash-update-component" in answer.url):
            yield

    def value(self, identity: str) -> str:
        return self.page.locator(f"#{identity}").inner_text()

    def watch(self) -> None:
        """Note every message on the console, every foreign request and every failed answer."""
        self.page.on("console", lambda message: self.faults.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._note_request)
        self.page.on("response", self._note_response)
        self.page.on("requestfinished", self._note_end)
        self.page.on("requestfailed", self._note_end)

    def _note_request(self, request: Request) -> None:
        self.pending += 1
        if not request.url.startswith((self.served.address, "data:", "blob:")):
            self.faults.append(f"a request to {request.url}")

    def _note_end(self, _request: Request) -> None:
        self.pending -= 1

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} of {response.url}")
        if "_dash-update-component" in response.url:
            self.answers.append(response)

    def figures_sent(self) -> int:
        """How many figures the answers noted so far brought."""
        bodies = [answer.text() for answer in self.answers if answer.status == 200]
        return sum(
            "figure" in props for body in bodies for props in json.loads(body).get("response", {}).values()
        )


def visit_of(
    browser: Browser, served: Served, size: tuple[int, int] = DESKTOP, theme: str = "light"
) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Europe/Vienna",
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.clock.set_fixed_time(served.office.now + timedelta(seconds=70))
    visit = Visit(page, served)
    visit.watch()
    yield visit
    context.close()
    assert visit.faults == []


@pytest.fixture
def visit(chromium: Browser, shared: Served) -> Iterator[Visit]:
    """A tab on the shared dashboard."""
    yield from visit_of(chromium, shared)


@pytest.fixture
def own_visit(chromium: Browser, served: Served) -> Iterator[Visit]:
    """A tab on a dashboard that the test may change."""
    yield from visit_of(chromium, served)
