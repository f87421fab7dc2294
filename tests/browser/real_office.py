"""A data directory of a few logged calls, hostile texts among them, and its page over every service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from click.testing import CliRunner
from playwright.sync_api import Browser, Page, Request

from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.serving import services_of
from bedrock_analytics.domain.errors import TableUnavailable
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_deployment import USAGE_TABLE, EmbeddedDeployment
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.item_table import Key, Value
from dashboard.app import create_app
from dashboard.auth.access import Access
from dashboard.pages.registry import PAGES
from dashboard.services import Services
from dashboard.settings import DashboardSettings
from tests.browser.serving import serving
from tests.browser.waiting import PATIENCE_MS, settle
from tests.fakes.log_lines import line, record

DESKTOP: Final = (1440, 900)
ACCOUNT, REGION = "111122223333", "us-east-1"
SCRIPT: Final = "<script>alert(1)"
HOSTILE: Final = (  # without slashes, which IAM has in paths of names
    SCRIPT,
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "\u202egnol txet\u202c",
    "🎈👩\u200d👩\u200d👧",
    '=HYPERLINK("#x")',
    "+1+cmd",
    "-2-cmd",
    "@SUM(A1)",
    "nul\x00l",
    "%{customdata[0]}",
    "tab\tand\nbreak",
    "W" * 500,
)
TOO_LONG: Final = "M" * 10_000
"""Longer than any name that AWS allows: the call counts, the text is left away."""
KEY: Final = "<b>key</b>"
"""A metadata key."""
PROFILE: Final = (
    f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/<img src=x onerror=alert(4)>"
)
UNPRICED: Final = "mistral.meridian-large-2611-v1:0"


def lines(moment: datetime) -> list[dict[str, Any]]:
    """Calls of the last hour: each hostile text as caller, metadata value, error code, model and request
    id; a model without a price; a profile; and a line that is no call."""
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    common = {"timestamp": stamp, "accountId": ACCOUNT, "region": REGION}
    found = [
        record(
            **common,
            requestId=f"r-{number}-{text[:40]}",
            identity={"arn": f"arn:aws:iam::{ACCOUNT}:user/{text}"},
            requestMetadata={"team": text, KEY: text},
            modelId=f"vendor.{text}" if number % 2 else "us.amazon.nova-pro-v1:0",
            errorCode=None if number % 3 else text,
        )
        for number, text in enumerate(HOSTILE)
    ]
    plain = [
        record(**common, requestId=f"plain-{number}", modelId=model, requestMetadata={"team": "shop"})
        for number, model in enumerate((UNPRICED, PROFILE, "us.amazon.nova-pro-v1:0"))
    ]
    long = record(
        **common,
        requestId="long",
        identity={"arn": f"arn:aws:iam::{ACCOUNT}:user/{TOO_LONG}"},
        requestMetadata={"team": TOO_LONG},
        errorCode=TOO_LONG,
    )
    return [*found, *plain, long, record(**common, requestId=None)]


@dataclass(slots=True)
class RealOffice:
    """The data directory and its page; while `broken`, its usage table does not answer."""

    folder: Path
    address: str = ""
    services: Services | None = None
    broken: bool = False
    reads: int = 0

    def log(self, name: str, moment: datetime) -> None:
        """Write a log object, and compute it."""
        (self.folder / "logs").mkdir(exist_ok=True)
        (self.folder / "logs" / name).write_bytes(b"\n".join(map(line, lines(moment))))
        self.compute()

    def compute(self) -> None:
        """Read and compute what there is."""
        tags = ("--tag", "team", "--tag", KEY)
        places = (str(self.folder / "logs"), "--data-dir", str(self.folder / "data"))
        result = CliRunner().invoke(
            main, ["local", *places, "--no-serve", "--quiet", *tags], catch_exceptions=False
        )
        assert result.exit_code == 0, result.stderr

    def before_read(self) -> None:
        self.reads += 1
        if self.broken:
            raise TableUnavailable("the table is switched off by the test")


class WatchedItems(SQLiteTable):
    """An item table of a data directory, whose reads are counted and may be refused."""

    def __init__(self, office: RealOffice, directory: DataDirectory) -> None:
        super().__init__(directory.tables_file, USAGE_TABLE, read_only=True)
        self._office = office

    def get(self, key: Key, *, consistent: bool = False) -> dict[str, Value] | None:
        self._office.before_read()
        return super().get(key, consistent=consistent)

    def query(
        self,
        pk: str,
        *,
        start: str | None = None,
        end: str | None = None,
        consistent: bool = False,
        descending: bool = False,
    ) -> Iterator[dict[str, Value]]:
        self._office.before_read()
        return super().query(pk, start=start, end=end, consistent=consistent, descending=descending)


class WatchedDeployment(EmbeddedDeployment):
    """The deployment of an office's data directory over its watched items."""

    def __init__(self, office: RealOffice) -> None:
        super().__init__(DataDirectory.open(office.folder / "data"))
        self._usage_items = WatchedItems(office, self.directory)


@contextmanager
def served(folder: Path, access: Access | None = None, *, is_empty: bool = False) -> Iterator[RealOffice]:
    """An office that is served as long as it is needed."""
    office = RealOffice(folder)
    if is_empty:
        (folder / "logs").mkdir()
        office.compute()
    else:
        office.log("calls.json", datetime.now(UTC) - timedelta(minutes=50))
    deployment = WatchedDeployment(office)
    office.services = services_of(deployment, DashboardSettings(zone=ZoneInfo("UTC")))
    app = create_app(office.services, access, PAGES) if access else create_app(office.services, pages=PAGES)
    with serving(app) as office.address:
        yield office
    deployment.close()


@dataclass  # without slots: Playwright remembers its handlers on their owner
class Tab:
    """A tab, and everything that should not have happened in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    asked: int = 0
    pending: int = 0

    def watch(self) -> None:
        self.page.on("console", lambda message: self.faults.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._begun)
        self.page.on("requestfinished", self._ended)
        self.page.on("requestfailed", self._ended)

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _begun(self, request: Request) -> None:
        self.pending += 1
        self.asked += "_dash-update-component" in request.url
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"a request to {request.url}")

    def _ended(self, _request: Request) -> None:
        self.pending -= 1

    def settle(self) -> None:
        """Wait until nothing is asked any more, of the event lake neither."""
        settle(self.page, lambda: self.pending or self.page.locator(".message-lake").count())

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Wait until the page asks something because of what is done in here."""
        with self.page.expect_request(lambda request: "_dash-update-component" in request.url):
            yield

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}/{path}")
        self.page.locator("#main").wait_for()
        self.settle()
        return self.page


def tab_of(browser: Browser, office: RealOffice, size: tuple[int, int] = DESKTOP) -> Iterator[Tab]:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    tab = Tab(context.new_page(), office.address)
    tab.watch()
    yield tab
    context.close()
    assert tab.faults == []
